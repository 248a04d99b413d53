"""The door for hotlines, apps and grid workers: file a petition, one or many, and read it back."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Annotated, Any
from uuid import UUID

import structlog
import uuid_utils
from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints, ValidationError
from pydantic_core import to_json

from intake.decider import DECIDER, Supplement, Urge, Withdraw, decide
from intake.filing import LONGEST_TEXT, NewBatchPetition, NewPetition, to_command
from intake.linking import Link, Unlink
from intake.rejections_of_links import UnknownPetition
from intake.state import initial
from schemas.event import AnyRecorded
from schemas.petition import PetitionAnswer
from services.chassis import answers, strict_json
from services.chassis.batcher import Overloaded
from services.chassis.bodies import AttachmentBody, Body, Code, Staff, Words
from services.chassis.deciding import Rejected
from services.chassis.door import (
    PREFER,
    Asking,
    Filing,
    PetitionId,
    Running,
    Suggesting,
    execute,
    in_time,
    kept_already,
    key_reused,
    petition_response,
    request_digest,
    wanted_wait,
    whole_number,
)
from services.chassis.log import Cause, Entry, Result, Write, Written
from services.chassis.misfits import Misfit, misfits
from services.chassis.naming import petition_named
from services.chassis.permissions import Permission, allow
from services.chassis.problems import ProblemRaised, as_problem, misfit, not_found, prefers_chinese
from services.chassis.runtime import Runtime
from services.chassis.store.engine import Duplicate, KeyClaim, KeysDisagree
from services.chassis.waiting import until
from services.chassis.web import LARGEST_BODY, BodyTooLarge, routes

api = routes(tags=["petitions"])
LINES_AT_ONCE = 100
_SPACE_FOR_PLUS = re.compile(r" (?=\d\d:?\d\d$)")
"""A `+` that stands unescaped in a query arrives as a space."""
_AS_OF = "3, or 2026-11-22T08:30:00%2B08:00 (%2B is + in a query)"
log = structlog.get_logger()


@api.post(
    "/v1/petitions",
    status_code=201,
    response_model=PetitionAnswer,
    dependencies=[allow(Permission.FILE)],
    openapi_extra={"parameters": [PREFER]},
)
async def file_petition(
    new: NewPetition, asker: Filing, runtime: Running, request: Request, suggests: Suggesting
) -> Response:
    """File a petition. The 201 means that it is fsynced; a retry with the same key or `external` finds it again.

    `Prefer: wait=N` holds the reply until it is routed, at most N seconds, unless many wait already. `suggestions` are
    open petitions that it may repeat.
    """
    stream, replayed = await _file(new, asker.key, asker.sent, runtime)
    runtime.nudge(stream[0])
    seconds = wanted_wait(request)
    filed, who = stream[0], new.petitioner.kept() if new.petitioner else None
    words = f"{new.title or ''}{new.text}"
    found = await suggests.repeated_by(filed.petition, words, filed.event.place, who)
    with kept_already():
        waited = await until(runtime, stream[0].petition, answers.is_routed, seconds) if seconds else None
        answer = await petition_response(runtime, waited or stream, status=201, replayed=replayed, suggestions=found)
    if waited:
        answer.headers["Preference-Applied"] = f"wait={seconds:.0f}"
    return answer


@api.post("/v1/petitions/batch", dependencies=[allow(Permission.FILE)])
async def file_batch(request: Request, runtime: Running) -> StreamingResponse:
    """NDJSON in (`external` or `key` in each line), NDJSON out: one result a line, in order; run it again at will."""
    # The body is read before the answer starts: a streaming answer listens for the caller's end on the same channel.
    results = _results(await request.body(), runtime, chinese=prefers_chinese(request))
    return StreamingResponse(results, media_type="application/x-ndjson")


class SupplementBody(Body):
    """What is added: words, which may be left out where a file is attached."""

    by: Staff
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = ""
    attachments: Annotated[list[AttachmentBody], Field(max_length=50, default_factory=list)]


class UrgeBody(Body):
    """Who records it."""

    by: Staff


class LinkBody(Body):
    """The petition that it repeats, by id or number."""

    by: Staff
    to: Code


class UnlinkBody(Body):
    """Who says that it is another matter."""

    by: Staff


class WithdrawBody(Body):
    """Who records it, and why it is taken back."""

    by: Staff
    reason: Words


@api.post("/v1/petitions/{petition}/supplement", response_model=PetitionAnswer, dependencies=[allow(Permission.FILE)])
async def supplement(petition: PetitionId, body: SupplementBody, asker: Asking, runtime: Running) -> Response:
    """补充: more words or files; the whole is read again, and what proves graver goes up."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Supplement(petition, facts.now, body.text, [one.kept() for one in body.attachments]),
        name="supplement", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/urge", response_model=PetitionAnswer, dependencies=[allow(Permission.FILE)])
