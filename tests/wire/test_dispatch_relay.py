"""Receivers hear what follows from the log, each piece of news at least once, whatever happens on the way."""

import asyncio
import json
from collections import Counter
from unittest.mock import AsyncMock
from uuid import UUID

import pytest
from confluent_kafka import Producer

from router.dispatches import told, told_next
from schemas.topics import DISPATCH_EVENTS
from services.chassis.store.engine import LeaseLost, StoreUnavailable
from services.chassis.wire import dispatch_relay
from services.chassis.wire.dispatch_relay import DispatchRelay, receivers_partition
from services.chassis.wire.topics import ensure_topics
from tests.contracts.rows import PARTITIONS
from tests.wire.conftest import forget
from tests.wire.news import UNIT, dispatch_relay_of, done, expected, ids, lives, until_heard
from tests.wire.reading import read_all
from tests.wire.topic import running, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def test_another_client_reads_every_piece_of_news_once_and_in_order(log, kafka):
    petitions = await lives(log, 20)
    async with running(dispatch_relay_of(log, kafka)):
        await until_heard(log, kafka, petitions)
        for petition in petitions:
            await done(log, petition)
        records = await until_heard(log, kafka, petitions)
    assert len(records) == len(await expected(log, petitions))
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
    petitions = await lives(log, 5)
    for petition in petitions:
        await done(log, petition)
    async with running(dispatch_relay_of(log, kafka, departments=["SA1"])):
        await until_heard(log, kafka, petitions)
    own = await asyncio.to_thread(read_all, kafka.address, "dispatch.events.v1.SA1")
    assert len(own) == 5
    assert {record.key() for record in own} == {b"SA1"}


async def test_two_relays_and_a_broker_that_goes_and_comes_miss_nothing(store, log, kafka):
    petitions = await lives(log, 20)
    async with running(dispatch_relay_of(log, kafka), dispatch_relay_of(log, kafka, owner="two")):
        await until_heard(log, kafka, petitions)
        kafka.kill()
        for petition in petitions:
            await done(log, petition)
        await asyncio.to_thread(kafka.start)
        await until_heard(log, kafka, petitions)


async def test_what_the_broker_lost_is_sent_again(log, kafka):
    petitions = await lives(log, 20)
    async with running(dispatch_relay_of(log, kafka)):
        await until_heard(log, kafka, petitions)
        await asyncio.to_thread(kafka.wipe)
        await until_heard(log, kafka, petitions)


async def test_to_a_broker_that_came_back_empty_nothing_is_told_before_what_came_first(log, kafka):
    (petition,) = await lives(log)
    relay = dispatch_relay_of(log, kafka)
    await relay.start()
    await sent_all(relay)
    await asyncio.to_thread(kafka.wipe)
    await ensure_topics(kafka.address, PARTITIONS, 1)  # as another process does
    await done(log, petition)
    with pytest.raises(LeaseLost):
        await relay.step()
    assert await ids(kafka) == []
    await relay.start()
    await sent_all(relay)
    assert set(await ids(kafka)) == await expected(log, [petition])
    await relay.stop()


async def _heard_lives(log, kafka) -> list[UUID]:
    """Their news is told, and the relay is gone."""
    petitions = await lives(log, 5)
    async with running(dispatch_relay_of(log, kafka)):
        await until_heard(log, kafka, petitions)
    return petitions


async def test_what_was_lost_while_no_relay_ran_is_sent_again(log, kafka):
    petitions = await _heard_lives(log, kafka)
    await forget(kafka)
    async with running(dispatch_relay_of(log, kafka)):
        await until_heard(log, kafka, petitions)


async def _forget_all_but(kafka, records: int = 1) -> None:
    """The topic lost what it held, but so many records stand where the unit's news does."""
    await forget(kafka)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    kept = Producer({"bootstrap.servers": kafka.address})
    for _ in range(records):
        kept.produce(DISPATCH_EVENTS, b"{}", b"kept", partition=receivers_partition(UNIT.encode()))
    assert kept.flush(10) == 0


async def _tells_all(relay, log, kafka, petitions) -> None:
    await relay.start()
    await sent_all(relay)
    assert set(await ids(kafka)) == await expected(log, petitions)


async def _told_before_a_loss(log, kafka) -> tuple[list[UUID], DispatchRelay]:
    petitions, relay = await lives(log, 5), dispatch_relay_of(log, kafka)
    await relay.start()
    await sent_all(relay)
    await relay._outlet.drop()
    await _forget_all_but(kafka)
    return petitions, relay


