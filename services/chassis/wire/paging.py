"""A topic read once, page by page, up to where it stands at the moment."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.chassis.wire.clients import answered

PAGE = 500
POLL_MS = 500
MOST_SILENT_POLLS = 20
CLOCKS_APART = 3_600_000_000
"""By how many microseconds a relay's clock, which stamps records, may be off."""
EVERYTHING = 2**63


class Page(NamedTuple):
    """Records of one partition in their order; none where all have expired."""

    records: Sequence[ConsumerRecord]
    expired: int
    """What happened before this moment, in microseconds since 1970 UTC, may have expired; 0 while nothing has."""


class CannotRead(Exception):
    """A partition brings nothing any more although it goes on."""

    def __init__(self, topic: TopicPartition, after: int, ends: int) -> None:
        super().__init__(f"{topic.topic} {topic.partition}: nothing can be read after {after}, of {ends}")


async def pages(consumer: AIOKafkaConsumer, topic: TopicPartition) -> AsyncIterator[Page]:
    """Everything that the partition holds now; raises CannotRead where it does not come."""
    consumer.assign([topic])
    begins = (await answered(consumer.beginning_offsets([topic])))[topic]
    ends = (await answered(consumer.end_offsets([topic])))[topic]
    consumer.seek(topic, begins)
    at, silent, expired = begins, 0, EVERYTHING if begins else 0
    if begins == ends:
        yield Page((), expired)
    while at < ends and silent < MOST_SILENT_POLLS:
        fetched = await answered(consumer.getmany(topic, timeout_ms=POLL_MS, max_records=PAGE))
        records = fetched.get(topic, [])
        if records:
            expired = min(expired, records[0].timestamp * 1_000 + CLOCKS_APART)
            yield Page(records, expired)
            at = records[-1].offset + 1
        silent = 0 if records else silent + 1
    if at < ends:
        raise CannotRead(topic, at, ends)
