"""From an HTTP request to events and back: commands, idempotency keys, entity tags, waiting for a route."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol
from uuid import UUID

import uuid_utils
from fastapi import Depends, Header, Path, Request, Response
from pydantic_core import to_json

from schemas.event import AnyRecorded, Event, EventRef
from schemas.people import Petitioner
from schemas.petition import PetitionAnswer, SuggestionAnswer
from services.chassis import answers
from services.chassis.deciding import Command, Decider, Facts, Rejected
from services.chassis.log import Cause, Entry, Write, Written
from services.chassis.naming import petition_named
from services.chassis.problems import ProblemRaised, not_found
from services.chassis.runtime import MOST_WAITING, Runtime
from services.chassis.store.engine import Conflict, Duplicate, KeyClaim, OutcomeUnknown, StoreUnavailable
from services.chassis.web import runtime_of

MOST_TRIES = 20
LONGEST_WAIT = 30.0
LONGEST_WORK = 5.0
"""Seconds until a request is given up: a caller who hears nothing for long does not know what to do."""
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_DIGITS = re.compile(r"[0-9]{1,9}")
_ALL_DIGITS = re.compile(r"[0-9]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"?')


@dataclass(frozen=True, slots=True)
class Asker:
    """How a request came: its idempotency key, the versions it was made for, its JSON as it was sent."""

    key: str | None
    if_match: frozenset[int] | None
    sent: Any = None


async def _filer(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(alias="Idempotency-Key", description="Makes a retry safe; 1..200 visible ASCII")
    ] = None,
) -> Asker:
    twice = len(request.headers.getlist("idempotency-key")) > 1  # whose word would count?
    if idempotency_key is not None and (twice or not _KEY.fullmatch(idempotency_key)):
        raise ProblemRaised(
            422,
            "bad_key",
            "Idempotency-Key must be given once, of 1 to 200 visible ASCII characters.",
            "Idempotency-Key 只能给出一个，须为 1–200 个可见 ASCII 字符。",
        )
    sent = await request.json() if await request.body() else None  # parsed once: FastAPI asked the same request
    return Asker(idempotency_key, None, sent)


async def _asker(
    filer: Annotated[Asker, Depends(_filer)],
    if_match: Annotated[
        str | None, Header(alias="If-Match", description="ETags of the versions the command was made for")
    ] = None,
) -> Asker:
    return replace(filer, if_match=_versions(if_match))


def _versions(if_match: str | None) -> frozenset[int] | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(","))
    versions = frozenset(version for tag in tags if (version := whole_number(tag)) is not None)
    if not versions:
        raise ProblemRaised(
            412,
            "stale",
            "That ETag names no version of this petition; read it again.",
            "ETag 不是该诉求的版本，请重新读取。",
        )
    return versions


def whole_number(words: str) -> int | None:
    """The number that 1 to 9 ASCII digits write; None for anything else."""
    return int(words) if _DIGITS.fullmatch(words) else None


Filing = Annotated[Asker, Depends(_filer)]
"""How a petition is filed, which has no version before it."""
Asking = Annotated[Asker, Depends(_asker)]
"""How a command is asked for."""
Running = Annotated[Runtime, Depends(runtime_of)]


class Suggests(Protocol):
    """Looks for what a new petition may repeat."""

    async def repeated_by(
        self, petition: UUID, words: str, place: str | None, who: Petitioner | None
    ) -> list[SuggestionAnswer] | None:
        """Open petitions, the likeliest first; None where nobody could look."""


async def _suggests(request: Request) -> Suggests:
    suggests: Suggests = request.app.state.suggestions
    return suggests


Suggesting = Annotated[Suggests, Depends(_suggests)]


async def _petition_id(
    petition: Annotated[str, Path(description="Petition id, a UUIDv7, or its number")], runtime: Running
) -> UUID:
    if (found := await petition_named(petition, runtime.log)) is None:
        raise not_found()
    return found


PetitionId = Annotated[UUID, Depends(_petition_id)]


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """What takes too long is answered with 503. What was handed to the batcher by then may still be written."""
    try:
        async with asyncio.timeout(LONGEST_WORK):
            yield
    except TimeoutError:
        raise ProblemRaised(
            503, "too_slow",
            "It takes too long, and whether it was done is not known: send it again in a few seconds, with the same "
            "Idempotency-Key if it had one.",
            "处理超时，结果未知。请几秒后重试；如带有 Idempotency-Key，请沿用同一个。", headers={"Retry-After": "5"},
        ) from None  # fmt: skip


@in_time()
async def execute(
    decider: Decider,
    runtime: Runtime,
    petition: UUID,
    asker: Asker,
    make: Callable[[Facts], Command],
    *,
    name: str,
    by: str | None = None,
) -> Response:
    """Decide a command on the newest state, append, and answer with the petition.

    A retry with the same key is answered again and does nothing, whether the command had changed anything or not;
    another body under that key is refused. Raises Rejected.
    """
    request = request_digest(runtime, name, asker.sent)
    claims = [_claim(runtime, petition, asker.key, request)] if asker.key else []
    causation = f"key:{claims[0].key_hash.hex()}" if claims else str(uuid_utils.uuid4())
    cause = Cause(decider.service, causation, by, request.hex())
    for _ in range(MOST_TRIES):
        stream = (await runtime.log.load([petition]))[petition]
        if not stream:
            raise not_found()
        if claims and (mine := [one for one in stream if one.causation == causation]):
            return await _again(runtime, petition, same=mine[0].request == request.hex())
        try:
            if asker.if_match is not None and len(stream) not in asker.if_match:
                raise _stale(len(stream))
            await runtime.policies.know(stream)
            state, command = runtime.states(decider).fold(petition, stream), make(runtime.facts())
            events = decider.decide(state, command)
            others = await _others(decider, runtime, decider.also(state, command) if events else ())
        except (Rejected, ProblemRaised):
            # It may be a retry of a command that changed nothing when it was taken.
            if not claims or not isinstance(held := await runtime.log.holder(claims), Duplicate):
                raise
            return await _again(runtime, petition, same=held.same_body)
        if not events and not claims:
            return await petition_response(runtime, stream)
        writes = [Write(petition, len(stream), list(events)), *others]
        result = await runtime.batcher.append(Entry(cause, writes, claims))
        if isinstance(result, Duplicate):
            return await _again(runtime, petition, same=result.same_body)
        if isinstance(result, Written):
            own = [recorded for recorded in result.events if recorded.petition == petition]
            with kept_already():
                return await petition_response(runtime, [*stream, *own])
        assert isinstance(result, Conflict)  # somebody else was faster: decide on what is now true
        runtime.states(decider).forget(result.streams)
    raise ProblemRaised(
        503, "contended", "Too many changes at once on this petition; try again.", "该诉求正被频繁修改，请稍后重试。",
        headers={"Retry-After": "1"},
    )  # fmt: skip


@contextmanager
def kept_already() -> Iterator[None]:
    """Around what only reads for the answer to something that was written: where that fails, nobody is told that
    nothing was kept."""
    try:
        yield
    except StoreUnavailable as error:
        raise OutcomeUnknown(str(error)) from error


async def _others(decider: Decider, runtime: Runtime, commands: Sequence[Command]) -> list[Write]:
    """What is to be written to other petitions, and to others again because of that, each decided on its newest state;
    raises Rejected. A petition that is not there yet has the initial state."""
    versions: dict[UUID, int] = {}
    states: dict[UUID, Any] = {}
    said: dict[UUID, list[Event]] = {}
    while commands:
        new = {one.petition for one in commands} - versions.keys()
        for petition, stream in (await runtime.log.load(new)).items():
            await runtime.policies.know(stream)
            versions[petition], states[petition] = len(stream), runtime.states(decider).fold(petition, stream)
        asked, commands = commands, []
        for one in asked:
            state = states[one.petition]
            if not (events := decider.decide(state, one)):
                continue
            commands = [*commands, *decider.also(state, one)]
            own = said.setdefault(one.petition, [])
            for event in events:
                own.append(event)
                ref = EventRef(one.petition, versions[one.petition] + len(own))
                states[one.petition] = decider.evolve(states[one.petition], event, ref)
    return [Write(petition, versions[petition], events) for petition, events in said.items()]


def _stale(version: int) -> ProblemRaised:
    return ProblemRaised(
        412,
        "stale",
        f"The petition is at version {version}; read it again.",
        f"诉求已更新到版本 {version}，请重新读取。",
        headers={"ETag": f'"{version}"'},
    )


def _claim(runtime: Runtime, petition: UUID, key: str, request: bytes) -> KeyClaim:
    """A command's key belongs to its petition: the same key means nothing to another one."""
    return KeyClaim("command", runtime.log.keyring.digest("command", petition.bytes + key.encode()), request)


