"""What units and departments hear: `dispatch.events.v1`, translated from the log, with a checkpoint of its own."""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from uuid import UUID

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from schemas.cloudevents import Message, encode_dispatch
from schemas.dispatches import DispatchEvent
from schemas.event import AnyRecorded
from schemas.topics import DISPATCH_EVENTS, department_topic
from services.chassis import dead_letters, metrics
from services.chassis.crash import crash_point
from services.chassis.feed import LogFeed
from services.chassis.keep_going import keep_going
from services.chassis.leases import Leases
from services.chassis.log import KEPT_STREAMS, Log
from services.chassis.store.engine import Checkpoint, LeaseLost, Move, Statement, as_uuid
from services.chassis.wire.clients import abandon, acknowledged, open_producer
from services.chassis.wire.sending import Sent, send
from services.chassis.wire.tails import read_ends
from services.chassis.wire.topics import ensure_topics

NAME = "dispatch_relay"
BATCH = 500
LOOK_SECONDS = 0.1
CHECK_SECONDS = 5.0
"""How often to see that the topics still end where they were left, and what is to be sent again."""
BEGIN_AGAIN = "UPDATE es_checkpoint SET position = 0 WHERE subscriber = :subscriber"
BEHIND = "parked behind an earlier event"
log = structlog.get_logger()

Translate = Callable[[Sequence[AnyRecorded]], Sequence[DispatchEvent]]
"""A petition's stream as all the news it made, in order."""


