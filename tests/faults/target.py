"""What faults are done to: processes with names, that somebody starts again when they end."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

POINT_SECONDS = 15.0


class NotThere(Exception):
    """A process or a server did not come (back) in time."""


class Target(Protocol):
    """A running gridcase."""

    folder: Path
    """Where `program` looks for what it is to do."""

    @property
    def url(self) -> str: ...

    @property
    def names(self) -> Sequence[str]: ...

    def pid(self, name: str) -> int: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def all_ready(self, seconds: float) -> None:
        """Return once every process says that it can work; raises NotThere."""

    async def door_open(self, seconds: float) -> None:
        """Return once the front door says so; raises NotThere."""


def replicas_of(target: Target, role: str) -> list[str]:
    """`relay-1`, `relay-2` …"""
    return [name for name in target.names if name.rpartition("-")[0] == role or name == role]


def send(target: Target, name: str, number: signal.Signals) -> bool:
    """Signal a process; False when it is just not there."""
    try:
        os.kill(target.pid(name), number)
    except (ProcessLookupError, KeyError):
        return False
    return True


def running(target: Target, name: str) -> int | None:
    """Its process, unless that has ended, even if nobody has started it again yet."""
    try:
        pid = target.pid(name)
    except (KeyError, OSError, ValueError):
        return None
    return pid if _same(target, name, pid) else None


async def gone(target: Target, name: str, pid: int, seconds: float) -> float:
    """How long it took until the process was another one, or none; raises NotThere."""
    started = time.monotonic()
    while _same(target, name, pid):
        if time.monotonic() - started > seconds:
            raise NotThere(f"{name} did not end in {seconds:.0f} s")
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def _same(target: Target, name: str, pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return stat[0] != "Z" and target.pid(name) == pid


async def killed_at(target: Target, point: str, seconds: float = POINT_SECONDS) -> bool:
    """Whether a process came to the point, and died there, in time."""
    armed = target.folder / "point"
    beside = target.folder / "point.new"
    beside.write_text(point)
    beside.replace(armed)
    end = time.monotonic() + seconds
    for _ in iter(lambda: armed.exists() and time.monotonic() < end, False):
        await asyncio.sleep(0.02)
    try:
        armed.unlink()
    except FileNotFoundError:
        return True
    return False
