"""(c) Whole lives, each service a process of its own, on PostgreSQL and Kafka ÷ the plain services on the same."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any
from uuid import UUID

import httpx
import uuid_utils
from aiokafka import ConsumerRecord

from bench import processes
from bench.client import HOST, Connections, post
from bench.course import AT_ONCE, Course, Filed, listening, one_by_one
from bench.lives import DONE, EVENTS
from bench.measuring import Figure, ratio, say
from bench.naive import apart as naive
from bench.naive import service
from bench.naive.database import open_server
from bench.naive.wire import TOPIC, producing, tell
from bench.settling import settled
from bench.texts import bodies
from deploy.cluster.cluster import Cluster
from feedback.commands import TakeFeedback
from feedback.decider import DECIDER as FEEDBACK
from router.commands import Accept, Resolve
from router.decider import DECIDER as ROUTER
from router.policy import routing_policy
from schemas.topics import PETITION_EVENTS
from schemas.words import Result
from services.chassis.databases import Databases, open_databases
from services.chassis.deciding import Command, Decider, Facts
from services.chassis.log import Cause, Entry, Write, Written

NAME = "apart"
PATH = "/v1/petitions"
NOT_KEPT = httpx.Limits(max_keepalive_connections=0)
"""A connection that was idle for some seconds may be closed by the server just when it is used again."""
LONGEST_SECONDS = 120
"""A life that never ends would be waited for in vain."""


@dataclass(frozen=True)
class Scale:
    """Lives in each sample of either side, how many are under way at once, and clients that file one by one."""

    runs: int = 3
    lives: int = 3_000
    under_way: int = 1_000
    naive_lives: int = 400
    naive_under_way: int = 200
    clients: int = 50


QUICK = Scale(runs=1, lives=20, under_way=20, naive_lives=4, naive_under_way=4, clients=2)


@dataclass
class _Way:
    """Samples of one side filing in one way, one from each run."""

    rate: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Milliseconds of all processes for each life, the desk and the servers included."""


@dataclass
class _Side:
    bulk: _Way = field(default_factory=_Way)
    single: _Way = field(default_factory=_Way)


async def measure(scale: Scale) -> list[Figure]:
    """Each run starts both sides on fresh servers, one after the other, with the machine for itself."""
    ours, plain = _Side(), _Side()
    for run in range(scale.runs):
        async with processes.cluster() as cluster:
            await _gridcase(cluster, scale, run, ours)
        async with processes.plain() as services:
            await _plain(services, scale, run, plain)
    return [
        Figure(NAME, "gridcase, filed in bulk", "lives/s", ours.bulk.rate),
        Figure(NAME, "plain services, filed in bulk", "lives/s", plain.bulk.rate),
        ratio(NAME, "gridcase ÷ plain, in bulk", ours.bulk.rate, plain.bulk.rate, "≥ 15"),
        Figure(NAME, "gridcase, a request for each", "lives/s", ours.single.rate, "≥ 700"),
        Figure(NAME, "plain services, a request for each", "lives/s", plain.single.rate),
        ratio(NAME, "gridcase ÷ plain, a request for each", ours.single.rate, plain.single.rate, "≥ 5"),
        Figure(NAME, "CPU time of all, gridcase, in bulk", "ms/life", ours.bulk.cpu),
        Figure(NAME, "CPU time of all, plain, in bulk", "ms/life", plain.bulk.cpu),
        ratio(NAME, "CPU time, plain ÷ gridcase, in bulk", plain.bulk.cpu, ours.bulk.cpu),
        ratio(NAME, "CPU time, plain ÷ gridcase, a request for each", plain.single.cpu, ours.single.cpu),
    ]


async def _gridcase(cluster: Cluster, scale: Scale, run: int, side: _Side) -> None:
    databases = await open_databases(processes.settings_of(cluster))
    port, pids = cluster.options.port, processes.pids_of(cluster)
    try:
        async with (
            listening(cluster.environment["GRIDCASE_KAFKA"], PETITION_EVENTS) as consumer,
            httpx.AsyncClient(timeout=LONGEST_SECONDS, trust_env=False, limits=NOT_KEPT) as http,
        ):
            course = Course(consumer, said_by_gridcase, GridcaseDesk(databases), scale.under_way)
            batch, each = [in_batches(http, port)] * 4, each_alone(port, scale)

            async def timed(name: str, way: _Way, lives: int, files: list[Filed], at_once: int) -> None:
                ahead = bodies(f"{name}-{run}", lives)
                heard = partial(settled, databases, cluster)
                await _timed(f"gridcase, {name}", way, pids, course, ahead, files, at_once, heard)

            await timed("warm", _Way(), scale.under_way, batch, AT_ONCE)
            await timed("bulk", side.bulk, scale.lives, batch, AT_ONCE)
            await timed("single", side.single, scale.lives, each, 1)
        assert sum((await databases.engine.heads()).values()) == EVENTS * (2 * scale.lives + scale.under_way)
    finally:
        await databases.close()


