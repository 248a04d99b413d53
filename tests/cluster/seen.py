"""What an installation shows after a script: its log as it is stored, and what it answers about every petition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from schemas.event import AnyRecorded
from schemas.events.escalation import DeadlineMissed, DeadlineNear
from schemas.policy import PolicyBundle
from schemas.sealed import Sealed
from schemas.words import Severity, Status
from services.chassis.clock import micros
from services.chassis.codec import decode
from services.chassis.sealing import PetitionKey
from services.chassis.timer import DUE, NEAR
from tests.cluster.comparing import Names
from tests.cluster.script import Installation, Told, each
from tests.cluster.steps import Life

PAGE = 500
LONGEST_PAGE = 500
WORDS_EVERY = 20
PAGES = ("", "/timeline")
"""What is asked of every petition, behind its address."""

Stream = Sequence[tuple[AnyRecorded, int]]
"""Events with their schema versions."""


@dataclass(frozen=True)
class Seen:
    """Everything that is compared, in words that installations share.

    `others`: how many events of the log are of none of the script's petitions. `suggested`: what each that was filed
    late may repeat."""

    others: int
    answers: Sequence[Sequence[str]]
    suggested: Sequence[Any]
    streams: Mapping[str, Sequence[Mapping[str, Any]]]
    petitions: Mapping[str, Any]
    lists: Mapping[str, Any]


async def seen(at: Installation, lives: Sequence[Life], told: Told, bundle: PolicyBundle) -> Seen:
    """Read all of it."""
    names = Names.of(at.keyring, told)
    streams = await _streams(at, names)
    return Seen(
        sum((await at.engine.heads()).values()) - sum(map(len, streams.values())),
        told.answers,
        [sorted(names.value(one), key=str) for one in told.suggested],
        streams,
        {path: await _answers(at, names, path) for path in PAGES},
        await _lists(at, names, lives, bundle),
    )


async def _streams(at: Installation, names: Names) -> dict[str, list[dict[str, Any]]]:
    """The stream of every petition, by its name."""
    petitions = [UUID(petition) for petition in names.petitions]
    keys = await at.keyring.get(petitions)
    found: dict[UUID, list[tuple[AnyRecorded, int]]] = {petition: [] for petition in petitions}
    for start in range(0, len(petitions), PAGE):
        for row in await at.engine.load(petitions[start : start + PAGE]):
            found[row.stream_id].append((decode(row), row.schema_version))
    return {names.petitions[str(one)]: list(_events(stream, names, keys[one])) for one, stream in found.items()}


def _events(stream: Stream, names: Names, key: PetitionKey | None) -> Iterator[dict[str, Any]]:
    assert key is not None
    timers = _timers(stream)
    happened: list[datetime] = []
    for recorded, schema in stream:
        happened.append(recorded.event.at)
        said = [name for name in type(recorded.event).model_fields if name != "at"]
        yield {
            "version": recorded.version,
            "type": type(recorded.event).__name__,
            "schema": schema,
            "service": recorded.service,
            "cause": names.value(timers.get(recorded.causation, recorded.causation)),
            "by": recorded.by,
            "asked": recorded.request is not None,
            "data": {name: names.value(_opened(recorded, name, key), tuple(happened)) for name in said},
        }


def _timers(stream: Stream) -> dict[str, str]:
    """What a timer gives as its cause, by the deadline that it is about."""
    stages = {DeadlineMissed: DUE, DeadlineNear: NEAR}
    noticed = [(one.petition, one.event, stages[type(one.event)]) for one, _ in stream if type(one.event) in stages]
    return {
        str(uuid5(petition, f"{event.deadline}|{stage}|{micros(event.due_at)}")): f"timer of {event.deadline}"
        for petition, event, stage in noticed
    }


def _opened(recorded: AnyRecorded, name: str, key: PetitionKey) -> Any:
    held = getattr(recorded.event, name)
    if isinstance(held, Sealed):
        assert held.token is not None, f"{name} of {recorded.ref} stands in clear"
        return key.open(recorded, name)
    return held


async def _answers(at: Installation, names: Names, path: str) -> dict[str, Any]:
    async def ask(petition: str) -> Any:
        answer = await at.http.get(f"/v1/petitions/{petition}{path}")
        assert answer.status_code == 200, answer.text
        return names.value(answer.json())

    return dict(zip(names.petitions.values(), await each(names.petitions, ask), strict=True))


async def _lists(at: Installation, names: Names, lives: Sequence[Life], bundle: PolicyBundle) -> dict[str, Any]:
    """Each row of the whole list, and which rows every filter gives."""
    whole = {item["id"]: names.value(item) for item in await _list(at, {}) if item["id"] in names.petitions}
    queries = [{name: value} for name, values in _filters(bundle, lives).items() for value in values]
    queries += [{"status": status, "overdue": late} for status in Status for late in ("true", "false")]
    found = await each(queries, lambda query: _list(at, query))
    filtered = {
        str(query): sorted(whole[one["id"]]["id"] for one in items if one["id"] in whole)
        for query, items in zip(queries, found, strict=True)
    }
    return {"whole": {row["id"]: row for row in whole.values()}, **filtered}


def _filters(bundle: PolicyBundle, lives: Sequence[Life]) -> dict[str, Sequence[str]]:
    some = [str(life.body.get("title") or life.body["text"]) for life in lives[::WORDS_EVERY]]
    return {
        "status": list(Status),
        "severity": list(Severity),
        "tier": [tier.code for tier in bundle.ladder],
        "kind": [kind.code for kind in bundle.kinds],
        "department": [office.code for office in bundle.departments],
        "unit": [unit.code for unit in bundle.units if unit.tier != bundle.ladder[0].code][:LONGEST_PAGE],
        "overdue": ["true", "false"],
        "q": [
            words[start:end] for words in some for start, end in ((0, 2), (1, 5), (0, 9)) if words[start:end].strip()
        ],
    }


async def _list(at: Installation, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every row, page by page, the newest first."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await at.http.get("/v1/petitions", params={"limit": LONGEST_PAGE, **query, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}
