"""Callers who file petitions and lead them through their lives, whatever happens to the servers meanwhile."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from tests.faults.caller import ANSWER_SECONDS, TRY_AGAIN_SECONDS, Caller
from tests.faults.history import History
from tests.faults.leading import batch, life

BATCHES = 0.12
"""Of what a caller does: most petitions come in batches. With many more of them services lag, and no life gets far."""
AGAIN_AT_ONCE = 16
TICK_SECONDS = 0.05


class Workload:
    """Callers that go on until they are told to stop; then each finishes what it asked last."""

    def __init__(self, url: Callable[[], str], history: History, seed: int) -> None:
        """`url`: where the server is now; it may come back elsewhere."""
        self._url = url
        self._history = history
        self._seed = seed
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._watch: asyncio.Task[None] | None = None
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=3.0),
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=2.0),
        )

    def start(self, callers: int) -> list["asyncio.Task[None]"]:
        """Let so many more call."""
        self._watch = self._watch or asyncio.create_task(self._look_at_the_clock())
        first = len(self._tasks)
        more = [asyncio.create_task(self._call(first + number)) for number in range(callers)]
        self._tasks += more
        return more

    async def stop(self) -> None:
        """Return once everything that was asked is answered, given up, or timed out."""
        self._stopping.set()
        if not self._tasks:
            return  # it never began
        await asyncio.wait(self._tasks, timeout=TRY_AGAIN_SECONDS + 2 * ANSWER_SECONDS)
        for task in self._tasks:
            if not task.done():
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def failed(self) -> list[BaseException]:
        """What went wrong in the callers themselves."""
        done = [task for task in self._tasks if task.done() and not task.cancelled()]
        return [error for task in done if (error := task.exception())]

    async def _call(self, number: int) -> None:
        luck = random.Random(self._seed * 1_000 + number)
        caller = Caller(self._http, self._url, self._history, number, luck, self._stopping)
        while not self._stopping.is_set() and asyncio.current_task() not in self.dismissed:
            await (batch(caller) if caller.luck.random() < BATCHES else life(caller))

    async def again(self, filings: Mapping[str, dict[str, Any]]) -> None:
        """File each again with its key, as whoever filed them does after a restore: many at once."""
        waiting = iter(filings.items())
        await asyncio.gather(*(self._file_again(waiting, number) for number in range(1, 1 + AGAIN_AT_ONCE)))

    async def _file_again(self, filings: Iterator[tuple[str, dict[str, Any]]], number: int) -> None:
        luck = random.Random(self._seed - number)
        caller = Caller(self._http, self._url, self._history, -number, luck, self._stopping)
        for key, body in filings:
            await caller.file_until_known(body, key)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        await self._http.aclose()

    async def _look_at_the_clock(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(TICK_SECONDS)
            self._history.behind += max(0.0, time.monotonic() - began - TICK_SECONDS)

    dismissed: frozenset["asyncio.Task[None]"] = frozenset()
    """Callers that stop after the life they lead."""
