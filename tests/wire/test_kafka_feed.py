"""A service that hears from Kafka hears the log: nothing skipped, nothing twice in effect, never standing still."""

import asyncio
import time

import pytest

from services.chassis import metrics
from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime
from services.chassis.codec import PassedOver
from services.chassis.consumer import Consumer
from services.chassis.leases import Shared
from services.chassis.log import Log
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from services.chassis.runtime import Runtime
from services.chassis.wire.kafka_feed import KafkaFeed
from tests.contracts.conftest import DISTRICT
from tests.contracts.probe import NAME, Probe, effects, letters, tell
from tests.contracts.rows import PARTITIONS, stream
from tests.wire.conftest import forget
from tests.wire.topic import EPOCH, relay, running, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NOTHING = dict.fromkeys(range(PARTITIONS), 0)


@pytest.fixture
async def sender(engine, kafka):
    one = relay(engine, kafka)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def feed(log, kafka):
    made = KafkaFeed(log, kafka.address, EPOCH, "a-service")
    yield made
    await made.close()


async def _heard(feed, after, seconds=10.0):
    """What it gives until it gives nothing for a while that is longer than its look at the log."""
    heard, position, quiet = [], dict(after), time.monotonic()
    end = time.monotonic() + seconds
    while time.monotonic() < end and time.monotonic() - quiet < 0.8:
        batch = await feed.batch(position, 50)
        heard += batch
        for recorded in batch:
            assert recorded.position == position[recorded.partition] + 1
            position[recorded.partition] = recorded.position
            quiet = time.monotonic()
        if not batch:
            await feed.wait(0.1)
    return heard


def _by_place(heard):
    return sorted((recorded.partition, recorded.position, recorded._replace(request=None)) for recorded in heard)


def _reads(source: str) -> float:
    return metrics.REGISTRY.get_sample_value("gridcase_feed_events_total", {"source": source}) or 0.0


async def test_what_it_gives_is_what_the_log_gives(log, sender, feed):
    for _ in range(40):
        await tell(log, stream(), times=3)
    await sent_all(sender)
    before = _reads("log") + _reads("hole")
    heard = await _heard(feed, NOTHING)
    assert _by_place(heard) == _by_place(await log.read(NOTHING, 1_000))
    assert len(heard) == 120
    assert _reads("log") + _reads("hole") == before


async def test_of_what_a_service_does_not_hear_only_the_place_is_read(log, kafka, sender):
    for _ in range(20):
        await tell(log, stream(), times=2)
    await sent_all(sender)
    feed = KafkaFeed(log, kafka.address, EPOCH, "a-service", hears=())
    try:
        heard = await _heard(feed, NOTHING)
    finally:
        await feed.close()
    assert {type(recorded.event) for recorded in heard} == {PassedOver}
    places = sorted((recorded.partition, recorded.position) for recorded in heard)
    assert places == sorted((recorded.partition, recorded.position) for recorded in await log.read(NOTHING, 1_000))


