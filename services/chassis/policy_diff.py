"""What one policy bundle has that another has not, or has otherwise: line by line, as a person would read it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schemas.policy import PolicyBundle

_BY_CODE = ("ladder", "units", "departments", "kinds")


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
    return {one["code"]: one for one in value} if name in _BY_CODE else value


def _between(where: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from _between(f"{where}/{name}", old.get(name), new.get(name))
    elif old != new:
        yield Difference(where, old, new)
    if where == "ladder" and list(old) != list(new) and set(old) == set(new):
        yield Difference("ladder", list(old), list(new))
