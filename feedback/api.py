"""The door for callers-back: the resident's answer, re-opening, closing by a named person."""

from typing import Annotated

from fastapi import Response
from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from feedback.commands import Close, Reopen, TakeFeedback
from feedback.decider import DECIDER
from schemas.petition import PetitionAnswer
from schemas.words import Contact
from services.chassis.bodies import Body, Staff, Words
from services.chassis.door import Asking, PetitionId, Running, execute
from services.chassis.permissions import Permission, allow
from services.chassis.web import routes

api = routes(tags=["feedback"])
FEEDBACK = [allow(Permission.FEEDBACK)]


class FeedbackBody(Body):
    """What came of asking the resident; `solved` and `satisfied` are two answers."""

    reached: bool
    solved: bool | None = None
    satisfied: bool | None = None
    contacted: bool | None = None
    """False: nobody had contacted the resident before it was reported done; then `solved` may be left out."""
    contact: Annotated[Contact, Field(strict=False)] | None = None
    text: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    by: Staff | None = None

    @field_validator("solved", "satisfied", "contacted")
    @classmethod
    def _only_from_who_was_reached(cls, answer: bool | None, info: ValidationInfo) -> bool | None:
        if answer is not None and info.data.get("reached") is False:
            raise PydanticCustomError("not_reached", "must be left out when nobody was reached")
        return answer


class ReopenBody(Body):
    """Why it is opened again."""

    by: Staff
    reason: Words


class CloseBody(Body):
    """Why a person closes it."""

    by: Staff
    reason: Words


@api.post("/v1/petitions/{petition}/feedback", response_model=PetitionAnswer, dependencies=FEEDBACK)
async def feedback(petition: PetitionId, body: FeedbackBody, asker: Asking, runtime: Running) -> Response:
    """The resident's own answer. Solved closes the petition; not solved, which is also that nobody had contacted them
    unless they say that it is solved, opens a new round one tier up, the second time at the top."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: TakeFeedback(
            petition, facts.now, facts.policy, body.reached, body.solved, body.satisfied, body.text, body.by,
            body.contacted, body.contact,
        ),
        name="feedback", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/reopen", response_model=PetitionAnswer, dependencies=FEEDBACK)
async def reopen(petition: PetitionId, body: ReopenBody, asker: Asking, runtime: Running) -> Response:
    """A named person opens it again, within the window that counts from the resolution, referral or declining."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Reopen(petition, facts.now, facts.policy, body.reason, body.by),
        name="reopen", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/close", response_model=PetitionAnswer, dependencies=FEEDBACK)
async def close(petition: PetitionId, body: CloseBody, asker: Asking, runtime: Running) -> Response:
    """A named person closes what was resolved and could not be asked about."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Close(petition, facts.now, facts.policy, body.reason, body.by),
        name="close", by=body.by,
    )  # fmt: skip
