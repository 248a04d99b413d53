"""(b) One-event appends of 32 concurrent callers through the batcher ÷ asyncpg, one row a commit on 32 connections."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg

from bench import pgbench
from bench.append import entries_for
from bench.district import scratch
from bench.measuring import Figure, ratio
from bench.stores import DATABASE, opened
from deploy.database import PostgresServer
from services.chassis.databases import Databases
from services.chassis.log import Written

NAME = "one-row"
AIM = "≥ 1.2"
INSERT = f"INSERT INTO {pgbench.TABLE} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"


@dataclass(frozen=True)
class Scale:
    """`appends` of either side in a sample, by so many callers; pgbench runs for `seconds`."""

    runs: int = 5
    callers: int = 32
    appends: int = 8_000
    seconds: int = 3


QUICK = Scale(runs=1, callers=2, appends=10, seconds=1)


async def measure(scale: Scale) -> list[Figure]:
    """All sides write turn by turn into tables of one server; the rows of asyncpg are those that the log wrote."""
    with PostgresServer() as server, scratch() as directory:
        async with opened(server) as databases:
            await _execute(server, pgbench.CREATE)
            pool = await asyncpg.create_pool(server.url(DATABASE), min_size=scale.callers, max_size=scale.callers)
            try:
                return await _compare(scale, server, databases, pool, directory)
            finally:
                await pool.close()


async def _compare(
    scale: Scale, server: PostgresServer, databases: Databases, pool: Any, directory: Path
) -> list[Figure]:
    ours, theirs, bare = [], [], []
    for run in range(scale.runs + 1):
        before = await databases.engine.heads()
        batched = await _batched(databases, scale)
        rows = await databases.engine.read(before, scale.appends)
        single = await _single(pool, rows, scale)
        script = pgbench.make_script(directory / "row.sql", rows[:1])
        done = (run + 1) * pgbench.CLIENTS_APART // 100
        transactions = await pgbench.run(server, DATABASE, script, scale.callers, scale.seconds, done)
        if run:  # the first run only warms up
            ours.append(batched)
            theirs.append(single)
            bare.append(transactions)
    return [
        Figure(NAME, f"batcher, {scale.callers} callers", "rows/s", ours),
        Figure(NAME, f"asyncpg, {scale.callers} connections", "rows/s", theirs),
        Figure(NAME, f"pgbench, {scale.callers} clients", "rows/s", bare),
        ratio(NAME, "batcher ÷ asyncpg", ours, theirs, AIM),
        ratio(NAME, "batcher ÷ pgbench", ours, bare),
    ]


async def _batched(databases: Databases, scale: Scale) -> float:
    waiting = iter(entries_for(databases.runtime, scale.appends))

    async def caller() -> None:
        for entry in waiting:
            assert isinstance(await databases.runtime.batcher.append(entry), Written)

    return scale.appends / await _spent(caller, scale)


async def _single(pool: Any, rows: Sequence[Any], scale: Scale) -> float:
    waiting = iter(rows)

    async def caller() -> None:
        async with pool.acquire() as connection:
            insert = await connection.prepare(INSERT)
            for row in waiting:
                await insert.fetch(*row)

    return len(rows) / await _spent(caller, scale)


async def _spent(caller: Any, scale: Scale) -> float:
    began = perf_counter()
    await asyncio.gather(*(caller() for _ in range(scale.callers)))
    return perf_counter() - began


async def _execute(server: PostgresServer, sql: str) -> None:
    connection = await asyncpg.connect(server.url(DATABASE))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
