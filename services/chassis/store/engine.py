"""What a store must do, in rows. `services.chassis.log` speaks in events on top of it; engines differ only below it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID


def as_uuid(value: UUID | bytes) -> UUID:
    """A stream id as a query gave it: SQLite keeps it as 16 bytes, PostgreSQL as itself."""
    return value if isinstance(value, UUID) else UUID(bytes=value)


def partition_of(stream: UUID, partitions: int) -> int:
    """The log partition of a stream: the last byte of its id, below a power of two."""
    return stream.int & (partitions - 1)


class EventRow(NamedTuple):
    """One row of `es_event`; `recorded_at` in microseconds since 1970 UTC."""

    partition: int
    position: int
    stream_id: UUID
    version: int
    type: str
    schema_version: int
    data: str
    meta: str
    recorded_at: int


def whole_streams(found: list[EventRow], limit: int) -> list[EventRow]:
    """Without the last stream, which may go on, where as many rows were found as were asked for."""
    if len(found) < limit:
        return found
    last = found[-1].stream_id
    return [row for row in found if row.stream_id != last]


class Draft(NamedTuple):
    """An event that has no place yet."""

    type: str
    schema_version: int
    data: str
    meta: str


@dataclass(frozen=True, slots=True)
class StreamWrite:
    """Append `drafts` to `stream`, whose newest version must be `expected` (0: the stream must not exist)."""

    stream: UUID
    expected: int
    drafts: Sequence[Draft]


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """An idempotency key: whoever claims it first owns it for the petition's life."""

    scope: str
    key_hash: bytes
    body_hmac: bytes


@dataclass(frozen=True, slots=True)
class EntryRows:
    """All of it or nothing of it is written. `names` is the stream that its keys point to."""

    writes: Sequence[StreamWrite]
    keys: Sequence[KeyClaim] = ()
    names: UUID | None = None


class Place(NamedTuple):
    """Where an appended event stands."""

    stream: UUID
    version: int
    partition: int
    position: int
    recorded_at: int


@dataclass(frozen=True, slots=True)
class Appended:
    """Written; one place per event, in the order given."""

    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Conflict:
    """These streams have another version than expected; nothing was written."""

    streams: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key of the entry is taken: by the same body, or by another one."""

    stream: UUID
    same_body: bool


@dataclass(frozen=True, slots=True)
class KeysDisagree:
    """Two keys of the entry name different petitions."""

    streams: frozenset[UUID]


Outcome = Appended | Conflict | Duplicate | KeysDisagree


@dataclass(frozen=True, slots=True)
class Move:
    """A subscriber's checkpoint goes from `old` to `new`, if it still stands at `old` under this lease `epoch`."""

    subscriber: str
    partition: int
    old: int
    new: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A write to a table other than the log: SQL that every engine reads, `:name` for a parameter, once per row.

    Stream ids are UUIDs in rows and parameters; what a query gives back goes through `as_uuid`."""

    sql: str
    rows: Sequence[Mapping[str, Any]]
    into: str | None = None
    """The table to which the statement adds these rows, their names its columns, when it holds none of them yet: an
    engine may copy them there in bulk."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a subscriber commits at once. A lost lease or a conflict in any entry undoes all of it."""

    moves: Sequence[Move] = ()
    entries: Sequence[EntryRows] = ()
    statements: Sequence[Statement] = ()


class StoreUnavailable(Exception):
    """The database cannot be asked now (disk full, file gone, no connection); nothing was kept. Try again later."""


class OutcomeUnknown(StoreUnavailable):
    """The database was lost while it wrote: what was to be kept may stand. The same key or the same expected version
    tells."""


LEASE_SECONDS = 6
"""How long a lease holds when its owner is silent; it is renewed every third of that."""


class LeaseLost(Exception):
    """Another process moved or took this subscriber's checkpoint; nothing was written."""


class StreamsMoved(Exception):
    """Streams have newer events than the transaction expected; nothing was written. Load and decide again."""

    def __init__(self, streams: frozenset[UUID]) -> None:
        super().__init__(f"{len(streams)} streams moved on")
        self.streams = streams


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a subscriber has come in one partition, under which lease."""

    partition: int
    position: int
    epoch: int


class Engine(Protocol):
    """A database that keeps the log."""

    partitions: int
    dialect: str

    async def append(
        self, entries: Sequence[EntryRows], committed: Callable[[list[Outcome]], None] | None = None
    ) -> list[Outcome]:
        """Write entries independently of each other, durably. `committed` runs in commit order, before the result."""

    async def transact(
        self, transaction: Transaction, committed: Callable[[list[Outcome]], None] | None = None
    ) -> list[Outcome]:
        """Write all or nothing; raises LeaseLost or StreamsMoved."""

    async def load(self, streams: Sequence[UUID]) -> list[EventRow]:
        """All events of these streams in one query, each stream in version order."""

    async def load_newer(self, known: Mapping[UUID, int]) -> list[EventRow]:
        """The same without the events up to these versions."""

    async def read(self, after: Mapping[int, int], limit: int) -> list[EventRow]:
        """Up to `limit` events beyond these positions, but at least one of each partition that has any; each partition
        in position order, none skipped. What quiet partitions leave of the limit goes to the busy ones."""

    async def read_streams(self, after: UUID, through: UUID, limit: int) -> list[EventRow]:
        """The streams whose ids come after one id and not after the other, in the order of their ids, each whole and in
        version order: as many as have up to `limit` events together, but at least one where there is any."""

    async def heads(self) -> dict[int, int]:
        """The newest position of every partition (0: empty)."""

    async def take_lease(
        self, subscriber: str, owner: str, partitions: Collection[int] | None = None
    ) -> list[Checkpoint]:
        """Own these partitions of a subscriber (all, unless named) under a new epoch, and say where it stands there.

        What another live owner holds is not taken. SQLite's owner is alone, so it takes all at once."""

    async def renew_lease(self, subscriber: str, owner: str) -> set[int]:
        """Stay the owner for another `LEASE_SECONDS`; returns the partitions that are still its own."""

    async def release_lease(self, subscriber: str, owner: str) -> None:
        """Let others take what it owns at once."""

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[Any]:
        """Read rows outside the log: look-ups, dead letters, due deadlines."""

    async def close(self) -> None:
        """Finish what was submitted and let go of the files."""
