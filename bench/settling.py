"""Waits until every subscriber has heard everything; when one does not, tells what can be seen of it from outside."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import asyncpg

from bench import processes
from deploy.cluster.cluster import Cluster
from services.chassis import dead_letters
from services.chassis.databases import Databases

LONGEST_SECONDS = 120
"""A subscriber that does not come to the end would be waited for in vain."""
LOOK_SECONDS = 0.02
STANDS = (
    "SELECT subscriber, partition, position, owner FROM es_checkpoint WHERE subscriber NOT LIKE '%.rebuild'"
    " ORDER BY subscriber, partition"
)
"""The lease of a rebuild that was, as a fill leaves one behind, never moves."""
LONG = """
    SELECT datname, state, wait_event, extract(epoch FROM clock_timestamp() - query_start)::float AS seconds,
        left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS query
    FROM pg_stat_activity
    WHERE state <> 'idle' AND pid <> pg_backend_pid() AND query_start < clock_timestamp() - interval '1 second'
    ORDER BY query_start
"""


class Standing(NamedTuple):
    """A subscriber in one partition."""

    subscriber: str
    partition: int
    position: int
    owner: str


class NotSettled(Exception):
    """A subscriber had not heard everything in time."""


async def settled(databases: Databases, cluster: Cluster, seconds: float = LONGEST_SECONDS) -> None:
    """Return once every subscriber of this cluster has heard all there is: services, relays, list and search.

    Raises NotSettled, which says who stands where, after so many seconds."""
    began = {one[:2]: one.position for one in await _standing(databases)}
    try:
        async with asyncio.timeout(seconds):
            while True:
                if not await _behind(databases):
                    return
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise NotSettled("\n".join(await _seen(databases, cluster, seconds, began))) from None


async def _standing(databases: Databases) -> list[Standing]:
    rows = [*await databases.engine.query(STANDS, {}), *await databases.search.query(STANDS, {})]
    return [Standing(*row) for row in rows]


async def _behind(databases: Databases) -> list[tuple[Standing, int]]:
    """Who has not heard everything, each with where the log ends."""
    heads = await databases.engine.heads()
    return [(one, heads[one.partition]) for one in await _standing(databases) if one.position < heads[one.partition]]


async def _seen(
    databases: Databases, cluster: Cluster, seconds: float, began: Mapping[tuple[str, int], int]
) -> Iterable[str]:
    letters = await dead_letters.waiting(databases.engine)
    connection = await asyncpg.connect(cluster.owner["GRIDCASE_DATABASE_URL"])
    try:
        long = await connection.fetch(LONG)
    finally:
        await connection.close()
    return [
        f"not everything was heard within {seconds:g} s:",
        *(
            f"  {one.subscriber} stands in partition {one.partition} at {one.position} of {head}, of"
            f" {one.owner or 'nobody'}; at {began.get(one[:2], 'no position')} when the wait began"
            for one, head in await _behind(databases)
        ),
        f"dead letters: {', '.join(f'{count} of {name}' for name, count in letters.items()) or 'none'}",
        "PostgreSQL has been busy for more than a second with:",
        *(
            f"  {database}: {took:.0f} s, {state}, waits for {wait}: {query}"
            for database, state, wait, took, query in long
        ),
        "processes:",
        *(f"  {line}" for line in processes.tell(cluster)),
    ]
