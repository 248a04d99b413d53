"""How the partitions of the topic end: what says where a relay goes on."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.cloudevents import NotOurMessage, decode
from schemas.event import EventRef
from schemas.topics import PETITION_EVENTS
from services.chassis.wire.clients import answered, close_consumer, open_consumer

FETCH_MS = 500
MOST_PASSED = 100
"""Records at an end of a partition that may be passed over because they are no events."""


class Stands(NamedTuple):
    """What one record of the topic holds: which event, its position in its partition, and the epoch of its store."""

    position: int
    epoch: str
    event: EventRef


class Tail(NamedTuple):
    """One partition: the offset of the first record that is kept and the one after the last, its first and last event,
    and how many records that are no events stand before the one and behind the other."""

    begins: int
    ends: int
    first: Stands | None = None
    last: Stands | None = None
    passed: int = 0


class NotOurs(Exception):
    """What stands in the partition is not of this log, so nothing may be written behind it."""


def goes_on_from(tail: Tail, epoch: str, head: int, checkpoint: int, there: EventRef | None) -> int:
    """The position behind which a relay goes on, which is what the topic says and not what the checkpoint says.

    `there`: the event that the log has where the topic's last record stands. Raises NotOurs.
    """
    if tail.ends == tail.passed:
        return 0  # new, or wiped
    if tail.begins == tail.ends - tail.passed:
        return checkpoint  # everything in it expired
    if tail.first is None or tail.last is None:
        raise NotOurs("no record at its end is an event of a log")
    if tail.first.epoch != epoch or tail.last.epoch != epoch:
        raise NotOurs(f"its records are of the store epoch {tail.last.epoch}, and the log is of {epoch}")
    if tail.last.position > head:
        raise NotOurs(f"it ends at position {tail.last.position}, and the log at {head}")
    if tail.last.event != there:
        raise NotOurs(f"at position {tail.last.position} it has {tail.last.event}, and the log {there}")
    return 0 if _has_a_hole(tail, tail.first, tail.last) else tail.last.position


def _has_a_hole(tail: Tail, first: Stands, last: Stands) -> bool:
    """Whether there are fewer records than positions: it was wiped under a relay that wrote on and died before it could
    notice."""
    before = first.position - 1 if tail.begins else 0  # what expired is not missing
    return last.position - before > tail.ends - tail.begins - tail.passed


async def read_tails(
    bootstrap: str, client_id: str, partitions: Collection[int], cut: Mapping[int, int]
) -> dict[int, Tail]:
    """How these partitions end; those that `cut` names, as if they ended before that offset."""
    topics = {partition: TopicPartition(PETITION_EVENTS, partition) for partition in partitions}
    consumer = await open_consumer(bootstrap, client_id)
    try:
        begin = await answered(consumer.beginning_offsets(list(topics.values())))
        end = await answered(consumer.end_offsets(list(topics.values())))
        tails = {
            p: Tail(begin[topic], max(begin[topic], min(end[topic], cut.get(p, end[topic]))))
            for p, topic in topics.items()
        }
        held = {topics[p]: tail for p, tail in tails.items() if tail.begins < tail.ends}
        consumer.assign(list(held))
        first = await _nearest(consumer, {topic: range(tail.begins, tail.ends) for topic, tail in held.items()})
        last = await _nearest(
            consumer, {topic: range(tail.ends - 1, tail.begins - 1, -1) for topic, tail in held.items()}
        )
    finally:
        await close_consumer(consumer)
    return tails | {
        topic.partition: tail._replace(
            first=first[topic].event,
            last=last[topic].event,
            passed=first[topic].passed + (last[topic].passed if first[topic].event else 0),
        )
        for topic, tail in held.items()
    }


async def read_ends(
    bootstrap: str, client_id: str, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, int]:
    """The offset that comes next in each of these partitions."""
    consumer = await open_consumer(bootstrap, client_id)
    try:
        return dict(await answered(consumer.end_offsets(list(partitions))))
    finally:
        await close_consumer(consumer)


class _Met(NamedTuple):
    """The first event on the way, and the records before it."""

    event: Stands | None
    passed: int


async def _nearest(consumer: AIOKafkaConsumer, ways: Mapping[TopicPartition, range]) -> dict[TopicPartition, _Met]:
    """What is met first at these offsets, one after the other: somebody's broken record must not stop a partition."""
    met: dict[TopicPartition, _Met] = {}
    for passed in range(MOST_PASSED):
        asked = {topic: way[passed] for topic, way in ways.items() if topic not in met and passed < len(way)}
        for topic, record in (await _records(consumer, asked)).items():
            if (event := _stands(record)) is not None:
                met[topic] = _Met(event, passed)
    return {topic: met.get(topic, _Met(None, min(len(way), MOST_PASSED))) for topic, way in ways.items()}


async def _records(
    consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]
) -> dict[TopicPartition, ConsumerRecord]:
    """The records that stand at these offsets."""
    for topic, offset in offsets.items():
        consumer.resume(topic)
        consumer.seek(topic, offset)
    return await answered(_fetched(consumer, offsets)) if offsets else {}


async def _fetched(
    consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]
) -> dict[TopicPartition, ConsumerRecord]:
    found: dict[TopicPartition, ConsumerRecord] = {}
    while len(found) < len(offsets):
        for topic, records in (await consumer.getmany(timeout_ms=FETCH_MS)).items():
            found.update((topic, record) for record in records if record.offset == offsets[topic])
            consumer.pause(topic)
    return found


def _stands(record: ConsumerRecord) -> Stands | None:
    try:
        logged, epoch = decode(record.key, record.value, record.headers, record.partition)
    except NotOurMessage:
        return None
    return Stands(logged.position, epoch, EventRef(logged.petition, logged.version))
