"""Fills a data directory with petitions in bulk: the services' own decisions, really sealed, straight to the engine.

Most petitions are whole lives of eight events; every `OPEN_EACH`-th is still with its first dispatch. Deadlines, list,
search and the services' positions are left as if everything had been heard.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import uuid_utils

from bench.district import PARTITIONS, policy, settle
from bench.texts import bodies
from feedback.commands import RequestFeedback, TakeFeedback
from intake.filing import NewPetition, to_command
from router.commands import Accept, Resolve, RouteAssessed
from router.policy import routing_policy
from schemas.event import Event, EventRef
from schemas.words import Result
from services.chassis.codec import encode_data, encode_meta
from services.chassis.data_dir import DataDir, open_data
from services.chassis.deadline_rows import deadline_rows
from services.chassis.deciding import Command, Facts
from services.chassis.projection import ProjectionRunner
from services.chassis.rebuilding import REBUILD_PAGE
from services.chassis.sealing import PetitionKey
from services.chassis.store.engine import Draft, EntryRows, Statement, StreamWrite, Transaction
from services.console.petition_list import PETITION_LIST
from services.console.search import PETITION_SEARCH
from services.console.search import create as create_search
from services.console.tables import ReadModel
from services.process import SERVICES, Opened
from severity.decider import Assess
from severity.policy import Reading, SeverityPolicy

AT_ONCE = 500
OPEN_EACH = 10
HEARING = [service.name for service in SERVICES if service.reactions]
DECIDERS = {service.name: service.decider for service in SERVICES}


@dataclass
class _Life:
    """A petition on its way: every service's state of it and what was said so far, still in clear."""

    petition: UUID
    now: datetime
    states: dict[str, Any] = field(default_factory=lambda: {name: one.initial for name, one in DECIDERS.items()})
    said: list[tuple[str, Event]] = field(default_factory=list)

    def ask(self, service: str, command: Command) -> None:
        """Let a service decide; every service hears what it says."""
        for event in DECIDERS[service].decide(self.states[service], command):
            self.said.append((service, event))
            ref = EventRef(self.petition, len(self.said))
            self.states = {name: one.evolve(self.states[name], event, ref) for name, one in DECIDERS.items()}


async def fill(directory: Path, petitions: int) -> Path:
    """Make a data directory with so many petitions; returns the directory, closed."""
    with _no_collections():
        return await _fill(directory, petitions)


async def _fill(directory: Path, petitions: int) -> Path:
    data = await open_data(await settle(directory), PARTITIONS, ReadModel.metadata)
    for first in range(0, petitions, AT_ONCE):
        await write_lives(data, range(first, min(first + AT_ONCE, petitions)))
    await data.close()
    data = await open_data(
        directory, PARTITIONS, ReadModel.metadata
    )  # the log learns where it stands when it is opened
    await start_deadlines(data)
    await _move_to_the_end(data)
    create = create_search(PETITION_SEARCH.table, "", data.search.dialect)
    await data.search.transact(Transaction(statements=[Statement(sql, [{}]) for sql in create]))
    for projection, home in ((PETITION_LIST, data.engine), (PETITION_SEARCH, data.search)):
        runner = ProjectionRunner(projection, data.runtime.log, home)
        await runner.start()
        await runner.rebuild()
    await data.close()
    return directory


@contextmanager
def _no_collections() -> Iterator[None]:
    gc.disable()  # halves the time to fill, which nobody measures
    try:
        yield
    finally:
        gc.enable()


def _as_said(event: Event) -> Event:
    return event


async def write_lives(data: Opened, numbers: range, changed: Callable[[Event], Event] = _as_said) -> None:
    """Append a life for each number, at most `AT_ONCE`; `changed` may put other facts into what was decided."""
    now = data.runtime.time.now()
    lives = list(_lives(numbers, now))
    keys = (await data.runtime.log.keyring.make([life.petition for life in lives])).keys
    for life in lives:
        life.said = [(service, changed(event)) for service, event in life.said]
    rows = [EntryRows([StreamWrite(life.petition, 0, _drafts(life, keys[life.petition]))]) for life in lives]
    await data.engine.transact(Transaction((), rows))


async def start_deadlines(data: Opened) -> None:
    """Fill the table of deadlines from the log."""
    position = dict.fromkeys(range(PARTITIONS), 0)
    while batch := await data.runtime.log.read(position, REBUILD_PAGE):
        position |= {recorded.partition: recorded.position for recorded in batch}
        await data.engine.transact(Transaction((), (), deadline_rows(batch)))


def _lives(numbers: range, now: datetime) -> Iterator[_Life]:
    facts = Facts(now, policy())
    for number, body in zip(numbers, _pool()[: len(numbers)], strict=True):
        new, reading = body
        life = _Life(UUID(bytes=uuid_utils.uuid7().bytes), now)
        life.ask("intake", to_command(new, life.petition, facts))
        life.ask("severity", Assess(life.petition, now, facts.policy, reading))
        life.ask("router", RouteAssessed(life.petition, now, routing_policy(facts.policy), 2, "assessed"))
        if number % OPEN_EACH:
            life.ask("router", Accept(life.petition, now, None))
            life.ask("router", Resolve(life.petition, now, routing_policy(facts.policy), None, Result.DONE, DONE))
            life.ask("feedback", RequestFeedback(life.petition, now, facts.policy, 1))
            life.ask("feedback", TakeFeedback(life.petition, now, facts.policy, True, True, True, None, None))
        yield life


DONE = "已安排人员到现场处理完毕，并向居民说明了情况，后续会安排复查。"


@cache
def _pool() -> list[tuple[NewPetition, Reading]]:
    rules = SeverityPolicy(policy())
    new = [NewPetition.model_validate(body) for body in bodies("prefill", AT_ONCE)]
    return [(one, rules.read(title=one.title or "", text=one.text, filed_kind=None)) for one in new]


def _drafts(life: _Life, key: PetitionKey) -> list[Draft]:
    return [
        Draft(
            type(event).__name__,
            event.schema_version,
            encode_data(key.seal(event, version)),
            encode_meta(service, f"{life.petition}:{version - 1}", None, None),
        )
        for version, (service, event) in enumerate(life.said, 1)
    ]


async def _move_to_the_end(data: DataDir) -> None:
    heads = await data.engine.heads()
    rows = [
        {"name": name, "partition": partition, "position": position}
        for name in HEARING
        for partition, position in heads.items()
    ]
    sql = "INSERT INTO es_checkpoint VALUES (:name, :partition, :position, 'prefill', 0, NULL)"
    await data.engine.transact(Transaction(statements=[Statement(sql, rows)]))
