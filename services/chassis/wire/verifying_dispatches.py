"""Looks whether `dispatch.events.v1` holds what follows from the log: every piece of news that is still kept there."""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.cloudevents import Message, encode_dispatch
from schemas.dispatches import DispatchEvent
from schemas.event import AnyRecorded
from schemas.topics import DISPATCH_EVENTS
from services.chassis import dead_letters
from services.chassis.clock import micros
from services.chassis.log import Log
from services.chassis.verifying import HEARD, Verified
from services.chassis.wire.clients import close_consumer, open_consumer
from services.chassis.wire.dispatch_relay import NAME, receivers_partition, receivers_partitions
from services.chassis.wire.paging import CannotRead, pages

PAGE = 2_000
Translate = Callable[[Sequence[AnyRecorded]], Sequence[DispatchEvent]]
"""A petition's stream as all the news it made, in order."""
News = Mapping[str, Message]
"""What a petition's life says to receivers, by id."""


async def verify_dispatches(
    log: Log, epoch: str, bootstrap: str, client_id: str, translate: Translate, found: Verified
) -> int:
    """Read the topic up to where it stands now and compare; returns how many records it held.

    What expired at its beginning, what the relay has not come to, and what waits as its dead letter, is no fault."""
    told = dict(await log.engine.query(HEARD, {"subscriber": NAME}))
    parked = {one.petition for one in await dead_letters.listed(log.engine) if one.subscriber == NAME}
    dispatches = Dispatches(log, epoch, translate, found)
    consumer = await open_consumer(bootstrap, client_id)
    try:
        records = [await dispatches.read(consumer, topic) for topic in receivers_partitions()]
    finally:
        await close_consumer(consumer)
    await dispatches.look_for_the_missing(told, parked)
    return sum(records)


class Dispatches:
    """What the topic has, as far as it was read."""

    def __init__(self, log: Log, epoch: str, translate: Translate, found: Verified) -> None:
        self._log = log
        self._epoch = epoch
        self._translate = translate
        self._found = found
        self._seen: set[int] = set()
        """Hashes of the ids that it has: the ids of millions would fill the memory."""
        self._expired: dict[int, int] = {}

    async def read(self, consumer: AIOKafkaConsumer, topic: TopicPartition) -> int:
        """One partition of it; returns how many records it held."""
        count = 0
        try:
            async for page in pages(consumer, topic):
                await self.compare(page.records)
                self._expired[topic.partition] = page.expired
                count += len(page.records)
        except CannotRead as error:
            self._found.fault(str(error))
        return count

    async def compare(self, records: Sequence[ConsumerRecord]) -> None:
        """Each record must be what follows from the log. One of another epoch may differ: it is passed over."""
        headers = [dict(record.headers) for record in records]
        ids = [(one.get("ce_id") or b"").decode(errors="replace") for one in headers]
        petitions = {petition for one in ids if (petition := _petition(one))}
        said: dict[str, Message] = {}
        for stream in (await self._log.load(petitions)).values():
            said |= self._news(stream)
        for record, header, name in zip(records, headers, ids, strict=True):
            if name in said and (record.key, record.value) == (said[name].key, said[name].value):
                self._seen.add(hash(name))
            elif header.get("ce_storeepoch") == self._epoch.encode():
                self._found.fault(
                    f"{DISPATCH_EVENTS} {record.partition}, offset {record.offset}: not what the log says"
                )

    async def look_for_the_missing(self, told: Mapping[int, int], parked: Collection[UUID]) -> None:
        """Everything that follows from the log up to these positions must have been read."""
        position = dict.fromkeys(told, 0)
        while behind := {p: at for p, at in position.items() if at < told[p]}:
            rows = await self._log.engine.read(behind, PAGE)
            position |= {row.partition: row.position for row in rows}
            begun = {row.stream_id for row in rows if row.version == 1} - set(parked)
            for stream in (await self._log.load(begun)).values():
                self._look(stream, told)
            if not rows:
                return  # that the log has a hole is said where the log is verified

    def _look(self, stream: Sequence[AnyRecorded], told: Mapping[int, int]) -> None:
        at = {recorded.version: recorded for recorded in stream}
        for name, message in self._news(stream).items():
            source = at[int(name.split(":")[1])]
            expired = self._expired.get(receivers_partition(message.key), 0)
            if (
                source.position <= told[source.partition]
                and hash(name) not in self._seen
                and micros(source.recorded_at) >= expired
            ):
                self._found.fault(f"{DISPATCH_EVENTS}: {name} is missing")

    def _news(self, stream: Sequence[AnyRecorded]) -> News:
        try:
            return {one.id: encode_dispatch(one, self._epoch) for one in self._translate(stream)}
        except Exception:  # it is parked
            return {}


def _petition(name: str) -> UUID | None:
    try:
        return UUID(name.partition(":")[0])
    except ValueError:
        return None
