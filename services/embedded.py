"""All services in one process on one data directory: the way gridcase runs on a laptop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import escalation.service
import feedback.service
import intake.service
import router.service
import severity.service
from schemas.event import AnyRecorded
from services.chassis.clock import Time
from services.chassis.consumer import Consumer
from services.chassis.data_dir import DataDir, open_data
from services.chassis.projection import ProjectionRunner
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.store.engine import Statement, Transaction
from services.chassis.timer import DeadlineTimer
from services.console.petition_list import PETITION_LIST
from services.console.search import PETITION_SEARCH
from services.console.search import create as create_search
from services.console.tables import ReadModel

BATCH = 500
"""Events that a service hears at once. One writer commits for all of them, so nobody waits for a partition; larger
batches save a third of the work (500 lives under way: 2.3 ms of CPU for each life at 100, 1.6 ms at 500)."""

SERVICES: tuple[Service, ...] = (
    intake.service.SERVICE,
    severity.service.SERVICE,
    router.service.SERVICE,
    escalation.service.SERVICE,
    feedback.service.SERVICE,
)


class Worker(Protocol):
    """Something that follows the log: a consumer or a read model."""

    @property
    def wake(self) -> asyncio.Event: ...

    @property
    def name(self) -> str: ...

    @property
    def reached(self) -> dict[int, int]: ...

    async def start(self) -> None: ...

    async def run(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass
class Embedded:
    """A running gridcase: its data, its services' consumers, its read models, its timer."""

    data: DataDir
    consumers: list[Consumer] = field(default_factory=list)
    projections: list[ProjectionRunner] = field(default_factory=list)
    timer: DeadlineTimer | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def runtime(self) -> Runtime:
        return self.data.runtime

    @property
    def workers(self) -> list[Worker]:
        """Everything that has a position in the log."""
        return [*self.consumers, *self.projections]

    def projection(self, name: str) -> ProjectionRunner:
        return next(one for one in self.projections if one.name == name)

    async def settled(self) -> None:
        """Return once every subscriber has heard all there is."""
        while True:
            heads = await self.runtime.log.heads()
            if all(one.reached == heads for one in self.workers):
                return
            await asyncio.sleep(0.005)


async def build(directory: Path, partitions: int, time: Time | None = None) -> Embedded:
    """Open the data and stand the services up, not yet running. The caller holds the directory's lock."""
    data = await open_data(directory, partitions, ReadModel.metadata, time)
    try:
        return await _standing(data)
    except BaseException:
        await data.close()
        raise


async def _standing(data: DataDir) -> Embedded:
    """The services over opened data, each with its place in the log."""
    create = create_search(PETITION_SEARCH.table, "", data.search.dialect)
    await data.search.transact(Transaction(statements=[Statement(sql, [{}]) for sql in create]))
    hearing = [service for service in SERVICES if service.reactions]
    consumers = [Consumer(service, data.runtime, batch=BATCH) for service in hearing]
    projections = [
        ProjectionRunner(PETITION_LIST, data.runtime.log, data.engine),
        ProjectionRunner(PETITION_SEARCH, data.runtime.log, data.search),
    ]
    timed = next(service for service in SERVICES if service.when_due)
    embedded = Embedded(data, consumers, projections, DeadlineTimer(timed, data.runtime))
    for one in embedded.workers:
        await one.start()
    data.runtime.nudges.extend(consumer.nudge for consumer in consumers)
    data.runtime.log.on_commit(lambda news: _wake(embedded, news))
    return embedded


def _wake(embedded: Embedded, news: Sequence[AnyRecorded]) -> None:
    for one in embedded.workers:
        one.wake.set()


@asynccontextmanager
async def running(directory: Path, partitions: int = 16, time: Time | None = None) -> AsyncIterator[Embedded]:
    """A gridcase that works until the block ends, then finishes what it began."""
    embedded = await build(directory, partitions, time)
    assert embedded.timer is not None
    embedded.tasks = [asyncio.create_task(one.run(), name=one.name) for one in embedded.workers]
    embedded.tasks.append(asyncio.create_task(embedded.timer.run(), name="timer"))
    try:
        yield embedded
    finally:
        try:
            for task in embedded.tasks:
                task.cancel()
            for task in embedded.tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            for worker in embedded.workers:
                await worker.stop()
        finally:
            await embedded.data.close()
