"""Readers that look on during a run: one at the log's end, one at the topic's."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import asyncpg
from confluent_kafka import TopicPartition

from tests.faults.ended import Wrong
from tests.faults.records import PETITIONS, Record, reader, record_of

LOOK_SECONDS = 0.05
NEWS = "SELECT position FROM es_event WHERE partition = $1 AND position > $2 ORDER BY position"
FARTHEST = (
    "SELECT p, (SELECT max(position) FROM es_event WHERE partition = p) FROM generate_series(0, $1::integer - 1) AS p"
)
PARTITIONS = 16
CLIENT_ERRORS = asyncpg.InterfaceError, asyncpg.InternalClientError
"""The second comes of a connection on which a question is still open that was not waited for."""
CATCH_UP_SECONDS = 10.0
"""How long a reader may be behind when everybody else has heard everything."""
STOP_SECONDS = 20.0


async def ended_early(task: asyncio.Task[None]) -> str:
    """End what goes on until it is ended; the error that it ended with before, if it did."""
    task.cancel()
    await asyncio.wait([task])
    return "" if task.cancelled() else repr(task.exception())


def _behind(reached: Mapping[int, int], heads: Mapping[int, int]) -> dict[int, int]:
    """Where it stands, of each partition of which it did not see everything."""
    return {p: reached.get(p, 0) for p, head in heads.items() if reached.get(p, 0) < head}


def _no_witness(who: str, ended: str, behind: Mapping[int, int]) -> str:
    if ended:
        return f"{who} ended: {ended}"
    return f"{who} did not see the end of partitions {sorted(behind)}" if behind else ""


class LogTail:
    """Whoever reads a position must have been able to read all before it: at every moment, not only in the end."""

    def __init__(self, url: str) -> None:
        self.wrong: list[Wrong] = []
        self._url = url
        self._looks = True
        self._position = dict.fromkeys(range(PARTITIONS), 0)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self, heads: Mapping[int, int]) -> str:
        """Why it is no witness: it ended before the run, or never saw these heads; else empty."""
        assert self._task
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sees(heads), CATCH_UP_SECONDS)
        ended = await ended_early(self._task)
        return _no_witness("the reader of the log", ended, _behind(self._position, heads))

    async def _sees(self, heads: Mapping[int, int]) -> None:
        assert self._task
        for _ in iter(lambda: not self._task.done() and _behind(self._position, heads), False):
            await asyncio.sleep(LOOK_SECONDS)

    def look_away(self) -> None:
        """The databases are about to be replaced."""
        self._looks = False

    def from_the_beginning(self) -> None:
        """It is another store now."""
        self._position = dict.fromkeys(range(PARTITIONS), 0)
        self._looks = True

    async def _follow(self) -> None:
        while True:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, *CLIENT_ERRORS):
                connection = await asyncpg.connect(self._url, timeout=5, command_timeout=5)
                try:
                    while True:
                        await self.look(connection)
                        await asyncio.sleep(LOOK_SECONDS)
                finally:
                    connection.terminate()
            await asyncio.sleep(0.2)

    async def look(self, connection: Any) -> None:
        """Read on from where it stands."""
        if not self._looks:
            return
        for partition, farthest in await connection.fetch(FARTHEST, PARTITIONS):
            known = self._position[partition]
            if farthest is None or farthest == known:
                continue
            if farthest < known:
                self.wrong.append(Wrong(4, f"partition {partition} went back from {known} to {farthest}"))
            rows = await connection.fetch(NEWS, partition, known)
            for due, (position,) in enumerate(rows, known + 1):
                if position != due:
                    self.wrong.append(Wrong(4, f"a reader of partition {partition} met {position} where {due} is due"))
                    break
            self._position[partition] = rows[-1][0] if rows else known


class TopicTail:
    """Keeps every record that ever stood on the petitions' topic, also of those that the broker loses, and sees that
    each comes behind the one before it, at every moment."""

    def __init__(self, bootstrap: str) -> None:
        self.seen: dict[str, bytes] = {}
        self.repeats = 0
        """Records that were sent again; not those that only this reader read again."""
        self.followed = 0
        """Events whose place in their partition was judged."""
        self.wrong: list[Wrong] = []
        self._bootstrap = bootstrap
        self._position: Counter[int] = Counter()
        self._sent_at: dict[tuple[int, int], int] = {}
        self._stopping = threading.Event()
        self._looks = threading.Event()
        self._looks.set()
        self._thread = threading.Thread(target=self._run, name="topic-tail", daemon=True)
        self._ended = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self, heads: Mapping[int, int]) -> str:
        """As of `LogTail`."""
        end = time.monotonic() + CATCH_UP_SECONDS
        while self._thread.is_alive() and _behind(self._position, heads) and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        self._stopping.set()
        self._thread.join(STOP_SECONDS)
        return _no_witness("the reader of the topic", self._ended, _behind(self._position, heads))

    def look_away(self) -> None:
        """The broker is about to lose something: offsets will mean something else."""
        self._looks.clear()

    def from_the_beginning(self, *, another_store: bool = False) -> None:
        """What was lost is lost; or it is another store's topic."""
        if another_store:
            self.seen.clear()
        self._position.clear()
        self._looks.set()

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:
            self._ended = repr(error)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            if not self._looks.wait(LOOK_SECONDS):
                continue
            consumer = reader(self._bootstrap)
            try:
                consumer.assign([TopicPartition(PETITIONS, number, 0) for number in range(PARTITIONS)])
                while not self._stopping.is_set() and self._looks.is_set():
                    for message in consumer.consume(500, timeout=0.2):
                        if message.error() is None:
                            self.keep(message)
            finally:
                consumer.close()

    def keep(self, message: Any) -> None:
        """Remember a record; one that comes again must be what it was, and no other may come before its turn."""
        record = record_of(message)
        if not record.id:
            return
        self._in_turn(record)
        place, sent_at = (record.partition, record.offset), message.timestamp()[1]
        if self._sent_at.get(place) == sent_at:
            return  # nobody sent it again: this reader began again
        self._sent_at[place] = sent_at
        if record.id in self.seen:
            self.repeats += 1
            if self.seen[record.id] != record.value:
                self.wrong.append(Wrong(9, f"{record.id} was published twice and differs"))
        self.seen[record.id] = record.value

    def _in_turn(self, record: Record) -> None:
        reached = self._position[record.partition]
        if record.sequence <= reached:
            return  # it was there already
        if record.sequence != reached + 1:
            told = f"a reader of the topic's partition {record.partition} met {record.sequence} after {reached}"
            self.wrong.append(Wrong(9, told))
        self._position[record.partition] = record.sequence
        self.followed += 1
