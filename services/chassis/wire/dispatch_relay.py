"""What units and departments hear: `dispatch.events.v1`, translated from the log, with a checkpoint of its own.

Where the topics end is noted with the checkpoint, so that a loss is seen also when nobody lives who wrote there. And
whoever takes a partition of the log tells the last stretch before its checkpoint once more: what was lost of it under
others who had written on is there again, and what was not comes twice, byte for byte.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import takewhile
from math import inf
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from aiokafka import TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from schemas.cloudevents import Message, encode_dispatch
from schemas.dispatches import DispatchEvent
from schemas.event import AnyRecorded
from schemas.topics import DISPATCH_EVENTS, department_topic
from services.chassis import dead_letters, metrics
from services.chassis.clock import MachineTime, Time, micros
from services.chassis.codec import Undecodable
from services.chassis.crash import crash_point
from services.chassis.feed import LogFeed
from services.chassis.keep_going import keep_going
from services.chassis.leases import Leases
from services.chassis.log import KEPT_STREAMS, Log
from services.chassis.states import UnreadableStream
from services.chassis.store.engine import Checkpoint, LeaseLost, Move, Statement, as_uuid
from services.chassis.topics import read_topics
from services.chassis.wire.outlet import Outlet
from services.chassis.wire.topics import ensure_topics

NAME = "dispatch_relay"
BATCH = 500
LOOK_SECONDS = 0.1
CHECK_SECONDS = 5.0
"""How often to see that the topics still end where they were left, and what is to be sent again."""
TOLD_AGAIN = 1_000
"""Positions before its checkpoint that whoever takes a partition of the log tells once more."""
ENDS = "SELECT topic, partition, ends FROM es_outlet"
NOTE_ENDS = (
    "INSERT INTO es_outlet (topic, partition, ends) VALUES (:topic, :partition, :ends) "
    "ON CONFLICT (topic, partition) DO UPDATE SET ends = excluded.ends WHERE es_outlet.ends < excluded.ends"
)
FORGET_ENDS = "DELETE FROM es_outlet"
BEGIN_AGAIN = "UPDATE es_checkpoint SET position = 0 WHERE subscriber = :subscriber"
log = structlog.get_logger()

Translate = Callable[[Any, Sequence[AnyRecorded]], tuple[Sequence[DispatchEvent], Any]]
"""What came next to a petition in this state, None before its first event: its news in order, and its state then."""
News = tuple[Mapping[int, list[DispatchEvent]], int, str]
"""A petition's news by version, up to which version it is sound, and what is wrong with the rest."""


class Heard(NamedTuple):
    """A petition up to a version, as its translation left it."""

    version: int = 0
    state: Any = None

    def goes_on(self, stream: Sequence[AnyRecorded]) -> bool:
        """Whether these events are the next ones, without a gap."""
        return [one.version for one in stream] == list(range(self.version + 1, self.version + len(stream) + 1))


def receivers_partitions() -> list[TopicPartition]:
    """The partitions of the common topic."""
    return [TopicPartition(DISPATCH_EVENTS, number) for number in range(_partitions())]


def receivers_partition(key: bytes) -> int:
    """The one of them that holds all news of a receiver."""
    numbers = range(_partitions())
    number: int = DefaultPartitioner()(key, numbers, numbers)
    return number


