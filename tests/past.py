"""Events that happened, each built from the one thing that matters; the rest is plausible and the same every time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.events.escalation import (
    DeadlineMissed,
    DeadlineNear,
    PetitionEscalated,
    SupervisionAnswered,
    SupervisionOrdered,
)
from schemas.events.feedback import (
    FeedbackAttempted,
    FeedbackReceived,
    FeedbackRequested,
    PartReopened,
    PetitionClosed,
    PetitionReopened,
)
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSplit,
    PetitionSupplemented,
    PetitionUrged,
    PetitionWithdrawn,
)
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    Floor,
    HandOffConfirmed,
    HandOffOrdered,
    PartFinished,
    PetitionPlaced,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import (
    PetitionDeclined,
    PetitionReferred,
    ReviewRequested,
    SeverityAssessed,
    SeverityConfirmed,
    SeverityReassessed,
)
from schemas.sealed import Sealed
from schemas.words import Channel, Disposition, FloorName, Mode, Outcome, Severity
from tests.given import PETITION, T0, Like, like

HOUR = timedelta(hours=1)


def filed(place: str | None = "SA11", *, at: datetime = T0, text: str = "楼道灯不亮", **facts: Any) -> PetitionFiled:
    return PetitionFiled(
        at=at, channel=Channel.HOTLINE, text=Sealed.of(text), place_unit=place,
        assess_by=at + timedelta(minutes=3), policy=1, **facts,
    )  # fmt: skip


def assessed(
    kind: str | None = "LAMP",
    severity: str = "routine",
    *,
    disposition: str = "handle",
    hand_off: tuple[str, ...] = (),
    at: datetime = T0,
) -> SeverityAssessed:
    return SeverityAssessed(
        at=at, kind=kind, severity=Severity(severity), disposition=Disposition(disposition), hand_off=hand_off,
        confidence=0.9, policy=1,
    )  # fmt: skip


def reassessed(
    kind: str | None = "LAMP",
    severity: str = "routine",
    *,
    disposition: str = "handle",
    hand_off: tuple[str, ...] = (),
    households: int | None = None,
    at: datetime = T0,
) -> SeverityReassessed:
    return SeverityReassessed(
        at=at, kind=kind, severity=Severity(severity), disposition=Disposition(disposition), hand_off=hand_off,
        households=households, reason=Sealed.of("现场核实"), policy=1,
    )  # fmt: skip


def review_requested(*, at: datetime = T0, hours: float = 24) -> ReviewRequested:
    return ReviewRequested(at=at, confidence=0.3, review_by=at + hours * HOUR)


def confirmed(*, at: datetime = T0) -> SeverityConfirmed:
    return SeverityConfirmed(at=at)


def referred(to: str = "COURT", *, at: datetime = T0, reopen_until: datetime | None = None) -> PetitionReferred:
    return PetitionReferred(at=at, to=to, policy=1, reopen_until=reopen_until)


def declined(*, at: datetime = T0) -> PetitionDeclined:
    return PetitionDeclined(at=at, reason="empty", policy=1)


def routed(
    tier: str = "grid",
    unit: str = "SA11",
    department: str | None = None,
    *,
    kind: str | None = "LAMP",
    severity: str = "routine",
    round: int = 1,
    floors: Mapping[str, str] | None = None,
    accept_hours: float = 8,
    resolve_by: datetime | None = None,
    rule: str = "assessed",
    mode: str = "assigned",
    at: datetime = T0,
) -> PetitionRouted:
    stood = {"authority": tier} if floors is None else floors
    return PetitionRouted(
        at=at, tier=tier, unit=unit, department=department, mode=Mode(mode), round=round,
        floors=tuple(Floor(floor=FloorName(name), tier=rung, reason="test") for name, rung in stood.items()),
        accept_by=at + accept_hours * HOUR, resolve_by=resolve_by or at + 48 * HOUR, kind=kind,
        severity=Severity(severity), rule=rule, policy=1,
    )  # fmt: skip


def placed(unit: str = "SA11", *, at: datetime = T0) -> PetitionPlaced:
    return PetitionPlaced(at=at, unit=unit, policy=1)


def accepted(dispatch: str, *, at: datetime = T0) -> DispatchAccepted:
    return DispatchAccepted(at=at, dispatch=dispatch)


def resolved(dispatch: str, *, round: int = 1, at: datetime = T0) -> ResolutionReported:
    return ResolutionReported(
        at=at, dispatch=dispatch, round=round, result="done", text=Sealed.of("已修好"), answer_by=at + 72 * HOUR
    )


def hand_off_ordered(*to: str, at: datetime = T0) -> HandOffOrdered:
    return HandOffOrdered(at=at, to=to, confirm_by=at + HOUR / 4, policy=1)


def hand_off_confirmed(to: str, *outstanding: str, at: datetime = T0) -> HandOffConfirmed:
    return HandOffConfirmed(at=at, to=to, outstanding=outstanding)


def missed(deadline: str, due_at: datetime, *, at: datetime | None = None, late: bool = False) -> DeadlineMissed:
    return DeadlineMissed(at=at or due_at + timedelta(seconds=1), deadline=deadline, due_at=due_at, late=late)


def near(deadline: str, due_at: datetime, *, at: datetime) -> DeadlineNear:
    return DeadlineNear(at=at, deadline=deadline, due_at=due_at)


def escalated(dispatch: str, cause: str = "person", *, at: datetime = T0) -> PetitionEscalated:
    return PetitionEscalated(at=at, dispatch=dispatch, cause=cause)


def supervised(
    number: int = 1, *, cause: str = "resolve:1", at: datetime = T0, **about: str | None
) -> SupervisionOrdered:
    """`about`: `unit`, `department` and `superior`; an old one names nobody."""
    return SupervisionOrdered(at=at, number=number, cause=cause, answer_by=at + 24 * HOUR, policy=1, **about)


def supervision_answered(number: int = 1, *, at: datetime = T0) -> SupervisionAnswered:
    return SupervisionAnswered(at=at, number=number, text=Sealed.of("已督促"))


def feedback_requested(round: int = 1, *, at: datetime = T0, reopen_until: datetime | None = None) -> FeedbackRequested:
    until = reopen_until or at + timedelta(days=15)
    return FeedbackRequested(at=at, round=round, answer_by=at + 72 * HOUR, reopen_until=until, policy=1)


def attempted(attempt: int, *, round: int = 1, last: bool = False, at: datetime = T0) -> FeedbackAttempted:
    return FeedbackAttempted(at=at, round=round, attempt=attempt, last=last)


def answered(*, solved: bool, satisfied: bool | None = None, round: int = 1, at: datetime = T0) -> FeedbackReceived:
    return FeedbackReceived(at=at, round=round, solved=solved, satisfied=satisfied)


def reopened(round: int = 2, cause: str = "not_solved", *, at: datetime = T0) -> PetitionReopened:
    return PetitionReopened(at=at, round=round, cause=cause, route_by=at + timedelta(minutes=3))


def closed(outcome: str = "solved", *, round: int = 1, at: datetime = T0) -> PetitionClosed:
    return PetitionClosed(at=at, round=round, outcome=Outcome(outcome))


def dispatched(**facts: Any) -> Like:
    """A dispatch to be expected, by the facts that matter."""
    return like(PetitionRouted, **facts)


def floors_of(routed: Any) -> dict[str, tuple[str, str]]:
    """Floor → tier and reason, as one dispatch tells them."""
    return {floor.floor.value: (floor.tier, floor.reason) for floor in routed.floors}


def claimed(
    dispatch: str,
    unit: str = "SA11",
    by: str = "w-1",
    *,
    department: str | None = None,
    responsible: str | None = None,
    at: datetime = T0,
) -> DispatchClaimed:
    return DispatchClaimed(
        at=at, dispatch=dispatch, unit=unit, department=department, claimed_by=by, responsible=responsible
    )


def returned(dispatch: str, reason: str = "not_mine", *, round: int = 1, at: datetime = T0) -> DispatchReturned:
    return DispatchReturned(at=at, dispatch=dispatch, round=round, reason=reason)


def supplemented(text: str = "还是没有人来", number: int = 1, *, at: datetime = T0) -> PetitionSupplemented:
    return PetitionSupplemented(at=at, number=number, text=Sealed.of(text))


def urged(number: int = 1, *, at: datetime = T0) -> PetitionUrged:
    return PetitionUrged(at=at, number=number)


ROOT, REPEAT = UUID(int=PETITION.int - 256), UUID(int=PETITION.int + 256)
"""A petition that this one can follow, and one that can follow this one."""


def linked(*, root: UUID = ROOT, duplicate: UUID = PETITION, at: datetime = T0) -> DuplicateLinked:
    return DuplicateLinked(at=at, root=root, duplicate=duplicate)


def unlinked(
    *, root: UUID = ROOT, duplicate: UUID = PETITION, at: datetime = T0, route_by: datetime | None = None
) -> DuplicateUnlinked:
    return DuplicateUnlinked(at=at, root=root, duplicate=duplicate, route_by=route_by)


def followed(*, at: datetime = T0) -> DuplicateLinked:
    """Another petition follows this one."""
    return linked(root=PETITION, duplicate=REPEAT, at=at)


PARTS = (UUID(int=PETITION.int + 512), UUID(int=PETITION.int + 768))
"""What this petition can be split into."""


def split(*parts: UUID, at: datetime = T0) -> PetitionSplit:
    return PetitionSplit(at=at, parts=parts or PARTS)


def part_finished(
    part: UUID = PARTS[0],
    outcome: str = "done",
    *,
    round: int = 1,
    stand: tuple[str, str, str] | None = None,
    at: datetime = T0,
) -> PartFinished:
    """`stand`: dispatch, tier and unit of a part that was reported done."""
    dispatch, tier, unit = stand or (None, None, None)
    return PartFinished(at=at, part=part, round=round, outcome=outcome, dispatch=dispatch, tier=tier, unit=unit)


def part_reopened(part: UUID = PARTS[0], *, round: int = 2, at: datetime = T0) -> PartReopened:
    return PartReopened(at=at, part=part, round=round)


def withdrawn(*, at: datetime = T0) -> PetitionWithdrawn:
    return PetitionWithdrawn(at=at, reason=Sealed.of("已自行解决"))


def summoned(dispatch: str, *departments: str, at: datetime = T0) -> CoHandlersSummoned:
    return CoHandlersSummoned(at=at, dispatch=dispatch, departments=departments, report_in_by=at + 2 * HOUR, policy=1)


def reported_in(dispatch: str, department: str, *, at: datetime = T0) -> CoHandlerReportedIn:
    return CoHandlerReportedIn(at=at, dispatch=dispatch, department=department)
