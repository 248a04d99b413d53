"""Links in the other direction at the same moment, on every store."""

import asyncio
from uuid import UUID, uuid4

import pytest
import uuid_utils

from intake.decider import DECIDER
from intake.linking import Link
from schemas.event import Event
from schemas.events.intake import DuplicateLinked
from services.chassis.deciding import Rejected
from services.chassis.door import Asker, execute
from services.chassis.log import Cause, Entry, Write
from services.chassis.runtime import Runtime
from tests.past import assessed, filed


async def read(runtime: Runtime) -> UUID:
    """A petition that was filed and read."""
    petition = UUID(bytes=uuid_utils.uuid7().bytes)

    async def say(expected: int, event: Event) -> None:
        cause = Cause(event.owner, str(uuid4()), by="op-1")
        await runtime.log.append([Entry(cause, [Write(petition, expected, [event])])])

    await say(0, filed())
    await say(1, assessed())
    return petition


async def link(runtime: Runtime, petition: UUID, to: UUID) -> str:
    """The code of the refusal; empty when it was carried out."""
    asker = Asker(None, None, {"to": str(to)})
    try:
        await execute(
            DECIDER, runtime, petition, asker,
            lambda facts: Link(petition, facts.now, to, facts.policy.jurisdiction),
            name="link", by="op-1",
        )  # fmt: skip
    except Rejected as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("round", range(5))
async def test_a_links_to_b_while_b_links_to_a(another, round):
    """Exactly one link stands, said at both ends; the other caller hears that it is there already."""
    first, second = await another(), await another()
    a, b = await read(first), await read(first)
    said = await asyncio.gather(link(first, a, b), link(second, b, a))
    assert sorted(said) == ["", "linked_the_other_way"]
    streams = await first.log.load([a, b])
    links = [[one.event for one in streams[end] if isinstance(one.event, DuplicateLinked)] for end in (a, b)]
    assert links[0] == links[1]
    [only] = links[0]
    assert (only.duplicate, only.root) == ((a, b) if said[0] == "" else (b, a))


async def test_a_chain_is_not_made_from_both_of_its_ends_at_once(another):
    """B follows A while C is to follow B: one of the two stands."""
    first, second = await another(), await another()
    a, b, c = await read(first), await read(first), await read(first)
    said = await asyncio.gather(link(first, b, a), link(second, c, b))
    assert sorted(said) in (["", "others_follow"], ["", "root_follows_another"])
