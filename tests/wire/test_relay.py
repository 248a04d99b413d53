"""The topic is the log, in order, whatever happens to the relay and to the broker."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from schemas.topics import PETITION_EVENTS
from services.chassis import metrics
from services.chassis.store.engine import LeaseLost
from services.chassis.wire import relay as relay_module
from services.chassis.wire import tails
from services.chassis.wire.topics import ensure_topics
from tests.contracts.rows import PARTITIONS, stream
from tests.wire.conftest import forget
from tests.wire.topic import Wrong, append, check, records, relay, running, sent_all, until_checked

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
async def started(engine, kafka):
    one = relay(engine, kafka)
    await one.start()
    yield one
    await one.stop()


def _stopped() -> float | None:
    return metrics.REGISTRY.get_sample_value("gridcase_relay_stopped")


async def _until_stopped(partitions: int) -> None:
    for _ in range(600):
        if _stopped() == partitions:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{_stopped()} partitions stopped")


async def test_the_topic_is_the_log(engine, kafka, started):
    await append(engine, streams=await append(engine, 200))
    await sent_all(started)
    assert await check(engine, kafka) == 0
    assert started.reached == await engine.heads()
    await append(engine, 50)
    await sent_all(started)
    assert await check(engine, kafka) == 0


async def test_a_relay_that_comes_after_another_goes_on_where_the_topic_ends(engine, kafka, started):
    await append(engine, 100)
    await sent_all(started)
    await started.stop()
    await append(engine, 100)
    after = relay(engine, kafka, "two")
    async with running(after):
        assert await until_checked(engine, kafka) == 0


async def test_events_larger_than_a_batch_together_are_sent_in_several(engine, kafka, started, monkeypatch):
    monkeypatch.setattr("services.chassis.wire.clients.LARGEST_BATCH", 1_000)
    await append(engine, streams=[stream(3) for _ in range(60)])
    await sent_all(started)
    assert await check(engine, kafka) == 0


@pytest.mark.parametrize("point", ["relay.sent", "relay.acknowledged", "relay.checkpointed"])
async def test_a_relay_killed_at_any_point_leaves_no_gap(point, store, engine, kafka):
    command = [sys.executable, "-m", "tests.wire.process", store.url, kafka.address, "killed"]
    crash = os.environ | {"GRIDCASE_CRASH_AT": point}
    streams = await append(engine, 100)
    for _ in range(2):
        killed = await asyncio.to_thread(subprocess.run, command, env=crash, timeout=30, check=False)
        assert killed.returncode == -signal.SIGKILL
        await append(engine, streams=streams)
    async with running(relay(engine, kafka, "killed")):
        await until_checked(engine, kafka)


async def test_two_relays_share_the_partitions_and_send_each_event_once(store, engine, kafka):
    one, two = relay(engine, kafka, "one"), relay(await store.open(), kafka, "two")
    async with running(one, two):
        for _ in range(20):
            await append(engine, 30)
            await asyncio.sleep(0.3)
            if len(one.reached) == len(two.reached) == PARTITIONS / 2:
                break
        await append(engine, 100)
        assert await until_checked(engine, kafka) == 0
        assert len(one.reached) == len(two.reached) == PARTITIONS / 2


async def test_a_relay_that_lost_its_lease_repeats_and_leaves_no_gap(store, engine, kafka, started):
    await append(engine, 50)
    await sent_all(started)
    await store.lapse()
    async with running(relay(await store.open(), kafka, "two")):
        await append(engine, 50)
        await until_checked(engine, kafka)
        await append(engine, 50)
        with pytest.raises(LeaseLost):
            await started.step()
        await append(engine, 50)
        await until_checked(engine, kafka)


async def test_a_broker_that_is_killed_and_comes_back_misses_nothing(engine, kafka):
    async with running(relay(engine, kafka)):
        streams = await append(engine, 100)
        await until_checked(engine, kafka)
        kafka.kill()
        await append(engine, streams=streams)
        await asyncio.sleep(1)
        await asyncio.to_thread(kafka.start)
        await until_checked(engine, kafka)


async def test_a_broker_that_is_frozen_longer_than_the_relay_waits_misses_nothing(engine, kafka):
    async with running(relay(engine, kafka)):
        streams = await append(engine, 100)
        await until_checked(engine, kafka)
        kafka.pause()
        try:
            await append(engine, streams=streams)
            await asyncio.sleep(7)
        finally:
            kafka.resume()
        await append(engine, streams=streams)
        await until_checked(engine, kafka)


@pytest.mark.parametrize("news", [True, False], ids=["while events come", "while nothing comes"])
async def test_a_broker_that_lost_everything_gets_everything_again(engine, kafka, news):
    async with running(relay(engine, kafka)):
        streams = await append(engine, 100)
        await until_checked(engine, kafka)
        await asyncio.to_thread(kafka.wipe)
        if news:
            await append(engine, streams=streams)
        await until_checked(engine, kafka)


async def test_a_topic_made_anew_under_a_relay_is_noticed_by_where_its_batch_stands(engine, kafka, started):
    streams = await append(engine, 100)
    await sent_all(started)
    await forget(kafka)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    await append(engine, streams=streams)
    for _ in range(20):
        if not await started.step() and started.reached == await engine.heads():
            break
    repeats = await check(engine, kafka, in_order=False)
    await started.stop()
    after = relay(engine, kafka, "two")
    await after.start()
    await sent_all(after)
    assert await check(engine, kafka, in_order=False) == repeats
    await after.stop()


async def test_what_was_read_ahead_of_a_loss_waits_until_the_loss_is_told_again(engine, kafka, started, monkeypatch):
    monkeypatch.setattr(relay_module, "BATCH", 20)
    streams = await append(engine, 100)
    await sent_all(started)
    await append(engine, streams=streams)
    await started.step()
    await forget(kafka)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    while await started.step() or started.reached != await engine.heads():
        pass
    await check(engine, kafka, in_order=False)


async def test_pages_read_ahead_are_sent_once(engine, kafka, started, monkeypatch):
    monkeypatch.setattr(relay_module, "BATCH", 7)
    streams = await append(engine, 50)
    await started.step()
    await append(engine, streams=streams)
    await sent_all(started)
    assert await check(engine, kafka) == 0


async def test_a_relay_that_died_before_it_noticed_the_loss_leaves_no_gap_either(engine, kafka, started):
    """What it wrote behind the loss is the last record of the partition, and says nothing of what went before."""
    streams = await append(engine, 100)
    await sent_all(started)
    await forget(kafka)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    await append(engine, streams=streams)
    started._note = lambda partition, count, offset: None
    await started.step()
    with pytest.raises(Wrong):
        await check(engine, kafka)
    await started.stop()
    after = relay(engine, kafka, "two")
    await after.start()
    await sent_all(after)
    await check(engine, kafka, in_order=False)
    await after.stop()


async def test_where_everything_expired_it_goes_on_from_the_checkpoint(engine, kafka, started):
    await append(engine, 100)
    await sent_all(started)
    await _expire(kafka)
    await started.stop()
    more = await append(engine, 20)
    after = relay(engine, kafka, "two")
    await after.start()
    await sent_all(after)
    assert sorted(record.key.decode() for record in await records(kafka)) == sorted(str(one) for one in more)
    await after.stop()


async def test_a_topic_of_another_store_stops_its_partitions_and_nothing_is_written(engine, kafka, started):
    await append(engine, streams=[stream(partition) for partition in range(4)])
    await sent_all(started)
    await started.stop()
    await append(engine, 100)
    other = relay(engine, kafka, "two", epoch="epoch-2")
    await other.start()
    await sent_all(other)
    assert _stopped() == 4
    epochs = {(record.partition, dict(record.headers)["ce_storeepoch"]) for record in await records(kafka)}
    assert {p for p, epoch in epochs if epoch == b"epoch-1"} == {0, 1, 2, 3}
    assert not {p for p, epoch in epochs if epoch == b"epoch-2"} & {0, 1, 2, 3}
    await other.stop()


async def test_a_record_that_is_no_event_stops_nothing(engine, kafka, started):
    streams = await append(engine, streams=[stream(5), stream(5)])
    await sent_all(started)
    await started.stop()
    await _spoil(kafka, 5, count=3)
    await _spoil(kafka, 6, count=1)
    after = relay(engine, kafka, "two")
    await after.start()
    await append(engine, streams=[*streams, stream(6)])
    await sent_all(after)
    told = [record for record in await records(kafka) if dict(record.headers).get("ce_sequence")]
    assert [int(dict(record.headers)["ce_sequence"]) for record in told if record.partition == 5] == [1, 2, 3, 4]
    assert [int(dict(record.headers)["ce_sequence"]) for record in told if record.partition == 6] == [1]
    assert _stopped() == 0
    await after.stop()


async def test_a_topic_that_says_more_than_the_log_stops_its_partition(engine, store, kafka, started):
    await append(engine, streams=[stream(5), stream(5), stream(6)])
    await sent_all(started)
    await started.stop()
    await store.do("DELETE FROM es_event WHERE partition = 5 AND position = 2")  # as a backup would have it
    after = relay(engine, kafka, "two")
    await after.start()
    await append(engine, streams=[stream(6), stream(6)])
    await sent_all(after)
    assert _stopped() == 1
    assert after.reached[6] == 3
    await after.stop()


async def test_a_log_that_caught_up_with_other_events_does_not_pass_for_the_one_that_was_lost(
    engine, store, kafka, started, monkeypatch
):
    monkeypatch.setattr(relay_module, "CHECK_SECONDS", 0)
    await append(engine, streams=[stream(5), stream(5)])
    await sent_all(started)
    await started.stop()
    await store.do("DELETE FROM es_event WHERE partition = 5 AND position = 2")
    after = relay(engine, kafka, "two")
    await after.start()
    for _ in range(3):
        await append(engine, streams=[stream(5)])
        await sent_all(after)
        assert _stopped() == 1
    assert len(await records(kafka)) == 2
    await after.stop()


@pytest.mark.parametrize("while_nothing_comes", [True, False])
async def test_a_partition_that_stopped_goes_on_once_the_topic_is_made_anew(
    engine, kafka, started, monkeypatch, while_nothing_comes
):
    monkeypatch.setattr(relay_module, "CHECK_SECONDS", 0.5)
    chosen = range(PARTITIONS) if while_nothing_comes else range(4)
    await append(engine, streams=[stream(partition) for partition in chosen])
    await sent_all(started)
    await started.stop()
    other = relay(engine, kafka, "two", epoch="epoch-2")
    async with running(other):
        await append(engine, 20)
        await _until_stopped(len(chosen))
        await forget(kafka)
        if not while_nothing_comes:
            await append(engine, 20)
        await until_checked(engine, kafka)
        assert _stopped() == 0
    epochs = {dict(record.headers)["ce_storeepoch"] for record in await records(kafka)}
    assert epochs == {b"epoch-2"}


async def test_a_relay_that_believes_its_checkpoint_leaves_a_gap_that_is_found(engine, kafka, started, monkeypatch):
    """The planted bug: it goes on from the higher of checkpoint and topic."""
    monkeypatch.setattr(relay_module, "goes_on_from", _from_the_higher)
    streams = await append(engine, 100)
    await sent_all(started)
    await forget(kafka)
    await started.stop()
    after = relay(engine, kafka, "two")
    await after.start()
    await append(engine, streams=streams)
    await sent_all(after)
    with pytest.raises(Wrong, match="100 are missing"):
        await check(engine, kafka)
    await after.stop()


async def _spoil(kafka, partition: int, count: int) -> None:
    """Records that are no events."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address)
    async with asyncio.timeout(20):
        await producer.start()
        try:
            for _ in range(count):
                await producer.send_and_wait(PETITION_EVENTS, b"\xff not JSON", partition=partition)
        finally:
            await producer.stop()


async def _expire(kafka) -> None:
    """Delete every record and keep the topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    async with asyncio.timeout(20):
        await admin.start()
        try:
            ends = {TopicPartition(PETITION_EVENTS, p): RecordsToDelete(-1) for p in range(PARTITIONS)}
            await admin.delete_records(ends)
        finally:
            await admin.close()


def _from_the_higher(tail, epoch, head, checkpoint, there) -> int:
    return max(tails.goes_on_from(tail, epoch, head, checkpoint, there), checkpoint)
