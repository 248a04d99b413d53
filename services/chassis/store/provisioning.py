"""The databases of the distributed form: made where they are missing, and brought to this release."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import asyncpg

from services.chassis.settings import DatabaseUrls
from services.chassis.store.epochs import OwnerNeeded
from services.chassis.store.migrating import migrate
from services.chassis.store.rights import let_services_log_in


async def provision(
    urls: DatabaseUrls, partitions: int, words: Mapping[str, Sequence[str]], password: str | None = None
) -> None:
    """Bring log, keys and search forward, as their owner; what is there already stays as it is.

    `words`: the search table and its DDL. `password`: with which the services log in; None: as it is.

    Raises OwnerNeeded when a service asks."""
    for url in (urls.log, urls.keys, urls.search):
        await _make_database(url)
    await migrate(urls.log, "log", partitions)
    await migrate(urls.keys, "keys")
    await migrate(urls.search, "search", models=words)
    if password is not None:
        servers = {urlsplit(url).netloc: url for url in (urls.log, urls.keys, urls.search)}
        for url in servers.values():
            await let_services_log_in(url, password)


async def _make_database(url: str) -> None:
    make = ""
    try:
        connection = await asyncpg.connect(url)
    except asyncpg.InvalidCatalogNameError:
        connection = await asyncpg.connect(url, database="postgres")
        name = urlsplit(url).path.removeprefix("/").replace('"', '""')
        make = f'CREATE DATABASE "{name}"'
    try:
        if await connection.fetchval("SELECT current_user = 'gridcase_service'"):
            raise OwnerNeeded
        if make:
            await connection.execute(make)
    finally:
        await connection.close()
