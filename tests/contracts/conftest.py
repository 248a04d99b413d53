"""The engines that keep the log. Every one of them must pass every test that asks for `engine` or `store`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from deploy.database import PostgresServer
from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime
from services.chassis.log import Log
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from services.chassis.projection import ProjectionRunner
from services.chassis.runtime import Runtime
from services.chassis.sealing import FileKeyring
from services.chassis.store.engine import Engine, Statement, Transaction
from services.chassis.store.migrating import make_tables
from services.chassis.store.tables import keys_metadata
from services.console.petition_list import PETITION_LIST
from services.console.petition_list import create as create_list
from tests.contracts.probe import Probe
from tests.contracts.stores import SERVERS, PostgresStore, SqliteStore, Store

DISTRICT = Path(__file__).parents[1] / "district.yaml"


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> PostgresServer:
    """The PostgreSQL that this machine has, and 18: what holds on one must hold on the other."""
    made: PostgresServer = request.getfixturevalue(request.param)
    return made


@pytest.fixture(params=["sqlite", *SERVERS])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "sqlite":
        sqlite = SqliteStore(tmp_path)
        yield sqlite
        await sqlite.close()
    else:
        postgres = await PostgresStore.emptied(request.getfixturevalue(request.param))
        yield postgres
        await postgres.close()


@pytest.fixture
async def postgres(server: PostgresServer) -> AsyncIterator[PostgresStore]:
    """For what only PostgreSQL has to prove."""
    emptied = await PostgresStore.emptied(server)
    yield emptied
    await emptied.close()


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


@pytest.fixture
async def another(store, keyring):
    """Makes a process of its own on the same store, each time it is called."""
    opened: list[Batcher] = []
    yield partial(_another, store, keyring, opened)
    for batcher in opened:
        await batcher.stop()


async def _another(store, keyring, opened: list[Batcher]) -> Runtime:
    engine = await store.open()
    log = Log(engine, keyring)
    policies = PolicyBook(engine, MachineTime())
    await policies.publish(read_bundle(DISTRICT))
    batcher = Batcher(log)
    batcher.start()
    opened.append(batcher)
    return Runtime(log, MachineTime(), policies, batcher)


@pytest.fixture
async def listing(log: Log, engine: Engine) -> ProjectionRunner:
    """The list of petitions, which follows the log when it is told to."""
    if engine.dialect == "sqlite":
        ddl = [Statement(sql, [{}]) for sql in create_list("petition_list", "")]
        await engine.transact(Transaction(statements=ddl))
    runner = ProjectionRunner(PETITION_LIST, log, engine)
    await runner.start()
    return runner
