"""An empty database of each kind for a test, as an engine and as another program sees it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.database import PostgresServer
from services.chassis.clock import MachineTime
from services.chassis.store.engine import Engine
from services.chassis.store.migrating import make_tables, migrate
from services.chassis.store.postgres import PostgresEngine
from services.chassis.store.postgres_connections import Connections
from services.chassis.store.sqlite import SqliteEngine
from services.chassis.store.tables import keys_metadata, log_metadata
from services.console.search import PETITION_SEARCH
from services.console.search import create as create_search
from tests.contracts.rows import PARTITIONS

LOG, KEYS, SEARCH = "shared_log", "shared_keys", "shared_search"
"""The databases that most tests share, each after the other: to make one takes a second."""
SERVERS = [
    pytest.param("postgres_server", marks=pytest.mark.postgres, id="postgres"),
    pytest.param("postgres_18", marks=pytest.mark.postgres, id="postgres-18"),
]
"""The fixtures that start one: what this machine has installed, and 18."""
SERVICE = "a_service"
BEFORE = "UPDATE es_checkpoint SET position = 0, epoch = epoch - 1"
TABLES = {
    LOG: [*(name for name in log_metadata.tables if name != "es_meta"), "petition_list"],
    KEYS: list(keys_metadata.tables),
    SEARCH: ["es_checkpoint", PETITION_SEARCH.table],
}


class Store(Protocol):
    """One empty database; `open` gives another engine on it, as after a restart or in another process."""

    async def open(self) -> Engine: ...

    async def close(self) -> None: ...

    async def rows(self, sql: str) -> list[Any]:
        """What another program sees in the database now."""

    async def lapse(self) -> None:
        """Let the time of every lease run out."""

    async def forget_newer_than(self, stream: UUID, version: int) -> None:
        """Be as a backup that was made after this version, before anybody had heard it."""


class SqliteStore:
    """A log in a file of its own."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "log.db"
        self._opened: list[SqliteEngine] = []
        make_tables(self.path, log_metadata)

    async def open(self) -> SqliteEngine:
        self._opened.append(SqliteEngine(self.path, MachineTime(), PARTITIONS))
        return self._opened[-1]

    async def close(self) -> None:
        while self._opened:
            await self._opened.pop().close()

    async def rows(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as other:
            return other.execute(sql).fetchall()

    async def lapse(self) -> None:
        """SQLite's leases end with their process."""

    async def forget_newer_than(self, stream: UUID, version: int) -> None:
        with closing(sqlite3.connect(self.path)) as other, other:
            other.execute("DELETE FROM es_event WHERE stream_id = ? AND version > ?", (stream.bytes, version))
            other.execute(BEFORE)


class PostgresStore:
    """A log in a PostgreSQL database, opened as a service opens it."""

    def __init__(self, server: PostgresServer, name: str) -> None:
        self.server = server
        self.name = name
        self._opened: list[PostgresEngine] = []

    @classmethod
    async def emptied(cls, server: PostgresServer, name: str = LOG) -> "PostgresStore":
        """One of those that are shared, with empty tables."""
        if not await ask(server.url(), f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            return await cls.made(server, name)
        shared = cls(server, name)
        await shared.do(f"TRUNCATE {', '.join(TABLES[name])}")
        return shared

    @classmethod
    async def made(cls, server: PostgresServer, name: str | None = None, how: str = "") -> "PostgresStore":
        """A new database, for tests that change what the migrations made."""
        store = cls(server, name or f"t_{uuid4().hex}")
        await do(server.url(), f"CREATE DATABASE {store.name} {how}")
        if name == KEYS:
            await migrate(server.url(name), "keys")
        elif name == SEARCH:
            words = create_search(PETITION_SEARCH.table, "", PostgresEngine.dialect)
            await migrate(server.url(name), "search", models={PETITION_SEARCH.table: words})
        else:
            await migrate(server.url(store.name), "log", PARTITIONS)
        if not await ask(server.url(), f"SELECT 1 FROM pg_roles WHERE rolname = '{SERVICE}'"):
            await do(server.url(), f"CREATE ROLE {SERVICE} LOGIN PASSWORD 'secret' IN ROLE gridcase_service")
        return store

    @property
    def url(self) -> str:
        """Where a service connects."""
        return self.server.url(self.name, SERVICE, "secret")

    async def beside(self) -> PostgresEngine:
        """An engine on a database that holds no log."""
        self._opened.append(PostgresEngine(Connections(self.url, 2), PARTITIONS))
        return self._opened[-1]

    async def open(self, *, as_owner: bool = False) -> PostgresEngine:
        url = self.server.url(self.name) if as_owner else self.url
        self._opened.append(await PostgresEngine.open(url))
        return self._opened[-1]

    async def close(self) -> None:
        while self._opened:
            await self._opened.pop().close()

    async def drop(self) -> None:
        await do(self.server.url(), f"DROP DATABASE {self.name} WITH (FORCE)")

    async def rows(self, sql: str) -> list[Any]:
        return await ask(self.server.url(self.name), sql)

    async def do(self, sql: str) -> None:
        """Run SQL as the owner of the database."""
        await do(self.server.url(self.name), sql)

    async def do_as_service(self, sql: str) -> None:
        await do(self.url, sql)

    async def lapse(self) -> None:
        await self.do("UPDATE es_checkpoint SET lease_until = 0")
        await self.do("UPDATE es_member SET lease_until = 0")

    async def forget_newer_than(self, stream: UUID, version: int) -> None:
        await self.do(f"DELETE FROM es_event WHERE stream_id = '{stream}' AND version > {version}")
        await self.do(BEFORE)


async def ask(url: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def do(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
