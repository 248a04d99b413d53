"""The same commands for any installation: in rounds, each begun when every service has heard all of the one before.

So a stream has one order, whatever runs beside what: people say one thing at a time of a petition, and services answer
it before the next is said.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from services.chassis.sealing import Keyring
from services.chassis.store.engine import Engine
from services.chassis.subscribers import STANDING
from tests.cluster.lives import Life, Step

T = TypeVar("T")
R = TypeVar("R")
CALLERS = 16
LINES = 100
LONGEST_SECONDS = 120
NDJSON = {"Content-Type": "application/x-ndjson"}
SERVICES = frozenset({"severity", "router", "escalation", "feedback"})
SUPERVISED = "SupervisionOrdered"


@dataclass(frozen=True)
class Installation:
    """A gridcase that answers, and its log and keys as they lie in its store."""

    http: httpx.AsyncClient
    engine: Engine
    keyring: Keyring


@asynccontextmanager
async def caller(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a server, many things at once."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        yield http


@dataclass(frozen=True)
class Told:
    """Which petitions the lives became, in their order, and how each step was answered."""

    petitions: Sequence[str]
    answers: Sequence[Sequence[str]]


async def run(at: Installation, lives: Sequence[Life]) -> Told:
    """File all, then say the first thing of each, and so on; returns when nothing moves any more."""
    filed = dict(zip(lives[::2], await each(lives[::2], lambda life: _file(at, life)), strict=True))
    filed |= await _file_in_batches(at, lives[1::2])
    missed = [petition for life, petition in filed.items() if life.missed]
    await each(missed, lambda petition: _until(lambda: _supervised(at, petition)))
    await _until(lambda: _heard_all(at))
    answers: dict[Life, list[str]] = {life: [] for life in lives}
    for turn in range(max(len(life.steps) for life in lives)):
        for life, said in (await _round(at, filed, turn)).items():
            answers[life] += said
        await _until(lambda: _heard_all(at))
    await _until(lambda: _listed(at))
    return Told([filed[life] for life in lives], [answers[life] for life in lives])


async def each(them: Iterable[T], do: Callable[[T], Awaitable[R]]) -> list[R]:
    """Do it for all of them, a few at a time; results in their order."""
    free = asyncio.Semaphore(CALLERS)

    async def one(it: T) -> R:
        async with free:
            return await do(it)

    return await asyncio.gather(*map(one, them))


async def _file(at: Installation, life: Life) -> str:
    answer = await at.http.post("/v1/petitions", json=life.body, headers={"Idempotency-Key": life.key})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _file_in_batches(at: Installation, lives: Sequence[Life]) -> dict[Life, str]:
    """Twice, because a batch that is sent again files nothing new."""
    filed: dict[Life, str] = {}
    for part in [lives[start : start + LINES] for start in range(0, len(lives), LINES)] * 2:
        content = "\n".join(json.dumps({**life.body, "key": life.key}) for life in part)
        answer = await at.http.post("/v1/petitions/batch", content=content, headers=NDJSON)
        results = [json.loads(line) for line in answer.text.splitlines()]
        assert [one.get("replayed") for one in results] == [life in filed for life in part], results
        filed |= {life: one["id"] for life, one in zip(part, results, strict=True)}
    return filed


async def _round(at: Installation, filed: Mapping[Life, str], turn: int) -> dict[Life, list[str]]:
    asked = [life for life in filed if len(life.steps) > turn]
    said = await each(asked, lambda life: _ask(at, filed[life], f"{life.key}-{turn}", life.steps[turn]))
    return dict(zip(asked, said, strict=True))


async def _ask(at: Installation, petition: str, key: str, step: Step) -> list[str]:
    """How the step was answered, each time that it was sent."""
    headers = {"Idempotency-Key": key, **step.headers}
    said = []
    for _ in range(step.times):
        answer = await at.http.post(f"/v1/petitions/{petition}/{step.command}", json=step.body, headers=headers)
        assert answer.status_code < 500, answer.text
        code = "" if answer.is_success else answer.json()["code"]
        replayed = " again" if "Idempotency-Replayed" in answer.headers else ""
        said.append(f"{step.command} {answer.status_code} {code}{replayed}")
    return said


async def _heard_all(at: Installation) -> bool:
    """Whether every service has heard everything, and said nothing meanwhile."""
    heads = await at.engine.heads()
    standing = {(name, partition): position for name, partition, position, *_ in await at.engine.query(STANDING, {})}
    heard = all(standing.get((name, p), 0) == head for name in SERVICES for p, head in heads.items())
    return heard and heads == await at.engine.heads()


async def _supervised(at: Installation, petition: str) -> bool:
    answer = await at.http.get(f"/v1/petitions/{petition}/timeline")
    return any(item["type"] == SUPERVISED for item in answer.json()["items"])


async def _listed(at: Installation) -> bool:
    behind: dict[str, Any] = (await at.http.get("/v1/petitions", params={"limit": 1})).json()["behind"]
    return behind["events"] == 0


async def _until(reached: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while not await reached():  # noqa: ASYNC110 - another process can only be asked
            await asyncio.sleep(0.1)
