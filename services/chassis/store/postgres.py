"""The log on PostgreSQL: any number of processes write, each with a few connections."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Self, TypeVar
from uuid import UUID

import asyncpg

from services.chassis.clock import Time, micros
from services.chassis.store import postgres_leases as leases
from services.chassis.store import postgres_rows as rows
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
from services.chassis.store.postgres_connections import Connections

T = TypeVar("T")

CONNECTIONS = 4
MOST_TRIES = 5
EVENT = "partition, position, stream_id, version, type, schema_version, data, meta, recorded_at"
LOAD_NEWER = (
    f"SELECT {EVENT} FROM unnest($1::uuid[], $2::integer[]) AS known(id, reached)"  # noqa: S608
    # One look into the index for each stream, whatever the planner believes of their lengths.
    " CROSS JOIN LATERAL (SELECT * FROM es_event WHERE stream_id = id AND version > reached ORDER BY version) AS newer"
)
READ = f"SELECT {EVENT} FROM es_read($1, $2, $3)"  # noqa: S608
STREAMS = (
    f"SELECT {EVENT} FROM es_event WHERE stream_id > $1 AND stream_id <= $2"  # noqa: S608
    " ORDER BY stream_id, version LIMIT $3"
)
HEADS = (
    "SELECT p, coalesce((SELECT max(e.position) FROM es_event e WHERE e.partition = p), 0)"
    " FROM generate_series(0, $1::integer - 1) AS p"
)
PARTITIONS = "SELECT value FROM es_meta WHERE name = 'partitions'"


class PostgresEngine:
    """`Engine` on a database that the migrations made."""

    dialect = "postgresql"

    def __init__(self, connections: Connections, partitions: int, time: Time | None = None) -> None:
        self.partitions = partitions
        self.time: Time = time or connections.time
        """What `recorded_at` is taken from: the database's time, unless a simulation owns it."""
        self._connections = connections
        self._writing = asyncio.Lock()
        self._submitted: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, url: str, time: Time | None = None, size: int = CONNECTIONS) -> Self:
        """Connect, and learn how many partitions the store was made with; raises StoreUnavailable."""
        connections = Connections(url, size)
        return cls(connections, int(await connections.run(lambda one: one.fetchval(PARTITIONS))), time)

    async def append(
        self, entries: Sequence[EntryRows], committed: Callable[[list[Outcome]], None] | None = None
    ) -> list[Outcome]:
        return await self._submit(lambda: self._append(entries, committed)) if entries else []

    async def transact(
        self, transaction: Transaction, committed: Callable[[list[Outcome]], None] | None = None
    ) -> list[Outcome]:
        return await self._submit(lambda: self._transact(transaction, committed))

    async def load(self, streams: Sequence[UUID]) -> list[EventRow]:
        return await self.load_newer(dict.fromkeys(streams, 0))

    async def load_newer(self, known: Mapping[UUID, int]) -> list[EventRow]:
        return await self._events(LOAD_NEWER, list(known), list(known.values())) if known else []

    async def read(self, after: Mapping[int, int], limit: int) -> list[EventRow]:
        return await self._events(READ, list(after), list(after.values()), limit) if after else []

    async def read_streams(self, after: UUID, through: UUID, limit: int) -> list[EventRow]:
        found = await self._events(STREAMS, after, through, limit)
        return whole_streams(found, limit) or await self.load([row.stream_id for row in found[:1]])

    async def heads(self) -> dict[int, int]:
        return dict(await self._connections.run(lambda one: one.fetch(HEADS, self.partitions)))

    async def take_lease(
        self, subscriber: str, owner: str, partitions: Collection[int] | None = None
    ) -> list[Checkpoint]:
        wanted = range(self.partitions) if partitions is None else partitions
        return await self._connections.run(lambda one: leases.take(one, subscriber, owner, wanted))

    async def share_lease(self, subscriber: str, owner: str) -> list[Checkpoint]:
        """Own a fair share of the partitions among all live processes that ask: what it has already under the same
        epoch, what is free under a new one; what is more than its share is let go."""
        return await self._connections.run(lambda one: leases.share(one, subscriber, owner, self.partitions))

    async def seize_lease(self, subscriber: str, owner: str) -> list[Checkpoint]:
        """Own all partitions at once, also those of a live owner: for a switch that somebody asked for."""
        return await self._connections.run(lambda one: leases.seize(one, subscriber, owner, self.partitions))

    async def renew_lease(self, subscriber: str, owner: str) -> set[int]:
        return await self._connections.run(lambda one: leases.renew(one, subscriber, owner))

    async def release_lease(self, subscriber: str, owner: str) -> None:
        await self._connections.run(lambda one: leases.release(one, subscriber, owner))

    async def leave_lease(self, subscriber: str, owner: str) -> None:
        """The same, and share no longer."""
        await self._connections.run(lambda one: leases.leave(one, subscriber, owner))

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[Any]:
        return await self._connections.run(lambda one: rows.query(one, sql, parameters))

    async def close(self) -> None:
        if self._submitted:
            await asyncio.wait(self._submitted)
        await self._connections.close()

    async def _submit(self, work: Callable[[], Awaitable[T]]) -> T:
        """A caller that gives up does not undo it, nor leave in doubt whether it was committed."""
        task = asyncio.ensure_future(work())
        self._submitted.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._submitted.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that went away must not leave a warning behind

    async def _append(
        self, entries: Sequence[EntryRows], committed: Callable[[list[Outcome]], None] | None
    ) -> list[Outcome]:
        async with self._writing:  # one at a time, so that `committed` hears in commit order
            outcomes = await self._again(lambda one: rows.append(one, entries, self.partitions, self._now()))
            if committed is not None:
                committed(outcomes)
            return outcomes

    async def _transact(
        self, transaction: Transaction, committed: Callable[[list[Outcome]], None] | None
    ) -> list[Outcome]:
        async with self._writing if transaction.entries else nullcontext():
            outcomes = await self._again(lambda one: self._all(one, transaction))
            if committed is not None:
                committed(outcomes)
            return outcomes

    async def _all(self, connection: Any, transaction: Transaction) -> list[Outcome]:
        async with connection.transaction():
            await rows.move(connection, transaction.moves)
            outcomes: list[Outcome] = []
            if transaction.entries:
                outcomes = await rows.append(connection, transaction.entries, self.partitions, self._now())
            if not all(isinstance(outcome, Appended) for outcome in outcomes):
                raise StreamsMoved(frozenset().union(*(o.streams for o in outcomes if isinstance(o, Conflict))))
            await rows.write(connection, transaction.statements)
            return outcomes

    async def _again(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Try again what another writer's commit undid: the same key claimed at once, or rows in another order."""
        for last in range(MOST_TRIES):
            try:
                return await self._connections.run(work, writes=True)
            except asyncpg.DeadlockDetectedError:
                if last == MOST_TRIES - 1:
                    raise
            except asyncpg.UniqueViolationError as error:
                if error.table_name != "es_key" or last == MOST_TRIES - 1:
                    raise
        raise AssertionError

    async def _events(self, sql: str, *arguments: Any) -> list[EventRow]:
        return [EventRow(*row) for row in await self._connections.run(lambda one: one.fetch(sql, *arguments))]

    def _now(self) -> int:
        return micros(self.time.now())