async def test_a_part_that_was_lost_while_the_broker_was_away_is_sent_again(log, kafka):
    petitions, relay = await _told_before_a_loss(log, kafka)
    with pytest.raises(LeaseLost):
        await relay.step()
    await _tells_all(relay, log, kafka, petitions)
    await relay.stop()


async def test_a_loss_that_the_database_could_not_be_told_of_is_not_forgotten(log, kafka, monkeypatch):
    petitions, relay = await _told_before_a_loss(log, kafka)
    with monkeypatch.context() as away:
        away.setattr(log, "transact", AsyncMock(side_effect=StoreUnavailable))
        with pytest.raises(StoreUnavailable):
            await relay.step()
    with pytest.raises(LeaseLost):
        await relay.step()
    await _tells_all(relay, log, kafka, petitions)
    await relay.stop()


async def test_a_loss_that_others_wrote_beyond_is_made_up_for_by_whoever_comes(log, kafka):
    petitions = await _heard_lives(log, kafka)
    await _forget_all_but(kafka, 20)
    relay = dispatch_relay_of(log, kafka, owner="two")
    await _tells_all(relay, log, kafka, petitions)
    await relay.stop()


async def test_a_tail_that_was_lost_while_no_relay_ran_is_told_again_however_old_it_is(log, kafka, monkeypatch):
    monkeypatch.setattr(dispatch_relay, "TOLD_AGAIN", 0)
    petitions = await _heard_lives(log, kafka)
    await _forget_all_but(kafka)
    relay = dispatch_relay_of(log, kafka, owner="two")
    await relay.start()
    with pytest.raises(LeaseLost):
        await relay.step()
    await _tells_all(relay, log, kafka, petitions)
    assert not await relay._outlet.lost()
    await relay.stop()


async def test_whoever_comes_tells_no_more_than_a_stretch_again_and_moves_no_checkpoint_back(log, kafka, monkeypatch):
    monkeypatch.setattr(dispatch_relay, "TOLD_AGAIN", 1)
    (petition,) = await lives(log)
    await done(log, petition)
    first, second = dispatch_relay_of(log, kafka), dispatch_relay_of(log, kafka, owner="two")
    await first.start()
    await sent_all(first)
    once = await ids(kafka)
    await first.stop()
    await second.start()
    assert await second.step() == 1
    twice = await ids(kafka)
    life = (await log.load([petition]))[petition]
    assert Counter(twice) - Counter(once) == Counter(one.id for one in told(life) if one.version == life[-1].version)
    assert second.reached == await log.heads()
    await second.stop()


async def test_a_departments_topic_that_was_lost_while_no_relay_ran_is_filled_from_the_beginning(
    log, kafka, monkeypatch
):
    monkeypatch.setattr(dispatch_relay, "TOLD_AGAIN", 1)
    (petition,) = await lives(log)
    await done(log, petition)
    own = "dispatch.events.v1.SA1"
    first, second = (dispatch_relay_of(log, kafka, departments=["SA1"], owner=owner) for owner in ("one", "two"))
    await first.start()
    await sent_all(first)
    before = await ids(kafka, own)
    await first.stop()
    await forget(kafka, own)
    await ensure_topics(kafka.address, PARTITIONS, 1, ["SA1"])
    await second.start()
    with pytest.raises(LeaseLost):
        await second.step()
    await second.start()
    await sent_all(second)
    assert await ids(kafka, own) == before
    await second.stop()


async def _told_in_steps(log, kafka, translate=told_next) -> None:
    """Three petitions whose lives come in several batches, each told as it comes."""
    petitions, relay = await lives(log, 3), dispatch_relay_of(log, kafka, translate)
    await relay.start()
    await sent_all(relay)
    for petition in petitions:
        await done(log, petition)
        await sent_all(relay)
    heard = await ids(kafka)
    assert len(heard) == len(set(heard))
    assert set(heard) == await expected(log, petitions)
    await relay.stop()


async def test_no_event_of_a_life_is_translated_twice(log, kafka):
    seen = Counter()

    def translate(state, events):
        seen.update(recorded.ref for recorded in events)
        return told_next(state, events)

    await _told_in_steps(log, kafka, translate)
    assert set(seen.values()) == {1}


async def test_a_life_whose_beginning_it_forgot_is_told_all_the_same(log, kafka, monkeypatch):
    monkeypatch.setattr(dispatch_relay, "KEPT_STREAMS", 1)
    await _told_in_steps(log, kafka)
