"""The door for those who watch deadlines: escalate by hand, answer a supervision."""

from fastapi import Response

from escalation.decider import DECIDER, AnswerSupervision, Escalate
from schemas.petition import PetitionAnswer
from services.chassis.bodies import Body, Code, Staff, Words
from services.chassis.door import Asking, PetitionId, Running, execute
from services.chassis.permissions import Permission, allow
from services.chassis.web import routes

api = routes(tags=["escalation"])
SUPERVISE = [allow(Permission.SUPERVISE)]


class EscalateBody(Body):
    """Why it goes up; `dispatch` is the current one unless named, and must be named where it climbed just now."""

    by: Staff
    reason: Words
    dispatch: Code | None = None


class AnswerSupervisionBody(Body):
    """What the superior found and ordered."""

    by: Staff
    text: Words


@api.post("/v1/petitions/{petition}/escalate", response_model=PetitionAnswer, dependencies=SUPERVISE)
async def escalate(petition: PetitionId, body: EscalateBody, asker: Asking, runtime: Running) -> Response:
    """A named person sends the current dispatch one tier up; asked again within a minute, it does not climb twice."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: Escalate(petition, facts.now, facts.policy, body.reason, body.dispatch),
        name="escalate", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/answer-supervision", response_model=PetitionAnswer, dependencies=SUPERVISE)
async def answer_supervision(
    petition: PetitionId, body: AnswerSupervisionBody, asker: Asking, runtime: Running
) -> Response:
    """A named person answers every open supervision; the answer names the newest."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: AnswerSupervision(petition, facts.now, facts.policy, body.text),
        name="answer-supervision", by=body.by,
    )  # fmt: skip
