"""What one policy bundle has that another has not, or has otherwise: line by line, as a person would read it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schemas.policy import PolicyBundle

_KEYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("ladder", "units", "departments", "neighbours", "kinds"), ("code",)),
    "areas": ("unit",),
    "places": ("name", "unit"),
    "roster": ("unit", "staff", "since"),
    "absences": ("staff", "since"),
}
"""What tells the rows of a table apart."""


class Difference(NamedTuple):
    """`where` names a section, a code and a field: `kinds/LAMP/resolve_hours`; None is what was or is not there."""

    where: str
    before: Any
    after: Any


def differences(before: PolicyBundle, after: PolicyBundle) -> list[Difference]:
    """Everything that differs, section by section in the bundle's own order."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [one for name in new for one in _between(name, _keyed(name, old[name]), _keyed(name, new[name]))]


def _keyed(name: str, value: Any) -> Any:
    keys = _KEYS.get(name)
    return {" ".join(one[key] for key in keys): one for one in value} if keys else value


def _between(where: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from _between(f"{where}/{name}", old.get(name), new.get(name))
        if where in _KEYS and set(old) == set(new) and list(old) != list(new):
            yield Difference(f"{where} in order", list(old), list(new))
    elif isinstance(old, list) and isinstance(new, list) and old != new:
        gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
        yield from (Difference(where, one, None) for one in gone)
        yield from (Difference(where, None, one) for one in come)
        if not gone and not come:
            yield Difference(f"{where} in order", old, new)
    elif old != new:
        yield Difference(where, old, new)
