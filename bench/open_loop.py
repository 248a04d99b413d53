"""Requests at a rate that does not wait for answers: what residents do, who do not know of each other."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter, time
from uuid import UUID

from bench.client import Connection

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
    connections: Sequence[Connection], due: Sequence[float], requests: Iterator[bytes]
) -> tuple[float, list[Asked]]:
    """Send each request when it is due, on a connection that is free, or as soon as one is; returns when it began, by
    the clock on the wall, and all answers. What is not answered in time has status 0."""
    free, asking, asked = deque(connections), set[asyncio.Task[None]](), list[Asked]()
    began, wall = perf_counter(), time()

    async def ask(connection: Connection, due_at: float) -> None:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                answer = await connection.ask(next(requests))
        except (OSError, TimeoutError):
            asked.append(Asked(due_at, 0, perf_counter() - began - due_at, None))
            return  # nothing more over this connection
        created = UUID(json.loads(answer.body)["id"]) if answer.status == CREATED else None
        asked.append(Asked(due_at, answer.status, perf_counter() - began - due_at, created))
        free.append(connection)

    waiting = deque(due)
    while waiting:
        while waiting and free and waiting[0] <= perf_counter() - began:
            task = asyncio.create_task(ask(free.popleft(), waiting.popleft()))
            asking.add(task)
            task.add_done_callback(asking.discard)
        await asyncio.sleep(TICK_SECONDS)
    if asking:
        await asyncio.wait(asking)
    return wall, asked
