"""The door for reviewers: agree with a reading, or change it."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from schemas.petition import PetitionAnswer
from schemas.words import Disposition, Severity
from services.chassis.bodies import Body, Code, Households, Staff, Words, Yuan
from services.chassis.door import Asking, PetitionId, Running, execute
from services.chassis.permissions import Permission, allow
from services.chassis.web import routes
from severity.decider import DECIDER, Confirm, Reassess

api = routes(tags=["severity"])


class ConfirmBody(Body):
    """Who agrees."""

    by: Staff


class ReassessBody(Body):
    """The new reading; what is left out stays, but a hand-off that came with `critical` goes with it."""

    by: Staff
    reason: Words
    kind: Code | None = None
    severity: Annotated[Severity, Field(strict=False)] | None = None
    disposition: Annotated[Disposition, Field(strict=False)] | None = None
    households: Households | None = None
    money: Yuan | None = Field(default=None, description="How many yuan are at stake")


@api.post("/v1/petitions/{petition}/confirm", response_model=PetitionAnswer, dependencies=[allow(Permission.ASSESS)])
async def confirm(petition: PetitionId, body: ConfirmBody, asker: Asking, runtime: Running) -> Response:
    """A named person agrees with the reading; the review ends."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Confirm(petition, facts.now),
        name="confirm", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/reassess", response_model=PetitionAnswer, dependencies=[allow(Permission.ASSESS)])
async def reassess(petition: PetitionId, body: ReassessBody, asker: Asking, runtime: Running) -> Response:
    """A named person changes the reading and says why; the router moves the petition up if it asks for more, and on if
    it was given back once."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Reassess(
            petition, facts.now, body.kind, body.severity, body.disposition, body.reason, facts.policy,
            body.households, body.money,
        ),
        name="reassess", by=body.by,
    )  # fmt: skip
