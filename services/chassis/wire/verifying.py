"""Looks whether the topic holds what the log holds: every event that is still kept there, as it was stored."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.cloudevents import NotOurMessage, decode
from schemas.topics import PETITION_EVENTS
from services.chassis.store.engine import Engine, EventRow
from services.chassis.verifying import Verified
from services.chassis.wire.clients import close_consumer, open_consumer
from services.chassis.wire.paging import CannotRead, pages


async def verify_topic(engine: Engine, epoch: str, bootstrap: str, client_id: str, found: Verified) -> int:
    """Read the topic up to where it stands now and compare; returns how many records it held.

    What expired at its beginning, and what is on its way at its end, is no fault; a hole between them is."""
    consumer = await open_consumer(bootstrap, client_id)
    try:
        return sum([await _partition(consumer, engine, epoch, p, found) for p in range(engine.partitions)])
    finally:
        await close_consumer(consumer)


async def _partition(consumer: AIOKafkaConsumer, engine: Engine, epoch: str, number: int, found: Verified) -> int:
    count, newest = 0, 0
    try:
        async for page in pages(consumer, TopicPartition(PETITION_EVENTS, number)):
            newest = await _compare(engine, epoch, page.records, newest, found)
            count += len(page.records)
    except CannotRead as error:
        found.fault(str(error))
    return count


async def _compare(engine: Engine, epoch: str, records: Sequence[ConsumerRecord], newest: int, found: Verified) -> int:
    """The newest position seen; records that repeat older ones are no fault."""
    if not records:
        return newest
    number = records[0].partition
    held: list[tuple[int, int, str, str, int]] = []
    for record in records:
        try:
            logged, of = decode(record.key, record.value, record.headers, number)
        except NotOurMessage as error:
            found.fault(f"{PETITION_EVENTS} {number}, offset {record.offset}: {error.header} is not an event's")
            continue
        if of == epoch:
            held.append((record.offset, logged.position, str(logged.petition), logged.data, logged.version))
    if not held:
        return newest
    first, last = min(one[1] for one in held), max(one[1] for one in held)
    rows: dict[int, EventRow] = {row.position: row for row in await engine.read({number: first - 1}, last - first + 1)}
    for offset, position, petition, data, version in held:
        row = rows.get(position)
        if newest and position > newest + 1:
            found.fault(f"{PETITION_EVENTS} {number}, offset {offset}: {newest + 1} to {position - 1} are missing")
        if row is None or (str(row.stream_id), row.version, row.data) != (petition, version, data):
            found.fault(f"{PETITION_EVENTS} {number}, offset {offset}: not what the log holds at {position}")
        newest = max(newest, position)
    return newest
