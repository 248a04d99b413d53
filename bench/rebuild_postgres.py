"""(h) Rebuilding the petition list over a million petitions ÷ binary COPY out of the same rows."""

import cProfile
import pstats
import sys
from dataclasses import dataclass
from time import perf_counter

import asyncpg

from bench.bulk import fill_log
from bench.district import scratch
from bench.measuring import Figure, ratio, say
from bench.stores import opened_with, settings_for
from deploy.database import PostgresServer
from services.chassis.databases import Databases
from services.chassis.leases import Whole
from services.chassis.projection import ProjectionRunner
from services.chassis.rebuilding import Helpers
from services.chassis.settings import Settings
from services.console.petition_list import PETITION_LIST
from services.refilling import Refilling

NAME = "rebuild-postgres"
AIM = "≥ 0.2"
PROFILED = 20_000
SAID_EACH = 10.0
"""Seconds."""


@dataclass(frozen=True)
class Scale:
    """`petitions` of mostly eight events each."""

    runs: int = 3
    petitions: int = 1_000_000


QUICK = Scale(runs=1, petitions=40)


async def measure(scale: Scale) -> list[Figure]:
    """Fills the log once; both sides in turn read all of it, and each figure is said as it comes."""
    rebuilt, copied = [], []
    with PostgresServer() as server, scratch() as directory:
        settings = settings_for(server, directory)
        async with opened_with(settings) as databases:
            say(NAME, "filled in", await fill_log(databases, settings.databases, scale.petitions), "s")
            events = sum((await databases.engine.heads()).values())
            for _ in range(scale.runs):
                copied.append(say(NAME, "COPY", events / await _copy(settings), "rows/s"))
                rebuilt.append(
                    say(NAME, "rebuild", events / await _rebuild(databases, Refilling(settings)), "events/s")
                )
    return [
        Figure(NAME, f"rebuild of {events:,} events", "events/s", rebuilt),
        Figure(NAME, "binary COPY out of them", "events/s", copied),
        ratio(NAME, "rebuild ÷ COPY", rebuilt, copied, AIM),
    ]


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread of a rebuild over fewer petitions."""
    profile = cProfile.Profile()
    with PostgresServer() as server, scratch() as directory:
        settings = settings_for(server, directory)
        async with opened_with(settings) as databases:
            await fill_log(databases, settings.databases, min(PROFILED, scale.petitions))
            with profile:
                await _rebuild(databases)
    return pstats.Stats(profile)


async def _rebuild(databases: Databases, helpers: Helpers | None = None) -> float:
    home = databases.engine
    leases = Whole(home, PETITION_LIST.name, "bench", home.partitions)
    runner = ProjectionRunner(PETITION_LIST, databases.runtime.log, home, leases, helpers=helpers)
    await runner.start()
    try:
        began = perf_counter()
        await runner.rebuild(_Progress())
        return perf_counter() - began
    finally:
        await runner.stop()


class _Progress:
    """Says on standard error how far a rebuild has come, a few times a minute."""

    def __init__(self) -> None:
        self._said = perf_counter()

    async def __call__(self, events: int) -> None:
        if perf_counter() - self._said >= SAID_EACH:
            self._said = perf_counter()
            print(f"{events:,} events", file=sys.stderr, flush=True)


async def _copy(settings: Settings) -> float:
    async def nowhere(data: bytes) -> None:
        """The rows have come; that is all."""

    connection = await asyncpg.connect(settings.databases.log)
    try:
        began = perf_counter()
        await connection.copy_from_table("es_event", output=nowhere, format="binary")
        return perf_counter() - began
    finally:
        await connection.close()
