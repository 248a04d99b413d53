"""What a unit must answer for as a superior is found on every engine, before its own work, page by page."""

from uuid import UUID

import pytest

from schemas.event import EventRef
from services.chassis.log import Log
from services.chassis.projection import ProjectionRunner
from services.chassis.store.engine import Statement, Transaction
from services.console.listing import Lists
from services.console.petition_list import PETITION_LIST
from services.console.petition_list import create as create_list
from tests.contracts.lives import happens
from tests.contracts.rows import stream
from tests.given import later
from tests.past import accepted, assessed, filed, routed, supervised, supervision_answered, withdrawn


@pytest.fixture
async def listing(log: Log, engine):
    """The list of petitions, which follows the log when it is told to."""
    if engine.dialect == "sqlite":
        ddl = [Statement(sql, [{}]) for sql in create_list("petition_list", "")]
        await engine.transact(Transaction(statements=ddl))
    runner = ProjectionRunner(PETITION_LIST, log, engine)
    await runner.start()
    return runner


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
