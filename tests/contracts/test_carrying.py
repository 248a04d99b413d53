"""What one event holds sealed and a later one is to say again is sealed anew for its own place."""

from collections.abc import Collection
from uuid import UUID

import pytest

from router.service import SERVICE
from schemas.events.intake import FiledBy
from schemas.sealed import Sealed
from services.chassis.codec import encode_data
from services.chassis.deciding import Facts
from services.chassis.log import Cause, Entry, Log, Write
from services.chassis.planning import Plan, Poison, plan, react
from services.chassis.sealing import Keys, Unsealable
from services.chassis.states import States
from tests.contracts.rows import stream
from tests.given import DISTRICT, T0
from tests.past import assessed, filed

WORDS = "已更换灯泡，现场照明恢复"


async def _read(log: Log, *words: Sealed[str]) -> Plan:
    """What the router makes of petitions that a grid worker had dealt with, once they were read."""
    petitions = {stream(): said for said in words}
    for petition, said in petitions.items():
        spotted = filed(on_the_spot=said, on_the_spot_result="done", filed_by=FiledBy(role="grid_worker", id="g-7"))
        await log.append([Entry(Cause("intake", "door"), [Write(petition, 0, [spotted])])])
        await log.append([Entry(Cause("severity", f"{petition}:1"), [Write(petition, 1, [assessed()])])])
    read = [one for past in (await log.load(petitions)).values() for one in past[1:]]
    return await plan(SERVICE, log, States(SERVICE.decider), react(SERVICE, read, Facts(T0, DISTRICT)))


async def test_carried_words_open_where_they_stand_now_and_no_more_where_they_stood(log):
    planned = await _read(log, Sealed.of(WORDS))
    assert [(entry.cause.by, len(entry.writes[0].events)) for entry in planned.entries] == [(None, 1), ("g-7", 2)]
    for one in planned.entries:
        await log.append([one])
    petition = planned.entries[0].writes[0].petition
    stands = (await log.load([petition]))[petition]
    key = (await log.keyring.get([petition]))[petition]
    assert key.open(stands[4], "text") == key.open(stands[0], "on_the_spot") == WORDS
    assert stands[4].event.text.token != stands[0].event.on_the_spot.token
    with pytest.raises(Unsealable):
        key.open(stands[4]._replace(version=1), "text")


async def test_the_keys_of_all_that_is_carried_are_asked_for_at_once(log, monkeypatch: pytest.MonkeyPatch):
    asked, get = [], log.keyring.get

    async def counted(petitions: Collection[UUID]) -> Keys:
        asked.append(len(petitions))
        return await get(petitions)

    monkeypatch.setattr(log.keyring, "get", counted)
    await _read(log, Sealed.of(WORDS), Sealed.of(WORDS), Sealed.of(WORDS))
    assert asked == [3]


async def test_words_that_do_not_open_park_their_petition_and_hold_up_nobody(log):
    with pytest.raises(Poison) as poison:
        await _read(log, Sealed(token="s1.AAAA"))
    assert isinstance(poison.value.error, Unsealable)
    assert poison.value.recorded.version == 2


def test_what_is_still_carried_is_not_written():
    moved = filed().model_copy(update={"text": Sealed[str](token="s1.AAAA").carried(1, "text")})
    with pytest.raises(ValueError, match="its own place"):
        encode_data(moved)
