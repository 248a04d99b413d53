"""PostgreSQL stores as `gridcase migrate` makes them, with the sample district in force, opened in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.district import bundle, scratch
from deploy.database import PostgresServer
from services import distributed
from services.chassis.databases import Databases, open_databases
from services.chassis.settings import Settings

DATABASE = "gridcase"


@asynccontextmanager
async def opened(server: PostgresServer) -> AsyncIterator[Databases]:
    """A new log with its keys and its search table."""
    with scratch() as directory:
        async with opened_with(settings_for(server, directory)) as databases:
            yield databases


@asynccontextmanager
async def opened_with(settings: Settings) -> AsyncIterator[Databases]:
    """The same with these settings."""
    await distributed.migrate(settings)
    databases = await open_databases(settings)
    try:
        await databases.runtime.policies.publish(bundle())
        yield databases
    finally:
        await databases.close()


def settings_for(server: PostgresServer, directory: Path, database: str = DATABASE) -> Settings:
    """The settings of a process on this server, with its master key in the directory."""
    return Settings(database_url=server.url(database), data=directory)  # type: ignore[arg-type]
