"""The databases of the distributed form: log, keys and search, opened by each process for itself."""

import asyncio
from dataclasses import dataclass

import asyncpg

from services.chassis.batcher import Batcher
from services.chassis.log import Log
from services.chassis.policies import PolicyBook
from services.chassis.postgres_keyring import PostgresKeyring
from services.chassis.runtime import Runtime
from services.chassis.sealing import read_master
from services.chassis.settings import Settings
from services.chassis.store.postgres import PostgresEngine
from services.chassis.store.postgres_connections import Connections

SEARCH_CONNECTIONS = 2


NOT_MADE = (
    asyncpg.InvalidCatalogNameError,  # no such database
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.InvalidParameterValueError,  # no such role to act in
    asyncpg.InsufficientPrivilegeError,  # it was never granted
)


class NotMigrated(Exception):
    """The databases are not as this release needs them."""

    def __init__(self) -> None:
        super().__init__(
            "the databases are not made yet or of an earlier release, or this login may not act as gridcase_service:"
            " run `gridcase migrate` as their owner / 数据库尚未就绪，请先以数据库所有者运行 gridcase migrate"
        )


@dataclass(frozen=True)
class Databases:
    """What a process has open."""

    runtime: Runtime
    engine: PostgresEngine
    search: PostgresEngine
    epoch: str
    """Which store this is; a restored one has another."""

    async def close(self) -> None:
        await self.runtime.batcher.stop()
        keyring = self.runtime.log.keyring
        await asyncio.gather(self.engine.close(), self.search.close(), keyring.close())


async def open_databases(settings: Settings) -> Databases:
    """Connect to databases that `gridcase migrate` made. Nothing is served from memory: others write too.

    Raises StoreUnavailable, NotMigrated, and UnknownKey when there is no master key."""
    urls = settings.databases
    master = read_master(settings.master_key_file)
    try:
        engine = await PostgresEngine.open(urls.log)
        policies = PolicyBook(engine, engine.time)
        await policies.open()
    except NOT_MADE:
        raise NotMigrated from None
    keyring = PostgresKeyring(urls.keys, master, engine.time)
    log = Log(engine, keyring)
    ((epoch,),) = await engine.query("SELECT value FROM es_meta WHERE name = 'epoch'", {})
    batcher = Batcher(log)
    batcher.start()
    search = PostgresEngine(Connections(urls.search, SEARCH_CONNECTIONS), engine.partitions, engine.time)
    return Databases(Runtime(log, engine.time, policies, batcher), engine, search, epoch)
