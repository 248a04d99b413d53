"""The doors of this release's commands, and what a caller is answered there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.responses import Response

import escalation.api
import feedback.api
import intake.api
import intake.api_of_parts
import router.api
import severity.api
from intake.parts import SplitBody

COMMANDS: dict[str, tuple[Callable[..., Awaitable[Response]], Any]] = {
    "supplement": (intake.api.supplement, intake.api.SupplementBody),
    "urge": (intake.api.urge, intake.api.UrgeBody),
    "link": (intake.api.link, intake.api.LinkBody),
    "unlink": (intake.api.unlink, intake.api.UnlinkBody),
    "split": (intake.api_of_parts.split, SplitBody),
    "withdraw": (intake.api.withdraw, intake.api.WithdrawBody),
    "reassess": (severity.api.reassess, severity.api.ReassessBody),
    "confirm": (severity.api.confirm, severity.api.ConfirmBody),
    "place": (router.api.place, router.api.PlaceBody),
    "move": (router.api.move, router.api.MoveBody),
    "accept": (router.api.accept, router.api.AcceptBody),
    "claim": (router.api.claim, router.api.ClaimBody),
    "hand-over": (router.api.hand_over, router.api.HandOverBody),
    "return": (router.api.give_back, router.api.ReturnBody),
    "transfer": (router.api.transfer, router.api.TransferBody),
    "summon": (router.api.summon, router.api.SummonBody),
    "report-in": (router.api.report_in, router.api.ReportInBody),
    "progress": (router.api.progress, router.api.ProgressBody),
    "request-extension": (router.api.request_extension, router.api.UntilBody),
    "decide-extension": (router.api.decide_extension, router.api.DecideBody),
    "request-hold": (router.api.request_hold, router.api.UntilBody),
    "decide-hold": (router.api.decide_hold, router.api.DecideBody),
    "resume": (router.api.resume, router.api.ResumeBody),
    "resolve": (router.api.resolve, router.api.ResolveBody),
    "confirm-hand-off": (router.api.confirm_hand_off, router.api.ConfirmHandOffBody),
    "escalate": (escalation.api.escalate, escalation.api.EscalateBody),
    "answer-supervision": (escalation.api.answer_supervision, escalation.api.AnswerSupervisionBody),
    "feedback": (feedback.api.feedback, feedback.api.FeedbackBody),
    "reopen": (feedback.api.reopen, feedback.api.ReopenBody),
    "close": (feedback.api.close, feedback.api.CloseBody),
}
"""Every command of this release as its door takes it."""


@dataclass(frozen=True)
class Reply:
    """What a caller was answered. `version` is the ETag; 0 without one."""

    status: int
    body: dict[str, Any]
    version: int = 0
    replayed: bool = False

    @property
    def ok(self) -> bool:
        return self.status in (200, 201)

    @property
    def petition(self) -> UUID:
        return UUID(self.body["id"])