async def _again(runtime: Runtime, petition: UUID, *, same: bool) -> Response:
    if not same:
        raise key_reused()
    return await petition_response(runtime, (await runtime.log.load([petition]))[petition], replayed=True)


def request_digest(runtime: Runtime, name: str, sent: Any) -> bytes:
    """A keyed hash of what was asked for and the JSON that was sent, whatever the order of its names.

    Not of what this release makes of it: a retry may come after an upgrade that knows one more optional field."""
    content = json.dumps(sent, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return runtime.log.keyring.digest("request", f"{name}\0{content}".encode())


def key_reused() -> ProblemRaised:
    """One key, two different requests."""
    return ProblemRaised(
        422,
        "key_reused",
        "This key was used with another body; use a new key for a new request.",
        "该幂等键已用于不同内容的请求，请更换。",
    )


async def petition_response(
    runtime: Runtime,
    stream: Sequence[AnyRecorded],
    *,
    status: int = 200,
    replayed: bool = False,
    suggestions: list[SuggestionAnswer] | None = None,
) -> Response:
    """The petition as JSON with its ETag, and with what it may repeat."""
    petition = await answers.answer(stream, runtime.log.keyring, runtime.policies)
    if suggestions is not None:
        petition = petition.model_copy(update={"suggestions": suggestions})
    return json_response(petition, len(stream), status=status, replayed=replayed)


def json_response(petition: PetitionAnswer, version: int, *, status: int = 200, replayed: bool = False) -> Response:
    """The petition's answer with the headers of the contract."""
    headers = {"ETag": f'"{version}"'}
    if status == 201:
        headers["Location"] = answers.petition_url(petition.id)
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(to_json(petition), status, headers=headers, media_type="application/json")


PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": f"`wait=N` holds the reply until it is routed, at most N seconds, never over {LONGEST_WAIT:.0f};"
    f" `Preference-Applied` says that it was held, which is done for {MOST_WAITING} callers at once",
    "schema": {"type": "string"},
}
"""The header that `wanted_wait` reads, for the document of the contract."""


def wanted_wait(request: Request) -> float:
    """Seconds of `Prefer: wait=N` (RFC 7240), at most `LONGEST_WAIT`; 0 when not asked."""
    header = ",".join(request.headers.getlist("prefer"))
    # A quoted number is a number; in other quoted words a comma or a semicolon parts nothing.
    plain = _QUOTED.sub(lambda quoted: quoted[1] if _ALL_DIGITS.fullmatch(quoted[1]) else "", header)
    for preference in plain.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            return min(LONGEST_WAIT, float(value)) if _ALL_DIGITS.fullmatch(value.strip()) else 0.0
    return 0.0
