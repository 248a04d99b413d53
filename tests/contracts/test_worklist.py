"""What a unit must answer for as a superior is found on every engine, before its own work, page by page."""

from uuid import UUID

from schemas.event import EventRef
from services.chassis.log import Log
from services.console.listing import Lists
from tests.contracts.lives import happens
from tests.contracts.rows import stream
from tests.given import later
from tests.past import accepted, assessed, filed, routed, supervised, supervision_answered, withdrawn


async def _with(log: Log, unit: str, *later_events, hours: float = 48) -> UUID:
    petition = stream()
    await happens(log, petition, filed(), assessed(), routed("community", unit, resolve_by=later(hours=hours)))
    taken = str(EventRef(petition, 3))
    await happens(log, petition, accepted(taken), *later_events)
    return petition


async def _work(lists: Lists, units: list[str], limit: int) -> list[UUID]:
    found, cursor = [], None
    while True:
        page = await lists.worklist(units, limit, cursor)
        found += [one.id for one in page.items]
        if page.next is None:
            return found
        cursor = page.next


async def test_what_it_must_answer_stands_first_and_goes_with_the_answer(log, engine, listing, probe):
    of_two = (supervised(1, superior="SA"), supervised(2, superior="D"))
    own, late = await _with(log, "D"), await _with(log, "SA1", *of_two, hours=9)
    ended = await _with(log, "SA1", withdrawn(), supervised(1, cause="hand_off", superior="D"))
    await _with(log, "SA1", supervised(1), hours=1)
    await _with(log, "SA1", *of_two, supervision_answered(2), hours=1)
    await _with(log, "SA1", *of_two, withdrawn())
    while await listing.step():
        pass
    lists = Lists(probe.runtime, engine)
    for limit in (1, 2, 50):
        assert await _work(lists, ["D"], limit) == [late, ended, own]
        assert await _work(lists, ["S", "gone", "SA"], limit) == [late], "no other begins alike"
    assert [one.supervised for one in (await lists.worklist(["D"], 50, None)).items] == [True, True, False]
