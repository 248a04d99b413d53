"""(d) What one petition costs from filed to routed on a log that already holds 10,000 or 100,000 of them."""

import asyncio
import cProfile
import os
import pstats
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from bench.district import PARTITIONS, scratch
from bench.lives import LONGEST_SECONDS, UNWATCHED, Lives
from bench.measuring import Figure
from bench.prefill import fill
from bench.texts import bodies
from intake.filing import NewPetition
from schemas.events.router import PetitionRouted
from services.embedded import running

NAME = "growth"
AIM = "≤ 10 %"


@dataclass(frozen=True)
class Scale:
    """A window of so many petitions, so many under way at once, on logs of these sizes."""

    runs: int = 5
    window: int = 5_000
    under_way: int = 100
    sizes: tuple[int, int] = (10_000, 100_000)


QUICK = Scale(runs=1, window=10, under_way=5, sizes=(20, 40))


async def measure(scale: Scale) -> list[Figure]:
    """Each run takes a fresh copy of either log, the sizes turn by turn."""
    wall: dict[int, list[float]] = {size: [] for size in scale.sizes}
    cpu: dict[int, list[float]] = {size: [] for size in scale.sizes}
    with scratch() as directory:
        for size in scale.sizes:
            await fill(directory / f"{size}", size)
        for run in range(scale.runs):
            for size in scale.sizes:
                passed, worked = await _window(scale, directory / f"{size}", run)
                wall[size].append(passed)
                cpu[size].append(worked)
    return [
        *(Figure(NAME, f"a petition on {size:,}", "µs", wall[size]) for size in scale.sizes),
        *(Figure(NAME, f"its CPU time on {size:,}", "µs", cpu[size]) for size in scale.sizes),
        _growth("growth", wall, scale, AIM),
        _growth("growth of CPU time", cpu, scale),
    ]


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread during a window on the larger log."""
    profile = cProfile.Profile()
    with scratch() as directory:
        await fill(directory / "filled", max(scale.sizes))
        await _window(scale, directory / "filled", 0, profile)
    return pstats.Stats(profile)


async def _window(
    scale: Scale, filled: Path, run: int, watch: AbstractContextManager[object] = UNWATCHED
) -> tuple[float, float]:
    """Microseconds of wall and of CPU time for each petition of the window."""
    directory = shutil.copytree(filled, filled.with_name("window"))
    os.sync()  # the copy must not be written back while the clock runs
    async with running(directory, PARTITIONS) as embedded:
        live = Lives(embedded.runtime)
        await _file_and_route(live, f"warm-{run}", max(scale.under_way, scale.window // 10), scale.under_way)
        await embedded.settled()
        began, worked = perf_counter(), process_time()
        with watch:
            async with asyncio.timeout(LONGEST_SECONDS):
                await _file_and_route(live, f"window-{run}", scale.window, scale.under_way)
                await embedded.settled()
        passed, worked = perf_counter() - began, process_time() - worked
    shutil.rmtree(directory)
    return passed / scale.window * 1e6, worked / scale.window * 1e6


async def _file_and_route(live: Lives, series: str, count: int, under_way: int) -> None:
    waiting = iter(bodies(series, count))

    async def one_after_another() -> None:
        for body in waiting:
            await live.until(await live.file(NewPetition.model_validate(body)), PetitionRouted)

    await asyncio.gather(*(one_after_another() for _ in range(under_way)))


def _growth(name: str, costs: dict[int, list[float]], scale: Scale, aim: str = "") -> Figure:
    small, large = (costs[size] for size in scale.sizes)
    return Figure(
        NAME, name, "%", [(after / before - 1) * 100 for before, after in zip(small, large, strict=True)], aim
    )
