"""Where a service hears the log from: the store itself, or Kafka."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Protocol

from schemas.event import AnyRecorded
from services.chassis.log import Log


class Feed(Protocol):
    """Events of the partitions that are asked for: each in order, none skipped, some perhaps twice."""

    wake: asyncio.Event
    """Set when there may be something new."""

    async def batch(self, after: Mapping[int, int], limit: int) -> list[AnyRecorded]:
        """About `limit` events beyond these positions, without a hole right behind them; none when there is no news."""

    async def wait(self, seconds: float) -> None:
        """Return when there may be something new, or after so long."""

    async def close(self) -> None:
        """Let go of connections."""


class LogFeed:
    """The store itself. Whoever appends in this process sets `wake`; what others append is found by looking again."""

    def __init__(self, log: Log, look_seconds: float | None = None) -> None:
        """`look_seconds`: how often to look when others append too; None when this process is alone."""
        self.wake = asyncio.Event()
        self._log = log
        self._look_seconds = look_seconds

    async def batch(self, after: Mapping[int, int], limit: int) -> list[AnyRecorded]:
        await self._log.giving_way.wait()
        self.wake.clear()
        return await self._log.read(after, limit)

    async def wait(self, seconds: float) -> None:
        # Not `wait_for`: on Python 3.11 it loses a cancellation that comes together with the wake.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, self._look_seconds or seconds)):
                await self.wake.wait()

    async def close(self) -> None:
        """There is nothing of its own."""
