"""What processes hold: descriptors and memory, from when they stood to the end."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.checker import Wrong
from tests.faults.target import Target

LOOK_SECONDS = 5.0
SETTLED_LOOKS = 4
"""Looks until a process that began is taken to have what it needs."""
MORE_DESCRIPTORS = 60
MORE_MEGABYTES = 200


@dataclass
class Held:
    """One process."""

    name: str
    looks: int = 0
    descriptors: int = 0
    megabytes: float = 0.0
    first_descriptors: int = 0
    first_megabytes: float = 0.0


class Measured:
    """Looks every few seconds until stopped, and once more then."""

    def __init__(self, target: Target) -> None:
        self.held: dict[int, Held] = {}
        self._target = target
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        assert self._task
        self._task.cancel()
        await asyncio.wait([self._task])
        self._look()

    def wrong(self) -> list[Wrong]:
        """25: what a process holds stays what it was once it stood."""
        return [
            Wrong(25, f"{one.name} held {one.first_descriptors} descriptors and {one.first_megabytes:.0f} MB, and in"
                  f" the end {one.descriptors} and {one.megabytes:.0f} MB")
            for one in self.held.values()
            if one.looks > SETTLED_LOOKS
            and (
                one.descriptors > one.first_descriptors + MORE_DESCRIPTORS
                or one.megabytes > one.first_megabytes + MORE_MEGABYTES
            )
        ]  # fmt: skip

    async def _follow(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        for name in self._target.names:
            with suppress(OSError, KeyError, ValueError):
                pid = self._target.pid(name)
                descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
                pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                one = self.held.setdefault(pid, Held(name))
                one.looks += 1
                one.descriptors, one.megabytes = descriptors, pages * 4096 / 1e6
                if one.looks <= SETTLED_LOOKS:
                    one.first_descriptors, one.first_megabytes = one.descriptors, one.megabytes
