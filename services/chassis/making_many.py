"""Making very many lasting things, without the garbage collector holding everybody up to look at each of them."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 1_000_000
"""Characters of text that are made into things, from which on there are so many of them that others would notice."""

_lock = threading.Lock()
_makers = 0


@contextmanager
def making_many(characters: int) -> Iterator[None]:
    """Make what so long a text says. The collector waits meanwhile and never walks over what is there by then: it
    stays, or goes when the last name for it does. What refers to itself and is dropped in these seconds may stay for
    good, which is little beside what is made, and as rare. Nothing happens for a short text, nor where the collector is
    off."""
    if characters < MANY or not _begin():
        yield
        return
    try:
        yield
    finally:
        _end()


def _begin() -> bool:
    global _makers
    with _lock:
        if not _makers and not gc.isenabled():
            return False
        gc.disable()
        _makers += 1
        return True


def _end() -> None:
    global _makers
    with _lock:
        _makers -= 1
        if not _makers:
            gc.freeze()
            gc.enable()
