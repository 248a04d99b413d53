"""Receivers hear what follows from the log, each piece of news at least once, whatever happens on the way."""

import asyncio
import json
import time
from collections import Counter
from unittest.mock import AsyncMock
from uuid import UUID

import pytest
from confluent_kafka import KafkaException, Producer

from router.dispatches import told
from schemas.event import EventRef
from schemas.topics import DISPATCH_EVENTS
from services.chassis import dead_letters
from services.chassis.codec import encode_meta
from services.chassis.leases import Shared
from services.chassis.store.engine import Draft, EntryRows, LeaseLost, StoreUnavailable, StreamWrite
from services.chassis.wire import dispatch_relay
from services.chassis.wire.dispatch_relay import NAME, DispatchRelay, receivers_partition
from services.chassis.wire.topics import ensure_topics
from tests.contracts.lives import happens
from tests.contracts.rows import PARTITIONS, stream
from tests.past import accepted, assessed, filed, routed
from tests.wire.conftest import forget
from tests.wire.reading import read_all
from tests.wire.topic import EPOCH, running, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

UNIT = "SA11"


def _relay(log, kafka, translate=told, departments=(), owner="one") -> DispatchRelay:
    leases = Shared(log.engine, NAME, owner)
    return DispatchRelay(log, EPOCH, kafka.address, leases, translate, departments, 1)


async def _lives(log, count: int = 1) -> list[UUID]:
    """Petitions that are dispatched to a unit, accepted and resolved."""
    petitions = [stream() for _ in range(count)]
    for petition in petitions:
        await happens(log, petition, filed(), assessed(), routed("grid", UNIT))
    return petitions


async def _done(log, petition) -> None:
    dispatch = str(EventRef(petition, 3))
    await happens(log, petition, accepted(dispatch), routed("community", "SA1", rule="escalated"))


async def _expected(log, petitions) -> set[str]:
    return {one.id for life in (await log.load(petitions)).values() for one in told(life)}


async def _until_heard(log, kafka, petitions, seconds=30):
    expected, end = await _expected(log, petitions), time.monotonic() + seconds
    while True:
        try:
            records = await asyncio.to_thread(read_all, kafka.address, DISPATCH_EVENTS)
        except (KafkaException, KeyError):  # the topic is being made again
            records = []
        found = {dict(record.headers())["ce_id"].decode() for record in records}
        if found == expected or time.monotonic() > end:
            assert found == expected
            return records
        await asyncio.sleep(0.2)


async def test_another_client_reads_every_piece_of_news_once_and_in_order(log, kafka):
    petitions = await _lives(log, 20)
    async with running(_relay(log, kafka)):
        await _until_heard(log, kafka, petitions)
        for petition in petitions:
            await _done(log, petition)
        records = await _until_heard(log, kafka, petitions)
    assert len(records) == len(await _expected(log, petitions))
    for petition in petitions:
        versions = [
            json.loads(record.value())["version"]
            for record in records
            if record.key().decode() == UNIT and json.loads(record.value())["petition"] == str(petition)
        ]
        assert versions == sorted(versions)
    for record in records:
        said = json.loads(record.value())
        assert record.key().decode() == said["target"]
        assert dict(record.headers())["ce_id"].decode() == said["id"]


async def test_a_department_with_a_topic_of_its_own_hears_only_its_own_there(log, kafka):
    petitions = await _lives(log, 5)
    for petition in petitions:
        await _done(log, petition)
    async with running(_relay(log, kafka, departments=["SA1"])):
        await _until_heard(log, kafka, petitions)
    own = await asyncio.to_thread(read_all, kafka.address, "dispatch.events.v1.SA1")
    assert len(own) == 5
    assert {record.key() for record in own} == {b"SA1"}


async def test_two_relays_and_a_broker_that_goes_and_comes_miss_nothing(store, log, kafka):
    petitions = await _lives(log, 20)
    async with running(_relay(log, kafka), _relay(log, kafka, owner="two")):
        await _until_heard(log, kafka, petitions)
        kafka.kill()
        for petition in petitions:
            await _done(log, petition)
        await asyncio.to_thread(kafka.start)
        await _until_heard(log, kafka, petitions)


async def test_what_the_broker_lost_is_sent_again(log, kafka):
    petitions = await _lives(log, 20)
    async with running(_relay(log, kafka)):
        await _until_heard(log, kafka, petitions)
        await asyncio.to_thread(kafka.wipe)
        await _until_heard(log, kafka, petitions)


