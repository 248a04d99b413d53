"""The databases of the distributed form: made where they are missing, and brought to this release."""

from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.settings import DatabaseUrls
from services.chassis.store.migrating import migrate
from services.chassis.store.tables import es_checkpoint, es_member

FUNCTIONS = Path(__file__).with_name("postgres.sql")
ROLE = (
    "DO $$ BEGIN CREATE ROLE gridcase_service NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    "GRANT gridcase_service TO CURRENT_USER",
    "GRANT USAGE, CREATE ON SCHEMA public TO gridcase_service",
)
EXTENSION = """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
      END IF;
    END $$
"""
SEARCH_GRANT = "GRANT SELECT, INSERT, UPDATE, DELETE ON es_checkpoint, es_member TO gridcase_service"


async def provision(urls: DatabaseUrls, partitions: int) -> None:
    """Bring log, keys and search forward, as their owner; what is there already stays as it is."""
    for url in (urls.log, urls.keys, urls.search):
        await _make_database(url)
    await migrate(urls.log, "log", partitions)
    await migrate(urls.keys, "keys")
    await _make_search(urls.search)


async def _make_database(url: str) -> None:
    try:
        connection = await asyncpg.connect(url)
    except asyncpg.InvalidCatalogNameError:
        name = urlsplit(url).path.removeprefix("/").replace('"', '""')
        connection = await asyncpg.connect(url, database="postgres")
        await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()


async def _make_search(url: str) -> None:
    """The search table can be made anew at any time, so it has no history: only what its projection stands on."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_search_tables)
    finally:
        await engine.dispose()


def _search_tables(connection: Connection) -> None:
    metadata = MetaData()
    for table in (es_checkpoint, es_member):
        table.to_metadata(metadata)
    metadata.create_all(connection)
    functions = [f"{one}$$" for one in FUNCTIONS.read_text(encoding="utf-8").split("$$;") if "es_move(" in one]
    for sql in (*ROLE, SEARCH_GRANT, EXTENSION, *functions):
        connection.exec_driver_sql(sql)
