"""The door for handlers and desks: place, move, accept, resolve, confirm a hand-off."""

from typing import Annotated, Self

from fastapi import Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from router import commands
from router.decider import DECIDER
from router.policy import routing_policy
from schemas.petition import PetitionAnswer
from schemas.places import MOST_NAMED
from schemas.words import Result, ReturnReason
from services.chassis.bodies import AttachmentBody, Body, Code, Moment, Staff, Words
from services.chassis.door import Asking, PetitionId, Running, execute
from services.chassis.permissions import Permission, allow
from services.chassis.web import routes

api = routes(tags=["handling"])
HANDLE = [allow(Permission.HANDLE)]


class PlaceBody(Body):
    """The unit in which the matter lies; with `touches`, further units that it lies in too."""

    by: Staff
    unit: Code
    touches: Annotated[list[Code], Field(max_length=MOST_NAMED - 1, default_factory=list)]


class MoveBody(Body):
    """The unit or the department it goes to, and why."""

    by: Staff
    reason: Words
    unit: Code | None = None
    department: Code | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.unit is None) == (self.department is None):
            raise PydanticCustomError("one_target", "give a unit or a department, one of the two")
        return self


class TransferBody(MoveBody):
    """The same, and `dispatch`, the current one unless named."""

    dispatch: Code | None = None


class AcceptBody(Body):
    """Who takes it; `dispatch` is the current one unless named."""

    by: Staff
    dispatch: Code | None = None


class ClaimBody(AcceptBody):
    """Who claims it, and for which unit or department: the unit it was put before unless one is named."""

    unit: Code | None = None
    department: Code | None = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.unit is not None and self.department is not None:
            raise PydanticCustomError("at_most_one_target", "give a unit or a department, not both")
        return self


class HandOverBody(AcceptBody):
    """To whom the work goes, and why. `from` is who has it: `by` unless named."""

    from_staff: Annotated[Staff | None, Field(alias="from")] = None
    to: Staff
    reason: Words


class ReturnBody(AcceptBody):
    """Why it is given back, as a code and, if need be, in words."""

    reason: Annotated[ReturnReason, Field(strict=False)]
    text: Words | None = None


class SummonBody(Body):
    """Which departments are called."""

    by: Staff
    departments: Annotated[list[Code], Field(min_length=1, max_length=50)]


class ReportInBody(Body):
    """Which of them is there."""

    by: Staff
    department: Code


class ProgressBody(AcceptBody):
    """What has been done so far."""

    text: Words


class UntilBody(Body):
    """Until when, and why."""

    by: Staff
    until: Moment
    reason: Words


class DecideBody(Body):
    """Whether it is granted, and why."""

    by: Staff
    granted: bool
    reason: Words


class ResumeBody(Body):
    """Who says that it goes on."""

    by: Staff


class ResolveBody(Body):
    """What was done and what came of it; `dispatch` is the current one unless named."""

    by: Staff
    text: Words
    result: Annotated[Result, Field(strict=False)] = Result.DONE
    dispatch: Code | None = None
    attachments: Annotated[list[AttachmentBody], Field(max_length=50, default_factory=list)]


class ConfirmHandOffBody(Body):
    """Which of those who must be told was told."""

    by: Staff
    to: Code


@api.post("/v1/petitions/{petition}/place", response_model=PetitionAnswer, dependencies=HANDLE)
async def place(petition: PetitionId, body: PlaceBody, asker: Asking, runtime: Running) -> Response:
    """A named person at a desk says in which unit the matter lies; it is routed there, unless a person moved it, it was
    given back twice, or whoever gave it back for another reason than its place would have it again."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Place(petition, facts.now, routing_policy(facts.policy), body.unit, body.touches),
        name="place", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/move", response_model=PetitionAnswer, dependencies=HANDLE)
async def move(petition: PetitionId, body: MoveBody, asker: Asking, runtime: Running) -> Response:
    """A named person sends it to another unit or department, up or down, and says why."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.MovePetition(
            petition, facts.now, routing_policy(facts.policy), body.unit, body.department, body.reason
        ),
        name="move", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/accept", response_model=PetitionAnswer, dependencies=HANDLE)
async def accept(petition: PetitionId, body: AcceptBody, asker: Asking, runtime: Running) -> Response:
    """签收: the receiver takes the dispatch and is responsible from now on."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Accept(petition, facts.now, body.dispatch, body.by),
        name="accept", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/claim", response_model=PetitionAnswer, dependencies=HANDLE)
async def claim(petition: PetitionId, body: ClaimBody, asker: Asking, runtime: Running) -> Response:
    """领单: of all who could take an open dispatch this one is first, and responsible from now on."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Claim(
            petition, facts.now, routing_policy(facts.policy), body.dispatch, body.unit, body.department, body.by
        ),
        name="claim", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/hand-over", response_model=PetitionAnswer, dependencies=HANDLE)
