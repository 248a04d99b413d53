"""What is done to a running gridcase, each with its own luck; every fault is undone before the next begins."""

import asyncio
import random
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from tests.faults.history import History
from tests.faults.target import NotThere, Target, gone, killed_at, replicas_of, send

BEYOND_THE_LEASE = 8.0
"""Seconds; a lease runs out after 6."""
STOP_SECONDS = 12.0
READY_SECONDS = 60.0
SERVICES = ("severity", "router", "escalation", "feedback")
POINTS = (
    *(f"{service}.{when}_commit" for service in SERVICES for when in ("before", "after")),
    "timer.before_commit", "timer.after_commit", "batcher.before_commit", "batcher.after_commit",
)  # fmt: skip
RELAY_POINTS = ("relay.sent", "relay.acknowledged", "relay.checkpointed", "dispatch_relay.acknowledged")


@dataclass
class Done:
    """What was done to whom; `in_flight` requests were under way at each kill."""

    fault: str
    to: str = ""
    kills: list[int] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    began: float = 0.0
    took: float = 0.0


class Fault(Protocol):
    """`strike` does it and undoes it; what it notes goes to the report."""

    name: ClassVar[str]

    async def strike(self, target: Any, history: History, luck: random.Random, done: Done) -> None: ...


class Kill:
    """kill -9 of one process, whichever."""

    name: ClassVar[str] = "kill"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        done.to = luck.choice(list(target.names))
        if luck.random() < 0.15:
            done.to = next(iter(target.names))  # the front door, which callers notice
        done.kills.append(history.in_flight)
        pid = target.pid(done.to)
        if send(target, done.to, signal.SIGKILL):
            await gone(target, done.to, pid, 5)


class KillAll:
    """kill -9 of every process at once."""

    name: ClassVar[str] = "kill_all"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        for name in target.names:
            done.kills.append(history.in_flight)
            send(target, name, signal.SIGKILL)
        done.to = "all"


class KillAtPoint:
    """A process dies exactly between two steps."""

    name: ClassVar[str] = "kill_at"

    def __init__(self, point: str) -> None:
        self.point = point

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        done.to = self.point
        if await killed_at(target, self.point):
            done.kills.append(history.in_flight)
        else:
            done.said["not_reached"] = True


class Terminate:
    """Every replica of a role is told to stop, one after the other."""

    name: ClassVar[str] = "rolling_sigterm"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        done.to = role = luck.choice(sorted({name.rpartition("-")[0] or name for name in target.names}))
        for name in replicas_of(target, role):
            pid = target.pid(name)
            if send(target, name, signal.SIGTERM):
                done.said[name] = round(await gone(target, name, pid, STOP_SECONDS), 2)
            await asyncio.sleep(luck.uniform(0.5, 2))


class Pause:
    """A process is frozen for longer than its lease, and goes on as if nothing had been."""

    name: ClassVar[str] = "pause"

    def __init__(self, roles: Sequence[str] = (), seconds: float = BEYOND_THE_LEASE) -> None:
        self._roles = roles
        self._seconds = seconds

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        named = [name for name in target.names if not self._roles or name.rpartition("-")[0] in self._roles]
        done.to = luck.choice(named)
        pid = target.pid(done.to)
        send(target, done.to, signal.SIGSTOP)
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


class Rebuild:
    """The read models are built again while everything goes on."""

    name: ClassVar[str] = "rebuild_under_load"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        from tests.faults.settling import rebuild

        done.said = await rebuild(target.url)


def summary(all_done: Sequence[Done]) -> Mapping[str, int]:
    """How often each was done."""
    counted: dict[str, int] = {}
    for one in all_done:
        counted[one.fault] = counted.get(one.fault, 0) + 1
    return dict(sorted(counted.items()))


async def struck(fault: Fault, target: Target, history: History, luck: random.Random) -> Done:
    """Do it and undo it."""
    loop = asyncio.get_running_loop()
    done = Done(fault.name, began=round(loop.time(), 1))
    history.during = fault.name
    started = loop.time()
    try:
        await fault.strike(target, history, luck, done)
    except NotThere as error:  # such as a process that did not end when it was told to
        done.said["failed"] = str(error)
    finally:
        history.during = ""
        done.took = round(loop.time() - started, 2)
    return done
