"""The epoch of a store. A restore from a backup makes another, so that nobody takes its events for those of before."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from uuid import uuid4

import asyncpg

from services.chassis.store.postgres_leases import NOW

HOLDERS = f"SELECT DISTINCT owner FROM es_checkpoint WHERE owner <> '' AND lease_until > {NOW} ORDER BY owner"  # noqa: S608
RENEW = "UPDATE es_meta SET value = $1 WHERE name = 'epoch'"
BEGIN_AGAIN = "UPDATE es_checkpoint SET position = 0 WHERE subscriber = ANY($1::text[])"
TELL_AGAIN = "UPDATE es_dead_letter SET told = 0"


class StillInUse(Exception):
    """Processes hold partitions of the store, and would go on under the epoch that they read when they began."""

    def __init__(self, owners: Sequence[str]) -> None:
        named = ", ".join(owners)
        super().__init__(
            f"{named} hold partitions of this log: stop every process of gridcase, wait six seconds for what was"
            f" killed, and run this again; nothing was changed / 仍有进程在使用该日志（{named}）："
            "请先停止所有进程，六秒后重试；未作改动"
        )


class OwnerNeeded(Exception):
    """The login of a service may not do this."""

    def __init__(self) -> None:
        super().__init__(
            "this login may not change that: set GRIDCASE_DATABASE_URL to the owner of the databases, with whom"
            " `gridcase migrate` runs / 该登录无权更改：请将 GRIDCASE_DATABASE_URL 设为数据库所有者"
        )


@asynccontextmanager
async def renewed_epoch(url: str, begin_again: Sequence[str]) -> AsyncIterator[str]:
    """Give a PostgreSQL store that nobody works on a new epoch once the block is done, and have these subscribers hear
    all of it again, and dead letters be told again. A block that fails leaves everything as it was.

    Raises StillInUse before the block, and OwnerNeeded."""
    epoch = str(uuid4())
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            if owners := [owner for (owner,) in await connection.fetch(HOLDERS)]:
                raise StillInUse(owners)
            await connection.execute(RENEW, epoch)
            await connection.execute(BEGIN_AGAIN, list(begin_again))
            await connection.execute(TELL_AGAIN)
            yield epoch
    except asyncpg.InsufficientPrivilegeError:
        raise OwnerNeeded from None
    finally:
        await connection.close()


def renew_epoch_of_file(path: Path) -> str:
    """Give a SQLite store that nobody works on a new epoch."""
    epoch = str(uuid4())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE es_meta SET value = ? WHERE name = 'epoch'", (epoch,))
    return epoch
