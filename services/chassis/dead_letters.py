"""What could not be handled: the poisonous event and everything after it of the same petition, in order.

A petition is parked for one subscriber only; the partition and the other subscribers go on. `redrive` asks the
partition's owner to try again.
"""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.event import AnyRecorded
from services.chassis.clock import from_micros, micros
from services.chassis.store.engine import Engine, Statement, Transaction, as_uuid

PARK = "INSERT INTO es_parked VALUES (:subscriber, :stream_id) ON CONFLICT DO NOTHING"
UNPARK = "DELETE FROM es_parked WHERE subscriber = :subscriber AND stream_id = :stream_id"
KEEP = (
    "INSERT INTO es_dead_letter "
    "(subscriber, stream_id, partition, position, version, attempts, next_at, error, failed_at) "
    "VALUES (:subscriber, :stream_id, :partition, :position, :version, 1, NULL, :error, :failed_at) "
    "ON CONFLICT DO NOTHING"
)
DROP = "DELETE FROM es_dead_letter WHERE subscriber = :subscriber AND stream_id = :stream_id AND position = :position"
FAILED_AGAIN = (
    "UPDATE es_dead_letter SET attempts = attempts + 1, error = :error, failed_at = :failed_at "
    "WHERE subscriber = :subscriber AND stream_id = :stream_id AND position = :position"
)
WAIT = "UPDATE es_dead_letter SET next_at = NULL WHERE subscriber = :subscriber AND stream_id = :stream_id"
ASKED_FOR = (
    "SELECT d.stream_id, d.version FROM es_dead_letter d WHERE d.subscriber = :subscriber AND d.stream_id IN "
    "(SELECT stream_id FROM es_dead_letter WHERE subscriber = :subscriber AND next_at <= :now) "
    "ORDER BY d.stream_id, d.version"
)
FIRST = "SELECT stream_id, min(version) FROM es_dead_letter WHERE subscriber = :subscriber GROUP BY stream_id"
PARKED = "SELECT stream_id FROM es_parked WHERE subscriber = :subscriber"
LISTED = (
    "SELECT subscriber, stream_id, partition, position, attempts, error, failed_at FROM es_dead_letter "
    "ORDER BY subscriber, stream_id, position"
)
WAITING = "SELECT subscriber, count(*) FROM es_dead_letter GROUP BY subscriber"
ASK_ALL = "UPDATE es_dead_letter SET next_at = :now"
BEHIND = "parked behind an earlier event"
"""The error of an event that is sound itself."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event that one subscriber could not handle; `error` names no data."""

    subscriber: str
    petition: UUID
    partition: int
    position: int
    attempts: int
    error: str
    failed_at: datetime
    """When it was put aside, or failed again."""


def describe(error: Exception) -> str:
    """What went wrong and where, without any value: values may be personal."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    where = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def park(subscriber: str, letters: Sequence[tuple[AnyRecorded, str]], now: datetime) -> list[Statement]:
    """Rows that keep these events, each with its error, and park their petitions."""
    rows = [
        {
            "subscriber": subscriber,
            "stream_id": recorded.petition,
            "partition": recorded.partition,
            "position": recorded.position,
            "version": recorded.version,
            "error": error,
            "failed_at": micros(now),
        }
        for recorded, error in letters
    ]
    parked = [{"subscriber": subscriber, "stream_id": row["stream_id"]} for row in rows]
    return [Statement(KEEP, rows), Statement(PARK, parked)] if rows else []


def failed_again(row: Mapping[str, Any], error: str, now: datetime) -> list[Statement]:
    """The event of this row was tried in vain; its petition waits until somebody asks again."""
    return [Statement(FAILED_AGAIN, [{**row, "error": error, "failed_at": micros(now)}]), Statement(WAIT, [row])]


async def parked_petitions(engine: Engine, subscriber: str) -> set[UUID]:
    """The petitions that wait for a redrive, for this subscriber."""
    return {as_uuid(row[0]) for row in await engine.query(PARKED, {"subscriber": subscriber})}


async def first_of_each(engine: Engine, subscriber: str) -> dict[UUID, int]:
    """The version of each parked petition's first dead letter: what comes before it could be handled."""
    return {as_uuid(stream): version for stream, version in await engine.query(FIRST, {"subscriber": subscriber})}


async def ask_for_all(engine: Engine, now: int) -> None:
    """Have the owners of the partitions try every dead letter again; `now` in microseconds since 1970 UTC."""
    await engine.transact(Transaction(statements=[Statement(ASK_ALL, [{"now": now}])]))


async def listed(engine: Engine) -> list[DeadLetter]:
    """Every dead letter, in order for each subscriber and petition."""
    return [
        DeadLetter(subscriber, as_uuid(stream), partition, position, attempts, error, from_micros(failed_at))
        for subscriber, stream, partition, position, attempts, error, failed_at in await engine.query(LISTED, {})
    ]


async def waiting(engine: Engine) -> dict[str, int]:
    """How many dead letters each subscriber has that has any."""
    return dict(await engine.query(WAITING, {}))
