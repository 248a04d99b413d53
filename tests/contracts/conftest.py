"""The engines that keep the log. Every one of them must pass every test that asks for `engine` or `store`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime
from services.chassis.data_dir import make_tables
from services.chassis.log import Log
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from services.chassis.runtime import Runtime
from services.chassis.sealing import FileKeyring
from services.chassis.store.engine import Engine
from services.chassis.store.sqlite import SqliteEngine
from services.chassis.store.tables import keys_metadata, log_metadata
from tests.contracts.probe import Probe
from tests.contracts.rows import PARTITIONS

DISTRICT = Path(__file__).parents[1] / "district.yaml"


class Store(Protocol):
    """One empty database; `open` gives another engine on it, as after a restart."""

    async def open(self) -> Engine: ...

    async def close(self) -> None: ...

    async def rows(self, sql: str) -> list[Any]:
        """What another program sees in the database now."""


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
        import sqlite3

        other = sqlite3.connect(self.path)
        try:
            return other.execute(sql).fetchall()
        finally:
            other.close()


STORES: dict[str, Callable[[Path], Store]] = {"sqlite": SqliteStore}


@pytest.fixture(params=sorted(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    made = STORES[request.param](tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def engine(store: Store) -> Engine:
    return await store.open()


@pytest.fixture
def reopened(store: Store) -> Callable[[], Awaitable[Engine]]:
    """The store after everything was closed and opened again."""

    async def reopen() -> Engine:
        await store.close()
        return await store.open()

    return reopen


@pytest.fixture
async def keyring(tmp_path: Path) -> AsyncIterator[FileKeyring]:
    make_tables(tmp_path / "keys.db", keys_metadata)
    opened = FileKeyring(tmp_path / "keys.db", b"m" * 32, MachineTime())
    yield opened
    await opened.close()


@pytest.fixture
async def log(engine: Engine, keyring: FileKeyring) -> Log:
    """The log of a process that is the only writer, so that it serves from memory."""
    return Log(engine, keyring, known_heads=await engine.heads())


@pytest.fixture
def plain_log(engine: Engine, keyring: FileKeyring) -> Log:
    """The same log as a process sees it that is not alone, so that it asks the engine for everything."""
    return Log(engine, keyring)


@pytest.fixture
async def probe(log: Log, engine: Engine) -> Probe:
    policies = PolicyBook(engine, MachineTime())
    await policies.publish(read_bundle(DISTRICT))
    return Probe(Runtime(log, MachineTime(), policies, Batcher(log)))
