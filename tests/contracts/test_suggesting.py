"""What a new petition may repeat is found on every engine, in traces that are gone when a petition has ended."""

import asyncio
from uuid import UUID

from schemas.events.intake import DuplicateLinked
from schemas.people import Petitioner
from schemas.sealed import Sealed
from services.chassis.log import Cause, Entry, Log, Write
from services.chassis.projection import ProjectionRunner
from services.console import suggesting
from services.console.suggesting import Suggestions
from tests.contracts.rows import stream
from tests.past import assessed, filed, withdrawn

WORDS = "三单元二楼的楼道灯坏了快两周了，老人晚上下楼很危险"
WHO = Petitioner(name="王某", phone="13912345678")
KNOWN = "SELECT count(person), count(sketch) FROM petition_list"


async def _known(log: Log, runner: ProjectionRunner, **facts) -> UUID:
    petition = stream()
    event = filed(text=WORDS, petitioner=Sealed.of(WHO), **facts)
    await log.append([Entry(Cause("intake", "door"), [Write(petition, 0, [event])])])
    await _happens(log, runner, petition, 1, assessed())
    return petition


async def _happens(log: Log, runner: ProjectionRunner, petition: UUID, version: int, event) -> None:
    await log.append([Entry(Cause(event.owner, f"cause {version}"), [Write(petition, version, [event])])])
    while await runner.step():
        pass


async def test_it_is_found_by_its_words_and_by_who_asks(log, listing, probe):
    petition = await _known(log, listing)
    suggestions = Suggestions(probe.runtime)
    found = await suggestions._found(stream(), WORDS, "SA11", None)
    assert [(one.petition, one.reason) for one in found] == [(petition, "alike")]
    found = await suggestions._found(stream(), "别的事情", None, WHO)
    assert [(one.petition, one.reason) for one in found] == [(petition, "same_petitioner")]
    assert await suggestions._found(petition, WORDS, "SA11", WHO) == [], "it does not repeat itself"


async def test_who_comes_while_as_many_look_as_may_is_answered_without(log, listing, probe):
    asked = (stream(), WORDS, "SA11", None)
    assert await Suggestions(probe.runtime, most=1).repeated_by(*asked) == []
    assert await Suggestions(probe.runtime, most=0).repeated_by(*asked) is None


async def test_a_look_that_takes_too_long_is_not_broken_off_and_keeps_its_place(log, listing, probe, monkeypatch):
    slow, ended = asyncio.Event(), []

    async def found(*_):
        await slow.wait()
        ended.append("found")
        return []

    monkeypatch.setattr(suggesting, "SECONDS", 0.01)
    monkeypatch.setattr(Suggestions, "_found", found)
    suggestions, asked = Suggestions(probe.runtime, most=1), (stream(), WORDS, "SA11", None)
    assert [await suggestions.repeated_by(*asked) for _ in range(2)] == [None, None]
    slow.set()
    await asyncio.wait(suggestions.looking)
    assert ended == ["found"], "nobody looked beside it, and it was let come to its end"
    assert await suggestions.repeated_by(*asked) == []


async def test_what_follows_another_is_named_by_its_root(log, listing, probe):
    root = await _known(log, listing, place="SA12")
    repeat = await _known(log, listing)
    linked = DuplicateLinked(at=assessed().at, root=root, duplicate=repeat)
    await _happens(log, listing, repeat, 2, linked)
    await _happens(log, listing, root, 2, linked)
    found = await Suggestions(probe.runtime)._found(stream(), WORDS, "SA11", None)
    assert [(one.petition, one.reason) for one in found] == [(root, "alike")]


async def test_nothing_is_known_of_what_has_ended_also_after_a_rebuild(log, listing, engine):
    petition = await _known(log, listing)
    await _known(log, listing)
    assert [tuple(row) for row in await engine.query(KNOWN, {})] == [(2, 2)]
    await _happens(log, listing, petition, 2, withdrawn())
    for _ in range(2):
        assert [tuple(row) for row in await engine.query(KNOWN, {})] == [(1, 1)]
        await listing.rebuild()
