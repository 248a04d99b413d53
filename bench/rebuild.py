"""(c) Rebuilding the petition list ÷ reading and decoding the same rows."""

import cProfile
import pstats
from dataclasses import dataclass
from time import perf_counter

from bench.district import PARTITIONS, scratch
from bench.measuring import Figure, ratio
from bench.prefill import fill
from services.chassis.data_dir import DataDir, open_data
from services.chassis.projection import ProjectionRunner
from services.chassis.rebuilding import REBUILD_PAGE
from services.console.petition_list import PETITION_LIST
from services.console.tables import ReadModel

NAME = "rebuild"
AIM = "≥ 0.5"


@dataclass(frozen=True)
class Scale:
    """`petitions` of mostly eight events each."""

    runs: int = 7
    petitions: int = 2_700


QUICK = Scale(runs=1, petitions=30)


async def measure(scale: Scale) -> list[Figure]:
    """Both sides read the same pages of the same log, from the file and not from memory."""
    with scratch() as directory:
        data = await open_data(await fill(directory / "data", scale.petitions), PARTITIONS, ReadModel.metadata)
        rebuilt, read = [], []
        for run in range(scale.runs + 1):
            reading = await _read(data)
            rebuilding = await _rebuild(data)
            if run:  # the first run only warms up
                read.append(reading)
                rebuilt.append(rebuilding)
        events = sum((await data.engine.heads()).values())
        await data.close()
    return [
        Figure(NAME, f"rebuild of {events:,} events", "events/s", rebuilt),
        Figure(NAME, "reading and decoding them", "events/s", read),
        ratio(NAME, "rebuild ÷ reading", rebuilt, read, AIM),
    ]


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread of the rebuild."""
    profile = cProfile.Profile()
    with scratch() as directory:
        data = await open_data(await fill(directory / "data", scale.petitions), PARTITIONS, ReadModel.metadata)
        for _ in range(scale.runs):
            with profile:
                await _rebuild(data)
        await data.close()
    return pstats.Stats(profile)


async def _read(data: DataDir) -> float:
    began = perf_counter()
    position = dict.fromkeys(range(PARTITIONS), 0)
    count = 0
    while batch := await data.runtime.log.read(position, REBUILD_PAGE):
        position |= {recorded.partition: recorded.position for recorded in batch}
        count += len(batch)
    return count / (perf_counter() - began)


async def _rebuild(data: DataDir) -> float:
    runner = ProjectionRunner(PETITION_LIST, data.runtime.log, data.engine)
    await runner.start()
    began = perf_counter()
    count = await runner.rebuild()
    return count / (perf_counter() - began)