async def _plain(plain: processes.Plain, scale: Scale, run: int, side: _Side) -> None:
    async with (
        listening(plain.kafka, TOPIC) as consumer,
        producing(plain.kafka) as producer,
        httpx.AsyncClient(timeout=LONGEST_SECONDS, trust_env=False, limits=NOT_KEPT) as http,
    ):
        with closing(PlainDesk(plain, producer)) as desk:
            course = Course(consumer, said_by_plain, desk, scale.naive_under_way)
            batch, each = [in_batches(http, plain.port)], each_alone(plain.port, scale)

            async def timed(name: str, way: _Way, lives: int, files: list[Filed], at_once: int) -> None:
                await _timed(f"plain, {name}", way, plain.pids, course, bodies(f"{name}-{run}", lives), files, at_once)

            await timed("warm", _Way(), scale.naive_under_way, batch, AT_ONCE)
            await timed("bulk", side.bulk, scale.naive_lives, batch, AT_ONCE)
            await timed("single", side.single, scale.naive_lives, each, 1)


async def _timed(
    name: str,
    way: _Way,
    pids: Sequence[int],
    course: Course,
    ahead: list[dict[str, Any]],
    files: list[Filed],
    at_once: int,
    heard: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Samples of these lives until the desk has heard the last end; of gridcase, until every subscriber has."""
    worked, began = processes.cpu_seconds(pids), perf_counter()
    async with asyncio.timeout(LONGEST_SECONDS):
        await course.run(ahead, files, at_once)
    if heard is not None:
        await heard()
    way.rate.append(say(NAME, name, len(ahead) / (perf_counter() - began), "lives/s"))
    way.cpu.append(say(NAME, name, (processes.cpu_seconds(pids) - worked) / len(ahead) * 1000, "ms of CPU a life"))


def each_alone(port: int, scale: Scale) -> list[Filed]:
    """A request for each petition."""
    return one_by_one(Connections(port, scale.clients), scale.clients, lambda body: post(PATH, body))


def in_batches(http: httpx.AsyncClient, port: int) -> Filed:
    """As NDJSON to the batch door."""

    async def file(some: Sequence[dict[str, Any]]) -> None:
        lines = "\n".join(json.dumps(body, ensure_ascii=False) for body in some)
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await http.post(f"http://{HOST}:{port}{PATH}/batch", content=lines.encode(), headers=headers)
        assert answer.status_code == 200, answer.text
        assert '"code"' not in answer.text, answer.text

    return file


def said_by_gridcase(record: ConsumerRecord) -> tuple[str, str]:
    """By the headers alone."""
    type_ = next(value for name, value in record.headers if name == "ce_type")
    return type_.decode().split(".")[1], record.key.decode()


def said_by_plain(record: ConsumerRecord) -> tuple[str, str]:
    """By the headers alone."""
    return dict(record.headers)["type"].decode(), record.key.decode()


class GridcaseDesk:
    """Loads the streams of many petitions in one query; every command is decided on the newest state and goes through
    the batcher, as at the HTTP door."""

    def __init__(self, databases: Databases) -> None:
        self._runtime = databases.runtime

    async def handle(self, petitions: Sequence[str]) -> None:
        ids = [UUID(petition) for petition in petitions]
        await self._all(ROUTER, ids, lambda petition, facts: Accept(petition, facts.now, None), "desk")
        await self._all(
            ROUTER, ids,
            lambda petition, facts: Resolve(petition, facts.now, routing_policy(facts.policy), None, Result.DONE, DONE),
            "desk",
        )  # fmt: skip

    async def answer(self, petitions: Sequence[str]) -> None:
        ids = [UUID(petition) for petition in petitions]
        await self._all(
            FEEDBACK, ids,
            lambda petition, facts: TakeFeedback(petition, facts.now, facts.policy, True, True, True, None, None), None,
        )  # fmt: skip

    async def _all(self, decider: Decider, petitions: Sequence[UUID], make: Any, by: str | None) -> None:
        while petitions:
            streams = await self._runtime.log.load(petitions)
            written = await asyncio.gather(*(self._one(decider, one, streams[one], make, by) for one in petitions))
            petitions = [one for one, was in zip(petitions, written, strict=True) if not was]

    async def _one(self, decider: Decider, petition: UUID, stream: Sequence[Any], make: Any, by: str | None) -> bool:
        runtime = self._runtime
        facts = Facts(runtime.time.now(), runtime.policies.current)
        command: Command = make(petition, facts)
        events = decider.decide(runtime.states(decider).fold(petition, stream), command)
        cause = Cause(decider.service, str(uuid_utils.uuid4()), by)
        result = await runtime.batcher.append(Entry(cause, [Write(petition, len(stream), list(events))]))
        return isinstance(result, Written)


class PlainDesk:
    """The same steps, each in a session and a commit of its own, four at once."""

    def __init__(self, plain: processes.Plain, producer: Any) -> None:
        self._engine = open_server(plain.database)
        self._producer = producer
        self._threads = ThreadPoolExecutor(naive.THREADS)

    def close(self) -> None:
        """Let go of the threads and of the connections, of which each of them has one."""
        self._threads.shutdown()
        self._engine.dispose()

    async def handle(self, petitions: Sequence[str]) -> None:
        await self._all(lambda session, one: service.accept(session, one, "desk"), petitions)
        await self._all(lambda session, one: service.report(session, one, "done", DONE, "desk"), petitions)

    async def answer(self, petitions: Sequence[str]) -> None:
        await self._all(lambda session, one: service.take_feedback(session, one, True, True), petitions)

    async def _all(self, step: Any, petitions: Sequence[str]) -> None:
        await asyncio.gather(*(self._one(step, one) for one in petitions))

    async def _one(self, step: Any, petition: str) -> None:
        loop = asyncio.get_running_loop()
        events = await loop.run_in_executor(
            self._threads, naive.done, self._engine, lambda session: step(session, petition)
        )
        await asyncio.gather(*await tell(self._producer, events))
