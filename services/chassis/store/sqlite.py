"""The log on one SQLite file: one writer thread, a few readers, every commit fsynced."""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from services.chassis.clock import Time, micros
from services.chassis.store import sqlite_rows as rows
from services.chassis.store.engine import (
    Appended,
    Checkpoint,
    Conflict,
    EntryRows,
    EventRow,
    Outcome,
    StreamsMoved,
    Transaction,
    whole_streams,
)
from services.chassis.store.sqlite_reader import SqliteReaders
from services.chassis.store.sqlite_writer import SqliteWriter

EVENT = "partition, position, stream_id, version, type, schema_version, data, meta, recorded_at"
STREAMS = f"SELECT {EVENT} FROM es_event WHERE stream_id > ? AND stream_id <= ? ORDER BY stream_id, version LIMIT ?"  # noqa: S608
OWNED = "SELECT partition FROM es_checkpoint WHERE subscriber = :subscriber AND owner = :owner"


class SqliteEngine:
    """`Engine` on a SQLite file whose directory this process has locked."""

    dialect = "sqlite"

    def __init__(self, path: Path, time: Time, partitions: int) -> None:
        self.partitions = partitions
        self._time = time
        self._writer = SqliteWriter(path, authorizer=rows.authorize)
        self._readers = SqliteReaders(path)

    async def append(
        self, entries: Sequence[EntryRows], committed: Callable[[list[Outcome]], None] | None = None
    ) -> list[Outcome]:
        return await self._writer.submit(
            lambda connection: rows.append(connection, entries, self.partitions, self._now()), committed
        )

    async def transact(
        self, transaction: Transaction, committed: Callable[[list[Outcome]], None] | None = None
    ) -> list[Outcome]:
        return await self._writer.submit(lambda connection: self._transact(connection, transaction), committed)

    def _transact(self, connection: sqlite3.Connection, transaction: Transaction) -> list[Outcome]:
        rows.move(connection, transaction.moves)
        outcomes = rows.append(connection, transaction.entries, self.partitions, self._now())
        if not all(isinstance(outcome, Appended) for outcome in outcomes):
            raise StreamsMoved(frozenset().union(*(o.streams for o in outcomes if isinstance(o, Conflict))))
        rows.write(connection, transaction.statements)
        return outcomes

    async def load(self, streams: Sequence[UUID]) -> list[EventRow]:
        return await self.load_newer(dict.fromkeys(streams, 0))

    async def load_newer(self, known: Mapping[UUID, int]) -> list[EventRow]:
        return await self._readers.read(lambda connection: _load(connection, known))

    async def read(self, after: Mapping[int, int], limit: int) -> list[EventRow]:
        return await self._readers.read(lambda connection: _read(connection, after, limit))

    async def read_streams(self, after: UUID, through: UUID, limit: int) -> list[EventRow]:
        asked = (after.bytes, through.bytes, limit)
        found = await self._readers.read(lambda connection: list(map(_event, connection.execute(STREAMS, asked))))
        return whole_streams(found, limit) or await self.load([row.stream_id for row in found[:1]])

    async def heads(self) -> dict[int, int]:
        return await self._readers.read(
            lambda connection: {partition: rows.head(connection, partition) for partition in range(self.partitions)}
        )

    async def take_lease(
        self, subscriber: str, owner: str, partitions: Collection[int] | None = None
    ) -> list[Checkpoint]:
        wanted = sorted(range(self.partitions) if partitions is None else partitions)
        return await self._writer.submit(lambda connection: _take_lease(connection, subscriber, owner, wanted))

    async def renew_lease(self, subscriber: str, owner: str) -> set[int]:
        owned = {"subscriber": subscriber, "owner": owner}
        return {partition for (partition,) in await self.query(OWNED, owned)}

    async def release_lease(self, subscriber: str, owner: str) -> None:
        """Nobody has to wait for it: whoever locks the directory next takes everything at once."""

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[Any]:
        return await self._readers.read(lambda connection: connection.execute(sql, parameters).fetchall())

    async def close(self) -> None:
        await self._writer.close()
        self._readers.close()

    def _now(self) -> int:
        return micros(self._time.now())


def _event(row: tuple[Any, ...]) -> EventRow:
    partition, position, stream, *rest = row
    return EventRow(partition, position, UUID(bytes=stream), *rest)


def _load(connection: sqlite3.Connection, known: Mapping[UUID, int]) -> list[EventRow]:
    found: list[EventRow] = []
    for part in rows.in_parts([stream.bytes for stream in known]):
        marks = ",".join("?" * len(part))
        sql = f"SELECT {EVENT} FROM es_event WHERE stream_id IN ({marks}) ORDER BY stream_id, version"  # noqa: S608
        events = map(_event, connection.execute(sql, part))
        found.extend(event for event in events if event.version > known[event.stream_id])
    return found


def _read(connection: sqlite3.Connection, after: Mapping[int, int], limit: int) -> list[EventRow]:
    # One snapshot for all partitions. The limit is shared, so that one busy partition cannot starve the others; the
    # busiest comes last and gets what they leave.
    connection.execute("BEGIN")
    try:
        waiting = {p: rows.head(connection, p) - position for p, position in after.items()}
        busy = sorted((p for p, count in waiting.items() if count > 0), key=waiting.__getitem__)
        found: list[EventRow] = []
        for index, partition in enumerate(busy):
            share = max(1, (limit - len(found)) // (len(busy) - index))
            sql = f"SELECT {EVENT} FROM es_event WHERE partition = ? AND position > ? ORDER BY position LIMIT ?"  # noqa: S608
            found.extend(map(_event, connection.execute(sql, (partition, after[partition], share))))
        return found
    finally:
        connection.execute("COMMIT")


def _take_lease(
    connection: sqlite3.Connection, subscriber: str, owner: str, partitions: Sequence[int]
) -> list[Checkpoint]:
    connection.executemany(
        "INSERT INTO es_checkpoint VALUES (?, ?, 0, ?, 1, NULL) "
        "ON CONFLICT (subscriber, partition) DO UPDATE SET owner = excluded.owner, epoch = epoch + 1",
        [(subscriber, partition, owner) for partition in partitions],
    )
    sql = "SELECT partition, position, epoch FROM es_checkpoint WHERE subscriber = ? ORDER BY partition"
    return [Checkpoint(*row) for row in connection.execute(sql, (subscriber,)) if row[0] in partitions]
