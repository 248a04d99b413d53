"""The log's time. Deciders get it as a fact; nothing else reads a clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime.fromtimestamp(0, UTC)


def micros(moment: datetime) -> int:
    """A moment as it is stored: microseconds since 1970 UTC."""
    return round(moment.timestamp() * 1_000_000)


def from_micros(stored: int) -> datetime:
    """The moment that was stored."""
    return _EPOCH + timedelta(microseconds=stored)


class Time(Protocol):
    """Where `now` comes from; tests and simulations own theirs."""

    def now(self) -> datetime:
        """The current moment in UTC; never earlier than one it gave before."""


class MachineTime:
    """The machine's clock, never backwards: a clock set back stands still until it has caught up."""

    def __init__(self, read: Callable[[], float] = time.time) -> None:
        self._read = read
        self._latest = 0.0

    def now(self) -> datetime:
        self._latest = max(self._latest, self._read())
        return datetime.fromtimestamp(self._latest, UTC)

    def at_least(self, moment: datetime) -> None:
        """Never give a time before `moment`: the newest event of the log when the process starts."""
        self._latest = max(self._latest, moment.timestamp())


class SetTime:
    """A clock that its owner moves by hand."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, delta: timedelta) -> None:
        if delta < timedelta(0):
            raise ValueError("time does not go backwards")
        self._now += delta
