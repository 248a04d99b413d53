"""A run that is over, and what was wrong with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.faults.fold import Folded, folded
from tests.faults.history import Attempt, Told, by_key
from tests.faults.records import Topics
from tests.faults.rows import Store


class Wrong(NamedTuple):
    """One promise that was not kept."""

    invariant: int
    what: str

    def __str__(self) -> str:
        return f"invariant {self.invariant}: {self.what}"


@dataclass
class Ended:
    """A run that is over."""

    attempts: list[Attempt]
    store: Store
    read: Mapping[str, str] = field(default_factory=dict)
    """What `GET` says of each petition: its text."""
    topics: Topics | None = None
    published: Mapping[str, bytes] = field(default_factory=dict)
    """Every record that a reader saw on the petitions' topic at any time: id and value."""
    redelivered: int = 0
    """Records that this reader met again."""
    followed: int = 0
    """Records that this reader met for the first time and whose place it could judge."""
    spoilt: Collection[str] = ()
    """Petitions that an event was forged for: they stop, visibly, and all others go on."""
    later: Store | None = None
    """The same a moment later, when the read models had been built again from the log."""
    now: int = 0
    """When the store was read, in microseconds since 1970."""

    lives: dict[str, Folded] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.told = by_key(self.attempts)
        self.lives = {p: folded(stream) for p, stream in self.store.streams().items() if p not in self.spoilt}


def is_filing(told: Told) -> bool:
    """Whether a petition was filed under this key."""
    return told.first.kind == "file"
