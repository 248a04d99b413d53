"""Who owns a subscriber's partitions, for how long, by the database's clock."""

from collections.abc import Collection
from typing import Any

from services.chassis.store.engine import LEASE_SECONDS, Checkpoint

NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
UNTIL = f"{NOW} + {LEASE_SECONDS * 1_000_000}"
SEIZE = f"""
    INSERT INTO es_checkpoint AS c (subscriber, partition, position, owner, epoch, lease_until)
    SELECT $1, p, 0, $2, 1, {UNTIL} FROM unnest($3::smallint[]) AS p ORDER BY p
    ON CONFLICT (subscriber, partition) DO UPDATE
    SET owner = excluded.owner, epoch = c.epoch + 1, lease_until = excluded.lease_until
"""  # noqa: S608 - put together from constants
STANDS = "RETURNING partition, position, epoch"
TAKE = f"{SEIZE} WHERE c.owner = excluded.owner OR c.lease_until IS NULL OR c.lease_until < {NOW} {STANDS}"
OWNED = """
    SELECT partition FROM es_checkpoint WHERE subscriber = $1 AND owner = $2 ORDER BY partition FOR UPDATE
"""
RENEW = f"UPDATE es_checkpoint SET lease_until = {UNTIL} WHERE subscriber = $1 AND partition = ANY($2::smallint[])"  # noqa: S608
FIRST = """
    INSERT INTO es_checkpoint (subscriber, partition, position, owner, epoch)
    SELECT $1, p, 0, '', 0 FROM generate_series(0, $2::integer - 1) AS p ORDER BY p ON CONFLICT DO NOTHING
"""
MEMBER = f"""
    WITH gone AS (DELETE FROM es_member WHERE subscriber = $1 AND lease_until < {NOW} AND owner <> $2),
    here AS (
        INSERT INTO es_member (subscriber, owner, lease_until) VALUES ($1, $2, {UNTIL})
        ON CONFLICT (subscriber, owner) DO UPDATE SET lease_until = excluded.lease_until
    )
    SELECT 1 + count(*) FROM es_member WHERE subscriber = $1 AND owner <> $2 AND lease_until >= {NOW}
"""  # noqa: S608
FREE = f"""
    SELECT partition FROM es_checkpoint
    WHERE subscriber = $1 AND (owner = '' OR lease_until IS NULL OR lease_until < {NOW})
    ORDER BY partition LIMIT $2 FOR UPDATE SKIP LOCKED
"""  # noqa: S608
LET_GO = """
    UPDATE es_checkpoint SET owner = '', lease_until = NULL WHERE subscriber = $1 AND partition = ANY($2::smallint[])
"""
STAND = """
    SELECT partition, position, epoch FROM es_checkpoint WHERE subscriber = $1 AND owner = $2 ORDER BY partition
"""
LEAVE = "DELETE FROM es_member WHERE subscriber = $1 AND owner = $2"


async def take(connection: Any, subscriber: str, owner: str, partitions: Collection[int]) -> list[Checkpoint]:
    """Take what is free, run out or one's own; each under a new epoch, so that whoever had it before writes nothing."""
    return [Checkpoint(*row) for row in sorted(await connection.fetch(TAKE, subscriber, owner, sorted(partitions)))]


async def seize(connection: Any, subscriber: str, owner: str, partitions: int) -> list[Checkpoint]:
    """Take everything, also from a live owner, under new epochs: whoever had it before writes nothing."""
    rows = await connection.fetch(f"{SEIZE} {STANDS}", subscriber, owner, list(range(partitions)))
    return [Checkpoint(*row) for row in sorted(rows)]


async def share(connection: Any, subscriber: str, owner: str, partitions: int) -> list[Checkpoint]:
    """Hold one's share, let go of what is more, take what is free when it is less."""
    async with connection.transaction():
        await connection.execute(FIRST, subscriber, partitions)
        fair = -(-partitions // await connection.fetchval(MEMBER, subscriber, owner))
        mine = [partition for (partition,) in await connection.fetch(OWNED, subscriber, owner)]
        await connection.execute(RENEW, subscriber, mine[:fair])
        await connection.execute(LET_GO, subscriber, mine[fair:])
        if len(mine) < fair:
            free = [partition for (partition,) in await connection.fetch(FREE, subscriber, fair - len(mine))]
            await connection.fetch(TAKE, subscriber, owner, free)
        return [Checkpoint(*row) for row in await connection.fetch(STAND, subscriber, owner)]


async def renew(connection: Any, subscriber: str, owner: str) -> set[int]:
    """Hold what is still one's own from now on; what ran out and was taken is not."""
    return set(await _change(connection, RENEW, subscriber, owner))


async def release(connection: Any, subscriber: str, owner: str) -> None:
    """Give up what is one's own, so that nobody has to wait until it runs out."""
    await _change(connection, LET_GO, subscriber, owner)


async def leave(connection: Any, subscriber: str, owner: str) -> None:
    """The same, and be no longer among those who share. Only the log's database knows who they are."""
    await connection.execute(LEAVE, subscriber, owner)
    await release(connection, subscriber, owner)


async def _change(connection: Any, sql: str, subscriber: str, owner: str) -> list[int]:
    """Locks the rows in the order in which everybody locks them."""
    async with connection.transaction():
        owned = [partition for (partition,) in await connection.fetch(OWNED, subscriber, owner)]
        await connection.execute(sql, subscriber, owned)
        return owned
