"""The readers of a SQLite file: a few threads, each with a connection, freed when nobody waits for what they read."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from services.chassis.store.sqlite_writer import open_file

T = TypeVar("T")

READERS = 2


class SqliteReaders:
    """Runs reads beside each other and beside the writer."""

    def __init__(self, path: Path, count: int = READERS) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reader")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` reads. A caller that gives up has its statement broken off, so that the thread is free again."""
        reading = _Reading(work)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, lambda: reading.run(self._connection()))
        except asyncio.CancelledError:
            reading.give_up()
            raise

    def close(self) -> None:
        """Once the last read has ended."""
        self._threads.shutdown()
        for connection in self._opened:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = open_file(self._path, read_only=True)
            self._opened.append(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        return connection


class _Reading:
    """One read, and the connection that it is on while it is: never is another's statement broken off."""

    def __init__(self, work: Callable[[sqlite3.Connection], Any]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._on: sqlite3.Connection | None = None

    def run(self, connection: sqlite3.Connection) -> Any:
        with self._lock:
            self._on = connection
        try:
            return self._work(connection)
        finally:
            with self._lock:
                self._on = None

    def give_up(self) -> None:
        with self._lock:
            if self._on is not None:
                self._on.interrupt()
