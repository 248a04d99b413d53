"""Which entries of a call may be written and where their events stand; decided here for every engine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from services.chassis.store.engine import (
    Appended,
    Conflict,
    Duplicate,
    EntryRows,
    EventRow,
    KeyClaim,
    KeysDisagree,
    Outcome,
    Place,
    partition_of,
)


class KeyRow(NamedTuple):
    """One row of `es_key`."""

    scope: str
    key_hash: bytes
    stream_id: UUID
    body_hmac: bytes


@dataclass(slots=True)
class Standing:
    """How the log stands for the streams, keys and partitions of a call while nobody else may write there."""

    versions: dict[UUID, int]
    heads: dict[int, int]
    owners: dict[tuple[str, bytes], tuple[UUID, bytes]] = field(default_factory=dict)


@dataclass(slots=True)
class Placed:
    """An outcome for each entry, and the rows to insert for those that are written."""

    outcomes: list[Outcome] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    keys: list[KeyRow] = field(default_factory=list)


def place(entries: Sequence[EntryRows], standing: Standing, partitions: int, recorded_at: int) -> Placed:
    """Each entry in turn has its own outcome and none hurts another; `standing` is left as it is afterwards."""
    placed = Placed()
    for entry in entries:
        outcome = _refused(entry, standing.versions, standing.owners)
        if isinstance(outcome, Duplicate) and outcome.same_body:
            placed.keys += _claim(standing.owners, entry.keys, outcome.stream)
        if outcome is None:
            if entry.names is not None:
                placed.keys += _claim(standing.owners, entry.keys, entry.names)
            outcome = Appended(_place(entry, standing, partitions, recorded_at, placed.events))
        placed.outcomes.append(outcome)
    return placed


def partitions_of(entries: Iterable[EntryRows], partitions: int) -> list[int]:
    """The partitions that a call writes to, sorted."""
    return sorted({partition_of(write.stream, partitions) for entry in entries for write in entry.writes})


def _refused(
    entry: EntryRows, versions: Mapping[UUID, int], owners: Mapping[tuple[str, bytes], tuple[UUID, bytes]]
) -> Outcome | None:
    taken = [
        (owners[claim.scope, claim.key_hash], claim) for claim in entry.keys if (claim.scope, claim.key_hash) in owners
    ]
    if taken:
        streams = frozenset(owner for (owner, _), _ in taken)
        if len(streams) > 1:
            return KeysDisagree(streams)
        return Duplicate(next(iter(streams)), all(body == claim.body_hmac for (_, body), claim in taken))
    moved = frozenset(write.stream for write in entry.writes if versions.get(write.stream, 0) != write.expected)
    return Conflict(moved) if moved else None


def _claim(owners: dict[tuple[str, bytes], tuple[UUID, bytes]], keys: Sequence[KeyClaim], stream: UUID) -> list[KeyRow]:
    fresh = [claim for claim in keys if (claim.scope, claim.key_hash) not in owners]
    for claim in fresh:
        owners[claim.scope, claim.key_hash] = (stream, claim.body_hmac)
    return [KeyRow(claim.scope, claim.key_hash, stream, claim.body_hmac) for claim in fresh]


def _place(
    entry: EntryRows, standing: Standing, partitions: int, recorded_at: int, events: list[EventRow]
) -> list[Place]:
    places = []
    for write in entry.writes:
        partition = partition_of(write.stream, partitions)
        version, position = write.expected, standing.heads[partition]
        for draft in write.drafts:
            version += 1
            position += 1
            events.append(EventRow(partition, position, write.stream, version, *draft, recorded_at))
            places.append(Place(write.stream, version, partition, position, recorded_at))
        standing.versions[write.stream], standing.heads[partition] = version, position
    return places
