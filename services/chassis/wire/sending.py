"""Messages to a partition in as few batches as they fit in."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from schemas.cloudevents import Message
from services.chassis.wire.clients import answered


class Sent(NamedTuple):
    """A batch on its way, and how many records it holds. Kafka answers with the offset of the first."""

    records: int
    place: "asyncio.Future[RecordMetadata]"


async def send(producer: AIOKafkaProducer, topic: str, partition: int, messages: Sequence[Message]) -> list[Sent]:
    """Hand them to the producer in order; they are not acknowledged yet."""
    sent: list[Sent] = []
    builder = producer.create_batch()
    for message in messages:
        if not _added(builder, message):
            sent.append(await _sent(producer, builder, topic, partition))
            builder = producer.create_batch()
            _added(builder, message)
    sent.append(await _sent(producer, builder, topic, partition))
    return sent


def _added(builder: BatchBuilder, message: Message) -> bool:
    """Whether there was room; an empty batch takes any message."""
    return builder.append(timestamp=None, key=message.key, value=message.value, headers=message.headers) is not None


async def _sent(producer: AIOKafkaProducer, builder: BatchBuilder, topic: str, partition: int) -> Sent:
    place = await answered(producer.send_batch(builder, topic, partition=partition))
    return Sent(builder.record_count(), place)
