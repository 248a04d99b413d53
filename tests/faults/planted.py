"""Bugs that a run must find, each switched on by its name in `PLANTED`.

Each is one that somebody could write in good faith; docs/faults.md says which invariant finds which.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.chassis import consumer, planning, timer
from services.chassis.consumer import Consumer
from services.chassis.crash import crash_point
from services.chassis.log import Entry, Log, Write
from services.chassis.store.engine import Move, StreamsMoved, as_uuid
from services.chassis.timer import DeadlineTimer
from services.chassis.wire import relay

LATER_SECONDS = 0.3
WAITING = "SELECT stream_id, deadline_id FROM deadline"


def _effects_in_the_background() -> None:
    """The checkpoint moves, and the effects are left to a task that nobody waits for."""
    transact = Log.transact
    tasks: set[asyncio.Task[Any]] = set()

    async def later(log: Log, entries: Sequence[Entry]) -> None:
        await asyncio.sleep(LATER_SECONDS)
        await log.append(entries)

    async def divided(self: Log, moves: Any, entries: Sequence[Entry] = (), statements: Any = ()) -> Any:
        if not moves:
            return await transact(self, moves, entries, statements)
        if entries:
            task = asyncio.create_task(later(self, entries))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        return await transact(self, moves, [], statements)

    Log.transact = divided  # type: ignore[method-assign]
    planning.Plan.committed = lambda self, results: {}  # type: ignore[method-assign]


def _checkpoint_first() -> None:
    """The checkpoint is committed before the effects, in a transaction of its own."""
    transact = Log.transact

    async def split(self: Log, moves: Any, entries: Sequence[Entry] = (), statements: Any = ()) -> Any:
        await transact(self, moves, [], statements)
        if moves and entries:
            crash_point("planted.between")
        return await transact(self, [], entries, [])

    Log.transact = split  # type: ignore[method-assign]


def _effects_first() -> None:
    """The effects are committed before the checkpoint, and nothing remembers what caused them."""
    transact = Log.transact

    async def split(self: Log, moves: Any, entries: Sequence[Entry] = (), statements: Any = ()) -> Any:
        result = await transact(self, [], entries, statements)
        if moves and entries:
            crash_point("planted.between")
        await transact(self, moves, [], [])
        return result

    Log.transact = split  # type: ignore[method-assign]
    _causation_is_ignored()


def _causation_is_ignored() -> None:
    """What is heard again is done again, on the state as it was when it was heard."""

    async def again(service: Any, log: Log, states: Any, asked: Sequence[Any]) -> planning.Plan:
        streams = await log.load({one.command.petition for one in asked})
        versions = {petition: len(stream) for petition, stream in streams.items()}
        planned = planning.Plan()
        for one in asked:
            petition = one.command.petition
            then = service.decider.fold(streams[petition][: one.source.version])
            if events := service.decider.decide(then, one.command):
                cause = planning.Cause(service.name, one.causation)
                planned.entries.append(Entry(cause, [Write(petition, versions[petition], events)]))
                versions[petition] += len(events)
        return planned

    consumer.plan = again


def _silence_is_forgotten() -> None:
    """The checkpoint moves only with effects."""
    transact = Log.transact

    async def only_with_effects(self: Log, moves: Sequence[Move], entries: Any = (), statements: Any = ()) -> Any:
        return await transact(self, moves, entries, statements) if entries or not moves else []

    Log.transact = only_with_effects  # type: ignore[method-assign]

    async def nothing(self: Consumer) -> None:
        """It is not written how far it read."""

    consumer.Consumer.flush = nothing  # type: ignore[method-assign]


def _timers_ignore_the_lease() -> None:
    """Two timers look at the same deadlines; who is second writes what it had decided all the same."""
    notice, look = DeadlineTimer._notice, DeadlineTimer._look
    append = Log.transact

    async def stubborn(self: Log, moves: Any, entries: Sequence[Entry] = (), statements: Any = ()) -> Any:
        while True:
            try:
                return await append(self, moves, entries, statements)
            except StreamsMoved:
                if moves:
                    raise
                entries = [await _moved_on(self, entry) for entry in entries]

    async def both(self: DeadlineTimer) -> None:
        await asyncio.gather(look(self), look(self))

    async def at_once(self: DeadlineTimer, petitions: Any) -> None:
        await asyncio.sleep(0.02)
        await notice(self, petitions)

    Log.transact = stubborn  # type: ignore[method-assign]
    DeadlineTimer._look = both  # type: ignore[method-assign]
    DeadlineTimer._notice = at_once  # type: ignore[method-assign]


async def _moved_on(log: Log, entry: Entry) -> Entry:
    (write,) = entry.writes
    stream = (await log.load([write.petition]))[write.petition]
    return replace(entry, writes=[replace(write, expected=len(stream))])


def _timers_are_early() -> None:
    """A clock that is ahead decides what has passed."""

    class Ahead:
        def __init__(self, time: Any) -> None:
            self._time = time

        def now(self) -> Any:
            return self._time.now() + timedelta(seconds=1)

    made = timer.DeadlineTimer.__init__

    def init(self: DeadlineTimer, service: Any, runtime: Any, owned: Any = None) -> None:
        made(self, service, replace(runtime, time=Ahead(runtime.time)), owned)

    timer.DeadlineTimer.__init__ = init  # type: ignore[method-assign]


def _timers_in_memory() -> None:
    """A timer knows of the deadlines that began since it did; what waited before a restart is forgotten."""
    due = DeadlineTimer._due

    async def remembered(self: DeadlineTimer, now: Any) -> Any:
        before = self.__dict__.setdefault("before", await self._runtime.log.engine.query(WAITING, {}))
        forgotten = {(as_uuid(stream), name) for stream, name in before}
        return [row for row in await due(self, now) if (row["stream_id"], row["deadline_id"]) not in forgotten]

    DeadlineTimer._due = remembered  # type: ignore[method-assign]


def _relay_from_the_higher() -> None:
    """A relay goes on behind the topic's end or its checkpoint, whichever is higher."""
    goes_on_from = relay.goes_on_from

    def higher(tail: Any, epoch: str, head: int, checkpoint: int, there: Any) -> int:
        return max(checkpoint, goes_on_from(tail, epoch, head, checkpoint, there))

    relay.goes_on_from = higher  # type: ignore[attr-defined]


