"""The databases of the distributed form: made where they are missing, and brought to this release."""

from urllib.parse import urlsplit

import asyncpg

from services.chassis.settings import DatabaseUrls
from services.chassis.store.migrating import migrate


async def provision(urls: DatabaseUrls, partitions: int) -> None:
    """Bring log, keys and search forward, as their owner; what is there already stays as it is."""
    for url in (urls.log, urls.keys, urls.search):
        await _make_database(url)
    await migrate(urls.log, "log", partitions)
    await migrate(urls.keys, "keys")
    await migrate(urls.search, "search")


async def _make_database(url: str) -> None:
    try:
        connection = await asyncpg.connect(url)
    except asyncpg.InvalidCatalogNameError:
        name = urlsplit(url).path.removeprefix("/").replace('"', '""')
        connection = await asyncpg.connect(url, database="postgres")
        await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
