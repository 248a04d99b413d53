"""The one writer of a SQLite file: a thread that commits everything that queued while the last commit ran."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

from services.chassis.store.engine import OutcomeUnknown, StoreUnavailable

T = TypeVar("T")

MOST_JOBS_PER_COMMIT = 64
sqlite3.register_adapter(UUID, lambda stream: stream.bytes)


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    committed: Callable[[Any], None] | None
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None


CACHE_KIB = 8_192
"""Kept of a file by each connection, of which a process has eight; the operating system keeps the rest once for
all of them."""


def open_file(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the durability that the promises need: WAL, fsync at every commit, transactions by hand."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10, cached_statements=256)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    connection.execute("PRAGMA foreign_keys=OFF")
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    return connection


class SqliteWriter:
    """Runs jobs in order, each in its own savepoint, many to a commit; a job that raises undoes only itself."""

    def __init__(self, path: Path, *, authorizer: Callable[..., int] | None = None) -> None:
        self.path = path
        self._authorizer = authorizer
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"writer {path.name}", daemon=True)
        self._thread.start()

    async def submit(self, work: Callable[[sqlite3.Connection], T], committed: Callable[[T], None] | None = None) -> T:
        """Run `work` in a transaction and return once it is fsynced. A caller that gives up does not undo it."""
        if self._closed:
            raise sqlite3.ProgrammingError(f"{self.path.name} is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._jobs.put(_Job(work, cast("Callable[[Any], None] | None", committed), future, loop))
        return cast(T, await future)

    async def close(self) -> None:
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        running = True
        while running:
            batch, running = self._next_batch()
            if batch:
                try:
                    self._commit(self._opened(), batch)
                except sqlite3.Error as error:  # it cannot be opened; the next batch tries again
                    _refuse(batch, error)
                batch[0].loop.call_soon_threadsafe(_finish, batch)
        if self._connection is not None:
            self._connection.set_authorizer(None)
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = open_file(self.path)
            connection.set_authorizer(self._authorizer)
            self._connection = connection
        return self._connection

    def _next_batch(self) -> tuple[list[_Job], bool]:
        first = self._jobs.get()
        if first is None:
            return [], False
        batch = [first]
        with contextlib.suppress(queue.Empty):
            while len(batch) < MOST_JOBS_PER_COMMIT:
                job = self._jobs.get_nowait()
                if job is None:
                    return batch, False
                batch.append(job)
        return batch, True

    def _commit(self, connection: sqlite3.Connection, batch: list[_Job]) -> None:
        committing = False
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                connection.execute("SAVEPOINT job")
                try:
                    job.result = job.work(connection)
                except Exception as error:
                    job.error = error
                    if not connection.in_transaction:
                        raise  # SQLite undid the whole transaction: the disk is full
                    connection.execute("ROLLBACK TO job")
                connection.execute("RELEASE job")
            committing = True
            connection.execute("COMMIT")
        except Exception as error:  # the disk is full, the file is gone
            # Where only the fsync failed, the commit may stand in the WAL for whoever opens the file after a kill.
            full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            _refuse(batch, error, OutcomeUnknown if committing and not full else StoreUnavailable)
            with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                connection.execute("ROLLBACK")


def _refuse(batch: list[_Job], error: Exception, why: type[StoreUnavailable] = StoreUnavailable) -> None:
    for job in batch:
        job.error = why(str(error))


def _finish(batch: list[_Job]) -> None:
    for job in batch:
        if job.error is None and job.committed is not None:
            try:
                job.committed(job.result)
            except Exception as error:  # the others of this commit must hear of theirs all the same
                job.error = error
        if job.future.cancelled():
            continue
        if job.error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.error)
            job.future.exception()  # a caller that went away must not leave a warning behind
