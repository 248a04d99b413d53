"""(b) Filed → routed over HTTP ÷ the plain version, and (e) how long 50 clients wait for it."""

import asyncio
import pstats
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter
from typing import Any

from bench import servers
from bench.client import Answer, Connection, ask_all, connected, get, post
from bench.district import scratch
from bench.lives import LONGEST_SECONDS
from bench.measuring import Figure, ratio
from bench.texts import bodies

NAME = "http"
PATH = "/v1/petitions"
WAIT = "Prefer: wait=30"


@dataclass(frozen=True)
class Scale:
    """Requests in each sample, and how many clients send them, each the next one as soon as it is answered."""

    runs: int = 5
    clients: int = 50
    requests: int = 3_000
    naive_requests: int = 600


QUICK = Scale(runs=1, clients=4, requests=12, naive_requests=8)


@dataclass
class _Side:
    """Samples of one way to send petitions, one from each run."""

    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def add(self, answers: Sequence[Answer], seconds: float) -> None:
        cuts = quantiles((answer.seconds * 1000 for answer in answers), n=100)
        self.rate.append(len(answers) / seconds)
        self.p50.append(cuts[49])
        self.p99.append(cuts[98])


async def measure(scale: Scale) -> list[Figure]:
    """Each run starts both servers anew, one after the other, each with the machine for itself and this client."""
    waited, created, drained, plain = _Side(), _Side(), [], _Side()
    for run in range(scale.runs):
        with scratch() as directory:
            async with servers.gridcase(directory / "data") as port, connected(port, scale.clients) as clients:
                await _warm(clients, run, scale)
                await _waited(clients, run, scale, waited)
                drained.append(await _created(clients, run, scale, created))
            async with servers.naive(directory / "naive.db") as port, connected(port, scale.clients) as clients:
                await _warm(clients, run, scale)
                await _plain(clients, run, scale, plain)
    return [
        Figure(NAME, "gridcase, answered when routed", "1/s", waited.rate, "≥ 800"),
        Figure(NAME, "plain, answered when routed", "1/s", plain.rate),
        ratio(NAME, "gridcase ÷ plain", waited.rate, plain.rate, "≥ 4"),
        Figure(NAME, "gridcase, answered when filed", "1/s", created.rate),
        Figure(NAME, "the same until all are routed", "1/s", drained),
        Figure(NAME, "create, p50", "ms", created.p50),
        Figure(NAME, "create, p99", "ms", created.p99),
        Figure(NAME, "create → routed, p50", "ms", waited.p50),
        Figure(NAME, "create → routed, p99", "ms", waited.p99, "≤ 1,000"),
        Figure(NAME, "plain, p50", "ms", plain.p50),
        Figure(NAME, "plain, p99", "ms", plain.p99),
    ]


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread of a gridcase server that answers when routed, from its start to its end."""
    with scratch() as directory:
        found = directory / "profile"
        server = servers.gridcase(directory / "data", "-m", "cProfile", "-o", str(found))
        async with server as port, connected(port, scale.clients) as clients:
            await _waited(clients, 0, scale, _Side())
        return pstats.Stats(str(found))


async def _waited(clients: Sequence[Connection], run: int, scale: Scale, side: _Side) -> None:
    requests = [post(PATH, body, WAIT) for body in bodies(f"waited-{run}", scale.requests)]
    began = perf_counter()
    answers = await ask_all(clients, requests)
    side.add(answers, perf_counter() - began)
    assert all(answer.json["status"] == "routed" for answer in answers)


async def _created(clients: Sequence[Connection], run: int, scale: Scale, side: _Side) -> float:
    """Without waiting; returns petitions per second from the first request until the last is routed."""
    requests = [post(PATH, body) for body in bodies(f"created-{run}", scale.requests)]
    began = perf_counter()
    answers = await ask_all(clients, requests)
    side.add(answers, perf_counter() - began)
    petitions = [answer.json for answer in answers]
    # A partition is heard in order: when its last petition is routed, so are, as a rule, all before it.
    newest = {petition["number"].split("-")[1]: petition["id"] for petition in sorted(petitions, key=_position)}
    spent = await _until_routed(clients, list(newest.values()), began)
    everyone = [petition["id"] for petition in petitions]
    if await _unrouted(clients, everyone):
        spent = await _until_routed(clients, everyone, began)
    return len(petitions) / spent


def _position(petition: dict[str, Any]) -> int:
    return int(petition["number"].rpartition("-")[2])


async def _until_routed(clients: Sequence[Connection], petitions: Sequence[str], began: float) -> float:
    """Seconds from `began` until all of these are routed."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while petitions := await _unrouted(clients, petitions):  # noqa: ASYNC110 - another process can only be asked
            await asyncio.sleep(0.005)
    return perf_counter() - began


async def _unrouted(clients: Sequence[Connection], petitions: Sequence[str]) -> list[str]:
    answers = await ask_all(clients, [get(f"{PATH}/{petition}") for petition in petitions])
    return [answer.json["id"] for answer in answers if answer.json["status"] != "routed"]


async def _plain(clients: Sequence[Connection], run: int, scale: Scale, side: _Side) -> None:
    requests = [post(PATH, body) for body in bodies(f"plain-{run}", scale.naive_requests)]
    began = perf_counter()
    answers = await ask_all(clients, requests)
    side.add(answers, perf_counter() - began)
    assert all(answer.json["status"] == "routed" for answer in answers)


async def _warm(clients: Sequence[Connection], run: int, scale: Scale) -> None:
    requests = [post(PATH, body, WAIT) for body in bodies(f"warm-{run}", max(len(clients), scale.naive_requests // 3))]
    assert all(answer.status == 201 for answer in await ask_all(clients, requests))
