"""Producers and consumers of Kafka whose every wait is bounded, also while the broker is frozen or gone."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from services.chassis.wire.holding import hold

ANSWER_SECONDS = 5.0
"""How long Kafka may take to answer before it is taken to be down."""
CLEARING_SECONDS = 1.0
"""How long what is no longer waited for may take to let go of its connections."""
REQUEST_MS = 4_000
FETCH_WAIT_MS = 50
"""How long the broker keeps a question without an answer. A partition whose records have just come is not asked about
until then; and asking costs both sides more than the records do."""
LARGEST_BATCH = 900_000
"""Bytes of a batch before it is compressed: below the limit of the topics, and far above the largest event."""

T = TypeVar("T")
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # ten lines a second while a broker is down; ours say it once


async def answered(asked: Awaitable[T]) -> T:
    """What Kafka answers; TimeoutError when it takes too long, or gives up by itself.

    It is asked in a task of its own: aiokafka swallows a cancellation that comes while it closes, and whoever was
    cancelled would go on.
    """
    task = asyncio.ensure_future(asked)
    task.add_done_callback(_looked_at)
    try:
        done, _ = await asyncio.wait({task}, timeout=ANSWER_SECONDS)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CLEARING_SECONDS)
    if not done or task.cancelled():
        raise TimeoutError
    return task.result()


async def open_producer(bootstrap: str, client_id: str) -> AIOKafkaProducer:
    """A producer that is connected and never again: idempotent, and acknowledged by all replicas that must have it."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        compression_type="lz4",
        max_batch_size=LARGEST_BATCH,
        request_timeout_ms=REQUEST_MS,
    )
    try:
        await answered(producer.start())
        await answered(hold(producer))
    except BaseException:
        await abandon(producer)
        raise
    return producer


async def abandon(producer: AIOKafkaProducer) -> None:
    """End a producer at once, with whatever it has not delivered.

    `stop` waits for batches that an idempotent producer never gives up, for ever when the broker is gone; and a sender
    that is left running delivers them later, when others have gone on.
    """
    producer._closed = True
    with suppress(Exception):  # its sender may have failed of what it is abandoned for
        await answered(producer._sender.close())
    with suppress(Exception):
        await answered(producer.client.close())


async def acknowledged(sent: Iterable["asyncio.Future[RecordMetadata]"]) -> list[RecordMetadata]:
    """Where batches stand, once all are acknowledged."""
    futures = list(sent)
    for future in futures:
        future.add_done_callback(_looked_at)
    return await answered(asyncio.gather(*futures))


def _looked_at(future: "asyncio.Future[Any]") -> None:
    """An error that comes after the wait was given up is no news."""
    if not future.cancelled():
        future.exception()


async def open_consumer(bootstrap: str, client_id: str) -> AIOKafkaConsumer:
    """A consumer of no group that is connected and has no partitions yet."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        request_timeout_ms=REQUEST_MS,
    )
    try:
        await answered(consumer.start())
    except BaseException:
        await close_consumer(consumer)
        raise
    return consumer


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Let go of the connections, also of one that could not start."""
    with suppress(Exception):
        await answered(consumer.stop())
