"""How the plain services tell each other: a topic of JSON events, keyed by petition, sent after the commit."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.naive.tables import Event

TOPIC = "petitions"
PARTITIONS = 16
Sent = asyncio.Future[object]


async def make_topic(bootstrap: str) -> None:
    """As many partitions as gridcase's topic has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    finally:
        await admin.close()


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """As safe as the relay's producer, and gathering for a few milliseconds what is sent one by one."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, compression_type="lz4", linger_ms=5
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def hearing(bootstrap: str, group: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A member of a consumer group that commits its offsets itself, after the work."""
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,  # at the default, partitions without news hold up those that have some for half a second
        max_poll_records=500,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def tell(producer: AIOKafkaProducer, events: Sequence[Event]) -> list[Sent]:
    """Send committed events; what comes back is done when Kafka has them."""
    return [
        await producer.send(
            TOPIC,
            json.dumps({"petition": event.petition_id, "version": event.version, "data": event.data}).encode(),
            key=event.petition_id.encode(),
            headers=[("type", event.type.encode())],
        )
        for event in events
    ]
