"""All services in one process on one data directory: the way gridcase runs on a laptop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.chassis.clock import Time
from services.chassis.consumer import Consumer
from services.chassis.data_dir import DataDir, open_data
from services.chassis.projection import ProjectionRunner
from services.chassis.recounting import Recounting
from services.chassis.store.engine import Statement, Transaction
from services.chassis.timer import DeadlineTimer
from services.console.petition_list import PETITION_LIST
from services.console.search import PETITION_SEARCH
from services.console.search import create as create_search
from services.console.tables import ReadModel
from services.process import SERVICES, Process, at_work

BATCH = 500
"""Events that a service hears at once. One writer commits for all of them, so nobody waits for a partition; larger
batches save a third of the work (500 lives under way: 2.3 ms of CPU for each life at 100, 1.6 ms at 500)."""


async def build(directory: Path, partitions: int, time: Time | None = None) -> Process:
    """Open the data and stand the services up, not yet running. The caller holds the directory's lock."""
    data = await open_data(directory, partitions, ReadModel.metadata, time)
    try:
        return await _standing(data)
    except BaseException:
        await data.close()
        raise


async def _standing(data: DataDir) -> Process:
    """The services over opened data, each with its place in the log."""
    create = create_search(PETITION_SEARCH.table, "")
    await data.search.transact(Transaction(statements=[Statement(sql, [{}]) for sql in create]))
    timed = next(service for service in SERVICES if service.when_due)
    counting = next(service for service in SERVICES if service.when_calendar_comes)
    process = Process(
        data,
        consumers=[Consumer(service, data.runtime, batch=BATCH) for service in SERVICES if service.reactions],
        projections=[
            ProjectionRunner(PETITION_LIST, data.runtime.log, data.engine),
            ProjectionRunner(PETITION_SEARCH, data.runtime.log, data.search),
        ],
        timer=DeadlineTimer(timed, data.runtime),
        services=SERVICES,
        jobs=[Recounting(counting, data.runtime)],
    )
    await process.start()
    return process


@asynccontextmanager
async def running(directory: Path, partitions: int = 16, time: Time | None = None) -> AsyncIterator[Process]:
    """A gridcase that works until the block ends, then finishes what it began."""
    async with at_work(await build(directory, partitions, time)) as process:
        yield process
