"""Read models: one projection per question, its rows in the transaction of its own checkpoint.

A rebuild fills a table beside the live one and switches when it has caught up; reactions are never replayed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from secrets import token_hex
from uuid import uuid4

from schemas.event import AnyRecorded
from services.chassis import metrics
from services.chassis.feed import Feed, LogFeed
from services.chassis.keep_going import keep_going
from services.chassis.leases import Alone, WholeLeases
from services.chassis.log import Log
from services.chassis.read_model import Home, Projection, Projector
from services.chassis.rebuilding import (
    REBUILD_PAGE,
    Helpers,
    RebuildIncomplete,
    RebuildLease,
    RebuildOvertaken,
    RebuildUnderWay,
    refill,
)
from services.chassis.store.engine import Checkpoint, LeaseLost, Move, Statement, Transaction

LIVE_BATCH = 2_000
WORTH_HELPERS = 100_000
"""Events for which it is worth to start processes."""
IDLE_SECONDS = 1.0
GATHER_SECONDS = 0.1
"""How long a read model waits for more: several events of one petition become one row write."""


STANDS_AT = "SELECT partition, position FROM es_checkpoint WHERE subscriber = :subscriber"


class ProjectionRunner:
    """Keeps one read model up to date and rebuilds it when asked."""

    def __init__(
        self,
        projection: Projection,
        source: Log,
        home: Home,
        leases: WholeLeases | None = None,
        feed: Feed | None = None,
        helpers: Helpers | None = None,
    ) -> None:
        """Alone on all partitions of a log that only this process writes, unless leases and a feed say otherwise.

        `helpers`: what fills a table from a long log faster than this process can."""
        self.projection = projection
        self._log = source
        self._home = home
        self._feed = feed or LogFeed(source)
        self._leases = leases or Alone(home, projection.name)
        self._helpers = helpers
        apart = f"{projection.name}.rebuild"
        self._rebuild_lease = RebuildLease(projection.name, self._leases.beside(apart), apart, home)
        self._position: dict[int, int] = {}
        self._epochs: dict[int, int] = {}
        self._projector = projection.projector(source, home.dialect)
        self._turn = asyncio.Lock()
        self._rebuilding = asyncio.Lock()

    @property
    def wake(self) -> asyncio.Event:
        """Set to have it look for news at once."""
        return self._feed.wake

    @property
    def name(self) -> str:
        """The subscriber that its checkpoint is kept under."""
        return self.projection.name

    async def start(self) -> None:
        """Take the leases and read where the model stands."""
        self._epochs = {}
        await self._own(await self._leases.take())

    async def _own(self, owned: Sequence[Checkpoint]) -> None:
        epochs = {one.partition: one.epoch for one in owned}
        if epochs == self._epochs:
            return
        async with self._turn:
            self._stand(owned)

    def _stand(self, owned: Sequence[Checkpoint]) -> None:
        self._position = {one.partition: one.position for one in owned}
        self._epochs = {one.partition: one.epoch for one in owned}
        self._projector = self.projection.projector(self._log, self._home.dialect)  # what it remembered may be stale

    async def stop(self) -> None:
        """Let others go on there at once."""
        await self._leases.release()
        await self._feed.close()

    async def run(self) -> None:
        """Follow the log until cancelled."""
        await keep_going(self.name, self._follow, self.start)

    async def _follow(self) -> None:
        if (owned := await self._leases.look()) is not None:
            await self._own(owned)
        projected = await self.step()
        if projected == 0:
            await self._feed.wait(IDLE_SECONDS)
        if projected < LIVE_BATCH:  # there is no need to wait for more where more is waiting
            await asyncio.sleep(GATHER_SECONDS)

    async def step(self) -> int:
        """Project the next batch; returns how many events it held."""
        async with self._turn:
            batch = await self._feed.batch(self._position, LIVE_BATCH)
            if batch:
                self._position = await self._project(batch, self._projector, self.projection.table, self._position)
            return len(batch)

    async def rebuild(self, progress: Callable[[int], Awaitable[None]] | None = None) -> int:
        """Fill a new table from position 0 beside the live one, catch up, switch; returns the events replayed.

        The live model may be another process's: it stands still from the last of the catching up to the switch. A
        second rebuild asked for here waits for the first; in another process it is refused. Raises RebuildUnderWay, and
        RebuildOvertaken when the live model was taken back before the switch: nothing is switched then."""
        async with self._rebuilding, self._rebuild_lease.held():
            try:
                return await self._rebuild(progress)
            except Exception as error:
                if await self._rebuild_lease.lost():  # its table too, whose loss may be what failed here
                    raise RebuildUnderWay(self.name) from None
                if isinstance(error, LeaseLost):
                    raise RebuildOvertaken(self.name) from None
                raise

    async def _rebuild(self, progress: Callable[[int], Awaitable[None]] | None) -> int:
        mark = await self._make()
        beside = self.projection.beside(mark)
        projector = self.projection.projector(self._log, self._home.dialect)
        position = await self._refill(beside, progress)
        # What came meanwhile, so that the live model has to wait only briefly.
        position = await self._catch_up(projector, beside, position, progress)
        if await self._rebuild_lease.lost():  # before the live model is taken from whom it belongs to
            raise RebuildUnderWay(self.name)
        async with self._turn:
            followed_here = bool(self._epochs)
            self._stand(await self._leases.seize())
            try:
                position = await self._catch_up(projector, beside, position, progress)
                await self._switch(mark, position)
                self._position, self._projector = position, projector
            finally:
                if not followed_here:
                    self._stand(())
                    await self._leases.release()
        return sum(position.values())

    async def _refill(self, beside: str, progress: Callable[[int], Awaitable[None]] | None) -> dict[int, int]:
        """Everything up to where the log stands now, petition by petition."""
        heads = await self._log.heads()
        count = 0

        async def filled(events: int) -> None:
            nonlocal count
            count += events
            self._rebuild_lease.go_on()
            if progress:
                await progress(count)

        if self._helpers is not None and sum(heads.values()) >= WORTH_HELPERS:
            await self._helpers(self._log, self.name, beside, heads, filled)
        else:
            projector = self.projection.projector(self._log, self._home.dialect)
            await refill(projector, self._log, self._home, beside, heads, filled)
        if count != (held := sum(heads.values())):  # positions have no gaps
            raise RebuildIncomplete(self.name, count, held)
        return heads

    async def _catch_up(
        self,
        projector: Projector,
        table: str,
        position: dict[int, int],
        progress: Callable[[int], Awaitable[None]] | None,
    ) -> dict[int, int]:
        """Replay up to where the log stands now, not after what keeps coming: that would never end under load."""
        heads = await self._log.heads()
        while any(position[partition] < head for partition, head in heads.items()):
            batch = await self._log.read(position, REBUILD_PAGE)
            if not batch:
                break
            self._rebuild_lease.go_on()
            position = await self._project(batch, projector, table, position, checkpoint=False)
            if progress:
                await progress(sum(position.values()))
        return position

    @property
    def reached(self) -> dict[int, int]:
        """Positions projected, by partition."""
        return dict(self._position)

    async def _project(
        self,
        batch: Sequence[AnyRecorded],
        projector: Projector,
        table: str,
        position: dict[int, int],
        *,
        checkpoint: bool = True,
    ) -> dict[int, int]:
        statements = await projector.rows(batch, table)
        reached = position | {recorded.partition: recorded.position for recorded in batch}
        await self._home.transact(Transaction(self._moves(position, reached) if checkpoint else (), (), statements))
        metrics.HANDLED.labels(self.name).inc(len(batch))
        return reached

    async def _make(self) -> str:
        """An empty table beside the live one, in place of what other rebuilds left; returns its mark."""
        if self._home.dialect == "postgresql":
            mark = f"_{token_hex(4)}"
            made = [f"SELECT model_beside('{self.projection.table}', '{mark}')"]
        else:
            mark = ""  # nobody else can be there
            beside = self.projection.beside(mark)
            suffix = f"_{uuid4().hex[:8]}"  # index names outlive the table's renaming
            made = [f"DROP TABLE IF EXISTS {beside}", *self.projection.create(beside, suffix)]
        await self._home.transact(Transaction(statements=_run(*made)))
        return mark

    async def _switch(self, mark: str, position: dict[int, int]) -> None:
        live = self.projection.table
        if self._home.dialect == "postgresql":
            renamed = _run(f"SELECT model_switch('{live}', '{mark}')")
        else:
            renamed = _run(f"DROP TABLE {live}", f"ALTER TABLE {self.projection.beside(mark)} RENAME TO {live}")
        # Of every partition, also where nothing is new: another's live model may have gone on there.
        moves = [self._move(p, self._position, position) for p in position]
        await self._home.transact(Transaction([*moves, *self._rebuild_lease.fences], (), renamed))

    def _moves(self, old: dict[int, int], new: dict[int, int]) -> list[Move]:
        return [self._move(p, old, new) for p, to in new.items() if to != old[p]]

    def _move(self, partition: int, old: dict[int, int], new: dict[int, int]) -> Move:
        return Move(self.name, partition, old[partition], new[partition], self._epochs[partition])


async def stands_at(name: str, home: Home) -> dict[int, int]:
    """The positions that a read model has come to, by partition, whichever process keeps it."""
    return dict(await home.query(STANDS_AT, {"subscriber": name}))


def _run(*ddl: str) -> list[Statement]:
    return [Statement(sql, [{}]) for sql in ddl]