async def urge(petition: PetitionId, body: UrgeBody, asker: Asking, runtime: Running) -> Response:
    """催办: whoever asked waits; who has it is reminded."""
    return await execute(
        DECIDER, runtime, petition, asker, lambda facts: Urge(petition, facts.now), name="urge", by=body.by
    )


@api.post("/v1/petitions/{petition}/link", response_model=PetitionAnswer, dependencies=[allow(Permission.FILE)])
async def link(petition: PetitionId, body: LinkBody, asker: Asking, runtime: Running) -> Response:
    """并案: it repeats another petition, follows it, and is answered with it."""
    if (to := await petition_named(body.to, runtime.log)) is None:
        raise UnknownPetition(body.to)
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Link(petition, facts.now, to, facts.policy.jurisdiction),
        name="link", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/unlink", response_model=PetitionAnswer, dependencies=[allow(Permission.FILE)])
async def unlink(petition: PetitionId, body: UnlinkBody, asker: Asking, runtime: Running) -> Response:
    """取消并案: it is another matter after all, and is routed as if it were new."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Unlink(petition, facts.now, facts.now + timedelta(hours=facts.policy.limits.assess_hours)),
        name="unlink", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/withdraw", response_model=PetitionAnswer, dependencies=[allow(Permission.FILE)])
async def withdraw(petition: PetitionId, body: WithdrawBody, asker: Asking, runtime: Running) -> Response:
    """撤诉: whoever asked takes it back, and its dispatch is withdrawn."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Withdraw(petition, facts.now, body.reason, facts.policy.limits.reopen_until(facts.now)),
        name="withdraw", by=body.by,
    )  # fmt: skip


@api.get("/v1/petitions/{petition}", response_model=PetitionAnswer, dependencies=[allow(Permission.READ)])
async def read_petition(
    petition: PetitionId,
    runtime: Running,
    as_of: Annotated[str | None, Query(description=f"A version number, or a time with offset: {_AS_OF}")] = None,
) -> Response:
    """The petition now, or as it was at a version or a time."""
    stream = (await runtime.log.load([petition]))[petition]
    part = stream if as_of is None else _as_of(stream, as_of)
    if not part:
        raise not_found()
    return await petition_response(runtime, part)


@api.get("/v1/petitions/{petition}/timeline", dependencies=[allow(Permission.READ)])
async def read_timeline(petition: PetitionId, runtime: Running) -> Response:
    """Every event of the petition, in order, with what caused it and who did it."""
    stream = (await runtime.log.load([petition]))[petition]
    if not stream:
        raise not_found()
    key = (await runtime.log.keyring.get([petition]))[petition]
    return Response(to_json({"items": answers.timeline(stream, key)}), media_type="application/json")


@in_time()
async def _file(new: NewPetition, key: str | None, sent: Any, runtime: Runtime) -> tuple[tuple[AnyRecorded, ...], bool]:
    """The petition's stream (its first event only, when it was filed before) and whether it was filed before."""
    petition = UUID(bytes=uuid_utils.uuid7().bytes)
    claims = _claims(new, key, sent, runtime)
    result: Result | None
    try:
        command = to_command(new, petition, runtime.facts())
    except (Rejected, ProblemRaised):
        # A retry gets its first answer, also when today's policy or roster would refuse it.
        if not claims or (result := await runtime.log.holder(claims)) is None:
            raise
    else:
        cause = Cause("intake", str(petition), by=new.filed_by.id if new.filed_by else None)
        result = await runtime.batcher.append(Entry(cause, [Write(petition, 0, decide(initial, command))], claims))
    if isinstance(result, Written):
        return tuple(result.events), False
    if isinstance(result, KeysDisagree):
        raise ProblemRaised(
            409, "key_conflict", "Idempotency-Key and `external` name two different petitions; leave one out.",
            "Idempotency-Key 与 external 指向不同的诉求，请只保留其一。",
        )  # fmt: skip
    assert isinstance(result, Duplicate)  # no Conflict: the id is new
    if not result.same_body:
        raise key_reused()
    return (await runtime.log.load([result.stream]))[result.stream][:1], True


