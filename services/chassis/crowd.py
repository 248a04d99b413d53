"""How many requests are worked on at once: beyond that, nobody is served sooner by letting in one more."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from services.chassis.batcher import MOST_ENTRIES, Overloaded

MOST_AT_WORK = 2 * MOST_ENTRIES
"""One batch is written while the next one gathers: whoever comes beyond them only makes all of them wait longer."""
LONGEST_TURN = 1.5
"""Seconds that whoever sends many lines waits for a turn; with the work on them an answer still comes in time."""


class Crowd:
    """Requests that do the same now."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here = 0

    @property
    def is_full(self) -> bool:
        return self._here >= self._most

    @contextmanager
    def joined(self) -> Iterator[None]:
        """One more, until the block ends."""
        self._here += 1
        try:
            yield
        finally:
            self._here -= 1

    @contextmanager
    def left(self) -> Iterator[None]:
        """One less while the block lasts."""
        self._here -= 1
        try:
            yield
        finally:
            self._here += 1


class Turns:
    """So many lines of all requests are worked on at once, taken in the order in which they came.

    Without it a few requests with many lines each would hold up the process for as long as all their lines take, and
    everybody else, also who is only to be told to come back, for as long."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._freed = asyncio.Event()
        self._next = asyncio.Lock()

    @asynccontextmanager
    async def taken(self, lines: int) -> AsyncIterator[None]:
        """Once there is room for so many lines, at most `most`, until the block ends. Raises Overloaded where that
        takes too long."""
        try:
            async with asyncio.timeout(LONGEST_TURN), self._next:
                while self._free < lines:
                    self._freed.clear()
                    await self._freed.wait()
                self._free -= lines
        except TimeoutError:
            raise Overloaded from None
        try:
            yield
        finally:
            self._free += lines
            self._freed.set()


@contextmanager
def at_work(crowd: Crowd) -> Iterator[None]:
    """Until the block ends, this request is one of the crowd that is worked on."""
    mine = _AT_WORK.set(crowd)
    try:
        with crowd.joined():
            yield
    finally:
        _AT_WORK.reset(mine)


@contextmanager
def only_waiting() -> Iterator[None]:
    """While the block lasts this request is not worked on: who waits for another service keeps nobody out."""
    crowd = _AT_WORK.get()
    if crowd is None:
        yield
        return
    with crowd.left():
        yield


_AT_WORK: ContextVar[Crowd | None] = ContextVar("at_work", default=None)
