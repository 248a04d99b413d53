"""The table of open deadlines: a projection of the events, so that a timer finds what is due without reading them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.deadlines import Start, changes, family_of
from schemas.event import AnyRecorded
from schemas.events.escalation import DeadlineMissed
from services.chassis.clock import micros
from services.chassis.store.engine import Statement

START = (
    "INSERT INTO deadline (stream_id, deadline_id, stage, partition, due_at, next_at, attempts) "
    "VALUES (:stream_id, :deadline_id, :stage, :partition, :due_at, :next_at, 0) "
    "ON CONFLICT (stream_id, deadline_id) "
    "DO UPDATE SET stage = excluded.stage, due_at = excluded.due_at, next_at = excluded.next_at, attempts = 0"
)
# `accept` and `accept:…` both lie between `accept` and `accept;`: the colon sorts just below the semicolon.
STOP = "DELETE FROM deadline WHERE stream_id = :stream_id AND deadline_id >= :family AND deadline_id < :family || ';'"
STOP_ONE = "DELETE FROM deadline WHERE stream_id = :stream_id AND deadline_id = :deadline_id"
DROP = "DELETE FROM deadline WHERE stream_id = :stream_id AND deadline_id = :deadline_id AND due_at = :due_at"
DUE = (
    "SELECT stream_id, deadline_id, due_at FROM deadline WHERE partition IN ({}) AND next_at < :now "
    "ORDER BY partition, next_at LIMIT :limit"  # the order of the index: nothing is sorted, however much is due
)
PASSED = DUE.replace("next_at < :now", "next_at < :now AND due_at < :now")
DUE_STAGE, PROVISIONAL = "due", "provisional"
"""What a row waits for: its time only, or perhaps a calendar by which it is counted anew."""
UNSURE = "SELECT DISTINCT stream_id FROM deadline WHERE partition IN ({}) AND stage = 'provisional' ORDER BY stream_id"
WAIT = (
    "UPDATE deadline SET next_at = due_at, attempts = 0 "
    "WHERE stream_id = :stream_id AND deadline_id = :deadline_id AND due_at = :due_at"
)
PUSH = (
    "UPDATE deadline SET next_at = :next_at, attempts = attempts + 1 "
    "WHERE stream_id = :stream_id AND deadline_id = :deadline_id AND due_at = :due_at"
)


@dataclass(slots=True)
class _Change:
    """What a batch does to one petition's rows, in the end."""

    partition: int
    stops: set[str] = field(default_factory=set)
    drops: set[tuple[str, int]] = field(default_factory=set)
    starts: dict[str, tuple[Start, datetime]] = field(default_factory=dict)
    """Each with when it started."""


def due_in(partitions: Iterable[int]) -> str:
    """The query for what is due in these partitions: one for all of them, whoever asks four times a second."""
    return DUE.format(", ".join(map(str, sorted(partitions))))


def passed_in(partitions: Iterable[int]) -> str:
    """The same for what has passed, without what is only near."""
    return PASSED.format(", ".join(map(str, sorted(partitions))))


def unsure_in(partitions: Iterable[int]) -> str:
    """The query for the petitions in these partitions with a deadline that was counted without a whole calendar."""
    return UNSURE.format(", ".join(map(str, sorted(partitions))))


def deadline_rows(batch: Sequence[AnyRecorded]) -> list[Statement]:
    """The net change of the table for these events: first what stops, then what starts, then what was noticed."""
    petitions: dict[UUID, _Change] = {}
    for recorded in batch:
        _apply(petitions.setdefault(recorded.petition, _Change(recorded.partition)), recorded)
    stops: list[dict[str, Any]] = []
    single: list[dict[str, Any]] = []
    drops: list[dict[str, Any]] = []
    starts: list[dict[str, Any]] = []
    for petition, change in petitions.items():
        stream = {"stream_id": petition}
        stops += [{**stream, "family": what} for what in sorted(change.stops) if what == family_of(what)]
        single += [{**stream, "deadline_id": what} for what in sorted(change.stops) if what != family_of(what)]
        drops += [{**stream, "deadline_id": name, "due_at": due} for name, due in sorted(change.drops)]
        starts += [
            {
                **stream,
                "deadline_id": name,
                "stage": PROVISIONAL if start.provisional else DUE_STAGE,
                "partition": change.partition,
                "due_at": micros(start.due_at),
                "next_at": micros(start.near(at) or start.due_at),
            }
            for name, (start, at) in change.starts.items()
        ]
    # What was moved and missed takes its new due time first, so that the row of the old one goes with it.
    written = ((STOP, stops), (STOP_ONE, single), (START, starts), (DROP, drops))
    return [Statement(sql, rows) for sql, rows in written if rows]


def _apply(change: _Change, recorded: AnyRecorded) -> None:
    event = recorded.event
    if isinstance(event, DeadlineMissed):
        change.drops.add((event.deadline, micros(event.due_at)))
        return
    for one in changes(event, recorded.ref):
        if isinstance(one, Start):
            change.starts[one.name] = (one, event.at)
        else:
            change.stops.add(one.what)
            change.starts = {name: started for name, started in change.starts.items() if not one.covers(name)}
