"""What a store holds, read with SQL of this module's own once nobody writes any more."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

EVENTS = (
    "SELECT partition, position, {id}, version, type, data, meta, recorded_at FROM es_event"
    " ORDER BY partition, position"
)
DEADLINES = "SELECT {id}, deadline_id, due_at FROM deadline"
LETTERS = "SELECT subscriber, {id}, position, error FROM es_dead_letter"
CHECKPOINTS = "SELECT subscriber, partition, position FROM es_checkpoint"
KEYS = "SELECT scope, {id} FROM es_key"
EPOCH = "SELECT value FROM es_meta WHERE name = 'epoch'"
LIST = "SELECT * FROM petition_list ORDER BY petition"
NOW = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
BEHIND = """
SELECT count(*) FROM es_checkpoint AS c JOIN (SELECT partition, max(position) AS head FROM es_event GROUP BY 1) AS e
  ON c.partition = e.partition AND c.position < e.head WHERE c.subscriber NOT LIKE '%.%'
"""
MOST_LOOKS, LOOK_SECONDS = 200, 0.1
SEARCH = "SELECT petition, title, text, address FROM petition_search ORDER BY petition, text"


class EventRow(NamedTuple):
    """An event as it stands in the log; `stored` is the text that must be on the topic."""

    partition: int
    position: int
    petition: str
    version: int
    type: str
    data: dict[str, Any]
    service: str
    causation: str
    by: str | None
    recorded_at: int
    stored: str

    @property
    def id(self) -> str:
        return f"{self.petition}:{self.version}"


@dataclass
class Store:
    """Everything in it, as plain values."""

    events: list[EventRow] = field(default_factory=list)
    deadlines: list[tuple[str, str, int]] = field(default_factory=list)
    letters: list[tuple[str, str, int, str]] = field(default_factory=list)
    checkpoints: list[tuple[str, int, int]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    petitions: list[dict[str, Any]] = field(default_factory=list)
    """The read model `petition_list`."""
    words: list[tuple[str, ...]] = field(default_factory=list)
    """The read model `petition_search`."""
    epoch: str = ""
    """Which store it is; a restored one has another."""

    def heads(self) -> dict[int, int]:
        """The newest position of each partition."""
        return {event.partition: event.position for event in self.events}

    def lag(self) -> int:
        """Events that some subscriber has still to hear."""
        heads = self.heads()
        return sum(heads.get(p, 0) - position for name, p, position in self.checkpoints if "." not in name)

    def streams(self) -> dict[str, list[EventRow]]:
        """Each petition's events in the order of their positions."""
        found: dict[str, list[EventRow]] = {}
        for event in self.events:
            found.setdefault(event.petition, []).append(event)
        return found


async def read_postgres(log: str, search: str) -> tuple[Store, int]:
    """What stands there, and when that was, in microseconds; `log` and `search`: the URLs of these databases."""
    connection = await asyncpg.connect(log)
    try:
        now = await _begin(connection)
        found = [
            [tuple(row) for row in await connection.fetch(sql.format(id="stream_id::text"))]
            for sql in (EVENTS, DEADLINES, LETTERS, CHECKPOINTS, KEYS)
        ]
        listed = [dict(row) for row in await connection.fetch(LIST)]
        epoch = await connection.fetchval(EPOCH)
    finally:
        await connection.close()
    connection = await asyncpg.connect(search)
    try:
        words = [tuple(map(str, row)) for row in await connection.fetch(SEARCH)]
        found[3] += _by_then(found[0], [tuple(row) for row in await connection.fetch(CHECKPOINTS)])
    finally:
        await connection.close()
    return replace(_store(found, listed, words), epoch=epoch), now


async def _begin(connection: Any) -> int:
    """See the log as it stands when everybody has just heard all of it, where there is such a moment: deadlines still
    pass, and each of them is followed by a chain of events. Returns when that was."""
    for left in reversed(range(MOST_LOOKS)):
        now: int = await connection.fetchval(NOW)
        snapshot = connection.transaction(isolation="repeatable_read", readonly=True)
        await snapshot.start()
        if left == 0 or await connection.fetchval(BEHIND) == 0:
            break
        await snapshot.rollback()
        await asyncio.sleep(LOOK_SECONDS)
    return now


def read_sqlite(data: Path) -> Store:
    """`data`: the directory; a server may still run on it."""
    connection = sqlite3.connect(data / "log.db")
    try:
        connection.execute("BEGIN")  # one state of the log and of the list
        named = "lower(hex(stream_id))"
        found = [
            connection.execute(sql.format(id=named)).fetchall()
            for sql in (EVENTS, DEADLINES, LETTERS, CHECKPOINTS, KEYS)
        ]
        cursor = connection.execute(LIST)
        names = [column[0] for column in cursor.description]
        listed = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()
    connection = sqlite3.connect(data / "search.db")
    try:
        words = [tuple(map(str, row)) for row in connection.execute(SEARCH)]
        found[3] += _by_then(found[0], connection.execute(CHECKPOINTS).fetchall())
    finally:
        connection.close()
    return _store(found, listed, words)


def _by_then(events: Sequence[Any], checkpoints: Sequence[Any]) -> list[tuple[str, int, int]]:
    """The search is read after the log, which may have gone on: it stands no farther than what was read of that."""
    heads = {partition: position for partition, position, *_ in events}
    return [(name, p, min(position, heads.get(p, 0))) for name, p, position in checkpoints]


def _store(found: Sequence[Sequence[Any]], listed: list[dict[str, Any]], words: list[tuple[str, ...]]) -> Store:
    events, deadlines, letters, checkpoints, keys = found
    return Store(
        [event_row(*row) for row in events],
        [(_id(one), name, due) for one, name, due in deadlines],
        [(subscriber, _id(one), position, error) for subscriber, one, position, error in letters],
        list(checkpoints),
        [(scope, _id(one)) for scope, one in keys],
        [{**row, "petition": _id(row["petition"])} for row in listed],
        words,
    )


def event_row(
    partition: int, position: int, petition: str, version: int, kind: str, data: str, meta: str, recorded_at: int
) -> EventRow:
    try:
        said, about = json.loads(data), json.loads(meta)
    except ValueError:
        said, about = {}, {}
    return EventRow(
        partition, position, _id(petition), version, kind, said, about.get("service", ""), about.get("causation", ""),
        about.get("by"), recorded_at, data,
    )  # fmt: skip


def _id(value: Any) -> str:
    return str(UUID(bytes=value)) if isinstance(value, bytes) else str(UUID(str(value)))
