"""The same with three escalation processes on PostgreSQL, which share the partitions.

There is no Kafka: a timer finds what is due in the database, and without Kafka the processes hear the log there too.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg

from bench.district import scratch
from bench.due import AIM, middle, p99, write_due
from bench.measuring import Figure, say
from bench.processes import ROOT, START_SECONDS
from bench.stores import opened_with, settings_for
from deploy.database import PostgresServer
from deploy.ports import free_port
from services.chassis.clock import micros
from services.chassis.databases import Databases
from services.chassis.settings import Settings

NAME = "due-postgres"
ESCALATION = "escalation"
REPLICAS = 3
LONGEST_SECONDS = 60
LOOK_SECONDS = 0.5
REST_SECONDS = 2.0
"""So long after the last of them a second notice of one would be seen."""
FILL = """
    INSERT INTO deadline (stream_id, deadline_id, stage, partition, due_at, next_at, attempts)
    SELECT id, 'resolve:1', 'due', get_byte(uuid_send(id), 15) & 15, due, due, 0
    FROM (SELECT gen_random_uuid() AS id, $2 + (2 + n % 88) * 86400000000 + n % 86400 * 1000000 AS due
          FROM generate_series(1::bigint, $1::bigint) AS n) AS rows
"""
SHARED = """
    SELECT count(DISTINCT owner) = $2 AND count(*) = $3 FROM es_checkpoint
    WHERE subscriber = $1 AND owner <> '' AND lease_until > extract(epoch FROM clock_timestamp()) * 1000000
"""
HEARD = "SELECT coalesce(sum(position), 0) FROM es_checkpoint WHERE subscriber = $1"
HEAD = "SELECT coalesce(sum(position), 0) FROM (SELECT max(position) AS position FROM es_event GROUP BY partition) AS h"
MISSED = "SELECT stream_id, data, recorded_at FROM es_event WHERE type = 'DeadlineMissed' AND recorded_at >= $1"


@dataclass(frozen=True)
class Scale:
    """So many open deadlines, of which so many pass in one second; `ahead`: seconds that there are until then to write
    them and to have them heard."""

    runs: int = 3
    open: int = 1_000_000
    passing: int = 5_000
    ahead: float = 60.0


QUICK = Scale(runs=1, open=200, passing=20, ahead=15.0)


class NotReady(Exception):
    """The second had begun before everything was heard: nothing was measured."""


async def measure(scale: Scale) -> list[Figure]:
    """Fills the table once; the same processes notice what passes in each run."""
    late: list[list[float]] = []
    doubled: list[float] = []
    with PostgresServer() as server, scratch() as directory:
        settings = settings_for(server, directory)
        async with opened_with(settings) as databases:
            connection = await asyncpg.connect(settings.databases.log)
            await _fill(connection, databases, scale.open - scale.passing)
            async with _replicas(settings):
                await _until(connection, SHARED, ESCALATION, REPLICAS, databases.engine.partitions)
                for _ in range(scale.runs):
                    noticed = await _run(scale, databases, connection)
                    late.append(sorted(min(each) for each in noticed))
                    doubled.append(sum(len(each) - 1 for each in noticed))
                    say(NAME, "p99 late", p99(late[-1]), "s")
            await connection.close()
    return [
        Figure(NAME, f"{scale.passing:,} of {scale.open:,} pass: p50 late", "s", [middle(one) for one in late]),
        Figure(NAME, "p99 late", "s", [p99(one) for one in late], AIM),
        Figure(NAME, "the last of them", "s", [one[-1] for one in late]),
        Figure(NAME, "noticed more than once", "", doubled, "0"),
    ]


async def _fill(connection: asyncpg.Connection, databases: Databases, count: int) -> None:
    """Rows of deadlines that pass in 2 to 90 days; nobody reads the petitions behind them meanwhile, so none are
    there."""
    began = perf_counter()
    await connection.execute(FILL, count, micros(databases.engine.time.now()))
    await connection.execute("VACUUM ANALYZE deadline")
    await connection.execute("CHECKPOINT")
    say(NAME, f"{count:,} open deadlines written in", perf_counter() - began, "s")


async def _run(scale: Scale, databases: Databases, connection: asyncpg.Connection) -> Sequence[Sequence[float]]:
    """For each deadline the seconds from its due time to when a breach of it was stored, mostly one."""
    due = databases.engine.time.now() + timedelta(seconds=scale.ahead)
    await write_due(databases, scale.passing, due)
    await _until(connection, f"SELECT ({HEARD}) = ({HEAD})", ESCALATION)
    if databases.engine.time.now() >= due - timedelta(seconds=1):
        raise NotReady
    return await _noticed(scale.passing, due, connection)


async def _noticed(count: int, due: datetime, connection: asyncpg.Connection) -> Sequence[Sequence[float]]:
    await asyncio.sleep((due - datetime.now(due.tzinfo)).total_seconds() + 1)
    await _until(connection, f"SELECT count(*) >= $2 FROM ({MISSED}) AS missed", micros(due), count)
    await asyncio.sleep(REST_SECONDS)
    found: dict[str, list[float]] = {}
    names: Counter[str] = Counter()
    for stream, data, recorded_at in await connection.fetch(MISSED, micros(due)):
        said = json.loads(data)
        names[said["deadline"].partition(":")[0]] += 1
        late = recorded_at / 1e6 - datetime.fromisoformat(said["due_at"]).timestamp()
        found.setdefault(f"{stream} {said['deadline']}", []).append(late)
    assert (len(found), set(names)) == (count, {"accept"}), f"{names} were missed, of {len(found)} petitions"
    return list(found.values())


async def _until(connection: asyncpg.Connection, sql: str, *arguments: object) -> None:
    """Ask until it is so."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            if await connection.fetchval(sql, *arguments):
                break
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def _replicas(settings: Settings) -> AsyncIterator[None]:
    """The processes, until the block ends."""
    async with AsyncExitStack() as running:
        for number in range(1, 1 + REPLICAS):
            await running.enter_async_context(_replica(settings, settings.data / f"{ESCALATION}-{number}.log"))
        yield


@asynccontextmanager
async def _replica(settings: Settings, said: Path) -> AsyncIterator[None]:
    assert settings.database_url is not None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRIDCASE_")} | {
        "GRIDCASE_DATABASE_URL": settings.database_url.get_secret_value(),
        "GRIDCASE_MASTER_KEY": str(settings.master_key_file),
        "GRIDCASE_DATA": str(settings.data),
    }
    command = ["-m", "services", "serve", ESCALATION, "--port", str(free_port())]
    with said.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), START_SECONDS)
            except TimeoutError:
                process.kill()
        await process.wait()
