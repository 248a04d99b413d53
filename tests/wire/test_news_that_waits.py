"""News that cannot be told waits, with all that follows of its petition, and is told in order when asked for."""

import asyncio

import pytest

from router.dispatches import told_next
from schemas.event import EventRef
from schemas.topics import DISPATCH_EVENTS
from services.chassis import dead_letters
from services.chassis.codec import encode_meta
from services.chassis.store.engine import Draft, EntryRows, LeaseLost, StreamWrite
from services.chassis.wire.dispatch_relay import NAME
from services.chassis.wire.topics import ensure_topics
from tests.contracts.lives import happens
from tests.contracts.rows import PARTITIONS
from tests.past import accepted
from tests.wire.conftest import forget
from tests.wire.news import UNIT, dispatch_relay_of, ids, lives, until_heard
from tests.wire.topic import running, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def test_a_petition_that_cannot_be_told_is_parked_and_told_when_asked_for(log, kafka):
    bad, *good = await lives(log, 4)
    broken = {bad}

    def translate(state, events):
        if any(one.petition in broken for one in events):
            raise ValueError
        return told_next(state, events)

    relay = dispatch_relay_of(log, kafka, translate)
    async with running(relay):
        await until_heard(log, kafka, good)
        letters = [letter.petition for letter in await dead_letters.listed(log.engine)]
        assert letters == [bad] * 3
        broken.clear()
        await dead_letters.ask_for_all(log.engine, 0)
        await until_heard(log, kafka, [bad, *good])
    assert await dead_letters.listed(log.engine) == []
    assert len(relay.reached) in (0, PARTITIONS)


async def test_a_dispatch_that_cannot_be_read_is_a_dead_letter_and_the_news_before_it_stays(log, kafka):
    bad, good = await lives(log, 2)
    async with running(dispatch_relay_of(log, kafka)):
        await until_heard(log, kafka, [bad, good])
        unreadable = Draft("PetitionRouted", 1, '{"tier": 7}', encode_meta("router", "poison", None, None))
        await log.engine.append([EntryRows([StreamWrite(bad, 3, [unreadable])], ())])
        await happens(log, good, accepted(str(EventRef(good, 3))))
        await until_heard(log, kafka, [bad, good])
        for _ in range(300):
            if letters := await dead_letters.listed(log.engine):
                break
            await asyncio.sleep(0.05)
    assert [(one.petition, one.error.partition(" ")[0]) for one in letters] == [(bad, "UnreadableStream")]


async def test_what_was_told_before_a_petition_was_parked_is_told_again_after_a_loss_and_is_no_dead_letter(log, kafka):
    bad, _ = await lives(log, 2)
    unreadable = Draft("PetitionRouted", 1, '{"tier": 7}', encode_meta("router", "poison", None, None))
    await log.engine.append([EntryRows([StreamWrite(bad, 3, [unreadable])], ())])
    relay = dispatch_relay_of(log, kafka)
    await relay.start()
    await sent_all(relay)
    before, letters = await ids(kafka), await dead_letters.listed(log.engine)
    assert f"{bad}:3:{UNIT}" in before
    assert [one.petition for one in letters] == [bad]
    with pytest.raises(LeaseLost):
        await relay._begin_again()
    await relay.stop()
    await forget(kafka, DISPATCH_EVENTS)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    again = dispatch_relay_of(log, kafka, owner="two")
    await again.start()
    await sent_all(again)
    assert await ids(kafka) == before
    assert await dead_letters.listed(log.engine) == letters
    await again.stop()


async def test_what_can_be_told_before_another_event_that_cannot_is_told_when_asked_for(log, kafka):
    [bad] = await lives(log, 1)
    unreadable = Draft("PetitionRouted", 1, '{"tier": 7}', encode_meta("router", "poison", None, None))
    await log.engine.append([EntryRows([StreamWrite(bad, 3, [unreadable])], ())])
    broken = {bad}

    def translate(state, events):
        if any(one.petition in broken for one in events):
            raise ValueError
        return told_next(state, events)

    relay = dispatch_relay_of(log, kafka, translate)
    await relay.start()
    await sent_all(relay)
    assert [one.attempts for one in await dead_letters.listed(log.engine)] == [1, 1, 1, 1]
    broken.clear()
    await dead_letters.ask_for_all(log.engine, 0)
    await relay._redrive()
    assert f"{bad}:3:{UNIT}" in await ids(kafka)
    [left] = await dead_letters.listed(log.engine)
    assert (left.petition, left.attempts) == (bad, 2)
    assert await dead_letters.parked_petitions(log.engine, NAME) == {bad}
    await relay.stop()


@pytest.mark.parametrize("mended", [True, False])
async def test_who_lost_the_partition_lets_no_petition_go_on(store, log, kafka, mended):
    bad, _ = await lives(log, 2)
    broken = {bad}

    def translate(state, events):
        if any(one.petition in broken for one in events):
            raise ValueError
        return told_next(state, events)

    before, now = dispatch_relay_of(log, kafka, translate), dispatch_relay_of(log, kafka, translate, owner="two")
    await before.start()
    await sent_all(before)
    await store.lapse()
    await now.start()
    waiting = await dead_letters.listed(log.engine)
    await dead_letters.ask_for_all(log.engine, 0)
    if mended:
        broken.clear()
    with pytest.raises(LeaseLost):
        await before._redrive()
    assert await dead_letters.listed(log.engine) == waiting
    assert await dead_letters.parked_petitions(log.engine, NAME) == {bad}
    broken.clear()
    await now._redrive()
    assert await dead_letters.listed(log.engine) == []
    assert await dead_letters.parked_petitions(log.engine, NAME) == set()
    await before.stop()
    await now.stop()
