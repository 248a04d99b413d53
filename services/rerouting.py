"""重派: page by page, which unfinished petitions the policy in force would have elsewhere, and re-routing those."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Self
from uuid import UUID

import structlog
import uuid_utils
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select

from router.commands import Reroute
from router.decider import DECIDER
from router.policy import RoutingPolicy, routing_policy
from router.rerouting import Foreseen, foresee
from router.state import State
from schemas.event import AnyRecorded
from schemas.life import number_of
from schemas.words import Severity
from services.chassis.bodies import Body, Code, Staff, Words
from services.chassis.dead_letters import describe
from services.chassis.log import Cause, Entry, Write, Written
from services.chassis.policy_desk import OtherInForce, refuse_its_proposer
from services.chassis.runtime import Runtime
from services.chassis.store.engine import as_uuid
from services.chassis.store.sql import compiled
from services.console.listing import COLUMNS

MOST_TRIES = 20
UNREADABLE, CONTENDED = "unreadable", "contended"
"""What became of a petition that could not be judged, or that others kept changing; the rest goes on."""
log = structlog.get_logger()


class RerouteBody(Body):
    """Which petitions, by where the list has them; in whose name and why, unless a `dry_run` only lists them."""

    by: Staff | None = None
    reason: Words | None = None
    dry_run: bool = False
    policy: int | None = Field(default=None, description="Only while this version is in force")
    kind: Code | None = None
    severity: Annotated[Severity, Field(strict=False)] | None = None
    tier: Code | None = None
    unit: Code | None = None
    department: Code | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[UUID, Field(strict=False)] | None = Field(default=None, description="`next` of the page before")

    @model_validator(mode="after")
    def _in_a_name(self) -> Self:
        if not self.dry_run and (self.by is None or self.reason is None):
            raise PydanticCustomError("in_a_name", "give `by` and `reason`, or `dry_run`")
        return self


async def reroute(asked: RerouteBody, runtime: Runtime, *, four_eyes: bool) -> dict[str, Any]:
    """One page: `items` are the petitions that the policy would have elsewhere, each with what became of it, `counts`
    what became of all that were looked at, `next` where the next page begins, null on the last.

    Raises OtherInForce where another policy than the one named is in force, and ItsProposer where four eyes are asked
    for and the same person proposed it."""
    petitions = await _page(asked, runtime)
    page = petitions[: asked.limit]
    streams = await runtime.log.load(page)
    await runtime.policies.know(one for stream in streams.values() for one in stream)
    policy = runtime.policies.current
    if asked.policy not in (None, policy.version):
        raise OtherInForce(policy.version)
    if four_eyes and asked.by is not None and not asked.dry_run:
        await refuse_its_proposer(asked.by, policy.version, runtime.log.engine)
    routing = routing_policy(policy)
    done = await asyncio.gather(*(_one(one, streams[one], asked, routing, runtime) for one in page))
    return {
        "policy": policy.version,
        "items": [item for _, item in done if item is not None],
        "counts": Counter(verdict for verdict, _ in done),
        "next": page[-1] if len(petitions) > asked.limit else None,
    }


async def _page(asked: RerouteBody, runtime: Runtime) -> Sequence[UUID]:
    """One more than a page of unfinished petitions that fit every filter, in the order of their ids."""
    statement = select(COLUMNS.petition).where(COLUMNS.closed_at.is_(None))
    for name in ("kind", "severity", "tier", "unit", "department"):
        if (wanted := getattr(asked, name)) is not None:
            statement = statement.where(COLUMNS[name] == str(wanted))
    if asked.after is not None:
        statement = statement.where(COLUMNS.petition > asked.after)
    statement = statement.order_by(COLUMNS.petition).limit(asked.limit + 1)
    engine = runtime.log.engine
    return [as_uuid(petition) for (petition,) in await engine.query(*compiled(statement, engine.dialect))]


async def _one(
    petition: UUID, stream: Sequence[AnyRecorded], asked: RerouteBody, policy: RoutingPolicy, runtime: Runtime
) -> tuple[str, dict[str, Any] | None]:
    """What became of one petition, and how to tell of it where the policy would have it elsewhere."""
    for _ in range(MOST_TRIES):
        try:
            state = runtime.states(DECIDER).fold(petition, stream)
            command = Reroute(petition, runtime.time.now(), policy, asked.reason or "")
            foreseen = foresee(state, command)
            events = [] if asked.dry_run else DECIDER.decide(state, command)
        except Exception as error:  # this petition stays where it is; the others must not
            log.error("reroute_failed", petition=str(petition), error=describe(error))
            return UNREADABLE, None
        told = _told(stream, state, foreseen)
        if not events:
            return foreseen.verdict, told
        cause = Cause(DECIDER.service, str(uuid_utils.uuid4()), asked.by)
        if isinstance(await runtime.batcher.append(Entry(cause, [Write(petition, len(stream), events)])), Written):
            return foreseen.verdict, told
        runtime.states(DECIDER).forget([petition])
        stream = (await runtime.log.load([petition]))[petition]
    return CONTENDED, None


def _told(stream: Sequence[AnyRecorded], state: State, foreseen: Foreseen) -> dict[str, Any] | None:
    if foreseen.target is None:
        return None
    unit, department = foreseen.target.unit.code, foreseen.target.department
    return {
        "petition": stream[0].petition,
        "number": number_of(stream[0]),
        "verdict": foreseen.verdict,
        "from": {"tier": state.tier, "unit": state.unit, "department": state.department},
        "to": {"tier": foreseen.tier, "unit": unit, "department": department},
        "because": [one.model_dump(mode="json") for one in foreseen.floors if one.tier == foreseen.tier],
        "skipped": [one._asdict() for one in foreseen.target.skipped],
    }
