"""A service made for tests: it confirms whatever it hears, and stumbles where it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.event import AnyRecorded, Event, EventRef
from schemas.events.feedback import FeedbackReceived
from schemas.events.intake import PetitionFiled
from schemas.events.router import DispatchAccepted
from schemas.events.severity import SeverityConfirmed
from services.chassis.consumer import Consumer
from services.chassis.deciding import Decider, Facts
from services.chassis.keep_going import ended
from services.chassis.leases import Alone
from services.chassis.log import Log, Result, Written
from services.chassis.runtime import Runtime
from services.chassis.service import Ground, Service, plain_facts
from services.chassis.store.engine import Statement, Transaction, as_uuid
from tests.contracts.petitions import accepted, answered, entry, filing

NAME = "severity"
"""Whose events it says; the owner of a type is fixed."""


class Stumbled(Exception):
    """The event could not be handled, as the test wished."""


@dataclass(frozen=True)
class Confirm:
    petition: UUID
    now: datetime


@dataclass
class Probe:
    """`reacts_badly` and `decides_badly` name what it stumbles over; `away` counts the look-ups that still fail."""

    runtime: Runtime
    reacts_badly: set[EventRef] = field(default_factory=set)
    decides_badly: set[UUID] = field(default_factory=set)
    away: int = 0
    looked_up: int = 0

    def service(self) -> Service:
        decider = Decider(NAME, 0, self._decide, lambda state, event, ref: state + 1)
        heard = (PetitionFiled, DispatchAccepted, FeedbackReceived)
        return Service(
            decider, frozenset({SeverityConfirmed}), dict.fromkeys(heard, self._react), for_batch=self._look_up
        )

    def consumer(self, owner: str = "one") -> Consumer:
        return Consumer(self.service(), self.runtime, leases=Alone(self.runtime.log.engine, self.service().name, owner))

    async def caught_up(self) -> Consumer:
        """A consumer that has heard everything so far."""
        consumer = self.consumer()
        await consumer.start()
        await heard_all(consumer)
        return consumer

    async def _look_up(self, heard: Sequence[AnyRecorded], ground: Ground) -> Facts:
        self.looked_up += 1
        if self.away:
            self.away -= 1
            raise ConnectionError("the look-up's source is away")
        return await plain_facts(heard, ground)

    def _react(self, heard: AnyRecorded, facts: Facts) -> list[Confirm]:
        if heard.ref in self.reacts_badly:
            raise Stumbled(heard.petition)
        return [Confirm(heard.petition, facts.now)]

    def _decide(self, state: int, command: Confirm) -> list[Event]:
        if command.petition in self.decides_badly:
            raise Stumbled(command.petition)
        return [SeverityConfirmed(at=command.now)]


async def effects(log: Log, petition: UUID) -> list[int]:
    """The versions that led to an effect, in the order in which they did."""
    stream = (await log.load([petition]))[petition]
    causes = [recorded.causation for recorded in stream if recorded.service == NAME]
    assert all(cause.startswith(f"{petition}:") for cause in causes)
    return [int(cause.rpartition(":")[2]) for cause in causes]


async def tell(log: Log, petition: UUID, times: int = 1) -> None:
    """Things to hear: the filing first, then what the router says; again where a consumer was faster."""
    while times:
        version = len((await log.load([petition]))[petition])
        said = filing(petition) if version == 0 else entry(petition, version, accepted())
        [outcome] = await log.append([said])
        times -= isinstance(outcome, Written)


async def tell_last(log: Log, petition: UUID) -> None:
    """One more thing to hear, from feedback."""
    version = len((await log.load([petition]))[petition])
    await log.append([entry(petition, version, answered())])


def overtaken(log: Log, petition: UUID, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Before the next commit somebody else is faster: one more thing of the petition is told."""
    transact = log.transact

    async def transact_late(*given: Any) -> Sequence[Result]:
        log.transact = transact
        meanwhile()
        await tell(log, petition)
        return await transact(*given)

    log.transact = transact_late


async def heard_all(consumer: Consumer) -> None:
    """It has heard everything and says so."""
    while await consumer.step():
        pass
    await consumer.flush()


async def letters(log: Log) -> list[tuple[object, int]]:
    """Petition and version of every dead letter."""
    sql = "SELECT stream_id, version FROM es_dead_letter ORDER BY stream_id, version"
    return [(as_uuid(petition), version) for petition, version in await log.engine.query(sql, {})]


@asynccontextmanager
async def while_running(consumer: Consumer, log: Log) -> AsyncIterator[None]:
    """The consumer runs until the block ends."""
    log.on_commit(lambda news: consumer.wake.set())
    task = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        await ended([task])


async def until(log: Log, petition: UUID, wanted: list[int]) -> None:
    """Return once these versions, and no others, led to an effect."""

    async def reached() -> None:
        while True:
            change = log.next_change(petition)
            if await effects(log, petition) == wanted:
                return
            await change

    await asyncio.wait_for(reached(), 10)


def only(statement: Statement) -> Transaction:
    """A transaction of nothing else."""
    return Transaction(statements=[statement])


async def checkpoints(log: Log) -> dict[int, int]:
    """How far the service stands, by partition."""
    sql = "SELECT partition, position FROM es_checkpoint WHERE subscriber = :name"
    return dict(await log.engine.query(sql, {"name": NAME}))
