"""Words that two installations share for what is the affair of one of them, and where they differ after that.

Ids become numbers of petitions, keyed digests the keys they are of. A moment is the same when it is the same moment, or
as far from the same event of its petition: deadlines count from what happened, and it happened at two times.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.chassis.sealing import Keyring
from tests.cluster.script import Told

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
NUMBER = re.compile(r"\d{8}-\d\d-\d+")
PLAIN = re.compile(r"[ -~]{0,100}")
"""What may be shown of a value that differs: never a resident's words."""


@dataclass(frozen=True)
class Moment:
    """A time in an event, and when this and the earlier events of the petition happened."""

    at: datetime
    happened: Sequence[datetime]

    def same(self, other: "Moment") -> bool:
        """Whether both count from the same, or are given."""
        pairs = zip(self.happened, other.happened, strict=False)
        return self.at == other.at or any(self.at - here == other.at - there for here, there in pairs)


@dataclass(frozen=True)
class Names:
    """What ids and digests of one installation are called in both."""

    petitions: Mapping[str, str]
    causes: Mapping[str, str]

    @classmethod
    def of(cls, keyring: Keyring, told: Told) -> "Names":
        """The petitions by their place among the lives and parts, the commands by their keys."""
        digests = {key: keyring.digest("command", UUID(one).bytes + key.encode()) for one, key in told.asked}
        return cls(told.petitions, {f"key:{digest.hex()}": f"key {key}" for key, digest in digests.items()})

    def value(self, value: Any, happened: Sequence[datetime] = ()) -> Any:
        """The same with names for ids, and moments that remember what they may count from."""
        match value:
            case datetime():
                return Moment(value, happened)
            case str() | UUID():
                return self._word(str(value))
            case BaseModel():
                return {name: self.value(getattr(value, name), happened) for name in type(value).model_fields}
            case dict():
                return {name: self.value(one, happened) for name, one in value.items()}
            case list() | tuple():
                return [self.value(one, happened) for one in value]
        return value

    def _word(self, value: str) -> str:
        named = ID.sub(lambda found: self.petitions.get(found[0], "id"), self.causes.get(value, value))
        return NUMBER.sub("number", MOMENT.sub("moment", named))


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where the two are not the same; a resident's words are not told."""
    match one, other:
        case dict(), dict():
            for name in sorted({*one, *other}):
                yield from differences(one.get(name), other.get(name), f"{path}/{name}")
        case list(), list():
            if len(one) != len(other):
                yield f"{path}: {len(one)} and {len(other)}"
            for number, (here, there) in enumerate(zip(one, other, strict=False)):
                yield from differences(here, there, f"{path}/{number}")
        case Moment(), Moment():
            if not one.same(other):
                yield f"{path}: {one.at.isoformat()} and {other.at.isoformat()}"
        case _:
            if one != other:
                yield f"{path}: {_shown(one)} and {_shown(other)}"


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if PLAIN.fullmatch(shown) else f"other words of {len(shown)} characters"
