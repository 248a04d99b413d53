"""(a) Appending new streams on PostgreSQL from typed events ÷ pgbench with the same rows ÷ the library for it."""

import asyncio
import cProfile
import json
import pstats
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import asyncpg

from bench import pgbench
from bench.append import entries_for
from bench.district import scratch
from bench.measuring import Figure, ratio
from bench.naive.library import Petition, library_on
from bench.stores import DATABASE, opened
from deploy.database import PostgresServer
from services.chassis.databases import Databases
from services.chassis.log import Written
from services.chassis.store.engine import EventRow

NAME = "append-postgres"
LIBRARY = "library"


@dataclass(frozen=True)
class Scale:
    """`calls` appends of each size make one sample of gridcase and of the library; pgbench runs for `seconds`."""

    runs: int = 5
    calls: int = 20
    sizes: tuple[int, ...] = (100, 500)
    clients: int = 8
    rows: int = 100
    """In each commit of pgbench and each call of the library."""
    seconds: int = 3


QUICK = Scale(runs=1, calls=1, sizes=(5,), clients=1, rows=5, seconds=1)


async def measure(scale: Scale) -> list[Figure]:
    """All sides write turn by turn into databases of one server that grow alike."""
    with PostgresServer() as server, scratch() as directory:
        async with opened(server) as databases:
            return await _compare(scale, server, databases, directory)


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread of the gridcase side."""
    profile = cProfile.Profile()
    with PostgresServer() as server:
        async with opened(server) as databases:
            for _ in range(scale.runs * scale.calls):
                entries = entries_for(databases.runtime, max(scale.sizes))
                with profile:
                    await databases.runtime.log.append(entries)
    return pstats.Stats(profile)


async def _compare(scale: Scale, server: PostgresServer, databases: Databases, directory: Path) -> list[Figure]:
    await _gridcase(databases, scale.rows, 1)
    rows = await databases.engine.read(dict.fromkeys(range(databases.engine.partitions), 0), scale.rows)
    script = pgbench.make_script(directory / "rows.sql", rows)
    await _execute(server.url(DATABASE), pgbench.CREATE)
    await _execute(server.url("postgres"), f"CREATE DATABASE {LIBRARY}")
    ours: dict[int, list[float]] = {size: [] for size in scale.sizes}
    bare, library = [], []
    for run in range(scale.runs + 1):
        rates = {size: await _gridcase(databases, size, scale.calls) for size in scale.sizes}
        done = run * pgbench.CLIENTS_APART // 100
        transactions = await pgbench.run(server, DATABASE, script, scale.clients, scale.seconds, done)
        others = await asyncio.to_thread(_library, server, rows, scale.calls)
        if run:  # the first run only warms up
            bare.append(transactions * scale.rows)
            library.append(others)
            for size, rate in rates.items():
                ours[size].append(rate)
    return [
        *(Figure(NAME, f"log, {size} streams", "rows/s", ours[size]) for size in scale.sizes),
        Figure(NAME, f"pgbench, {scale.clients} clients, {scale.rows} rows a commit", "rows/s", bare),
        Figure(NAME, f"eventsourcing, {scale.rows} a call", "rows/s", library),
        *(ratio(NAME, f"log ÷ pgbench, {size}", ours[size], bare, "≥ 0.6") for size in scale.sizes),
        *(ratio(NAME, f"log ÷ eventsourcing, {size}", ours[size], library, "≥ 3") for size in scale.sizes),
    ]


async def _gridcase(databases: Databases, size: int, calls: int) -> float:
    spent = 0.0
    for _ in range(calls):
        entries = entries_for(databases.runtime, size)
        began = perf_counter()
        results = await databases.runtime.log.append(entries)
        spent += perf_counter() - began
        assert all(isinstance(result, Written) for result in results)
    return size * calls / spent


def _library(server: PostgresServer, rows: list[EventRow], calls: int) -> float:
    application = library_on(server, LIBRARY)
    spent = 0.0
    try:
        for _ in range(calls):
            petitions = [Petition(json.loads(row.data)) for row in rows]
            began = perf_counter()
            application.save(*petitions)
            spent += perf_counter() - began
    finally:
        application.close()
    return len(rows) * calls / spent


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
