"""The topic from its beginning to where it ends now, a page at a time."""

from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.topics import PETITION_EVENTS
from services.chassis.wire.clients import answered

PAGE = 500
POLL_MS = 500
MOST_SILENT_POLLS = 20


class CannotRead(Exception):
    """A partition brings nothing any more although it goes on."""

    def __init__(self, number: int, after: int, ends: int) -> None:
        super().__init__(f"{PETITION_EVENTS} {number}: nothing can be read after {after}, of {ends}")


async def read_partition(consumer: AIOKafkaConsumer, number: int) -> AsyncIterator[Sequence[ConsumerRecord]]:
    """Its records in order; raises CannotRead where they do not come."""
    topic = TopicPartition(PETITION_EVENTS, number)
    consumer.assign([topic])
    begins = (await answered(consumer.beginning_offsets([topic])))[topic]
    ends = (await answered(consumer.end_offsets([topic])))[topic]
    consumer.seek(topic, begins)
    count, silent = 0, 0
    while begins + count < ends and silent < MOST_SILENT_POLLS:
        found = await answered(consumer.getmany(topic, timeout_ms=POLL_MS, max_records=PAGE))
        records: Sequence[ConsumerRecord] = found.get(topic, [])
        count, silent = count + len(records), 0 if records else silent + 1
        if records:
            yield records
    if begins + count < ends:
        raise CannotRead(number, begins + count, ends)
