"""A whole gridcase on a directory of its own in which nothing moves by itself: tests hear, fire, crash by hand."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from starlette.requests import Request
from starlette.responses import Response

import intake.api
import intake.api_of_parts
import services.chassis.consumer
from intake.filing import NewPetition
from schemas.event import AnyRecorded
from services.chassis.clock import SetTime
from services.chassis.consumer import Consumer
from services.chassis.deciding import Rejected
from services.chassis.door import Asker
from services.chassis.problems import ProblemRaised
from services.chassis.store.engine import LeaseLost
from services.chassis.store.sqlite import SqliteEngine
from services.console.suggesting import Suggestions
from services.embedded import build
from services.process import Process
from tests.given import DISTRICT
from tests.invariants.checker import Checker, same_rows
from tests.invariants.course import Rungs
from tests.invariants.doors import COMMANDS, Reply
from tests.invariants.ledgers import compare_ledgers
from tests.invariants.rows import Complaint, ask

PARTITIONS = 4
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NOTHING_PREFERRED = Request({"type": "http", "headers": []})
Asked = tuple[str, dict[str, Any]]
"""A command's name and body."""


class Broken(Exception):
    """The database failed, as it was told to."""


class _Numbered:
    """Ids that are the same in every run: the last byte, and so the partition, counts up."""

    def __init__(self) -> None:
        self._last = 0

    def uuid7(self) -> UUID:
        self._last += 1
        return UUID(int=0x019A0B1C_7D2E_7F00_8000_000000000000 + self._last)


