"""Whole lives over the wire: petitions are filed, a desk hears the topic and acts, until the last of them is closed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from bench.client import Connections

AT_ONCE = 100
PARTITIONS = range(16)
Filed = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]
Said = Callable[[ConsumerRecord], tuple[str, str]]
"""The event type and the petition of a record."""


class Desk(Protocol):
    """The people's side of a life: what a desk's own program would do with up to `AT_ONCE` petitions."""

    async def handle(self, petitions: Sequence[str]) -> None:
        """Accept these dispatches and report what was done."""

    async def answer(self, petitions: Sequence[str]) -> None:
        """Give the residents' answers: solved, satisfied."""


@asynccontextmanager
async def listening(bootstrap: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """All partitions of the topic from their ends on."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, fetch_max_wait_ms=10
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for number in PARTITIONS])
        await consumer.seek_to_end()
        yield consumer
    finally:
        await consumer.stop()


class Course:
    """Lives on their way: at most `under_way` at once."""

    def __init__(self, consumer: AIOKafkaConsumer, said: Said, desk: Desk, under_way: int) -> None:
        self._consumer = consumer
        self._said = said
        self._desk = desk
        self._under_way = under_way
        self._routed: deque[str] = deque()
        self._asked: deque[str] = deque()
        self._heard: set[tuple[str, str]] = set()
        self._filed = self._closed = 0
        self._closed_one = asyncio.Event()
        self._to_do = asyncio.Event()

    async def run(self, bodies: Sequence[dict[str, Any]], files: Sequence[Filed], at_once: int) -> None:
        """All of these from their filing to their end; each of `files` sends `at_once`, then the next."""
        waiting = iter([bodies[first : first + at_once] for first in range(0, len(bodies), at_once)])
        self._filed = self._closed = 0
        hearing = asyncio.create_task(self._hear())
        acting = asyncio.create_task(self._act())
        try:
            sending = asyncio.gather(*(self._send(waiting, file) for file in files))
            await _first_failure(sending, hearing, acting)
            while self._closed < len(bodies):
                self._closed_one.clear()
                await _first_failure(asyncio.ensure_future(self._closed_one.wait()), hearing, acting)
        finally:
            for task in (hearing, acting):
                task.cancel()
            await asyncio.wait([hearing, acting])

    async def _send(self, waiting: Any, file: Filed) -> None:
        for some in waiting:
            self._filed += len(some)
            while self._filed - self._closed > self._under_way:
                self._closed_one.clear()
                await self._closed_one.wait()
            await file(some)

    async def _hear(self) -> None:
        while True:
            for records in (await self._consumer.getmany(timeout_ms=1_000)).values():
                for record in records:
                    self._take(*self._said(record))

    def _take(self, type_: str, petition: str) -> None:
        if (type_, petition) in self._heard:
            return
        match type_:
            case "PetitionRouted":
                self._routed.append(petition)
            case "FeedbackRequested":
                self._asked.append(petition)
            case "PetitionClosed":
                self._closed += 1
                self._closed_one.set()
            case _:
                return
        self._heard.add((type_, petition))
        self._to_do.set()

    async def _act(self) -> None:
        while True:
            self._to_do.clear()
            if not (self._routed or self._asked):
                await self._to_do.wait()
            if self._asked:
                await self._desk.answer(_next(self._asked))
            if self._routed:
                await self._desk.handle(_next(self._routed))


def _next(waiting: deque[str]) -> list[str]:
    return [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]


async def _first_failure(wanted: "asyncio.Future[Any]", *others: "asyncio.Task[None]") -> None:
    """Wait for what is wanted; what fails meanwhile fails the bench."""
    await asyncio.wait([wanted, *others], return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        if task.done():
            task.result()
    await wanted


def one_by_one(connections: Connections, clients: int, post: Callable[[dict[str, Any]], bytes]) -> list[Filed]:
    """So many clients, each of which sends a request for each petition."""

    async def file(some: Sequence[dict[str, Any]]) -> None:
        for body in some:
            answer = await connections.ask(post(body))
            assert answer.status == 201, answer

    return [file] * clients
