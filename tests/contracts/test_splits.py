"""Two parts resolved at the same moment by two processes, on every store: the whole is resolved once."""

import asyncio
from uuid import UUID, uuid4

import pytest
import uuid_utils

from feedback.commands import Reopen
from feedback.decider import DECIDER as FEEDBACK
from router.commands import Resolve
from router.decider import DECIDER as ROUTER
from router.policy import routing_policy
from schemas.event import Event
from schemas.events.feedback import PartReopened, PetitionReopened
from schemas.events.router import PartFinished, ResolutionReported
from schemas.events.severity import SeverityAssessed
from schemas.words import Result, Severity
from services.chassis.consumer import Consumer
from services.chassis.door import Asker, execute
from services.chassis.log import Cause, Entry, Write
from severity.service import SERVICE as SEVERITY
from tests.past import accepted, assessed, feedback_requested, filed, routed, split


async def said(runtime, petition: UUID, *events: Event, after: int = 0) -> None:
    """These events were appended, each by its service."""
    for version, event in enumerate(events, after):
        cause = Cause(event.owner, str(uuid4()), by="op-1")
        await runtime.log.append([Entry(cause, [Write(petition, version, [event])])])


async def whole_with_two_parts(runtime) -> tuple[UUID, list[UUID]]:
    """The whole, and its parts, which are with somebody who accepted them."""
    whole, *parts = (UUID(bytes=uuid_utils.uuid7().bytes) for _ in range(3))
    await said(runtime, whole, filed(), assessed(), routed(), split(*parts))
    for part in parts:
        await said(runtime, part, filed(split_from=whole), assessed(), routed(), accepted(f"{part}:3"))
    return whole, parts


async def resolve(runtime, part) -> None:
    await execute(
        ROUTER, runtime, part, Asker(None, None, {}),
        lambda facts: Resolve(part, facts.now, routing_policy(facts.policy), None, Result.DONE, "已修好"),
        name="resolve", by="gw-1",
    )  # fmt: skip


async def reopen(runtime, part) -> None:
    await execute(
        FEEDBACK, runtime, part, Asker(None, None, {}),
        lambda facts: Reopen(part, facts.now, facts.policy, "又坏了", "op-1"),
        name="reopen", by="op-1",
    )  # fmt: skip


async def events_of(runtime, petition) -> list[Event]:
    return [one.event for one in (await runtime.log.load([petition]))[petition]]


@pytest.mark.parametrize("round", range(5))
async def test_two_parts_resolved_at_the_same_moment_resolve_the_whole_once(another, round):
    first, second = await another(), await another()
    whole, (a, b) = await whole_with_two_parts(first)
    await asyncio.gather(resolve(first, a), resolve(second, b))
    *_, one, other, last = await events_of(first, whole)
    assert [type(event) for event in (one, other, last)] == [PartFinished, PartFinished, ResolutionReported]
    assert {one.part, other.part} == {a, b}
    assert last.part == other.part


async def test_what_was_added_before_the_split_and_reads_urgent_raises_each_part_once(another):
    runtime = await another()
    whole, (a, b) = await whole_with_two_parts(runtime)
    late = assessed("PIPE", "urgent").model_copy(update={"supplement": 1})
    await said(runtime, whole, late, after=4)
    consumer = Consumer(SEVERITY, runtime)
    await consumer.start()
    while await consumer.step():
        pass
    for part in (a, b):
        grave = [one.severity for one in await events_of(runtime, part) if isinstance(one, SeverityAssessed)]
        assert grave == [Severity.ROUTINE, Severity.URGENT]


@pytest.mark.parametrize("round", range(3))
async def test_a_part_opened_again_while_the_last_one_is_resolved_is_waited_for(another, round):
    first, second = await another(), await another()
    whole, (a, b) = await whole_with_two_parts(first)
    await resolve(first, a)
    await said(first, a, feedback_requested(), after=5)
    await asyncio.gather(reopen(first, a), resolve(second, b))
    heard = [type(event) for event in await events_of(first, whole)][4:]
    waits = [PartFinished, PartReopened, PartFinished]
    assert heard in (waits, [PartFinished, PartFinished, ResolutionReported, PetitionReopened, PartReopened])