async def hand_over(petition: PetitionId, body: HandOverBody, asker: Asking, runtime: Running) -> Response:
    """交接: the work goes on to a colleague of the same unit or department, with its dispatch and its deadlines."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.HandOver(
            petition, facts.now, routing_policy(facts.policy), body.dispatch, body.from_staff or body.by, body.to,
            body.reason,
        ),
        name="hand-over", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/return", response_model=PetitionAnswer, dependencies=HANDLE)
async def give_back(petition: PetitionId, body: ReturnBody, asker: Asking, runtime: Running) -> Response:
    """退单: the receiver gives it back to whoever stands above; after the second time their common superior decides."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Return(
            petition, facts.now, routing_policy(facts.policy), body.dispatch, body.reason, body.text
        ),
        name="return", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/transfer", response_model=PetitionAnswer, dependencies=HANDLE)
async def transfer(petition: PetitionId, body: TransferBody, asker: Asking, runtime: Running) -> Response:
    """转办: the receiver passes it on, sideways or up, and says why."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Transfer(
            petition, facts.now, routing_policy(facts.policy), body.dispatch, body.unit, body.department, body.reason
        ),
        name="transfer", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/summon", response_model=PetitionAnswer, dependencies=HANDLE)
async def summon(petition: PetitionId, body: SummonBody, asker: Asking, runtime: Running) -> Response:
    """吹哨: the handler calls departments to handle it together; each reports in by its own deadline."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Summon(petition, facts.now, routing_policy(facts.policy), body.departments),
        name="summon", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/report-in", response_model=PetitionAnswer, dependencies=HANDLE)
async def report_in(petition: PetitionId, body: ReportInBody, asker: Asking, runtime: Running) -> Response:
    """报到: a department that was called is there."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.ReportIn(petition, facts.now, body.department),
        name="report-in", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/progress", response_model=PetitionAnswer, dependencies=HANDLE)
async def progress(petition: PetitionId, body: ProgressBody, asker: Asking, runtime: Running) -> Response:
    """办理进展: the responsible handler says how far it is."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.ReportProgress(petition, facts.now, body.dispatch, body.text),
        name="progress", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/request-extension", response_model=PetitionAnswer, dependencies=HANDLE)
async def request_extension(petition: PetitionId, body: UntilBody, asker: Asking, runtime: Running) -> Response:
    """延期申请: the handler asks for more time for the round, unless it is critical; the deadline stands until it is
    decided."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.RequestExtension(
            petition, facts.now, routing_policy(facts.policy), body.until, body.reason, body.by
        ),
        name="request-extension", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/decide-extension", response_model=PetitionAnswer, dependencies=HANDLE)
async def decide_extension(petition: PetitionId, body: DecideBody, asker: Asking, runtime: Running) -> Response:
    """延期审批: another person than who asked, or has it to do by now, grants or refuses it."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.DecideExtension(petition, facts.now, body.granted, body.reason, body.by),
        name="decide-extension", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/request-hold", response_model=PetitionAnswer, dependencies=HANDLE)
async def request_hold(petition: PetitionId, body: UntilBody, asker: Asking, runtime: Running) -> Response:
    """挂账申请: the handler asks to leave it until a certain moment."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.RequestHold(
            petition, facts.now, routing_policy(facts.policy), body.until, body.reason, body.by
        ),
        name="request-hold", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/decide-hold", response_model=PetitionAnswer, dependencies=HANDLE)
async def decide_hold(petition: PetitionId, body: DecideBody, asker: Asking, runtime: Running) -> Response:
    """挂账审批: another person than who asked, or has it to do by now, grants or refuses it."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.DecideHold(petition, facts.now, body.granted, body.reason, body.by),
        name="decide-hold", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/resume", response_model=PetitionAnswer, dependencies=HANDLE)
async def resume(petition: PetitionId, body: ResumeBody, asker: Asking, runtime: Running) -> Response:
    """恢复办理: the hold ends before its day."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Resume(petition, facts.now, routing_policy(facts.policy)),
        name="resume", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/resolve", response_model=PetitionAnswer, dependencies=HANDLE)
async def resolve(petition: PetitionId, body: ResolveBody, asker: Asking, runtime: Running) -> Response:
    """办结: the responsible handler reports what was done; the resident is asked next."""
    files = [one.kept() for one in body.attachments]
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.Resolve(
            petition, facts.now, routing_policy(facts.policy), body.dispatch, body.result, body.text, files
        ),
        name="resolve", by=body.by,
    )  # fmt: skip


@api.post("/v1/petitions/{petition}/confirm-hand-off", response_model=PetitionAnswer, dependencies=HANDLE)
async def confirm_hand_off(petition: PetitionId, body: ConfirmHandOffBody, asker: Asking, runtime: Running) -> Response:
    """A named person has told one of those who must be told at once (110, 119 …)."""
    return await execute(
        DECIDER, runtime, petition, asker,
        lambda facts: commands.ConfirmHandOff(petition, facts.now, body.to),
        name="confirm-hand-off", by=body.by,
    )  # fmt: skip
