"""Requests at a rate that does not wait for answers: what residents do, who do not know of each other."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter, time
from uuid import UUID

from bench.client import Connections

CREATED = 201
TICK_SECONDS = 0.002
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it was due, in seconds from the start; what came back, and how long after it was due."""

    due: float
    status: int
    seconds: float
    petition: UUID | None
    """The one that was acknowledged."""
    answering: float = 0.0
    """The part of `seconds` in which it was sent and answered; before that it waited for a connection."""


@dataclass(frozen=True)
class Stretch:
    """So many requests a second for so long."""

    rate: float
    seconds: float


def due_times(stretches: Iterable[Stretch]) -> Iterator[float]:
    """When each request is due, in seconds from the start."""
    start = 0.0
    for stretch in stretches:
        count = round(stretch.rate * stretch.seconds)
        yield from (start + number / stretch.rate for number in range(count))
        start += stretch.seconds


async def ask_at(
    port: int, most_connections: int, due: Sequence[float], requests: Iterator[bytes]
) -> tuple[float, list[Asked]]:
    """Send each request when it is due; returns when it began, by the clock on the wall, and all answers. What is not
    answered in time has status 0."""
    connections = Connections(port, most_connections)
    asking, asked = set[asyncio.Task[None]](), list[Asked]()
    began, wall = perf_counter(), time()

    async def ask(request: bytes, due_at: float) -> None:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                answer = await connections.ask(request)
        except (OSError, TimeoutError):
            asked.append(Asked(due_at, 0, perf_counter() - began - due_at, None))
            return
        created = UUID(json.loads(answer.body)["id"]) if answer.status == CREATED else None
        asked.append(Asked(due_at, answer.status, perf_counter() - began - due_at, created, answer.seconds))

    waiting = deque(due)
    while waiting:
        while waiting and waiting[0] <= perf_counter() - began:
            task = asyncio.create_task(ask(next(requests), waiting.popleft()))
            asking.add(task)
            task.add_done_callback(asking.discard)
        await asyncio.sleep(TICK_SECONDS)
    if asking:
        await asyncio.wait(asking)
    connections.close()
    return wall, asked
