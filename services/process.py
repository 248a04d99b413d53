"""What runs in one process: services that hear the log, read models, a timer; which of them, its maker decides."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import structlog

import escalation.service
import feedback.service
import intake.service
import router.service
import severity.service
from schemas.event import AnyRecorded
from services.chassis.consumer import Consumer
from services.chassis.dead_letters import describe
from services.chassis.keep_going import ended
from services.chassis.projection import ProjectionRunner
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.store.engine import Engine
from services.chassis.timer import DeadlineTimer

SERVICES: tuple[Service, ...] = (
    intake.service.SERVICE,
    severity.service.SERVICE,
    router.service.SERVICE,
    escalation.service.SERVICE,
    feedback.service.SERVICE,
)
LETTING_GO_SECONDS = 2.0
"""How long one part may take to write where it stands and to give back its leases, when the process ends."""
log = structlog.get_logger()


class Opened(Protocol):
    """The stores of a process: the log with what lives beside it, and the search table's."""

    @property
    def runtime(self) -> Runtime: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def search(self) -> Engine: ...

    async def close(self) -> None: ...


class Job(Protocol):
    """Something that goes on until it is cancelled."""

    @property
    def name(self) -> str: ...

    async def run(self) -> None: ...

    async def stop(self) -> None: ...


class Worker(Job, Protocol):
    """A job that follows the log: a consumer, a read model or a relay."""

    @property
    def wake(self) -> asyncio.Event: ...

    @property
    def reached(self) -> dict[int, int]: ...

    async def start(self) -> None: ...


@dataclass
class Process:
    """A running gridcase, or the part of one that runs here."""

    data: Opened
    consumers: list[Consumer] = field(default_factory=list)
    projections: list[ProjectionRunner] = field(default_factory=list)
    """The read models that can be rebuilt from here."""
    relays: list[Worker] = field(default_factory=list)
    timer: DeadlineTimer | None = None
    services: Sequence[Service] = ()
    """Those that hear or answer here."""
    jobs: list[Job] = field(default_factory=list)
    """What runs beside the workers and the timer."""
    follows: bool = True
    """Whether the read models follow the log here; they are another process's otherwise."""
    tells_of_all: bool = True
    """Whether its metrics tell of every subscriber, also of those that other processes hear for."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def runtime(self) -> Runtime:
        return self.data.runtime

    @property
    def workers(self) -> list[Worker]:
        """Everything here that has a position in the log."""
        return [*self.consumers, *(self.projections if self.follows else ()), *self.relays]

    def projection(self, name: str) -> ProjectionRunner:
        return next(one for one in self.projections if one.name == name)

    async def start(self) -> None:
        """Have every worker know where it stands, and be woken by what is written here; and every service find at once
        what it looks up in the policy."""
        await self.runtime.policies.build_ahead(one.build_ahead for one in self.services if one.build_ahead)
        for one in self.workers:
            await one.start()
        self.runtime.nudges.extend(consumer.nudge for consumer in self.consumers)
        self.runtime.log.on_commit(self._wake)

    async def settled(self) -> None:
        """Return once every subscriber has heard all there is."""
        while True:
            heads = await self.runtime.log.heads()
            if all(one.reached == heads for one in self.workers):
                return
            await asyncio.sleep(0.005)

    def _wake(self, news: Sequence[AnyRecorded]) -> None:
        for one in self.workers:
            one.wake.set()


@asynccontextmanager
async def at_work(process: Process) -> AsyncIterator[Process]:
    """The process works until the block ends, then finishes what it began and closes its stores."""
    jobs: list[Job] = [*process.workers, *process.jobs, *([process.timer] if process.timer else ())]
    process.tasks = [asyncio.create_task(one.run(), name=one.name) for one in jobs]
    try:
        yield process
    finally:
        try:
            await ended(process.tasks)
            await asyncio.gather(*map(_let_go, jobs))
            for task in process.tasks:
                if not task.cancelled():
                    task.result()
        finally:
            await process.data.close()


async def _let_go(job: Job) -> None:
    try:
        async with asyncio.timeout(LETTING_GO_SECONDS):
            await job.stop()
    except Exception as error:  # the database is away: the lease runs out by itself, and the others must still stop
        log.warning("not_let_go", worker=job.name, error=describe(error))