def _keys_are_forgotten() -> None:
    """A retry is taken for something new."""
    append = Log.append

    async def without(self: Log, entries: Sequence[Entry]) -> Any:
        return await append(self, [replace(entry, keys=()) for entry in entries])

    Log.append = without  # type: ignore[method-assign]


def _roll_up_is_forgotten() -> None:
    """Who reports a part done tells nobody; only what comes to another end is heard of."""
    from router import following

    following.finish_as_part = lambda *done: ()  # type: ignore[attr-defined]


def _claims_are_taken_over() -> None:
    """Whoever claims last has it: that somebody has it already is not asked."""
    from router import decider, handling
    from router.commands import Claim
    from router.state import initial

    decider._DECIDES[Claim] = lambda state, command: handling.claim(  # type: ignore[index]
        state._replace(claim=initial.claim), command
    )


def _late_commit() -> None:
    """Answers before the commit."""
    from tests.crash.planted import _late_commit as late

    late()


PLANTED: Mapping[str, Callable[[], None]] = {
    "late_commit": _late_commit,
    "effects_in_the_background": _effects_in_the_background,
    "checkpoint_first": _checkpoint_first,
    "effects_first": _effects_first,
    "silence_is_forgotten": _silence_is_forgotten,
    "timers_ignore_the_lease": _timers_ignore_the_lease,
    "timers_are_early": _timers_are_early,
    "timers_in_memory": _timers_in_memory,
    "relay_from_the_higher": _relay_from_the_higher,
    "keys_are_forgotten": _keys_are_forgotten,
    "roll_up_is_forgotten": _roll_up_is_forgotten,
    "claims_are_taken_over": _claims_are_taken_over,
}


def plant(name: str) -> None:
    """Switch one on in this process; KeyError when there is no such bug."""
    PLANTED[name]()
