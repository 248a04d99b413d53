"""(b) Whole lives of eight events in one process without HTTP ÷ the plain version that commits once per event."""

import asyncio
import cProfile
import pstats
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import uuid_utils
from sqlalchemy import Engine
from sqlmodel import Session

from bench.district import PARTITIONS, policy, scratch, settle
from bench.measuring import Figure, ratio
from bench.naive import service as naive
from bench.naive.database import open_database
from bench.texts import bodies
from feedback.commands import TakeFeedback
from feedback.decider import DECIDER as FEEDBACK
from intake.decider import DECIDER as INTAKE
from intake.filing import NewPetition, to_command
from router.commands import Accept, Resolve
from router.decider import DECIDER as ROUTER
from router.policy import routing_policy
from schemas.event import Event
from schemas.events.feedback import FeedbackRequested, PetitionClosed
from schemas.events.router import PetitionRouted
from schemas.words import Result
from services.chassis.deciding import Command, Decider, Facts
from services.chassis.log import Cause, Entry, Write, Written
from services.chassis.runtime import Runtime
from services.chassis.store.engine import KeyClaim
from services.embedded import running

NAME = "lives"
AIM = "≥ 15"
EVENTS = 8
LONGEST_SECONDS = 180
"""A petition that was parked would be waited for in vain."""
UNWATCHED: AbstractContextManager[object] = nullcontext()
DONE = "已安排人员到现场处理完毕，并向居民说明了情况，后续会安排复查。"


@dataclass(frozen=True)
class Scale:
    """Lives in each sample of either side; how many of gridcase's are under way at once."""

    runs: int = 5
    lives: int = 3_000
    under_way: int = 500
    naive_lives: int = 150


QUICK = Scale(runs=1, lives=10, under_way=5, naive_lives=2)


async def measure(scale: Scale) -> list[Figure]:
    """Each run starts both sides on fresh files, warms them up, and measures one after the other."""
    ours, theirs = [], []
    for run in range(scale.runs):
        with scratch() as directory:
            ours.append(await _gridcase(scale, directory, run))
            theirs.append(_naive(scale, directory, run))
    return [
        Figure(NAME, "gridcase, whole lives", "lives/s", ours),
        Figure(NAME, "plain FastAPI + SQLModel", "lives/s", theirs),
        ratio(NAME, "gridcase ÷ plain", ours, theirs, AIM),
    ]


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread of the gridcase side, warmed up."""
    profile = cProfile.Profile()
    with scratch() as directory:
        await _gridcase(scale, directory, 0, profile)
    return pstats.Stats(profile)


async def _gridcase(
    scale: Scale, directory: Path, run: int, watch: AbstractContextManager[object] = UNWATCHED
) -> float:
    async with running(await settle(directory / "data"), PARTITIONS) as embedded:
        live = Lives(embedded.runtime)
        async with asyncio.timeout(LONGEST_SECONDS):
            await live.all(bodies(f"warm-{run}", scale.under_way), scale.under_way)
            await embedded.settled()
        ahead = bodies(f"lives-{run}", scale.lives)
        before = sum((await embedded.runtime.log.heads()).values())
        began = perf_counter()
        with watch:
            async with asyncio.timeout(LONGEST_SECONDS):
                await live.all(ahead, scale.under_way)
                await embedded.settled()  # also the read models have heard everything
        spent = perf_counter() - began
        assert sum((await embedded.runtime.log.heads()).values()) - before == EVENTS * scale.lives
    return scale.lives / spent


def _naive(scale: Scale, directory: Path, run: int) -> float:
    engine = open_database(directory / "naive.db")
    rules = naive.Rules.of(policy())
    ahead = [NewPetition.model_validate(body) for body in bodies(f"lives-{run}", 2 * scale.naive_lives)]
    for new in ahead[: scale.naive_lives]:
        naive_life(engine, rules, new)
    began = perf_counter()
    for new in ahead[scale.naive_lives :]:
        naive_life(engine, rules, new)
    spent = perf_counter() - began
    engine.dispose()
    return scale.naive_lives / spent


def naive_life(engine: Engine, rules: naive.Rules, new: NewPetition) -> None:
    """One life through the plain version: four requests, each with a session of its own, eight commits."""
    with Session(engine, expire_on_commit=False) as session:
        petition = naive.file_and_route(session, rules, new).id
    with Session(engine, expire_on_commit=False) as session:
        naive.accept(session, petition, "desk")
    with Session(engine, expire_on_commit=False) as session:
        naive.resolve(session, rules, petition, "done", DONE, "desk")
    with Session(engine, expire_on_commit=False) as session:
        assert naive.take_feedback(session, petition, True, True).status == "closed"


class Lives:
    """Takes petitions through their lives as the HTTP doors would: decide on the newest state, then the batcher."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def all(self, ahead: Sequence[dict[str, Any]], under_way: int) -> None:
        """All of them, so many at once."""
        waiting = iter(ahead)

        async def one_after_another() -> None:
            for body in waiting:
                await self.one(NewPetition.model_validate(body))

        await asyncio.gather(*(one_after_another() for _ in range(under_way)))

    async def one(self, new: NewPetition) -> None:
        """Filed, routed by the services, accepted, resolved, asked back by feedback, answered, closed."""
        petition = await self.file(new)
        await self.until(petition, PetitionRouted)
        await self._command(ROUTER, petition, lambda facts: Accept(petition, facts.now, None), "desk")
        await self._command(
            ROUTER, petition,
            lambda facts: Resolve(petition, facts.now, routing_policy(facts.policy), None, Result.DONE, DONE),
            "desk",
        )  # fmt: skip
        await self.until(petition, FeedbackRequested)
        await self._command(
            FEEDBACK, petition,
            lambda facts: TakeFeedback(petition, facts.now, facts.policy, True, True, True, None, None), None,
        )  # fmt: skip
        await self.until(petition, PetitionClosed)

    async def file(self, new: NewPetition) -> UUID:
        """As `POST /v1/petitions` does, with the claim of its external number."""
        runtime, keyring = self._runtime, self._runtime.log.keyring
        petition = UUID(bytes=uuid_utils.uuid7().bytes)
        facts = Facts(runtime.time.now(), runtime.policies.current)
        events = INTAKE.decide(INTAKE.initial, to_command(new, petition, facts))
        assert new.external is not None
        claim = KeyClaim(
            "external",
            keyring.digest("external", new.external.number.encode()),
            keyring.digest("file", new.model_dump_json().encode()),
        )
        entry = Entry(Cause("intake", str(petition)), [Write(petition, 0, list(events))], [claim])
        assert isinstance(await runtime.batcher.append(entry), Written)
        return petition

    async def until(self, petition: UUID, said: type[Event]) -> None:
        """Return once the petition's stream holds such an event."""
        log = self._runtime.log
        while True:
            change = log.next_change(petition)
            stream = (await log.load([petition]))[petition]
            if any(isinstance(recorded.event, said) for recorded in stream):
                return
            await change

    async def _command(
        self, decider: Decider, petition: UUID, make: Callable[[Facts], Command], by: str | None
    ) -> None:
        runtime = self._runtime
        while True:
            stream = (await runtime.log.load([petition]))[petition]
            state = runtime.states(decider).fold(petition, stream)  # kept, as behind the HTTP door
            events = decider.decide(state, make(Facts(runtime.time.now(), runtime.policies.current)))
            cause = Cause(decider.service, str(uuid_utils.uuid4()), by)
            result = await runtime.batcher.append(Entry(cause, [Write(petition, len(stream), list(events))]))
            if isinstance(result, Written):
                return