async def test_to_a_broker_that_came_back_empty_nothing_is_told_before_what_came_first(log, kafka):
    (petition,) = await _lives(log)
    relay = _relay(log, kafka)
    await relay.start()
    await sent_all(relay)
    await asyncio.to_thread(kafka.wipe)
    await ensure_topics(kafka.address, PARTITIONS, 1)  # as another process does
    await _done(log, petition)
    with pytest.raises(LeaseLost):
        await relay.step()
    assert await _ids(kafka) == []
    await relay.start()
    await sent_all(relay)
    assert set(await _ids(kafka)) == await _expected(log, [petition])
    await relay.stop()


async def test_what_was_lost_while_no_relay_ran_is_sent_again(log, kafka):
    petitions = await _lives(log, 5)
    async with running(_relay(log, kafka)):
        await _until_heard(log, kafka, petitions)
    await forget(kafka)
    async with running(_relay(log, kafka)):
        await _until_heard(log, kafka, petitions)


async def _forget_all_but(kafka, records: int = 1) -> None:
    """The topic lost what it held, but so many records stand where the unit's news does."""
    await forget(kafka)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    kept = Producer({"bootstrap.servers": kafka.address})
    for _ in range(records):
        kept.produce(DISPATCH_EVENTS, b"{}", b"kept", partition=receivers_partition(UNIT.encode()))
    assert kept.flush(10) == 0


async def _ids(kafka, topic: str = DISPATCH_EVENTS) -> list[str]:
    """Of all news in the topic, repeats too."""
    records = await asyncio.to_thread(read_all, kafka.address, topic)
    return [dict(one.headers())["ce_id"].decode() for one in records if one.headers()]


async def _tells_all(relay, log, kafka, petitions) -> None:
    await relay.start()
    await sent_all(relay)
    assert set(await _ids(kafka)) == await _expected(log, petitions)


async def test_a_part_that_was_lost_while_the_broker_was_away_is_sent_again(log, kafka):
    petitions = await _lives(log, 5)
    relay = _relay(log, kafka)
    await relay.start()
    await sent_all(relay)
    await relay._outlet.drop()
    await _forget_all_but(kafka)
    with pytest.raises(LeaseLost):
        await relay.step()
    await _tells_all(relay, log, kafka, petitions)
    await relay.stop()


async def test_a_loss_that_the_database_could_not_be_told_of_is_not_forgotten(log, kafka, monkeypatch):
    petitions = await _lives(log, 5)
    relay = _relay(log, kafka)
    await relay.start()
    await sent_all(relay)
    await relay._outlet.drop()
    await _forget_all_but(kafka)
    with monkeypatch.context() as away:
        away.setattr(log, "transact", AsyncMock(side_effect=StoreUnavailable))
        with pytest.raises(StoreUnavailable):
            await relay.step()
    with pytest.raises(LeaseLost):
        await relay.step()
    await _tells_all(relay, log, kafka, petitions)
    await relay.stop()


async def test_a_loss_that_others_wrote_beyond_is_made_up_for_by_whoever_comes(log, kafka):
    petitions = await _lives(log, 5)
    async with running(_relay(log, kafka)):
        await _until_heard(log, kafka, petitions)
    await _forget_all_but(kafka, 20)
    relay = _relay(log, kafka, owner="two")
    await _tells_all(relay, log, kafka, petitions)
    await relay.stop()


async def test_a_tail_that_was_lost_while_no_relay_ran_is_told_again_however_old_it_is(log, kafka, monkeypatch):
    monkeypatch.setattr(dispatch_relay, "TOLD_AGAIN", 0)
    petitions = await _lives(log, 5)
    async with running(_relay(log, kafka)):
        await _until_heard(log, kafka, petitions)
    await _forget_all_but(kafka)
    relay = _relay(log, kafka, owner="two")
    await relay.start()
    with pytest.raises(LeaseLost):
        await relay.step()
    await _tells_all(relay, log, kafka, petitions)
    assert not await relay._outlet.lost()
    await relay.stop()


