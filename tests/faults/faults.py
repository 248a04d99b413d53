"""What is done to a running gridcase, each with its own luck; every fault is undone before the next begins."""

import asyncio
import random
import signal
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from tests.faults.history import OK, History
from tests.faults.target import NotThere, Target, gone, killed_at, replicas_of, running, send

BEYOND_THE_LEASE = 8.0
"""Seconds; a lease runs out after 6."""
STOP_SECONDS = 10.0
"""A process that is told to stop has ended by then, or was not told well enough."""
READY_SECONDS = 60.0
REFUSED = ("409 rebuild_under_way", "409 rebuild_overtaken", "503 ")
"""Answers to who asks for a rebuild that say to ask again."""
SERVICES = ("severity", "router", "escalation", "feedback")
POINTS = (
    *(f"{service}.{when}_commit" for service in SERVICES for when in ("before", "after")),
    "timer.before_commit", "timer.after_commit", "batcher.before_commit", "batcher.after_commit",
)  # fmt: skip
RELAY_POINTS = ("relay.sent", "relay.acknowledged", "relay.checkpointed", "dispatch_relay.acknowledged")
LETTER_POINT = "dead_letter_relay.acknowledged"
"""Only a dead letter leads there."""


@dataclass
class Done:
    """What was done to whom. `kills` holds, for each kill that ended a process, how many requests were in flight."""

    fault: str
    to: str = ""
    kills: list[int] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    at: float = 0.0
    """When it began, in seconds since 1970."""
    took: float = 0.0
    back: float = 0.0
    """When everything that is asked for was ready again, as far as anybody waited for it; in seconds since 1970."""
    nothing: str = ""
    """Why it had no effect, so that it proves nothing; empty when it had one."""
    broke: list[tuple[int, str]] = field(default_factory=list)
    """Invariants that were seen broken while it was dealt, and how."""


class Fault(Protocol):
    """`strike` does it and undoes it; what it notes goes to the report."""

    @property
    def name(self) -> str: ...

    async def strike(self, target: Any, history: History, luck: random.Random, done: Done) -> None: ...


class Kill:
    """kill -9 of one process, whichever."""

    name: ClassVar[str] = "kill"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        done.to = luck.choice(list(target.names))
        if luck.random() < 0.15:
            done.to = next(iter(target.names))  # the front door, which callers notice
        in_flight, pid = history.in_flight, running(target, done.to)
        if pid is None or not send(target, done.to, signal.SIGKILL):
            done.nothing = f"{done.to} was not there"
            return
        await gone(target, done.to, pid, 5)
        done.kills.append(in_flight)


class KillAll:
    """kill -9 of every process at once, which counts as one kill."""

    name: ClassVar[str] = "kill_all"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        in_flight = history.in_flight
        there = {name: pid for name in target.names if (pid := running(target, name)) is not None}
        for name in there:
            send(target, name, signal.SIGKILL)
        for name, pid in there.items():
            await gone(target, name, pid, 5)
        done.to = f"{len(there)} processes"
        if there:
            done.kills.append(in_flight)
        else:
            done.nothing = "no process was there"


class KillAtPoint:
    """A process dies exactly between two steps."""

    name: ClassVar[str] = "kill_at"

    def __init__(self, point: str, cause: Fault | None = None) -> None:
        """`cause`: what must happen meanwhile, so that somebody comes to this point."""
        self.point = point
        self._cause = cause

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        caused = Done("", to=self.point)
        waiting = asyncio.create_task(killed_at(target, self.point))
        try:
            if self._cause is not None:
                await self._cause.strike(target, history, luck, caused)
        finally:
            reached = await waiting
        done.to = self.point
        if reached:
            done.kills.append(history.in_flight)
        else:
            done.nothing = caused.nothing or "nobody came to this point"