def _claims(new: NewPetition, key: str | None, sent: Any, runtime: Runtime) -> list[KeyClaim]:
    keyring = runtime.log.keyring
    body = request_digest(runtime, "file", sent)
    claims = []
    if key is not None:
        claims.append(KeyClaim("caller", keyring.digest("caller", key.encode()), body))
    if new.external is not None:
        number = to_json([new.external.source, new.external.number])
        claims.append(KeyClaim("external", keyring.digest("external", number), body))
    return claims


def _as_of(stream: tuple[AnyRecorded, ...], as_of: str) -> tuple[AnyRecorded, ...]:
    if (version := whole_number(as_of)) is not None:
        if stream and not 1 <= version <= len(stream):
            raise ProblemRaised(
                404, "unknown_version", f"There is no version {version}; the newest is {len(stream)}.",
                f"没有第 {version} 版，最新为第 {len(stream)} 版。",
            )  # fmt: skip
        return stream[:version]
    try:
        moment = datetime.fromisoformat(_SPACE_FOR_PLUS.sub("+", as_of))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ProblemRaised(
            422, "invalid", "as_of is a version number or a time with its offset.", "as_of 应为版本号或带时区的时间。",
            [Misfit("?as_of", f"write {_AS_OF}", f"请写 {_AS_OF}")],
        )  # fmt: skip
    if stream and moment < (filed_at := stream[0].event.at):
        raise ProblemRaised(
            404, "unknown_version", f"It did not exist then; it was filed at {filed_at.isoformat()}.",
            f"当时尚无该诉求，登记时间为 {filed_at.isoformat()}。",
        )  # fmt: skip
    return tuple(takewhile(lambda recorded: recorded.event.at <= moment, stream))  # it never stood otherwise


async def _results(body: bytes, runtime: Runtime, *, chinese: bool) -> AsyncIterator[bytes]:
    lines = _lines(body)
    refusal: ProblemRaised | None = None
    while part := list(islice(lines, LINES_AT_ONCE)):
        if refusal is None:  # else the rest is told so at once
            try:
                async with runtime.lines.taken(len(part)):
                    filing = (_file_line(number, line, runtime, chinese=chinese) for number, line in part)
                    results = await asyncio.gather(*filing)
            except Overloaded as error:
                refusal = as_problem(error)
        if refusal is not None:
            results = [_refused(number, refusal, chinese=chinese) for number, _ in part]
        yield b"".join(to_json(result) + b"\n" for result in results)


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers, one at a time: a batch may be large."""
    start, number = 0, 0
    while start < len(body):
        end = body.find(b"\n", start)
        line = body[start:] if end < 0 else body[start:end]
        start, number = start + len(line) + 1, number + 1
        if line.strip():
            yield number, line


async def _file_line(number: int, line: bytes, runtime: Runtime, *, chinese: bool) -> dict[str, Any]:
    try:
        if len(line) > LARGEST_BODY:
            raise BodyTooLarge(LARGEST_BODY)
        sent = strict_json.parse(line)
        new = NewBatchPetition.model_validate(sent)
        if new.external is None and new.key is None:
            raise ProblemRaised(
                422,
                "key_needed",
                "give `external` or `key`, so that the batch can be run again",
                "请填写 external 或 key。",
            )
        petition = {name: value for name, value in sent.items() if name != "key"}
        stream, replayed = await _file(new, new.key, petition, runtime)
    except ValidationError as error:
        return _refused(number, misfit(misfits(error.errors())), chinese=chinese)
    except Exception as error:  # the other lines get their results all the same
        return _refused(number, as_problem(error), chinese=chinese)
    return {"line": number, "status": 201, "id": str(stream[0].petition), "replayed": replayed}


def _refused(number: int, problem: ProblemRaised, *, chinese: bool) -> dict[str, Any]:
    if problem.status == 500:
        log.error("batch_line_failed", line=number)
    told = {"detail": problem.told(chinese=chinese), "errors": problem.pointed(chinese=chinese)}
    return {"line": number, "status": problem.status, "code": problem.code, **told}