class DispatchRelay:
    """The news of the partitions that this process owns, to their receivers."""

    name = NAME

    def __init__(
        self,
        log: Log,
        epoch: str,
        bootstrap: str,
        leases: Leases,
        translate: Translate,
        departments: Sequence[str] = (),
        replication: int | None = None,
    ) -> None:
        """`departments` have a topic of their own beside the common one; `replication` when topics must be made."""
        self._log = log
        self._epoch = epoch
        self._bootstrap = bootstrap
        self._leases = leases
        self._translate = translate
        self._own = {department: TopicPartition(department_topic(department), 0) for department in departments}
        self._departments = departments
        self._replication = replication
        self._feed = LogFeed(log, LOOK_SECONDS)
        self._owned: dict[int, Checkpoint] = {}
        self._heard: OrderedDict[UUID, tuple[AnyRecorded, ...]] = OrderedDict()
        """The streams heard lately, the latest last: most petitions have several events in a short time."""
        self._parked: set[UUID] = set()
        self._partitions: list[int] = []
        self._ends: dict[TopicPartition, int] = {}
        self._producer: AIOKafkaProducer | None = None
        self._checked = 0.0

    @property
    def wake(self) -> asyncio.Event:
        """Set to have it look for news at once."""
        return self._feed.wake

    @property
    def reached(self) -> dict[int, int]:
        """Positions whose news is sent, by partition."""
        return {p: one.position for p, one in self._owned.items()}

    async def run(self) -> None:
        """Send until cancelled; a broker or a database that is away is waited for, a lost lease is taken again."""
        await keep_going(self.name, self._turn, self.start)

    async def start(self) -> None:
        """Take the leases and read where it stands."""
        await self._take(await self._leases.take())

    async def stop(self) -> None:
        """Let others go on there at once."""
        await self._drop()
        await self._leases.release()

    async def _take(self, owned: Iterable[Checkpoint]) -> None:
        self._owned = {one.partition: one for one in owned}
        self._parked = await dead_letters.parked_petitions(self._log.engine, NAME)

    async def _turn(self) -> None:
        if (owned := await self._leases.look()) is not None:
            await self._take(owned)
        try:
            heard = await self.step()
            if time.monotonic() - self._checked > CHECK_SECONDS:
                self._checked = time.monotonic()
                await self._check()
                await self._redrive()
        except LeaseLost:
            raise
        except Exception:
            await self._drop()
            raise
        if not heard:
            await self._feed.wait(LOOK_SECONDS)

    async def step(self) -> int:
        """Send the news of the next events and note how far it came; returns how many events these were."""
        producer = await self._connected()
        batch = await self._feed.batch(self.reached, BATCH)
        oldest = min((recorded.recorded_at.timestamp() for recorded in batch), default=None)
        metrics.RELAY_AGE.labels(NAME).set(0.0 if oldest is None else max(0.0, time.time() - oldest))
        if batch:
            fresh, letters = self._sorted(batch)
            told, more = await self._told(fresh)
            letters += more
            await self._deliver(producer, told)
            crash_point("dispatch_relay.acknowledged")
            positions = {recorded.partition: recorded.position for recorded in batch}
            await self._note(positions, dead_letters.park(NAME, letters))
            if letters:
                self._parked |= {recorded.petition for recorded, _ in letters}
                metrics.DEAD_LETTERS.labels(NAME).inc(len(letters))
                log.error("parked", subscriber=NAME, petitions=[str(recorded.petition) for recorded, _ in letters])
        return len(batch)

    def _sorted(self, batch: Sequence[AnyRecorded]) -> tuple[list[AnyRecorded], list[tuple[AnyRecorded, str]]]:
        """What can be told now, and what must wait behind an event of the same petition that could not."""
        fresh = [recorded for recorded in batch if recorded.petition not in self._parked]
        return fresh, [(recorded, BEHIND) for recorded in batch if recorded.petition in self._parked]

    async def _told(self, batch: Sequence[AnyRecorded]) -> tuple[list[DispatchEvent], list[tuple[AnyRecorded, str]]]:
        """The news that these events make, in their order, and those whose petition cannot be translated."""
        streams = await self._streams(batch)
        news: dict[tuple[UUID, int], list[DispatchEvent]] = defaultdict(list)
        failed: dict[UUID, str] = {}
        for petition, stream in streams.items():
            try:
                for one in self._translate(stream):
                    news[petition, one.version].append(one)
            except Exception as error:
                failed[petition] = dead_letters.describe(error)
        told = [
            one
            for recorded in batch
            if recorded.petition not in failed
            for one in news[recorded.petition, recorded.version]
        ]
        return told, [(recorded, failed[recorded.petition]) for recorded in batch if recorded.petition in failed]

    async def _streams(self, batch: Sequence[AnyRecorded]) -> Mapping[UUID, Sequence[AnyRecorded]]:
        """The streams of these events' petitions: as they were heard one by one, or from the log."""
        missing = set()
        for recorded in batch:
            known = self._heard.pop(recorded.petition, ())
            if recorded.version == len(known) + 1:
                known = (*known, recorded)
            elif recorded.version > len(known):
                missing.add(recorded.petition)
            self._heard[recorded.petition] = known
        if missing:
            self._heard.update(await self._log.load(missing))
        streams = {recorded.petition: self._heard[recorded.petition] for recorded in batch}
        while len(self._heard) > KEPT_STREAMS:
            self._heard.popitem(last=False)
        return streams

    async def _deliver(self, producer: AIOKafkaProducer, told: Iterable[DispatchEvent]) -> None:
        messages: dict[TopicPartition, list[Message]] = defaultdict(list)
        for one in told:
            message = encode_dispatch(one, self._epoch)
            partition = DefaultPartitioner()(message.key, self._partitions, self._partitions)
            messages[TopicPartition(DISPATCH_EVENTS, partition)].append(message)
            if one.target in self._own:
                messages[self._own[one.target]].append(message)
        batches: list[tuple[TopicPartition, Sent]] = []
        for to, part in messages.items():
            batches += [(to, sent) for sent in await send(producer, to.topic, to.partition, part)]
        places = await acknowledged(sent.place for _, sent in batches)
        for (to, sent), place in zip(batches, places, strict=True):
            if 0 <= place.offset < self._ends[to]:
                await self._begin_again()
            self._ends[to] = max(self._ends[to], place.offset + sent.records)

    async def _note(self, positions: Mapping[int, int], statements: Sequence[Statement]) -> None:
        moves = [Move(NAME, p, self._owned[p].position, to, self._owned[p].epoch) for p, to in positions.items()]
        await self._log.transact(moves, (), statements)
        self._owned |= {move.partition: Checkpoint(move.partition, move.new, move.epoch) for move in moves}

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            await ensure_topics(self._bootstrap, self._log.partitions, self._replication, self._departments)
            self._producer = await open_producer(self._bootstrap, f"gridcase-{NAME}")
            self._partitions = sorted(await self._producer.partitions_for(DISPATCH_EVENTS))
            common = [TopicPartition(DISPATCH_EVENTS, partition) for partition in self._partitions]
            self._ends = await self._read_ends([*common, *self._own.values()])
            if not any(self._ends[one] for one in common) and any(self.reached.values()):
                await self._begin_again()
        return self._producer

    async def _check(self) -> None:
        ends = await self._read_ends(list(self._ends))
        if any(end < self._ends[one] for one, end in ends.items()):
            await self._begin_again()
        self._ends = ends

    async def _read_ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return await read_ends(self._bootstrap, f"gridcase-{NAME}-ends", partitions)

    async def _begin_again(self) -> None:
        """Records were lost, of whichever receiver: every owner starts from the beginning of the log."""
        log.error("topic_lost_its_tail", topic=DISPATCH_EVENTS)
        self._ends = dict.fromkeys(self._ends, 0)
        await self._log.transact([], (), [Statement(BEGIN_AGAIN, [{"subscriber": NAME}])])
        raise LeaseLost

    async def _redrive(self) -> None:
        """Try again what was asked for."""
        asked = {"subscriber": NAME, "now": time.time_ns() // 1_000}
        versions: dict[UUID, set[int]] = defaultdict(set)
        for stream, version in await self._log.engine.query(dead_letters.ASKED_FOR, asked):
            versions[as_uuid(stream)].add(version)
        for petition, wanted in versions.items():
            if self._log.partition_of(petition) in self._owned:
                await self._tell_again(petition, wanted)

    async def _tell_again(self, petition: UUID, versions: Collection[int]) -> None:
        stream = (await self._log.load([petition]))[petition]
        waiting = [recorded for recorded in stream if recorded.version in versions]
        told, letters = await self._told(waiting)
        where = {"subscriber": NAME, "stream_id": petition}
        rows = [{**where, "position": recorded.position} for recorded in waiting]
        if letters:
            failed = [{**row, "error": error} for row, (_, error) in zip(rows, letters, strict=True)]
            again = [Statement(dead_letters.FAILED_AGAIN, failed), Statement(dead_letters.WAIT, [where])]
            await self._log.transact([], (), again)
            return
        await self._deliver(await self._connected(), told)
        done = [Statement(dead_letters.DROP, rows), Statement(dead_letters.UNPARK, [where])]
        await self._log.transact([], (), done)
        self._parked.discard(petition)

    async def _drop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)
