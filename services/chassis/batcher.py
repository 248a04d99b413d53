"""All HTTP writes of a process go to the log together: whatever queued while the last commit ran is the next call."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

import structlog

from services.chassis.crash import crash_point
from services.chassis.log import Entry, Log, Result
from services.chassis.store.engine import StoreUnavailable

MOST_ENTRIES = 100
MOST_WAITING = 2_000
FAILING_SECONDS = 30.0
"""How long a write that failed speaks for the next: to a process that is not ready nobody writes, so it must end."""
log = structlog.get_logger()


class Overloaded(Exception):
    """Too much is waiting to be written; nothing of this request was kept. Try again after a moment."""


@dataclass(slots=True)
class _Waiting:
    entry: Entry
    future: "asyncio.Future[Result]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher:
    """`append` one entry; it returns when the entry is durable. A caller that hangs up does not undo it."""

    def __init__(self, log: Log, most_waiting: int = MOST_WAITING, failing_seconds: float = FAILING_SECONDS) -> None:
        self._log = log
        self._most_waiting = most_waiting
        self._failing_seconds = failing_seconds
        self._failed_at: float | None = None
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="batcher")

    async def stop(self) -> None:
        """Take no more, write what was taken, then end."""
        self._closed = True
        self._wake.set()
        if self._task:
            await self._task

    @property
    def running(self) -> bool:
        """Whether what is asked of it gets written."""
        return self._task is not None and not self._task.done()

    @property
    def failing(self) -> bool:
        """Whether the store could not take the last write, and that was lately: the disk is full, say."""
        return self._failed_at is not None and time.monotonic() - self._failed_at < self._failing_seconds

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def append(self, entry: Entry) -> Result:
        if self._closed:
            raise StoreUnavailable("the process is stopping")
        if len(self._waiting) >= self._most_waiting:
            raise Overloaded
        waiting = _Waiting(entry)
        self._waiting.append(waiting)
        self._wake.set()
        return await waiting.future

    async def _run(self) -> None:
        while self._waiting or not self._closed:
            if self._waiting:
                await self._write(self._next_batch())
            else:
                self._wake.clear()
                await self._wake.wait()

    def _next_batch(self) -> list[_Waiting]:
        """The next entries; a second one for the same petition or key stays for the call after."""
        taken: set[object] = set()
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        while self._waiting and len(batch) < MOST_ENTRIES:
            one = self._waiting.popleft()
            names = {write.petition for write in one.entry.writes} | {(k.scope, k.key_hash) for k in one.entry.keys}
            if names & taken:
                later.append(one)
            else:
                batch.append(one)
            taken |= names
        self._waiting.extendleft(reversed(later))
        return batch

    async def _write(self, batch: list[_Waiting]) -> None:
        refused = await self._try(batch)
        if 0 < refused < len(batch):
            log.warning("batch_halved", entries=len(batch), refused=refused)

    async def _try(self, batch: list[_Waiting]) -> int:
        """Write them, in halves when one of them has bad data, which must not fail its neighbours; returns how many
        were refused."""
        crash_point("batcher.before_commit")
        try:
            results = await self._log.append([one.entry for one in batch])
            crash_point("batcher.after_commit")
        except Exception as error:
            if isinstance(error, StoreUnavailable):
                self._failed_at = time.monotonic()
            elif len(batch) > 1:
                middle = len(batch) // 2
                return await self._try(batch[:middle]) + await self._try(batch[middle:])
            for one in batch:
                if not one.future.done():
                    one.future.set_exception(error)
                    one.future.exception()  # a caller that went away must not leave a warning behind
            return len(batch)
        self._failed_at = None
        for one, result in zip(batch, results, strict=True):
            if not one.future.done():
                one.future.set_result(result)
        return 0
