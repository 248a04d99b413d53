"""A service hears from Kafka what the log says, and from the log whatever Kafka does not say in time.

Positions decide what is news; offsets are only where to begin. So nothing that happens to Kafka can make a service skip
an event, nor stand still.
"""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.cloudevents import Logged, NotOurMessage, decode, standing
from schemas.event import AnyRecorded
from schemas.events import EVENT_TYPES
from schemas.topics import PETITION_EVENTS
from services.chassis import codec, dead_letters, metrics
from services.chassis.keep_going import ended
from services.chassis.log import Log
from services.chassis.store.engine import EventRow
from services.chassis.wire.clients import answered, close_consumer, open_consumer

LOOK_SECONDS = 1.0
"""How long a partition may bring nothing before the log is asked whether there is news."""
LOOK_SECONDS_ALONE = 0.25
"""The same while the broker does not answer."""
FETCH_MS = 200
MOST_WAITING = 4_000
"""Records fetched ahead; what is beyond stays with the broker."""
log = structlog.get_logger()


class KafkaFeed:
    """The partitions that are asked for, each from the position that is asked for."""

    def __init__(
        self, log: Log, bootstrap: str, epoch: str, client_id: str, hears: Collection[str] | None = None
    ) -> None:
        """`hears`: the event types that are read, None for all; of others it only says where they stand."""
        self.wake = asyncio.Event()
        self._log = log
        self._bootstrap = bootstrap
        self._epoch = epoch
        self._client_id = client_id
        self._passes_over = frozenset() if hears is None else EVENT_TYPES.keys() - set(hears)
        self._after: dict[int, int] = {}
        self._waiting: dict[int, deque[AnyRecorded]] = {}
        self._room = asyncio.Event()
        self._looked = time.monotonic()
        self._at_last_look: dict[int, int] = {}
        self._behind: set[int] = set()
        """The partitions that are read from the log until they have caught up."""
        self._connected = False
        self._fetching: asyncio.Task[None] | None = None

    async def batch(self, after: Mapping[int, int], limit: int) -> list[AnyRecorded]:
        self.wake.clear()
        self._follow(after)
        found = self._fetched(limit)
        metrics.FEED_READS.labels("kafka").inc(len(found))
        if holes := self._holes():
            filled = await self._log.read(holes, max(limit - len(found), 1))
            metrics.FEED_READS.labels("hole").inc(len(filled))
            found += filled
        if len(found) < limit and (behind := await self._left_behind({recorded.partition for recorded in found})):
            read = await self._log.read(behind, limit - len(found))
            self._behind = {recorded.partition for recorded in read}
            metrics.FEED_READS.labels("log").inc(len(read))
            found += read
        return found

    async def wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, self._look_seconds)):
                await self.wake.wait()

    async def close(self) -> None:
        if self._fetching is not None:
            await ended([self._fetching])
            self._fetching = None

    @property
    def _look_seconds(self) -> float:
        return LOOK_SECONDS if self._connected else LOOK_SECONDS_ALONE

    def _follow(self, after: Mapping[int, int]) -> None:
        """From now on these partitions, from these positions."""
        self._after = dict(after)
        for partition in self._waiting.keys() - after.keys():
            del self._waiting[partition]
        for partition, waiting in self._waiting.items():
            while waiting and waiting[0].position <= after[partition]:
                waiting.popleft()
        self._room.set()
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())

    def _fetched(self, limit: int) -> list[AnyRecorded]:
        """What follows without a hole, of every partition its share."""
        ready = [p for p, waiting in self._waiting.items() if waiting and waiting[0].position == self._after[p] + 1]
        ready.sort(key=lambda p: len(self._waiting[p]))
        found: list[AnyRecorded] = []
        for index, partition in enumerate(ready):
            share = max(1, (limit - len(found)) // (len(ready) - index))
            for expected, recorded in enumerate(self._waiting[partition], self._after[partition] + 1):
                if recorded.position != expected or expected > self._after[partition] + share:
                    break
                found.append(recorded)
        return found

    def _holes(self) -> dict[int, int]:
        """Where what was fetched begins too late."""
        return {p: self._after[p] for p, waiting in self._waiting.items() if waiting and self._gap(p) > 0}

    def _gap(self, partition: int) -> int:
        return self._waiting[partition][0].position - self._after[partition] - 1

    async def _left_behind(self, moving: Collection[int]) -> dict[int, int]:
        """The partitions that brought nothing for a while although the log goes on, and those that are being read from
        the log already."""
        if time.monotonic() - self._looked >= self._look_seconds:
            self._looked = time.monotonic()
            stood = {p for p, position in self._after.items() if self._at_last_look.get(p) == position} - set(moving)
            self._at_last_look = dict(self._after)
            if stood:
                heads = await self._log.heads()
                self._behind |= {p for p in stood if heads[p] > self._after[p]}
        return {p: self._after[p] for p in self._behind if p in self._after and p not in moving}

    async def _fetch(self) -> None:
        """Fetch ahead until cancelled; a broker that is away is tried again."""
        while True:
            try:
                consumer = await open_consumer(self._bootstrap, self._client_id)
                try:
                    await self._fetch_with(consumer)
                finally:
                    self._connected = False
                    await close_consumer(consumer)
            except Exception as error:
                log.warning("feed_without_kafka", client=self._client_id, error=dead_letters.describe(error))
                await asyncio.sleep(LOOK_SECONDS)

    async def _fetch_with(self, consumer: AIOKafkaConsumer) -> None:
        assigned: set[int] = set()
        while True:
            if not self._after:
                await asyncio.sleep(FETCH_MS / 1000)
                continue
            wanted = set(self._after)
            if assigned != wanted:
                await answered(self._assign(consumer, wanted, wanted - assigned))
                assigned = wanted
                self._connected = True
            if sum(map(len, self._waiting.values())) > MOST_WAITING:
                self._room.clear()
                await self._room.wait()
                continue
            fetched = await consumer.getmany(timeout_ms=FETCH_MS)
            for topic, records in fetched.items():
                self._keep(topic.partition, records)
            if fetched:
                self.wake.set()

    async def _assign(self, consumer: AIOKafkaConsumer, wanted: Collection[int], new: Collection[int]) -> None:
        """Follow exactly these. A new partition begins as far before its end as the service is behind the
        log: what was sent twice is made up for from the log, like any hole."""
        topics = {p: TopicPartition(PETITION_EVENTS, p) for p in wanted}
        kept = {p: await consumer.position(topics[p]) for p in topics.keys() - set(new)}
        begin = await consumer.beginning_offsets(list(topics.values()))
        heads = await self._log.heads()
        end = await consumer.end_offsets(list(topics.values()))  # after the heads, so that it is rather too early
        after = self._after
        consumer.assign(list(topics.values()))
        for partition, topic in topics.items():
            behind = max(0, heads[partition] - after.get(partition, 0))
            start = kept.get(partition, max(begin[topic], end[topic] - behind))
            consumer.seek(topic, start)

    def _keep(self, partition: int, records: Collection[ConsumerRecord]) -> None:
        """Events that are news, decoded as the log's."""
        if partition not in self._after:
            return
        waiting = self._waiting.setdefault(partition, deque())
        newest = waiting[-1].position if waiting else self._after[partition]
        for record in records:
            try:
                name, position, epoch = standing(record.headers)
                if epoch == self._epoch and position > newest:
                    waiting.append(
                        codec.passed_over(partition, position)
                        if name in self._passes_over
                        else recorded_of(decode(record.key, record.value, record.headers, partition)[0])
                    )
                    newest = position
            except NotOurMessage as error:
                log.warning("record_passed_over", partition=partition, offset=record.offset, header=error.header)


def recorded_of(logged: Logged) -> AnyRecorded:
    """The same as the log gives, but for the digest of the request, which is not sent."""
    meta = codec.encode_meta(logged.service, logged.causation, logged.by, None)
    return codec.decode(EventRow(*logged[:7], meta, logged.recorded_at))