async def test_it_begins_behind_the_position_and_gives_nothing_older(log, sender, feed):
    for _ in range(40):
        await tell(log, stream())
    await sent_all(sender)
    heads = await log.heads()
    after = {p: head // 2 for p, head in heads.items()}
    assert _by_place(await _heard(feed, after)) == _by_place(await log.read(after, 1_000))


async def test_only_the_partitions_that_are_asked_for_are_heard(log, sender, feed):
    for partition in range(PARTITIONS):
        await tell(log, stream(partition), times=2)
    await sent_all(sender)
    assert {recorded.partition for recorded in await _heard(feed, {3: 0, 5: 0})} == {3, 5}
    heard = await _heard(feed, {5: 2, 6: 0})
    assert [(recorded.partition, recorded.position) for recorded in heard] == [(6, 1), (6, 2)]


async def test_a_partition_that_is_asked_for_while_others_are_assigned_is_heard_from_kafka_too(
    log, sender, feed, monkeypatch
):
    for partition in (4, 5):
        await tell(log, stream(partition), times=2)
    await sent_all(sender)
    heads, asked = log.heads, asyncio.Event()

    async def heads_and_one_more():
        if not asked.is_set():
            asked.set()
            await feed.batch({4: 0, 5: 0}, 50)
        return await heads()

    monkeypatch.setattr(log, "heads", heads_and_one_more)
    assert await feed.batch({4: 0}, 50) == []
    async with asyncio.timeout(10):
        await asked.wait()
    before = _reads("log") + _reads("hole")
    heard = await _heard(feed, {4: 0, 5: 0})
    assert {(recorded.partition, recorded.position) for recorded in heard} == {(4, 1), (4, 2), (5, 1), (5, 2)}
    assert _reads("log") + _reads("hole") == before


async def test_a_hole_is_filled_from_the_log(log, sender, feed, monkeypatch):
    petition = stream(4)
    await tell(log, petition, times=6)
    kept = KafkaFeed._keep
    lost = (2, 3, 5)

    def keep(self, partition, records):
        kept(self, partition, [r for r in records if int(dict(r.headers)["ce_sequence"]) not in lost])

    monkeypatch.setattr(KafkaFeed, "_keep", keep)
    await sent_all(sender)
    assert [recorded.position for recorded in await _heard(feed, {4: 0})] == [1, 2, 3, 4, 5, 6]


async def test_records_of_another_store_are_passed_over(log, kafka, engine):
    await tell(log, stream(4), times=3)
    other = relay(engine, kafka, epoch="another")
    await other.start()
    await sent_all(other)
    feed, before = KafkaFeed(log, kafka.address, EPOCH, "a-service"), _reads("kafka")
    heard = []
    for _ in range(40):
        heard += await feed.batch({4: len(heard)}, 50)
        await feed.wait(0.1)
    assert [recorded.position for recorded in heard] == [1, 2, 3]
    assert _reads("kafka") == before
    await other.stop()
    await feed.close()


@pytest.mark.parametrize("fault", ["no relay", "killed", "frozen", "wiped"])
async def test_whatever_is_wrong_with_kafka_the_service_hears_the_log(log, sender, feed, kafka, fault):
    petition = stream(4)
    await tell(log, petition)
    await sent_all(sender)
    assert len(await _heard(feed, {4: 0})) == 1
    match fault:
        case "killed":
            kafka.kill()
        case "frozen":
            kafka.pause()
        case "wiped":
            await asyncio.to_thread(kafka.wipe)
    try:
        await tell(log, petition, times=3)
        started, heard = time.monotonic(), []
        while len(heard) < 3 and time.monotonic() - started < 10:
            heard += await feed.batch({4: 1 + len(heard)}, 50)
            await feed.wait(1.0)
        assert [recorded.position for recorded in heard] == [2, 3, 4]
        assert time.monotonic() - started < 4
    finally:
        kafka.resume() if fault == "frozen" else await asyncio.to_thread(kafka.start)


async def test_after_the_broker_came_back_it_is_heard_from_again(log, engine, feed, kafka):
    petition = stream(4)
    async with running(relay(engine, kafka)):
        await tell(log, petition)
        position = len(await _heard(feed, {4: 0}))
        await asyncio.to_thread(kafka.wipe)
        before, end = _reads("kafka"), time.monotonic() + 30
        while _reads("kafka") == before:
            assert time.monotonic() < end
            await tell(log, petition)
            position += len(await _heard(feed, {4: position}, 2))
    assert position == (await log.heads())[4]


async def _probe(engine, keyring) -> Probe:
    log = Log(engine, keyring)
    policies = PolicyBook(engine, MachineTime())
    await policies.open()
    await policies.publish(read_bundle(DISTRICT))
    return Probe(Runtime(log, MachineTime(), policies, Batcher(log)))


def _consumer(probe: Probe, kafka, owner: str) -> Consumer:
    log = probe.runtime.log
    feed = KafkaFeed(log, kafka.address, EPOCH, owner)
    return Consumer(probe.service(), probe.runtime, feed, Shared(log.engine, NAME, owner))


async def test_two_consumers_share_the_partitions_and_every_effect_happens_once(store, engine, log, kafka):
    probe_one = await _probe(engine, log.keyring)
    probe_two = await _probe(await store.open(), log.keyring)
    petitions = [stream(n % PARTITIONS) for n in range(32)]
    first, second = _consumer(probe_one, kafka, "one"), _consumer(probe_two, kafka, "two")
    async with running(relay(engine, kafka), first, second):
        for round_ in range(6):
            for petition in petitions:
                await tell(log, petition)
            if round_ == 2:
                await asyncio.to_thread(kafka.kill)
            if round_ == 4:
                await asyncio.to_thread(kafka.start)
        assert await _settled(log, petitions, 6)
        assert len(first.reached) == len(second.reached) == PARTITIONS / 2
    assert await letters(log) == []


async def test_a_consumer_that_goes_leaves_its_partitions_to_the_other(store, engine, log, kafka):
    probe_one = await _probe(engine, log.keyring)
    probe_two = await _probe(await store.open(), log.keyring)
    petitions = [stream(n % PARTITIONS) for n in range(16)]
    first, second = _consumer(probe_one, kafka, "one"), _consumer(probe_two, kafka, "two")
    async with running(relay(engine, kafka), first):
        async with running(second):
            for petition in petitions:
                await tell(log, petition)
            assert await _settled(log, petitions, 1)
        for petition in petitions:
            await tell(log, petition)
        assert await _settled(log, petitions, 2)


async def _settled(log, petitions, told) -> bool:
    """Whether each thing told led to one effect, within half a minute."""
    end = time.monotonic() + 30
    while True:
        counts = [await effects(log, petition) for petition in petitions]
        assert all(len(set(one)) == len(one) for one in counts)
        if all(len(one) == told for one in counts) or time.monotonic() > end:
            return [len(one) for one in counts] == [told] * len(petitions)
        await asyncio.sleep(0.2)


async def test_a_topic_that_was_deleted_does_not_stop_it(log, sender, feed, kafka):
    petition = stream(4)
    await tell(log, petition)
    await sent_all(sender)
    assert len(await _heard(feed, {4: 0})) == 1
    await forget(kafka)
    await tell(log, petition, times=2)
    heard, end = [], time.monotonic() + 10
    while len(heard) < 2 and time.monotonic() < end:
        heard += await feed.batch({4: 1 + len(heard)}, 50)
        await feed.wait(1.0)
    assert len(heard) == 2