class Terminate:
    """Every replica of a role is told to stop, one after the other."""

    name: ClassVar[str] = "rolling_sigterm"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        done.to = role = luck.choice(sorted({name.rpartition("-")[0] or name for name in target.names}))
        for name in replicas_of(target, role):
            pid = running(target, name)
            if pid is not None and send(target, name, signal.SIGTERM):
                done.said[name] = round(await gone(target, name, pid, STOP_SECONDS), 2)
            await asyncio.sleep(luck.uniform(0.5, 2))
        if not done.said:
            done.nothing = f"no process of {role} was there"


class Pause:
    """A process is frozen for longer than its lease, and goes on as if nothing had been."""

    name: ClassVar[str] = "pause"

    def __init__(self, roles: Sequence[str] = (), seconds: float = BEYOND_THE_LEASE) -> None:
        self.roles = roles
        self._seconds = seconds

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        named = [name for name in target.names if not self.roles or name.rpartition("-")[0] in self.roles]
        done.to = luck.choice(named)
        pid = running(target, done.to)
        if pid is None or not send(target, done.to, signal.SIGSTOP):
            done.nothing = f"{done.to} was not there"
            return
        try:
            await asyncio.sleep(self._seconds)
        finally:
            if target.pid(done.to) == pid:
                send(target, done.to, signal.SIGCONT)


class Overload:
    """Ten times as many callers as before, for a while."""

    name: ClassVar[str] = "overload"

    def __init__(self, workload: Any, callers: int, seconds: float) -> None:
        self._workload = workload
        self._callers = callers
        self._seconds = seconds

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        history.during = ""
        await target.all_ready(READY_SECONDS)  # it is load that is to be shown, not a start
        history.during = self.name
        more = self._workload.start(self._callers)
        await asyncio.sleep(self._seconds)
        self._workload.dismissed |= set(more)
        await asyncio.wait(more, timeout=30)
        if not any(one.during == self.name and one.outcome == OK for one in history.attempts):
            done.nothing = "nothing was acknowledged meanwhile"


class Rebuild:
    """The read models are built again while everything goes on."""

    name: ClassVar[str] = "rebuild_under_load"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        from tests.faults.settling import rebuild

        note_rebuilt(await rebuild(target.url), done)


def note_rebuilt(said: Mapping[str, Any], done: Done) -> None:
    """What was answered to who asked for a rebuild of each read model: how many events it took, or something else."""
    done.said = dict(said)
    for name, told in said.items():
        if isinstance(told, int):
            continue
        if told.startswith(REFUSED):
            done.nothing = f"{name} was refused: {told}"
        else:
            done.broke.append((11, f"{name} could not be built again: {told}"))


def full_name(fault: Fault) -> str:
    """What must be dealt on its own account: each point, and each kind of process that is paused."""
    match fault:
        case KillAtPoint():
            return f"{fault.name} {fault.point}"
        case Pause() if fault.roles:
            return f"{fault.name} {'/'.join(fault.roles)}"
    return f"{fault.name} {role}" if (role := getattr(fault, "role", "")) else fault.name


def is_named(fault: Fault, names: Collection[str]) -> bool:
    """By its name, its full name, or its point alone."""
    return not {fault.name, full_name(fault), full_name(fault).partition(" ")[2]}.isdisjoint(names)


def summary(all_done: Sequence[Done]) -> Mapping[str, int]:
    """How often each was done with effect."""
    counted: dict[str, int] = {}
    for one in [one for one in all_done if not one.nothing]:
        counted[one.fault] = counted.get(one.fault, 0) + 1
    return dict(sorted(counted.items()))


async def struck(fault: Fault, target: Target, history: History, luck: random.Random) -> Done:
    """Do it and undo it."""
    loop = asyncio.get_running_loop()
    done = Done(fault.name, at=time.time())
    history.during = fault.name
    started = loop.time()
    try:
        await fault.strike(target, history, luck, done)
    except NotThere as error:  # such as a process that did not end when it was told to
        done.nothing = str(error)
        done.broke.append((23, done.nothing))
    finally:
        history.during = ""
        done.took = round(loop.time() - started, 2)
    return done
