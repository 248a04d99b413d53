"""The same commands for any installation: in rounds, each begun when every service has heard all of the one before.

So a stream has one order, whatever runs beside what: people say one thing at a time of a petition, and services answer
it before the next is said.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from services.chassis.sealing import Keyring
from services.chassis.store.engine import Engine
from services.chassis.subscribers import STANDING
from tests.cluster.steps import Life, Newest, Step

T = TypeVar("T")
R = TypeVar("R")
CALLERS = 16
LINES = 100
LONGEST_SECONDS = 120
IDLE_SECONDS = 2
"""Less than a server keeps a connection on which nothing is asked."""
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
    limits = httpx.Limits(keepalive_expiry=IDLE_SECONDS)
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits) as http:
        yield http


@dataclass(frozen=True)
class Told:
    """What the lives became, and how each step was answered.

    `petitions`: their names, by id, also of what some were split into; `asked`: each command's petition and key;
    `suggested`: what each may repeat that was filed late."""

    petitions: Mapping[str, str]
    asked: Sequence[tuple[str, str]]
    answers: Sequence[Sequence[str]]
    suggested: Sequence[Any]


@dataclass
class Filed:
    """Which petition each life is, which parts those have that were split, and which commands were sent."""

    petitions: dict[Life, str]
    parts: dict[Life, Sequence[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def named(self, lives: Sequence[Life]) -> dict[str, str]:
        """A name for each, by its place among the lives."""
        own = {self.petitions[life]: f"petition {number}" for number, life in enumerate(lives)}
        return own | {
            part: f"part {count} of {own[self.petitions[life]]}"
            for life, parts in self.parts.items()
            for count, part in enumerate(parts)
        }


async def run(at: Installation, lives: Sequence[Life]) -> Told:
    """File all, then say the first thing of each, and so on; returns when nothing moves any more."""
    first, late = ([life for life in lives if life.late == late] for late in (False, True))
    filed = Filed(dict(zip(first[::2], await each(first[::2], lambda life: _file(at, life)), strict=True)))
    filed.petitions |= await _file_in_batches(at, first[1::2])
    missed = [petition for life, petition in filed.petitions.items() if life.missed]
    await each(missed, lambda petition: _until(lambda: _supervised(at, petition)))
    await _until(lambda: _heard_all(at))
    await _until(lambda: _listed(at))
    suggested = [await _file_late(at, life, filed) for life in late]
    await _until(lambda: _heard_all(at))
    answers: dict[Life, list[str]] = {life: [] for life in lives}
    for turn in range(max(len(life.steps) for life in lives)):
        for life, said in (await _round(at, filed, turn)).items():
            answers[life] += said
        await _until(lambda: _heard_all(at))
    await _until(lambda: _listed(at))
    return Told(filed.named(lives), filed.asked, [answers[life] for life in lives], suggested)


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


async def _file_late(at: Installation, life: Life, filed: Filed) -> Any:
    """File it, again with its key while nobody had the time to look; returns what it may repeat."""
    while True:
        answer = await at.http.post("/v1/petitions", json=life.body, headers={"Idempotency-Key": life.key})
        assert answer.status_code == 201, answer.text
        said = answer.json()
        filed.petitions[life] = said["id"]
        if said["suggestions"] is not None:
            return said["suggestions"]


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


async def _round(at: Installation, filed: Filed, turn: int) -> dict[Life, list[str]]:
    asked = {life: step for life in filed.petitions if turn < len(life.steps) and (step := life.steps[turn])}
    said = await each(asked.items(), lambda one: _ask(at, filed, *one, key=f"{one[0].key}-{turn}"))
    return dict(zip(asked, said, strict=True))


async def _ask(at: Installation, filed: Filed, life: Life, step: Step, key: str) -> list[str]:
    """How the step was answered, each time that it was sent."""
    petition = filed.petitions[life] if step.part is None else filed.parts[life][step.part]
    filed.asked.append((petition, key))
    body = {name: await _meant(at, filed, petition, value) for name, value in step.body.items()}
    said = []
    for _ in range(step.times):
        answer = await at.http.post(
            f"/v1/petitions/{petition}/{step.command}", json=body, headers={"Idempotency-Key": key, **step.headers}
        )
        assert answer.status_code < 500, answer.text
        code = "" if answer.is_success else answer.json()["code"]
        replayed = " again" if "Idempotency-Replayed" in answer.headers else ""
        said.append(f"{step.command} {answer.status_code} {code}{replayed}")
        if step.command == "split" and answer.is_success:
            filed.parts[life] = [link["petition"] for link in answer.json()["links"] if link["type"] == "part"]
    return said


async def _meant(at: Installation, filed: Filed, petition: str, value: Any) -> Any:
    """What a body says for a life, for the newest dispatch, or for so long after the round's deadline."""
    if isinstance(value, Life):
        return filed.petitions[value]
    if not isinstance(value, timedelta | Newest):
        return value
    read = (await at.http.get(f"/v1/petitions/{petition}")).json()
    if isinstance(value, Newest):
        return read["dispatch"] and read["dispatch"]["id"]
    due = [one["due_at"] for one in read["deadlines"] if one["name"].startswith("resolve:")]
    return (datetime.fromisoformat(due[-1]) + value).isoformat()


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
