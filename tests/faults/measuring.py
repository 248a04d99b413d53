"""What processes hold: descriptors and memory, from when they had served for a while to the end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.faults.ended import Wrong
from tests.faults.target import Target
from tests.faults.watching import ended_early

LOOK_SECONDS = 5.0
WARM_LOOKS = 12
"""A minute. What a process holds on purpose grows until then: connections, buffers of the clients, the states and keys
of the petitions that it met lately, what Python keeps of its heap after the first large batch. What grows on is a
leak."""
LAST_LOOKS = 6
"""Half a minute. The least of these counts: a single look may fall on a large batch, which is given back."""
JUDGED_SECONDS = (WARM_LOOKS + LAST_LOOKS) * LOOK_SECONDS
MORE_DESCRIPTORS = 60
"""A connection for each of the callers of an overload, which may come at once."""
MORE_MEGABYTES = 150


class Held(NamedTuple):
    """At one look."""

    descriptors: int
    megabytes: float


@dataclass
class Process:
    """One process, with what it held at each look."""

    name: str
    looks: list[Held] = field(default_factory=list)

    @property
    def is_judged(self) -> bool:
        return len(self.looks) >= WARM_LOOKS + LAST_LOOKS

    @property
    def warm(self) -> Held:
        """The most that it held in its first minute."""
        return Held(*map(max, zip(*self.looks[:WARM_LOOKS], strict=True)))

    @property
    def last(self) -> Held:
        """The least that it held in its last half minute."""
        return Held(*map(min, zip(*self.looks[-LAST_LOOKS:], strict=True)))


def held_by(pid: int) -> Held:
    """What it holds now; raises OSError when it is not there."""
    descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Held(descriptors, int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6)


class Measured:
    """Looks every few seconds until stopped."""

    def __init__(self, target: Target, look: Callable[[int], Held] = held_by) -> None:
        self.processes: dict[int, Process] = {}
        self._target = target
        self._held_by = look
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> str:
        """The error that ended it before, if one did."""
        assert self._task
        return await ended_early(self._task)

    @property
    def judged(self) -> list[Process]:
        """Those that lived long enough."""
        return [one for one in self.processes.values() if one.is_judged]

    def wrong(self) -> list[Wrong]:
        """25: what a process holds stays what it was once it had served for a while."""
        return [
            Wrong(25, f"{one.name} held {one.warm.descriptors} descriptors and {one.warm.megabytes:.0f} MB after a"
                  f" minute, and in the end {one.last.descriptors} and {one.last.megabytes:.0f} MB")
            for one in self.judged
            if one.last.descriptors > one.warm.descriptors + MORE_DESCRIPTORS
            or one.last.megabytes > one.warm.megabytes + MORE_MEGABYTES
        ]  # fmt: skip

    def look(self) -> None:
        """At every process that is there."""
        for name in self._target.names:
            with suppress(OSError, KeyError, ValueError):
                pid = self._target.pid(name)
                self.processes.setdefault(pid, Process(name)).looks.append(self._held_by(pid))

    async def _follow(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)
