"""What a restore lost: events that the topic of before still holds and the restored log does not."""

from collections.abc import AsyncIterator, Sequence

from aiokafka import ConsumerRecord, TopicPartition

from schemas.cloudevents import Logged, NotOurMessage, decode
from schemas.topics import PETITION_EVENTS
from services.chassis.store.engine import Engine
from services.chassis.wire.clients import close_consumer, open_consumer
from services.chassis.wire.paging import pages


async def lost_events(engine: Engine, epoch: str, bootstrap: str, client_id: str) -> AsyncIterator[Logged]:
    """Events of other epochs than the store's that the log does not hold in the same place, each once, by partition.

    Raises CannotRead, and what Kafka's client raises."""
    consumer = await open_consumer(bootstrap, client_id)
    try:
        for number in range(engine.partitions):
            told: set[tuple[object, int]] = set()
            async for page in pages(consumer, TopicPartition(PETITION_EVENTS, number)):
                for one in await _not_in_the_log(engine, _of_before(page.records, number, epoch)):
                    if (one.petition, one.version) not in told:
                        told.add((one.petition, one.version))
                        yield one
    finally:
        await close_consumer(consumer)


def _of_before(records: Sequence[ConsumerRecord], number: int, epoch: str) -> list[Logged]:
    found = []
    for record in records:
        try:
            logged, of = decode(record.key, record.value, record.headers, number)
        except NotOurMessage:
            continue
        if of != epoch:
            found.append(logged)
    return found


async def _not_in_the_log(engine: Engine, events: Sequence[Logged]) -> list[Logged]:
    if not events:
        return []
    places = [one.position for one in events]
    first, last = min(places), max(places)
    rows = await engine.read({events[0].partition: first - 1}, last - first + 1)
    held = {(row.position, row.stream_id, row.version, row.data) for row in rows}
    return [one for one in events if (one.position, one.petition, one.version, one.data) not in held]
