"""How many requests are worked on at once: beyond that, nobody is served sooner by letting in one more."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.chassis.batcher import MOST_ENTRIES

MOST_AT_WORK = 2 * MOST_ENTRIES
"""One batch is written while the next one gathers: whoever comes beyond them only makes all of them wait longer."""


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