async def test_whoever_comes_tells_no_more_than_a_stretch_again_and_moves_no_checkpoint_back(log, kafka, monkeypatch):
    monkeypatch.setattr(dispatch_relay, "TOLD_AGAIN", 1)
    (petition,) = await _lives(log)
    await _done(log, petition)
    first, second = _relay(log, kafka), _relay(log, kafka, owner="two")
    await first.start()
    await sent_all(first)
    once = await _ids(kafka)
    await first.stop()
    await second.start()
    assert await second.step() == 1
    twice = await _ids(kafka)
    life = (await log.load([petition]))[petition]
    assert Counter(twice) - Counter(once) == Counter(one.id for one in told(life) if one.version == life[-1].version)
    assert second.reached == await log.heads()
    await second.stop()


async def test_a_departments_topic_that_was_lost_while_no_relay_ran_is_filled_from_the_beginning(
    log, kafka, monkeypatch
):
    monkeypatch.setattr(dispatch_relay, "TOLD_AGAIN", 1)
    (petition,) = await _lives(log)
    await _done(log, petition)
    own = "dispatch.events.v1.SA1"
    first, second = (_relay(log, kafka, departments=["SA1"], owner=owner) for owner in ("one", "two"))
    await first.start()
    await sent_all(first)
    before = await _ids(kafka, own)
    await first.stop()
    await forget(kafka, own)
    await ensure_topics(kafka.address, PARTITIONS, 1, ["SA1"])
    await second.start()
    with pytest.raises(LeaseLost):
        await second.step()
    await second.start()
    await sent_all(second)
    assert await _ids(kafka, own) == before
    await second.stop()


async def test_a_petition_that_cannot_be_told_is_parked_and_told_when_asked_for(log, kafka):
    bad, *good = await _lives(log, 4)
    broken = {bad}

    def translate(life):
        if life[0].petition in broken:
            raise ValueError
        return told(life)

    relay = _relay(log, kafka, translate)
    async with running(relay):
        await _until_heard(log, kafka, good)
        letters = [letter.petition for letter in await dead_letters.listed(log.engine)]
        assert letters == [bad] * 3
        broken.clear()
        await dead_letters.ask_for_all(log.engine, 0)
        await _until_heard(log, kafka, [bad, *good])
    assert await dead_letters.listed(log.engine) == []
    assert len(relay.reached) in (0, PARTITIONS)


async def test_a_dispatch_that_cannot_be_read_is_a_dead_letter_and_the_news_before_it_stays(log, kafka):
    bad, good = await _lives(log, 2)
    async with running(_relay(log, kafka)):
        await _until_heard(log, kafka, [bad, good])
        unreadable = Draft("PetitionRouted", 1, '{"tier": 7}', encode_meta("router", "poison", None, None))
        await log.engine.append([EntryRows([StreamWrite(bad, 3, [unreadable])], ())])
        await happens(log, good, accepted(str(EventRef(good, 3))))
        await _until_heard(log, kafka, [bad, good])
        for _ in range(300):
            if letters := await dead_letters.listed(log.engine):
                break
            await asyncio.sleep(0.05)
    assert [(one.petition, one.error.partition(" ")[0]) for one in letters] == [(bad, "UnreadableStream")]


async def test_what_was_told_before_a_petition_was_parked_is_told_again_after_a_loss_and_is_no_dead_letter(log, kafka):
    bad, _ = await _lives(log, 2)
    unreadable = Draft("PetitionRouted", 1, '{"tier": 7}', encode_meta("router", "poison", None, None))
    await log.engine.append([EntryRows([StreamWrite(bad, 3, [unreadable])], ())])
    relay = _relay(log, kafka)
    await relay.start()
    await sent_all(relay)
    before, letters = await _ids(kafka), await dead_letters.listed(log.engine)
    assert f"{bad}:3:{UNIT}" in before
    assert [one.petition for one in letters] == [bad]
    with pytest.raises(LeaseLost):
        await relay._begin_again()
    await relay.stop()
    await forget(kafka, DISPATCH_EVENTS)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    again = _relay(log, kafka, owner="two")
    await again.start()
    await sent_all(again)
    assert await _ids(kafka) == before
    assert await dead_letters.listed(log.engine) == letters
    await again.stop()


@pytest.mark.parametrize("mended", [True, False])
async def test_who_lost_the_partition_lets_no_petition_go_on(store, log, kafka, mended):
    bad, _ = await _lives(log, 2)
    broken = {bad}

    def translate(life):
        if life[0].petition in broken:
            raise ValueError
        return told(life)

    before, now = _relay(log, kafka, translate), _relay(log, kafka, translate, owner="two")
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
