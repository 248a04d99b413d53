"""The log is the outbox: the relay writes each of its partitions to the same-numbered one of `petition.events.v1`.

Where it goes on is read from the topic, never remembered: what was sent twice is no harm, a gap would be one.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition

from schemas.cloudevents import Logged, encode
from schemas.event import EventRef
from schemas.topics import PETITION_EVENTS
from services.chassis import metrics
from services.chassis.clock import MachineTime, Time, from_micros
from services.chassis.codec import read_meta
from services.chassis.crash import crash_point
from services.chassis.keep_going import keep_going
from services.chassis.leases import Leases
from services.chassis.store.engine import Checkpoint, Engine, EventRow, LeaseLost, Move, Transaction
from services.chassis.wire.clients import abandon, acknowledged, open_producer
from services.chassis.wire.holding import still_held
from services.chassis.wire.sending import Sent, send
from services.chassis.wire.tails import NotOurs, Tail, goes_on_from, read_ends, read_tails
from services.chassis.wire.topics import ensure_topics

NAME = "relay"
BATCH = 4_000
LOOK_SECONDS = 0.05
"""How often to look for what other processes appended."""
CHECK_SECONDS = 5.0
"""How often to see that the topic still ends where it was left: a broker can be wiped while nothing is sent."""
log = structlog.get_logger()


class Relay:
    """The partitions that this process owns, to the topic."""

    name = NAME

    def __init__(
        self,
        engine: Engine,
        epoch: str,
        bootstrap: str,
        leases: Leases,
        partitions: int,
        replication: int | None = None,
        time: Time | None = None,
    ) -> None:
        """`epoch` of the store; `replication` as `ensure_topics` takes it, for when the topics must be made again;
        `time`: the database's, from which the age of an event is measured."""
        self.wake = asyncio.Event()
        """Set to have it look for news at once."""
        self._engine = engine
        self._epoch = epoch
        self._bootstrap = bootstrap
        self._leases = leases
        self._partitions = partitions
        self._replication = replication
        self._time = time or MachineTime()
        self._owned: dict[int, Checkpoint] = {}
        self._sent: dict[int, int] = {}
        """The position that the topic reaches, of each partition whose tail is known."""
        self._ends: dict[int, int] = {}
        """The offset where its next record must stand."""
        self._cut: dict[int, int] = {}
        """The offset before which the topic still holds what it held; what is behind was written on after a loss."""
        self._stopped: set[int] = set()
        """The partitions that hold what is not of this log, when they were looked at last."""
        self._ahead: tuple[Mapping[int, int], Sequence[EventRow]] = ({}, [])
        """What comes after positions that the topic was going to reach, read while the broker acknowledged them."""
        self._producer: AIOKafkaProducer | None = None
        self._checked = 0.0
        self._looked_at_stopped = 0.0

    @property
    def reached(self) -> dict[int, int]:
        """Positions that the topic holds, by partition."""
        return {p: self._sent.get(p, one.position) for p, one in self._owned.items()}

    async def run(self) -> None:
        """Send until cancelled; a broker or a database that is away is waited for, a lost lease is taken again."""
        await keep_going(self.name, self._turn, self.start)

    async def start(self) -> None:
        """Take the leases; where the topic ends must be read anew."""
        self._ahead = ({}, [])
        self._own({one.partition: one for one in await self._leases.take()}, {})

    async def stop(self) -> None:
        """Let others go on there at once; what was not acknowledged is sent by them."""
        await self._drop()
        await self._leases.release()

    def _own(self, owned: Mapping[int, Checkpoint], known: Mapping[int, Checkpoint]) -> None:
        """What is held under the lease that it was held under goes on; of everything else nothing is known."""
        kept = {p for p, one in owned.items() if p in known and known[p].epoch == one.epoch}
        self._owned = {p: known[p] if p in kept else one for p, one in owned.items()}
        self._sent = {p: position for p, position in self._sent.items() if p in kept}
        self._cut = {p: offset for p, offset in self._cut.items() if p in kept}
        self._stopped &= kept
        metrics.RELAY_STOPPED.set(len(self._stopped))

    async def _turn(self) -> None:
        if (owned := await self._leases.look()) is not None:
            self._own({one.partition: one for one in owned}, self._owned)
        try:
            sent = await self.step()
        except LeaseLost:
            raise
        except Exception:
            await self._drop()
            await self._measure_what_waits()
            raise
        if not sent:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.wake.wait()
            self.wake.clear()

    async def step(self) -> int:
        """Send the next events and note how far it came; returns how many it sent."""
        await self._learn()
        rows = await self._next_page()
        self._measure(rows)
        if rows:
            await self._deliver(rows)
            await self._checkpoint()
        elif self._sent and time.monotonic() - self._checked > CHECK_SECONDS:
            await self._check()
        return len(rows)

    async def _next_page(self) -> Sequence[EventRow]:
        (after, rows), self._ahead = self._ahead, ({}, [])
        if rows and after == self._sent:
            return rows
        return await self._engine.read(self._sent, BATCH) if self._sent else []

    async def _learn(self) -> None:
        """Read where the topic ends, of every partition of which it is not known."""
        if self._producer is not None and not still_held(self._producer):
            await self._drop()
        if self._producer is None:
            await ensure_topics(self._bootstrap, self._partitions, self._replication)
            self._producer = await open_producer(self._bootstrap, f"gridcase-{NAME}")
        unknown = self._owned.keys() - self._sent.keys()
        if self._stopped and time.monotonic() - self._looked_at_stopped > CHECK_SECONDS:
            self._looked_at_stopped = time.monotonic()  # somebody may have made the topic anew
        else:
            unknown -= self._stopped
        if not unknown:
            return
        cut = {p: offset for p, offset in self._cut.items() if p in unknown}
        tails = await read_tails(self._bootstrap, f"gridcase-{NAME}-tail", unknown, cut)
        heads = await self._engine.heads()  # after the tails: nothing is in the topic that was not in the log before
        there = await self._where_they_end(tails)
        for partition, tail in tails.items():
            try:
                checkpoint = 0 if partition in cut else self._owned[partition].position
                known = goes_on_from(tail, self._epoch, heads[partition], checkpoint, there.get(partition))
            except NotOurs as error:
                self._stop_at(partition, error)
            else:
                self._stopped.discard(partition)
                self._cut.pop(partition, None)
                self._sent[partition], self._ends[partition] = known, tail.ends
        metrics.RELAY_STOPPED.set(len(self._stopped))
        await self._checkpoint()

    async def _where_they_end(self, tails: Mapping[int, Tail]) -> dict[int, EventRef]:
        """The events that the log has where the topic ends."""
        ends = {p: tail.last.position for p, tail in tails.items() if tail.last}
        rows = await self._engine.read({p: position - 1 for p, position in ends.items()}, len(ends)) if ends else []
        return {
            row.partition: EventRef(row.stream_id, row.version) for row in rows if row.position == ends[row.partition]
        }

    def _stop_at(self, partition: int, why: NotOurs) -> None:
        """Write nothing there until what stands there is of this log."""
        if partition not in self._stopped:
            log.error("relay_stopped", partition=partition, why=str(why))
        self._stopped.add(partition)

    async def _check(self) -> None:
        """See whether the topic still ends where it was left; where it does not, read again what stands there."""
        self._checked = time.monotonic()
        topics = {p: TopicPartition(PETITION_EVENTS, p) for p in self._sent}
        ends = await read_ends(self._bootstrap, f"gridcase-{NAME}-tail", topics.values())
        for partition in [p for p, topic in topics.items() if ends[topic] != self._ends[p]]:
            del self._sent[partition]

    async def _deliver(self, rows: Sequence[EventRow]) -> None:
        assert self._producer
        batches: list[tuple[int, Sent]] = []
        for partition, events in groupby(rows, lambda row: row.partition):
            messages = [encode(_logged(row), self._epoch) for row in events]
            sent = await send(self._producer, PETITION_EVENTS, partition, messages)
            batches += [(partition, batch) for batch in sent]
        crash_point("relay.sent")
        places, self._ahead = await asyncio.gather(
            acknowledged(batch.place for _, batch in batches), self._read_on(rows)
        )
        crash_point("relay.acknowledged")
        for (partition, batch), place in zip(batches, places, strict=True):
            self._note(partition, batch.records, place.offset)

    async def _read_on(self, rows: Sequence[EventRow]) -> tuple[Mapping[int, int], Sequence[EventRow]]:
        """The page after this one, and after what; none after the last, for news is looked for when it is asked."""
        after = self._sent | {row.partition: row.position for row in rows}
        return after, await self._engine.read(after, BATCH) if len(rows) == BATCH else []

    def _note(self, partition: int, count: int, offset: int) -> None:
        """Remember what the topic holds now. A batch that stands before the end that was known followed a loss."""
        if partition not in self._sent:
            return  # an earlier batch followed a loss already
        if offset < self._ends[partition]:
            log.error("topic_lost_its_tail", partition=partition, offset=offset)
            del self._sent[partition]
            if offset >= 0:  # Kafka does not say where a batch stands that it had acknowledged long before
                self._cut[partition] = offset
            return
        self._sent[partition] += count
        self._ends[partition] = offset + count

    async def _checkpoint(self) -> None:
        """Note how far the topic reaches, which may be less than before."""
        moves = [
            Move(NAME, p, self._owned[p].position, position, self._owned[p].epoch)
            for p, position in self._sent.items()
            if position != self._owned[p].position
        ]
        if moves:
            await self._engine.transact(Transaction(moves=moves))
            crash_point("relay.checkpointed")
            self._owned |= {move.partition: Checkpoint(move.partition, move.new, move.epoch) for move in moves}

    async def _drop(self) -> None:
        """After an error nobody knows what was delivered: ask the topic."""
        self._sent.clear()
        self._ahead = ({}, [])  # what was read of a database that was restored since
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)

    async def _measure_what_waits(self) -> None:
        with suppress(Exception):  # the database may be away too
            self._measure(await self._engine.read({p: one.position for p, one in self._owned.items()}, 1))

    def _measure(self, unsent: Sequence[EventRow]) -> None:
        metrics.tell_age(NAME, (from_micros(row.recorded_at) for row in unsent), self._time.now())


def _logged(row: EventRow) -> Logged:
    meta = read_meta(row.meta)
    return Logged(*row[:7], meta["service"], meta["causation"], meta.get("by"), row.recorded_at, None)
