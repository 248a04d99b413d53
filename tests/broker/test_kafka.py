"""The broker of the tests is a real one: it keeps what it acknowledged, and can be killed, frozen and wiped."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.broker.kafka import Broker, NotStarted
from deploy.broker.kit import Kit

pytestmark = pytest.mark.slow

SECONDS = 20
TWO_HOURS = 2 * 3600 * 1000


@pytest.fixture
async def topic(broker: Broker) -> str:
    """A topic of this test's own, with two partitions."""
    return await _made(broker, f"topic-{uuid4()}")


async def _made(broker: Broker, name: str) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    async with asyncio.timeout(SECONDS):
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, 2, 1)])
        finally:
            await admin.close()
    return name


@asynccontextmanager
async def _producing(broker: Broker, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.address,
        enable_idempotence=True,
        acks="all",
        **({"request_timeout_ms": 5000} | options),
    )
    await asyncio.wait_for(producer.start(), SECONDS)
    try:
        yield producer
    finally:
        await asyncio.wait_for(producer.stop(), SECONDS)


async def _send(broker: Broker, topic: str, values: Sequence[bytes], **options: Any) -> None:
    """Send them to partition 1, and return once all are acknowledged."""
    async with _producing(broker, **options) as producer, asyncio.timeout(SECONDS):
        await asyncio.gather(*[await producer.send(topic, value, partition=1) for value in values])


async def _read(broker: Broker, topic: str) -> tuple[list[ConsumerRecord], int]:
    """The records of partition 1, and its end offset."""
    partition = TopicPartition(topic, 1)
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.address, auto_offset_reset="earliest")
    consumer.assign([partition])
    records: list[ConsumerRecord] = []
    async with asyncio.timeout(SECONDS):
        await consumer.start()
        try:
            end = (await consumer.end_offsets([partition]))[partition]
            while len(records) < end:
                records += (await consumer.getmany(timeout_ms=500)).get(partition, [])
        finally:
            await consumer.stop()
    return records, end


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
async def test_what_was_sent_comes_back_in_order(broker, topic, compression):
    sent = [f"petition {number}".encode() for number in range(500)]
    await _send(broker, topic, sent, compression_type=compression)
    records, end = await _read(broker, topic)
    assert [record.value for record in records] == sent
    assert [record.offset for record in records] == list(range(500))
    assert end == 500


async def test_what_was_acknowledged_survives_a_kill(broker, topic):
    await _send(broker, topic, [b"before"])
    broker.kill()
    broker.start()
    await _send(broker, topic, [b"after"])
    records, end = await _read(broker, topic)
    assert ([record.value for record in records], end) == ([b"before", b"after"], 2)


async def test_it_restarts_on_its_data_and_its_port(broker, topic):
    await _send(broker, topic, [b"before"])
    port = broker.port
    broker.restart()
    assert (await _read(broker, topic))[1] == 1
    assert broker.port == port


async def test_a_wiped_broker_is_another_empty_cluster_on_the_same_port(broker, topic):
    await _send(broker, topic, [b"lost"])
    before, address = await _cluster(broker), broker.address
    broker.wipe()
    await _made(broker, topic)
    assert await _read(broker, topic) == ([], 0)
    assert await _cluster(broker) != before
    assert broker.address == address


async def _cluster(broker: Broker) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    async with asyncio.timeout(SECONDS):
        await admin.start()
        try:
            cluster: str = (await admin.describe_cluster())["cluster_id"]
        finally:
            await admin.close()
    return cluster


async def test_a_frozen_broker_acknowledges_nothing_until_it_goes_on(broker, topic):
    async with _producing(broker) as producer:
        await asyncio.wait_for(producer.send_and_wait(topic, b"before", partition=1), SECONDS)
        broker.pause()
        try:
            sent = await producer.send(topic, b"during", partition=1)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(sent), 1)
            assert broker.running
        finally:
            broker.resume()
        assert (await asyncio.wait_for(sent, SECONDS)).offset == 1


async def test_no_topic_is_made_by_a_misspelt_name(broker):
    async with _producing(broker, request_timeout_ms=1000) as producer:
        with pytest.raises(KafkaError):
            await asyncio.wait_for(producer.send_and_wait("petition.event.v1", b"lost"), SECONDS)


async def test_the_brokers_clock_stamps_what_a_clock_two_hours_ahead_sends(broker, topic):
    ahead = int(time.time() * 1000) + TWO_HOURS
    async with _producing(broker) as producer:
        await asyncio.wait_for(producer.send_and_wait(topic, b"x", partition=1, timestamp_ms=ahead), SECONDS)
    (record,), _ = await _read(broker, topic)
    assert record.timestamp < ahead - TWO_HOURS / 2


def test_a_broker_that_cannot_start_says_why_and_leaves_no_process(kit: Kit, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        broker = Broker(tmp_path, kit, port=taken.getsockname()[1])
        with pytest.raises(NotStarted, match="Address already in use"):
            broker.start()
    assert not broker.running


def test_a_frozen_broker_can_be_stopped(kit: Kit, tmp_path: Path):
    with Broker(tmp_path, kit) as broker:
        broker.pause()
        broker.stop()
        assert not broker.running
