"""Whether what is published may still be read by who read it before.

A lock says for each published type what every field was: `required string/date-time`, `optional one of a b or null`.
Parts have paths: `floors[].tier`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Fields = Mapping[str, str]
"""Path of a field → what it is."""
Lock = Mapping[str, Fields]
"""Name and version of a type → its fields."""


def fields_of(schema: Mapping[str, Any]) -> dict[str, str]:
    """Every field of a published JSON Schema, those of its parts included."""
    return dict(_fields(schema, schema.get("$defs", {}), ""))


def breaks(lock: Lock, published: Lock) -> list[str]:
    """What a reader of the locked types would trip over; empty when nothing."""
    found = [f"{name} is gone" for name in lock if name not in published]
    for name, old in lock.items():
        found += [f"{name}: {why}" for why in _breaks(old, published.get(name, old))]
    return found


def renewed(lock: Lock, published: Lock) -> dict[str, dict[str, str]]:
    """The lock with what is new, once nothing breaks."""
    return {name: {**lock.get(name, {}), **published[name]} for name in published}


def _fields(schema: Mapping[str, Any], parts: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield f"{path}{name}", f"{'required' if name in required else 'optional'} {_kind(one, parts)}"
        for inner, suffix in _inside(one, parts):
            yield from _fields(inner, parts, f"{path}{name}{suffix}.")


def _kind(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _kind(_part(schema, parts), parts)
    if "anyOf" in schema:
        return " or ".join(_kind(one, parts) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return "one of " + " ".join(schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'], parts)}"
    return "/".join(schema[word] for word in ("type", "format") if word in schema)


def _inside(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The objects in a field, each with what its path says of lists around it."""
    if "$ref" in schema:
        yield from _inside(_part(schema, parts), parts)
    for one in schema.get("anyOf", ()):
        yield from _inside(one, parts)
    if "items" in schema:
        yield from ((inner, f"[]{suffix}") for inner, suffix in _inside(schema["items"], parts))
    if "properties" in schema:
        yield schema, ""


def _part(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    part: Mapping[str, Any] = parts[schema["$ref"].rpartition("/")[2]]
    return part


def _breaks(old: Fields, new: Fields) -> Iterator[str]:
    for path, was in old.items():
        if path not in new:
            yield f"{path} is gone"
        elif not _holds(new[path], was):
            yield f"{path} was {was}, is {new[path]}"
    for path, kind in new.items():
        around = path.rpartition(".")[0].removesuffix("[]")
        if path not in old and kind.startswith("required ") and (not around or around in old):
            yield f"{path} is new and required, and what was published does not have it"


def _holds(found: str, old: str) -> bool:
    """A closed vocabulary may grow; anything else stays as it was."""
    if " one of " not in found or " one of " not in old:
        return found == old
    (before, words), (was_before, old_words) = found.split(" one of "), old.split(" one of ")
    return before == was_before and set(old_words.split()) <= set(words.split()) and _null(found) == _null(old)


def _null(kind: str) -> bool:
    return kind.endswith(" or null")
