"""A rebuild loses one of the processes that help it."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from tests.faults.faults import Done, note_rebuilt
from tests.faults.history import History
from tests.faults.settling import READ_MODELS, rebuild
from tests.faults.target import Target, running

HELPER = b"services.refilling"
APPEAR_SECONDS = 60.0
LOOK_SECONDS = 0.01
AT_WORK_SECONDS = (0.0, 1.5)
"""How long a helper has been there when it is killed: before it can work, and while it does."""


class KillHelper:
    """kill -9 of a helper. Nothing is switched then, and who asks again has the read model built."""

    name: ClassVar[str] = "helper_killed"

    async def strike(self, target: Target, history: History, luck: random.Random, done: Done) -> None:
        one = [luck.choice(READ_MODELS)]
        first = asyncio.create_task(rebuild(target.url, one))
        try:
            helper = await _appears(target, first)
            if helper is None:
                done.nothing = "no helper was started"
                return
            await asyncio.sleep(luck.uniform(*AT_WORK_SECONDS))
            if helper not in helpers(target):
                done.nothing = "the helper had done its work"
                return
            in_flight = history.in_flight
            os.kill(helper, signal.SIGKILL)
            done.kills.append(in_flight)
        finally:
            answered = await first
        note_rebuilt(await rebuild(target.url, one), done)
        done.said["without_the_helper"] = answered


async def _appears(target: Target, asked: "asyncio.Task[dict[str, object]]") -> int | None:
    end = time.monotonic() + APPEAR_SECONDS
    for found in iter(lambda: helpers(target), None):
        if found or asked.done() or time.monotonic() > end:
            return found[0] if found else None
        await asyncio.sleep(LOOK_SECONDS)
    return None


def helpers(target: Target) -> Sequence[int]:
    """Those that processes of the target have started and that run."""
    started = [child for name in target.names for child in _children(running(target, name))]
    return [child for child in started if HELPER in _words(child)]


def _children(pid: int | None) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _words(pid: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []
