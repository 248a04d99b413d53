"""The petitions' keys in a PostgreSQL database of their own, with its own backup."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from services.chassis.clock import Time
from services.chassis.sealing import KeyRow, WrappedKeys
from services.chassis.store.postgres_connections import Connections

CONNECTIONS = 2
# In the order of the petitions, so that two processes that make the same keys cannot wait for each other.
INSERT = """
    INSERT INTO subject_key (key_id, stream_id, wrapped, created_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bigint[]) AS k(key_id, stream_id, wrapped, created_at)
    ORDER BY k.stream_id
    ON CONFLICT (stream_id) DO NOTHING
    RETURNING stream_id
"""
DELETE = "DELETE FROM subject_key WHERE stream_id = ANY($1::uuid[])"
ANY_KEY = "SELECT EXISTS (SELECT FROM subject_key)"
SELECT = "SELECT stream_id, wrapped FROM subject_key WHERE stream_id = ANY($1::uuid[])"


async def keeps_keys(url: str) -> bool:
    """Whether the database holds any petition's key, which a lost master key could not open."""
    connections = Connections(url, 1)
    try:
        return bool(await connections.run(lambda one: one.fetchval(ANY_KEY)))
    finally:
        await connections.close()


class PostgresKeyring(WrappedKeys):
    """Keys that several processes share; `url` names another database than the log's."""

    def __init__(self, url: str, master: bytes, time: Time) -> None:
        super().__init__(master, time)
        self._connections = Connections(url, CONNECTIONS)

    async def close(self) -> None:
        await self._connections.close()

    async def _insert(self, rows: Sequence[KeyRow]) -> frozenset[UUID]:
        columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * len(KeyRow._fields)
        made = await self._connections.run(lambda one: one.fetch(INSERT, *columns))
        return frozenset(stream for (stream,) in made)

    async def _delete(self, streams: Collection[UUID]) -> None:
        await self._connections.run(lambda one: one.execute(DELETE, list(streams)))

    async def _select(self, streams: Sequence[UUID]) -> list[tuple[UUID, bytes | None]]:
        found: list[Any] = await self._connections.run(lambda one: one.fetch(SELECT, list(streams)))
        return [(stream, wrapped) for stream, wrapped in found]
