"""How many requests are worked on at once: beyond that, nobody is served sooner by letting in one more."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST_AT_WORK = 800
"""A process that answers 80 requests a second answers the last of so many within ten seconds."""


class Crowd:
    """The requests that are worked on now."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._at_work = 0

    @property
    def is_full(self) -> bool:
        return self._at_work >= self._most

    @contextmanager
    def joined(self) -> Iterator[None]:
        """One more, until the block ends."""
        self._at_work += 1
        mine = _CROWD.set(self)
        try:
            yield
        finally:
            _CROWD.reset(mine)
            self._at_work -= 1

    @contextmanager
    def left(self) -> Iterator[None]:
        """One less while the block lasts."""
        self._at_work -= 1
        try:
            yield
        finally:
            self._at_work += 1


@contextmanager
def only_waiting() -> Iterator[None]:
    """While the block lasts this request is not worked on: who waits for another service keeps nobody out."""
    crowd = _CROWD.get()
    if crowd is None:
        yield
        return
    with crowd.left():
        yield


_CROWD: ContextVar[Crowd | None] = ContextVar("crowd", default=None)