@cache
def _partitions() -> int:
    return read_topics().named(DISPATCH_EVENTS).partitions.value


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
        time: Time | None = None,
    ) -> None:
        """`departments` have a topic of their own beside the common one; `replication` when topics must be made;
        `time`: the database's, so that all processes mean the same moment."""
        self._log = log
        self._epoch = epoch
        self._leases = leases
        self._translate = translate
        self._time = time or MachineTime()
        self._common = receivers_partitions()
        self._own = {department: TopicPartition(department_topic(department), 0) for department in departments}
        self._outlet = Outlet(
            bootstrap,
            f"gridcase-{NAME}",
            [*self._common, *self._own.values()],
            lambda: ensure_topics(bootstrap, log.partitions, replication, departments),
            self._noted_ends,
        )
        self._feed = LogFeed(log, LOOK_SECONDS)
        self._owned: dict[int, Checkpoint] = {}
        self._reached: dict[int, int] = {}
        self._heard: OrderedDict[UUID, Heard] = OrderedDict()
        """The petitions heard lately, the latest last: most have several events in a short time."""
        self._parked: dict[UUID, int] = {}
        """Petitions that wait for a redrive, each with the version from which on."""
        self._checked = 0.0
        self._unsure = False
        """Whether records were lost and not every owner was told yet to begin again."""

    @property
    def wake(self) -> asyncio.Event:
        """Set to have it look for news at once."""
        return self._feed.wake

    @property
    def reached(self) -> dict[int, int]:
        """Positions whose news is sent, by partition; behind the checkpoint while it is told again."""
        return dict(self._reached)

    async def run(self) -> None:
        """Send until cancelled; a broker or a database that is away is waited for, a lost lease is taken again."""
        await keep_going(self.name, self._turn, self.start)

    async def start(self) -> None:
        """Take the leases and read where it stands."""
        await self._take(await self._leases.take())

    async def stop(self) -> None:
        """Let others go on there at once."""
        await self._outlet.drop()
        await self._leases.release()

    async def _take(self, owned: Iterable[Checkpoint]) -> None:
        known, self._owned = self._owned, {one.partition: one for one in owned}
        kept = {p for p, one in self._owned.items() if p in known and known[p].epoch == one.epoch}
        self._reached = {
            p: min(self._reached[p], one.position) if p in kept else max(0, one.position - TOLD_AGAIN)
            for p, one in self._owned.items()
        }
        self._parked = await dead_letters.first_of_each(self._log.engine, NAME)

    async def _turn(self) -> None:
        if (owned := await self._leases.look()) is not None:
            await self._take(owned)
        try:
            heard = await self.step()
            if time.monotonic() - self._checked > CHECK_SECONDS:
                self._checked = time.monotonic()
                if await self._outlet.lost():
                    await self._begin_again()
                await self._redrive()
        except LeaseLost:
            raise
        except Exception:
            await self._outlet.drop()
            raise
        if not heard:
            await self._feed.wait(LOOK_SECONDS)

    async def step(self) -> int:
        """Send the news of the next events and note how far it came; returns how many events these were."""
        if self._unsure:
            await self._begin_again()
        batch = await self._feed.batch(self.reached, BATCH)
        again = [one for one in batch if one.position <= self._owned[one.partition].position]
        news = [one for one in batch if one.position > self._owned[one.partition].position]
        metrics.tell_age(NAME, [recorded.recorded_at for recorded in news], self._time.now())
        await self._open()
        if batch:
            known, _ = await self._told(self._sorted(again)[0])  # what is parked waits for a redrive
            if await self._one_is_empty(self._messages(known)):
                await self._begin_again()
            fresh, letters = self._sorted(news)
            told, more = await self._told(fresh)
            letters += more
            ends = await self._deliver([*known, *told])
            crash_point("dispatch_relay.acknowledged")
            positions = {recorded.partition: recorded.position for recorded in batch}
            await self._note(positions, [*ends, *dead_letters.park(NAME, letters, self._time.now())])
            if letters:
                for recorded, _ in letters:
                    self._parked.setdefault(recorded.petition, recorded.version)
                metrics.DEAD_LETTERS.labels(NAME).inc(len(letters))
                log.error("parked", subscriber=NAME, petitions=[str(recorded.petition) for recorded, _ in letters])
        return len(batch)

    def _sorted(self, batch: Sequence[AnyRecorded]) -> tuple[list[AnyRecorded], list[tuple[AnyRecorded, str]]]:
        """What can be told now, and what must wait behind an event of the same petition that could not."""
        behind = [recorded for recorded in batch if recorded.version >= self._parked.get(recorded.petition, inf)]
        fresh = [recorded for recorded in batch if recorded.version < self._parked.get(recorded.petition, inf)]
        return fresh, [(recorded, dead_letters.BEHIND) for recorded in behind]

    async def _told(self, batch: Sequence[AnyRecorded]) -> tuple[list[DispatchEvent], list[tuple[AnyRecorded, str]]]:
        """The news that these events make, in their order, and those that cannot be translated: from a petition's first
        that cannot be read on, or all of it where its translation fails."""
        news = {petition: self._translated(*whence) for petition, whence in (await self._whence(batch)).items()}
        while len(self._heard) > KEPT_STREAMS:
            self._heard.popitem(last=False)
        told: list[DispatchEvent] = []
        letters: list[tuple[AnyRecorded, str]] = []
        for recorded in batch:
            found, sound, error = news[recorded.petition]
            if recorded.version <= sound:
                told += found[recorded.version]
            else:
                letters.append((recorded, error))
        return told, letters

    def _translated(self, heard: Heard, stream: Sequence[AnyRecorded]) -> News:
        """The news of what follows; where nothing is wrong with it, the petition is known up to there."""
        readable = list(takewhile(_can_be_read, stream))
        news: dict[int, list[DispatchEvent]] = defaultdict(list)
        try:
            told, state = self._translate(heard.state, readable)
        except Exception as error:
            return {}, 0, dead_letters.describe(error)
        for one in told:
            news[one.version].append(one)
        if len(readable) == len(stream):
            self._heard[stream[-1].petition] = Heard(stream[-1].version, state)
        return news, heard.version + len(readable), UnreadableStream.__name__

    async def _whence(self, batch: Sequence[AnyRecorded]) -> Mapping[UUID, tuple[Heard, Sequence[AnyRecorded]]]:
        """How far each of these petitions is known, and its events from there to the last of these; one whose events do
        not follow right there is read from the log."""
        streams: dict[UUID, list[AnyRecorded]] = defaultdict(list)
        for recorded in batch:
            streams[recorded.petition].append(recorded)
        whence = {petition: (self._heard.pop(petition, Heard()), stream) for petition, stream in streams.items()}
        missing = [petition for petition, (heard, stream) in whence.items() if not heard.goes_on(stream)]
        for petition, stream in (await self._log.load(missing) if missing else {}).items():
            whence[petition] = Heard(), list(stream[: streams[petition][-1].version])
        return whence

    async def _deliver(self, told: Iterable[DispatchEvent]) -> list[Statement]:
        """Have it acknowledged; returns what notes where it ends."""
        messages = self._messages(told)
        if await self._outlet.send(messages):
            await self._begin_again()
        ends = sorted((to.topic, to.partition, self._outlet.ends[to]) for to in messages)
        return [Statement(NOTE_ENDS, [dict(zip(("topic", "partition", "ends"), one, strict=True)) for one in ends])]

    async def _noted_ends(self) -> dict[TopicPartition, int]:
        rows = await self._log.engine.query(ENDS, {})
        return {TopicPartition(topic, partition): ends for topic, partition, ends in rows}

    def _messages(self, told: Iterable[DispatchEvent]) -> Mapping[TopicPartition, Sequence[Message]]:
        """Where each of them goes: the common topic, and the department's own."""
        messages: dict[TopicPartition, list[Message]] = defaultdict(list)
        for one in told:
            message = encode_dispatch(one, self._epoch)
            messages[self._common[receivers_partition(message.key)]].append(message)
            if one.target in self._own:
                messages[self._own[one.target]].append(message)
        return messages

    async def _note(self, positions: Mapping[int, int], statements: Sequence[Statement]) -> None:
        moves = [
            Move(NAME, p, self._owned[p].position, max(self._owned[p].position, to), self._owned[p].epoch)
            for p, to in positions.items()
        ]
        await self._log.transact(moves, (), statements)
        self._owned |= {move.partition: Checkpoint(move.partition, move.new, move.epoch) for move in moves}
        self._reached |= positions

    async def _open(self) -> None:
        if self._outlet.is_open:
            return
        lost = await self._outlet.open()
        told = any(one.position for one in self._owned.values())
        wiped = told and not any(self._outlet.ends[one] for one in self._common)
        if lost or wiped:
            await self._begin_again()

    async def _one_is_empty(self, told_there: Collection[TopicPartition]) -> bool:
        """Whether one of them holds nothing, or lost records; others may have begun it since its end was read."""
        if all(self._outlet.ends[to] for to in told_there):
            return False
        return bool(await self._outlet.lost()) or not all(self._outlet.ends[to] for to in told_there)

    async def _begin_again(self) -> None:
        """Records were lost, of whichever receiver: every owner starts from the beginning of the log."""
        log.error("topic_lost_its_tail", topic=DISPATCH_EVENTS)
        self._unsure = True
        anew = [Statement(BEGIN_AGAIN, [{"subscriber": NAME}]), Statement(FORGET_ENDS, [{}])]
        await self._log.transact([], (), anew)
        self._unsure = False
        raise LeaseLost

    async def _redrive(self) -> None:
        """Try again what was asked for."""
        asked = {"subscriber": NAME, "now": micros(self._time.now())}
        versions: dict[UUID, set[int]] = defaultdict(set)
        for stream, version in await self._log.engine.query(dead_letters.ASKED_FOR, asked):
            versions[as_uuid(stream)].add(version)
        for petition, wanted in versions.items():
            if self._log.partition_of(petition) in self._owned:
                await self._tell_again(petition, wanted)

    async def _tell_again(self, petition: UUID, versions: Collection[int]) -> None:
        """Tell what waited, up to what cannot be told yet; where that is nothing, the petition goes on. Who lost the
        lease tells it before it can know: the letters stay and the owner tells the same in the same order, before
        anything later, so one of both are repeats."""
        stream = (await self._log.load([petition]))[petition]
        waiting = [recorded for recorded in stream if recorded.version in versions]
        told, letters = await self._told(waiting)
        statements: list[Statement] = []
        if told:
            await self._open()
            statements += await self._deliver(told)
        where = {"subscriber": NAME, "stream_id": petition}
        rows = {recorded.version: {**where, "position": recorded.position} for recorded in waiting}
        for recorded, error in letters:
            statements += dead_letters.failed_again(rows.pop(recorded.version), error, self._time.now())
        statements.append(Statement(dead_letters.DROP, list(rows.values())))
        if not letters:
            statements.append(Statement(dead_letters.UNPARK, [where]))
        partition = self._log.partition_of(petition)
        await self._note({partition: self._owned[partition].position}, statements)  # none under a lease that was lost
        self._parked.pop(petition, None)
        if letters:
            self._parked[petition] = letters[0][0].version


def _can_be_read(recorded: AnyRecorded) -> bool:
    """Nobody knows what an unreadable event means to receivers; one of a later release means nothing to this one."""
    return not (isinstance(recorded.event, Undecodable) and recorded.event.known)
