"""A service hears the log: in order, a batch at a time, every effect once.

The checkpoint moves in the same transaction as the events it led to, and also when it led to none: silence is
remembered like an event.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from schemas.event import AnyRecorded
from services.chassis import dead_letters, metrics
from services.chassis.clock import micros
from services.chassis.codec import Undecodable
from services.chassis.crash import crash_point
from services.chassis.feed import Feed, LogFeed
from services.chassis.keep_going import keep_going
from services.chassis.leases import Alone, Leases
from services.chassis.log import Result, Written
from services.chassis.planning import Asked, Poison, plan, react
from services.chassis.runtime import Runtime
from services.chassis.service import Ground, Service
from services.chassis.store.engine import Checkpoint, LeaseLost, Move, Statement, StreamsMoved, as_uuid

BATCH = 100
"""Events heard at once where others wait for the same partitions: a lone append waits for all of them."""
WORTH_A_NUDGE = 10
"""Events waiting in a partition before it is worth taking one ahead of them."""
MOST_AHEAD = 1_000
IDLE_SECONDS = 1.0
log = structlog.get_logger()


class Consumer:
    """One service's subscription to all partitions that this process owns."""

    def __init__(
        self,
        service: Service,
        runtime: Runtime,
        feed: Feed | None = None,
        leases: Leases | None = None,
        batch: int = BATCH,
    ) -> None:
        """Alone on the store itself, unless a feed and leases say otherwise."""
        self.service = service
        self.runtime = runtime
        self._feed = feed or LogFeed(runtime.log)
        self._leases = leases or Alone(runtime.log.engine, service.name)
        self._batch = batch
        self._committed: dict[int, int] = {}
        self._read: dict[int, int] = {}
        self._epochs: dict[int, int] = {}
        self._parked: set[UUID] = set()
        self._next_redrive = 0.0
        self._states = runtime.states(service.decider)
        self._ahead: deque[AnyRecorded] = deque(maxlen=MOST_AHEAD)

    async def start(self) -> None:
        """Take the leases and read where the service stands."""
        self._epochs = {}
        await self._own(await self._leases.take())

    async def _own(self, owned: Sequence[Checkpoint]) -> None:
        """Go on where what is new stands; forget what is another's now."""
        new = [one for one in owned if self._epochs.get(one.partition) != one.epoch]
        kept = {one.partition for one in owned} - {one.partition for one in new}
        for known in (self._committed, self._read, self._epochs):
            for partition in set(known) - kept:
                del known[partition]
        for one in new:
            self._committed[one.partition] = self._read[one.partition] = one.position
            self._epochs[one.partition] = one.epoch
        if new:
            self._states.forget()  # what another did there, or in another store, is not known here
            self._parked = await dead_letters.parked_petitions(self.runtime.log.engine, self.service.name)

    async def stop(self) -> None:
        """Write how far it has read, and let others go on there at once."""
        with contextlib.suppress(LeaseLost):  # its last batch was committed after it had been cancelled
            await self.flush()
        await self._leases.release()
        await self._feed.close()

    async def run(self) -> None:
        """Hear until cancelled; a database that is away is waited for, a lost lease is taken again."""
        await keep_going(self.name, self._turn, self.start)

    async def _turn(self) -> None:
        if (owned := await self._leases.look()) is not None:
            await self._own(owned)
        if not await self.step():
            await self.flush()
            await self._feed.wait(IDLE_SECONDS)
        if self._parked and time.monotonic() >= self._next_redrive:
            self._next_redrive = time.monotonic() + IDLE_SECONDS
            await self.redrive()

    async def step(self) -> bool:
        """Handle the next batch; False when there was nothing to read."""
        if self._ahead:
            await self._take_ahead()
        batch = await self._feed.batch(self._read, self._batch)
        if batch:
            await self.handle(batch)
        return bool(batch)

    def nudge(self, recorded: AnyRecorded) -> None:
        """Take this event ahead of the queue, if there is a queue. Its normal turn then finds the work done."""
        waiting = recorded.position - self._read.get(recorded.partition, recorded.position)
        if waiting > WORTH_A_NUDGE and self._hears(recorded) and self._may_take(recorded):
            self._ahead.append(recorded)
            self.wake.set()

    def _may_take(self, recorded: AnyRecorded) -> bool:
        return recorded.partition in self._epochs and recorded.petition not in self._parked

    async def _take_ahead(self) -> None:
        """Handle nudged events without moving the checkpoint; what fails here fails again, and parks, in its turn.

        Only under the leases: no effect could double, but only the owner knows what waits behind a dead letter."""
        taken = [self._ahead.popleft() for _ in range(min(len(self._ahead), self._batch))]
        if not (ahead := [recorded for recorded in taken if self._may_take(recorded)]):  # it may not, by now
            return
        try:
            facts = await self.service.for_batch(ahead, self._ground())
            stays = [self._stay(partition) for partition in sorted({one.partition for one in ahead})]
            results = await self._make(react(self.service, ahead, facts), stays)
        except (Poison, StreamsMoved):
            return
        for result in results:
            if isinstance(result, Written):
                for recorded in result.events:
                    self.runtime.nudge(recorded)

    async def handle(self, batch: Sequence[AnyRecorded]) -> None:
        """Make one batch's effects and remember that it was heard."""
        batch = [recorded for recorded in batch if recorded.position > self._read[recorded.partition]]
        metrics.UNKNOWN_EVENTS.labels(self.service.name).inc(sum(map(self._skips, batch)))
        heard = [recorded for recorded in batch if self._hears(recorded)]
        rows = self.service.rows(batch) if self.service.rows else []
        positions = {recorded.partition: recorded.position for recorded in batch}
        if heard:
            await self.runtime.policies.know(heard)
        if heard or rows:
            await self._commit({**self._unwritten(), **positions}, heard, rows)
        self._read.update(positions)

    async def flush(self) -> None:
        """Write how far it has read, when it read on without hearing anything of its own."""
        if self._unwritten():
            await self._commit(self._unwritten(), [], [])

    async def redrive(self) -> int:
        """Try again what was asked for in the partitions it owns; returns how many events are handled now.

        Raises LeaseLost when one of them is another's by now, who alone may let its petitions go on."""
        engine, name = self.runtime.log.engine, self.service.name
        now = micros(self.runtime.time.now())
        asked = await engine.query(dead_letters.ASKED_FOR, {"subscriber": name, "now": now})
        versions: dict[UUID, list[int]] = {}
        for stream, version in asked:
            versions.setdefault(as_uuid(stream), []).append(version)
        handled = 0
        for petition, waiting in versions.items():
            if self.runtime.log.partition_of(petition) in self._epochs:
                handled += await self._redrive(petition, waiting)
        return handled

    @property
    def wake(self) -> asyncio.Event:
        """Set to have it look for news at once."""
        return self._feed.wake

    @property
    def name(self) -> str:
        """The subscriber that its checkpoints and dead letters are kept under."""
        return self.service.name

    @property
    def reached(self) -> dict[int, int]:
        """Positions heard, by partition."""
        return dict(self._read)

    def _hears(self, recorded: AnyRecorded) -> bool:
        if isinstance(recorded.event, Undecodable):
            own = not recorded.event.known and recorded.service == self.service.name
            return own or recorded.event.type in {event.__name__ for event in self.service.hears}
        return type(recorded.event) in self.service.reactions

    def _skips(self, recorded: AnyRecorded) -> bool:
        """Whether it is of a type of another service that this release does not know."""
        event = recorded.event
        return isinstance(event, Undecodable) and not event.known and recorded.service != self.service.name

    def _unwritten(self) -> dict[int, int]:
        return {p: position for p, position in self._read.items() if position != self._committed[p]}

    async def _commit(self, positions: dict[int, int], heard: Sequence[AnyRecorded], rows: Sequence[Statement]) -> None:
        name = self.service.name
        moves = [Move(name, p, self._committed[p], position, self._epochs[p]) for p, position in positions.items()]
        letters = [(recorded, dead_letters.BEHIND) for recorded in heard if recorded.petition in self._parked]
        fresh = [recorded for recorded in heard if recorded.petition not in self._parked]
        started, now = time.perf_counter(), self.runtime.time.now()
        asked, letters = await self._react(fresh, letters)
        while True:
            try:
                await self._make(asked, moves, [*rows, *dead_letters.park(name, letters, now)])
                break
            except Poison as poison:
                asked = [
                    one
                    for one in asked
                    if one.source.petition != poison.recorded.petition or one.source.version < poison.recorded.version
                ]
                letters += self._letters(poison, fresh)
            except StreamsMoved:
                asked, letters = await self._react(fresh, letters)  # decided again, and at another time
        crash_point(f"{name}.after_commit")
        self._committed.update(positions)
        self._parked |= {recorded.petition for recorded, _ in letters}
        metrics.HANDLED.labels(name).inc(len(heard))
        metrics.BATCH_SECONDS.labels(name).observe(time.perf_counter() - started)
        if letters:
            metrics.DEAD_LETTERS.labels(name).inc(len(letters))
            log.error("parked", subscriber=name, petitions=[str(recorded.petition) for recorded, _ in letters])

    async def _make(
        self, asked: Sequence[Asked], moves: Sequence[Move] = (), statements: Sequence[Statement] = ()
    ) -> list[Result]:
        """Decide and commit; raises Poison, LeaseLost, and StreamsMoved when somebody else was faster."""
        planned = await plan(self.service, self.runtime.log, self._states, asked)
        crash_point(f"{self.service.name}.before_commit")
        try:
            results = await self.runtime.log.transact(moves, planned.entries, statements)
        except StreamsMoved as moved:
            metrics.CONFLICTS.labels(self.service.name).inc()
            self._states.forget(moved.streams)
            raise
        self._states.keep(planned.committed(results))
        return results

    async def _react(
        self, fresh: Sequence[AnyRecorded], letters: list[tuple[AnyRecorded, str]]
    ) -> tuple[list[Asked], list[tuple[AnyRecorded, str]]]:
        facts = await self.service.for_batch(fresh, self._ground()) if fresh else None
        while True:
            left_out = {recorded.ref for recorded, _ in letters}
            try:
                return react(self.service, [r for r in fresh if r.ref not in left_out], facts), letters  # type: ignore[arg-type]
            except Poison as poison:
                letters = [*letters, *self._letters(poison, fresh)]

    def _letters(self, poison: Poison, fresh: Sequence[AnyRecorded]) -> list[tuple[AnyRecorded, str]]:
        """The poisonous event, and the later ones of the same petition in this batch behind it."""
        error = dead_letters.describe(poison.error)
        later = [r for r in fresh if r.petition == poison.recorded.petition and r.version > poison.recorded.version]
        return [(poison.recorded, error), *((recorded, dead_letters.BEHIND) for recorded in later)]

    async def _redrive(self, petition: UUID, versions: Sequence[int]) -> int:
        name = self.service.name
        stream = (await self.runtime.log.load([petition]))[petition]
        for count, version in enumerate(versions):
            recorded = stream[version - 1]
            row: dict[str, Any] = {"subscriber": name, "stream_id": petition, "position": recorded.position}
            done = [Statement(dead_letters.DROP, [row])]
            if version == versions[-1]:
                done.append(Statement(dead_letters.UNPARK, [row]))
            try:
                await self._hear_again(recorded, done)
            except Poison as poison:
                error, now = dead_letters.describe(poison.error), self.runtime.time.now()
                failed = dead_letters.failed_again(row, error, now)
                await self.runtime.log.transact([self._stay(recorded.partition)], [], failed)
                return count
        self._parked.discard(petition)
        return len(versions)

    async def _hear_again(self, recorded: AnyRecorded, done: Sequence[Statement]) -> None:
        while True:
            await self.runtime.policies.know([recorded])
            facts = await self.service.for_batch([recorded], self._ground())
            asked = react(self.service, [recorded], facts)
            with contextlib.suppress(StreamsMoved):
                await self._make(asked, [self._stay(recorded.partition)], done)
                return

    def _stay(self, partition: int) -> Move:
        """The checkpoint stays where it is: nothing is written unless the lease is still this one's."""
        committed = self._committed[partition]
        return Move(self.service.name, partition, committed, committed, self._epochs[partition])

    def _ground(self) -> Ground:
        log, facts = self.runtime.log, self.runtime.facts()
        return Ground(facts.now, facts.policy, log.keyring, log.load)