class World:
    """Time stands until it is moved; whatever is not told to happen does not."""

    happened: ClassVar[Counter[str]] = Counter()
    """What befell all worlds so far: a run in which nothing happened proves nothing."""

    def __init__(self, directory: Path, *, nudge_from: int = 10) -> None:
        """`nudge_from`: how many events must wait before a new petition is taken ahead of them."""
        self.directory = directory
        self._changed = pytest.MonkeyPatch()
        numbered = _Numbered()
        for door in (intake.api, intake.api_of_parts):
            self._changed.setattr(door, "uuid_utils", numbered)
        self._changed.setattr(services.chassis.consumer, "WORTH_A_NUDGE", nudge_from)
        self.time = SetTime(START)
        self.heard: dict[tuple[str, str], frozenset[str]] = {}
        self.positions: dict[str, list[tuple[dict[int, int], dict[int, int]]]] = {}
        self.next_write_breaks = ""
        """`before` or `after` its commit."""
        self._seen: dict[UUID, int] = {}
        self._runner = asyncio.Runner()
        self.gridcase: Process = self._open()
        self.do(self.gridcase.runtime.policies.publish(DISTRICT.bundle))
        ladder, units = DISTRICT.jurisdiction.ladder, DISTRICT.jurisdiction.units
        rungs = Rungs(
            {tier.code: ladder.rank(tier.code) for tier in ladder.tiers},
            {code: ladder.rank(unit.tier) for code, unit in units.items()},
        )
        self.checker = Checker(directory, PARTITIONS, rungs)

    def do(self, work: Awaitable[Any]) -> Any:
        """Run one piece of work to its end; nothing else runs meanwhile."""

        async def whole() -> Any:
            return await work

        return self._runner.run(whole())

    def close(self) -> None:
        self.do(self.gridcase.data.close())
        self._runner.close()
        self._changed.undo()

    # What callers do

    def file(self, text: str, *, key: str | None = None, **told: Any) -> Reply:
        """File a petition; what is answered must be readable at once, word for word."""
        new = NewPetition.model_validate({"channel": "app", "text": text, **told})
        reply = self.do(self._answer(self._filing(new, key)))
        if reply.ok:
            self._read_back(reply)
            if reply.body["text"] != text:
                raise Complaint(f"filed {text!r} and was answered {reply.body['text']!r}")
        return reply

    def file_at_once(self, filings: Sequence[tuple[str, str | None]]) -> list[Reply]:
        """Several callers file (text, key) at the same moment."""
        made = [(NewPetition.model_validate({"channel": "app", "text": text}), key) for text, key in filings]
        return list(self.do(_together(self._answer(self._filing(new, key)) for new, key in made)))

    def command(
        self, petition: UUID, name: str, *, key: str | None = None, at: int | None = None, **body: Any
    ) -> Reply:
        """One command; a caller who was answered reads what they wrote."""
        [reply] = self.commands(petition, [(name, body)], key=key, at=at)
        return reply

    def commands(
        self,
        petition: UUID,
        asked: Sequence[Asked],
        *,
        key: str | None = None,
        at: int | None = None,
    ) -> list[Reply]:
        """Several callers at the same moment, each for the version `at`, or for the newest."""
        versions = None if at is None else frozenset({at})
        doors = (self._asking(petition, name, body, Asker(key, versions, body)) for name, body in asked)
        replies = self.do(_together(self._answer(door) for door in doors))
        for reply in replies:
            if reply.ok:
                self._read_back(reply)
        return list(replies)

    def read(self, petition: UUID) -> Reply:
        """What `GET` answers; versions never go back."""
        reply = self.do(self._answer(intake.api.read_petition(petition, self.gridcase.runtime)))
        if reply.version < self._seen.get(petition, 0):
            raise Complaint(f"{petition} was at version {self._seen[petition]} and is at {reply.version}")
        self._seen[petition] = reply.version
        return reply

    def _filing(self, new: NewPetition, key: str | None) -> Awaitable[Response]:
        return intake.api.file_petition(
            new,
            Asker(key, None, new.model_dump(mode="json", exclude_unset=True)),
            self.gridcase.runtime,
            NOTHING_PREFERRED,
            Suggestions(self.gridcase.runtime),
        )

    def _asking(self, petition: UUID, name: str, body: dict[str, Any], asker: Asker) -> Awaitable[Response]:
        endpoint, fields = COMMANDS[name]
        return endpoint(petition, fields.model_validate({"by": "s-1", **body}), asker, self.gridcase.runtime)

    async def _answer(self, work: Awaitable[Response]) -> Reply:
        try:
            response = await work
        except ProblemRaised as problem:
            self.happened[problem.code] += 1
            return Reply(problem.status, {"code": problem.code})
        except Rejected as refusal:
            return Reply(refusal.status, {"code": refusal.code})
        replayed = response.headers.get("idempotency-replayed") == "true"
        self.happened["answered again"] += replayed
        tag = int(response.headers["etag"].strip('"'))
        return Reply(response.status_code, json.loads(bytes(response.body)), tag, replayed)

    def _read_back(self, reply: Reply) -> None:
        now = self.read(reply.petition)
        if now.version < reply.version:
            raise Complaint(f"was answered version {reply.version} of {reply.petition} and read {now.version}")

    # What happens by itself in a running gridcase

    @property
    def consumers(self) -> dict[str, Consumer]:
        return {consumer.name: consumer for consumer in self.gridcase.consumers}

    def hear(self, service: str) -> bool:
        """One service hears its next batch; False when there was nothing."""
        return self._hearing(self.consumers[service], lambda consumer: consumer.step())

    def hear_some(self, service: str, partition: int, most: int) -> bool:
        """One service hears only the next few events of one partition, before those of the others."""

        async def handle(consumer: Consumer) -> bool:
            batch = await self._next(consumer, partition, most)
            if batch:
                await consumer.handle(batch)
            return bool(batch)

        return self._hearing(self.consumers[service], handle)

    def hear_as_before(self, service: str, back: int) -> None:
        """A forgotten copy of the service wakes up where it stood some commits ago, and goes on from there."""
        known = self.positions.get(service, [])
        if not known:
            return
        committed, epochs = known[max(0, len(known) - 1 - back)]
        self.happened["woke up as before"] += 1
        zombie = Consumer(self.consumers[service].service, self.gridcase.runtime)
        zombie._committed, zombie._read, zombie._epochs = dict(committed), dict(committed), dict(epochs)
        self._hearing(zombie, lambda consumer: consumer.step())

    def fire(self) -> int:
        """The timer looks once; returns at how many deadlines."""
        assert self.gridcase.timer is not None
        try:
            return int(self.do(self.gridcase.timer.fire()))
        except Broken:
            return 0

    def project(self, name: str) -> bool:
        """One read model takes its next batch."""
        runner = self.gridcase.projection(name)
        try:
            return bool(self.do(runner.step()))
        except LeaseLost:
            self.do(runner.start())
        except Broken:
            pass
        return True

    def advance(self, **by: float) -> None:
        self.time.advance(timedelta(**by))

    def crash(self) -> None:
        """The process is gone with all that it knew; another one opens the same files."""
        self.happened["crash"] += 1
        self.do(self.gridcase.data.close())
        self.gridcase = self._open()

    def settle(self) -> None:
        """Everybody hears everything and every timer looks, until there is nothing left to do."""
        self.next_write_breaks = ""
        for _ in range(500):
            busy = [name for name in self.consumers if self.hear(name)]
            busy += [runner.name for runner in self.gridcase.projections if self.project(runner.name)]
            if not self.fire() and not busy:
                return
        raise Complaint("it never comes to rest")

    # What is checked

    def check(self) -> None:
        """What must hold at every moment."""
        self.checker.look()
        self.checker.heard_once(self.heard)

    def check_settled(self) -> None:
        """What must hold once it has come to rest."""
        self.settle()
        self.check()
        self.checker.nothing_was_rewritten()
        self.checker.settled(self.time.now())
        compare_ledgers(
            self.do(self.gridcase.runtime.log.load([UUID(one) for one in self.checker.courses])), self.checker.courses
        )
        for runner in self.gridcase.projections:
            self.rebuild(runner.name)
        if letters := ask(self.directory / "log.db", "SELECT subscriber, error FROM es_dead_letter"):
            raise Complaint(f"could not be handled: {letters}")

    def rebuild(self, name: str) -> None:
        """Rebuild a read model from zero; when it had heard everything, nothing may change."""
        runner = self.gridcase.projection(name)
        whole = runner.reached == self.do(self.gridcase.runtime.log.heads())
        before = self._model(name)
        with contextlib.suppress(Broken):  # a rebuild that fails changes nothing
            self.do(runner.rebuild())
        if whole:
            same_rows(name, before, self._model(name))

    def _model(self, name: str) -> list[Any]:
        if name == "petition_list":
            return ask(self.directory / "log.db", "SELECT * FROM petition_list")
        return ask(self.directory / "search.db", "SELECT rowid, petition, title, text, address FROM petition_search")

    # The inside

    def _open(self) -> Process:
        gridcase: Process = self.do(build(self.directory, PARTITIONS, self.time))
        for engine in (gridcase.data.engine, gridcase.data.search):
            self._make_breakable(engine)
        for consumer in gridcase.consumers:
            self._remember_where(consumer)
        return gridcase

    def _make_breakable(self, engine: SqliteEngine) -> None:
        whole = engine.transact

        async def transact(*given: Any) -> Any:
            breaks, self.next_write_breaks = self.next_write_breaks, ""
            if breaks:
                self.happened[f"broke {breaks} the commit"] += 1
            if breaks == "before":
                raise Broken
            outcome = await whole(*given)
            if breaks == "after":
                raise Broken
            return outcome

        engine.transact = transact  # type: ignore[method-assign]

    def _hearing(self, consumer: Consumer, hear: Callable[[Consumer], Awaitable[bool]]) -> bool:
        """Let it hear, and remember what it had said because of each event when it first had heard it."""
        before = consumer.reached
        try:
            more = self.do(hear(consumer))
        except LeaseLost:
            self.happened["lease lost"] += 1
            self.do(consumer.start())
            return True
        except Broken:
            return True
        self.checker.look()
        for row in self.checker.rows:
            if before[row.partition] < row.position <= consumer.reached[row.partition]:
                said = self.checker.said_because_of(consumer.name, row.ref)
                self.heard.setdefault((consumer.name, row.ref), said)
        if consumer is self.consumers[consumer.name]:
            self._remember_where(consumer)
        return bool(more)

    def _remember_where(self, consumer: Consumer) -> None:
        stands = (dict(consumer._committed), dict(consumer._epochs))
        known = self.positions.setdefault(consumer.name, [])
        if known[-1:] != [stands]:
            known.append(stands)

    async def _next(self, consumer: Consumer, partition: int, most: int) -> list[AnyRecorded]:
        log = self.gridcase.runtime.log
        return list(await log.read({partition: consumer.reached[partition]}, most))


async def _together(work: Iterable[Awaitable[Reply]]) -> list[Reply]:
    return list(await asyncio.gather(*work))
