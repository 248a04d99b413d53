"""Deadlines: each has exactly one outcome. A miss climbs one tier; at the top somebody must answer for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from escalation.rejections import AlreadyEscalated, NoSupervision, NothingToEscalate, NoTierAbove
from schemas.deadlines import Deadline, Deadlines, DeadlineState, family_of, follow, open_deadlines
from schemas.event import Event, EventRef
from schemas.events.escalation import (
    DeadlineMissed,
    DeadlineNear,
    PetitionEscalated,
    SupervisionAnswered,
    SupervisionOrdered,
)
from schemas.events.feedback import FeedbackAttempted, FeedbackRequested, PetitionClosed, PetitionReopened
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSplit,
    PetitionWithdrawn,
)
from schemas.events.router import (
    DispatchClaimed,
    HandOffConfirmed,
    HandOffOrdered,
    PetitionHeld,
    PetitionPlaced,
    PetitionResumed,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.policy import Policy
from schemas.sealed import Sealed
from schemas.words import BY_CHOICE, Severity
from services.chassis.deciding import Decider

UNSEEN = timedelta(minutes=1)
"""So long after it climbed a person who names no dispatch may still mean the one below."""
TO_FINISH = ("resolve", "hold", "feedback")
"""What ends only when the petition goes on; every other deadline can be met and leave it lying where it is."""


class Asked(NamedTuple):
    """What a superior is asked: why, about whose handling, and who must answer. Old events name nobody."""

    cause: str
    unit: str | None
    department: str | None
    superior: str | None


@dataclass(frozen=True, slots=True)
class NoticeMisses:
    """Look whether deadlines have passed, or nearly: because a timer fired, or because what one waited for came."""

    petition: UUID
    now: datetime
    policy: Policy


@dataclass(frozen=True, slots=True)
class Escalate:
    """A named person sends the current dispatch one tier up."""

    petition: UUID
    now: datetime
    policy: Policy
    reason: str
    dispatch: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerSupervision:
    """A named person answers every open supervision."""

    petition: UUID
    now: datetime
    policy: Policy
    text: str


class State(NamedTuple):
    """The petition's deadlines and where its current dispatch stands; `dispatch` is empty before the first."""

    deadlines: Deadlines = ()
    ended: bool = False
    routed: bool = False
    """Whether somebody has it to handle now."""
    dispatch: str = ""
    tier: str = ""
    unit: str = ""
    place: str | None = None
    handler: str = ""
    """The unit that has it, or whose department has: where the dispatch stands, or who claimed it."""
    office: str | None = None
    """The department that has it; None when a unit has."""
    chosen: bool = False
    """Whether a person named this receiver, which so has it to handle, wherever it lies."""
    escalated: str = ""
    """The dispatch that was escalated last; a dispatch climbs once."""
    climbed_at: datetime | None = None
    """When an escalation led to the current dispatch; None when something else did."""
    supervisions: int = 0
    asked: Mapping[str, Asked] = MappingProxyType({})
    """Each supervision since the last answer, by the name of its deadline."""
    severity: Severity = Severity.ROUTINE
    untold: bool = False
    """Whether somebody who must be told of a danger is still to be told, also after that was due."""
    unreached: str = ""
    """The deadline in which the resident was not reached, while no person has to look at it."""
    left_open: bool = False
    """Whether no machine may close it for that: by the last attempt it was critical, or it was read so since."""


initial = State()


def decide(state: State, command: Any) -> list[Event]:
    """What the command makes of the petition's deadlines."""
    match command:
        case NoticeMisses():
            return _notice(state, command)
        case Escalate():
            return _escalate(state, command)
        case AnswerSupervision():
            return _answer(state, command)
        case _:
            raise TypeError(f"escalation has no command {type(command).__name__}")


def _notice(state: State, command: NoticeMisses) -> list[Event]:
    said: list[Event] = []
    for deadline in state.deadlines:
        if deadline.noticed or deadline.harmless:
            continue
        if deadline.state is DeadlineState.MISSED:  # what it waited for came, but late: nothing is left to climb for
            said.append(_missed(deadline, command.now, late=True))
        elif command.now > deadline.due_at:
            said.append(_missed(deadline, command.now, late=False))
            said += _consequence(_after(state, command, said), command, deadline)
        elif deadline.near_at is not None and command.now > deadline.near_at and not deadline.warned:
            said.append(DeadlineNear(at=command.now, deadline=deadline.name, due_at=deadline.due_at))
    said += _found_critical(_after(state, command, said), command)
    return [*said, *_found_untold(_after(state, command, said), command)]


def _missed(deadline: Deadline, now: datetime, *, late: bool) -> DeadlineMissed:
    return DeadlineMissed(at=now, deadline=deadline.name, due_at=deadline.due_at, late=late)


def _consequence(state: State, command: NoticeMisses, deadline: Deadline) -> list[Event]:
    match deadline.family:
        case "accept" | "resolve":
            return _climb(state, command, deadline)
        case "hand_off" | "report_in":
            return _supervise(state, command, deadline.name)
        case "supervise":
            before = state.asked.get(deadline.name)
            over = state.ended and not state.untold
            return [] if over else _supervise(state, command, "unanswered", before)
        case "feedback" if state.severity is Severity.CRITICAL:
            return _supervise(state, command, deadline.name)  # never closed by a machine: a person must look
        case _:
            return []  # an alarm only: the miss itself


def _found_critical(state: State, command: NoticeMisses) -> list[Event]:
    """The resident was not reached, and it is critical, was so by then, or was read so before it was closed: no machine
    closes it."""
    if state.unreached and (state.severity is Severity.CRITICAL or state.left_open):
        return _supervise(state, command, state.unreached)
    return []


def _found_untold(state: State, command: NoticeMisses) -> list[Event]:
    """Somebody must be told of a danger, and nobody is asked about it any more: the end of a petition ends what was
    asked about it, but not the danger."""
    watched = any(one.family in ("hand_off", "supervise") for one in open_deadlines(state.deadlines))
    return _supervise(state, command, "hand_off") if state.untold and not watched else []


def _climb(state: State, command: NoticeMisses, deadline: Deadline) -> list[Event]:
    if state.escalated == state.dispatch:
        return []  # it is on its way up already
    if _stands_at_the_top(state, command.policy):
        return _supervise(state, command, deadline.name)
    return [PetitionEscalated(at=command.now, dispatch=state.dispatch, cause=deadline.name)]


def _stands_at_the_top(state: State, policy: Policy) -> bool:
    """No unit above, or a desk that only has to say where the place is, which does not raise the tier."""
    units = policy.jurisdiction
    at_the_top = state.unit == units.top.code or state.tier == units.ladder.top
    return at_the_top or (not state.chosen and units.is_placing_desk(state.tier, state.unit, state.place))


def _supervise(
    state: State, command: NoticeMisses | AnswerSupervision, cause: str, before: Asked | None = None
) -> list[Event]:
    """`before`: the supervision that was not answered; who stands above its superior is asked next."""
    asked = _whom_to_ask(state, command.policy, cause, before)
    open_now = {one.name for one in open_deadlines(state.deadlines)}
    if any(name in open_now and _is_the_same(one, asked) for name, one in state.asked.items()):
        return []  # the superior is asked about that already
    return [
        SupervisionOrdered(
            at=command.now,
            number=state.supervisions + 1,
            cause=cause,
            answer_by=command.now + timedelta(hours=command.policy.limits.supervise_hours),
            unit=asked.unit,
            department=asked.department,
            superior=asked.superior,
            policy=command.policy.version,
        )
    ]


def _is_the_same(one: Asked, other: Asked) -> bool:
    """Whether both ask about the same handling for the same reason; an old one names nobody."""
    return one.cause == other.cause and (one.unit is None or one[1:3] == other[1:3])


def _whom_to_ask(state: State, policy: Policy, cause: str, before: Asked | None) -> Asked:
    if before is not None and before.unit is not None:
        superior = _above(before.superior or before.unit, policy)
        return Asked(cause, before.unit, before.department, superior)
    if family_of(cause) == "report_in":
        called = cause.rpartition(":")[2]
        office = policy.jurisdiction.departments.get(called)
        unit = office.unit if office else policy.jurisdiction.top.code
        return Asked(cause, unit, called, unit)
    unit = state.handler or policy.jurisdiction.top.code
    own = policy.jurisdiction.standing(unit) or policy.jurisdiction.top.code
    return Asked(cause, unit, state.office, own if state.office else _above(unit, policy))


def _above(unit: str, policy: Policy) -> str:
    """Whoever stands above it; above the top itself the top, above a unit that is gone its heir."""
    known, top = policy.jurisdiction.units.get(unit), policy.jurisdiction.top.code
    return (known.parent if known else policy.jurisdiction.standing(unit)) or top


def _escalate(state: State, command: Escalate) -> list[Event]:
    if state.ended or not state.routed:
        raise NothingToEscalate
    if state.escalated == state.dispatch or command.dispatch not in (None, state.dispatch):
        raise AlreadyEscalated(state.dispatch)
    if command.dispatch is None and state.climbed_at is not None and command.now < state.climbed_at + UNSEEN:
        raise AlreadyEscalated(state.dispatch)  # asked for twice, or a miss was faster: another dispatch was meant
    if _stands_at_the_top(state, command.policy):
        raise NoTierAbove
    return [
        PetitionEscalated(at=command.now, dispatch=state.dispatch, cause="person", reason=Sealed.of(command.reason))
    ]


def _answer(state: State, command: AnswerSupervision) -> list[Event]:
    if not any(one.family == "supervise" for one in open_deadlines(state.deadlines)):
        raise NoSupervision
    said: list[Event] = [SupervisionAnswered(at=command.now, number=state.supervisions, text=Sealed.of(command.text))]
    answered = _after(state, command, said)
    waits_for = {one.family for one in open_deadlines(answered.deadlines)}
    if answered.untold and "hand_off" not in waits_for:
        said += _supervise(answered, command, "hand_off")  # until a person confirms it, whatever is answered
    elif not answered.ended and waits_for.isdisjoint(TO_FINISH):
        said += _supervise(answered, command, "unfinished")  # nothing else would remember it
    return said


def _after(state: State, command: Any, said: list[Event]) -> State:
    """The state once what was just said stands; their versions do not matter to it."""
    for event in said:
        state = evolve(state, event, EventRef(command.petition, 0))
    return state


def evolve(state: State, event: Event, ref: EventRef) -> State:
    """The deadlines after one more event."""
    deadlines = follow(state.deadlines, event, ref)
    moved = deadlines != state.deadlines
    state = state._replace(deadlines=deadlines) if moved else state
    match event:
        case PetitionFiled() | PetitionPlaced():
            return state._replace(place=event.place if isinstance(event, PetitionFiled) else event.unit)
        case SeverityAssessed() | SeverityReassessed():
            left_open = state.left_open or (state.unreached != "" and event.severity is Severity.CRITICAL)
            return state._replace(severity=event.severity, left_open=left_open)
        case PetitionRouted():
            climbed = state.routed and state.escalated == state.dispatch
            stays = (event.unit, event.department) == (state.unit, state.office)
            return state._replace(
                dispatch=str(ref),
                tier=event.tier,
                unit=event.unit,
                handler=event.unit,
                office=event.department,
                chosen=event.rule in BY_CHOICE or (state.chosen and stays),
                severity=event.severity,
                routed=True,
                ended=False,  # what followed another or was split may be placed for itself after all
                climbed_at=event.at if climbed else None,
            )
        case DispatchClaimed():
            return state._replace(handler=event.unit, office=event.department)
        case HandOffOrdered() | HandOffConfirmed():
            return state._replace(untold=isinstance(event, HandOffOrdered) or bool(event.outstanding))
        case DeadlineMissed() if family_of(event.deadline) == "feedback" and not event.late:
            return state._replace(unreached=event.deadline, left_open=False)
        case FeedbackRequested():
            return state._replace(unreached="")
        case FeedbackAttempted() if moved:  # the last one, and nobody has been told for that yet
            return state._replace(unreached=f"feedback:{event.round}", left_open=True)
        case PetitionEscalated():
            return state._replace(escalated=state.dispatch)
        case SupervisionOrdered():
            one = Asked(event.cause, event.unit, event.department, event.superior)
            asked = {**state.asked, f"supervise:{event.number}": one}
            return state._replace(supervisions=event.number, asked=asked, unreached="")
        case SupervisionAnswered():
            return state._replace(asked=initial.asked)
        case DuplicateLinked() | DuplicateUnlinked() if event.duplicate == ref.petition:
            return _evolve_linked(state, event)
        case PetitionHeld() | PetitionResumed() | ResolutionReported():  # the last also of what followed, or was split
            return state._replace(routed=isinstance(event, PetitionResumed), ended=False)
        case PetitionReopened():
            return state._replace(ended=event.by_a_part, routed=False, unreached="")
        case PetitionWithdrawn() | PetitionReferred() | PetitionDeclined() | PetitionClosed() | PetitionSplit():
            return state._replace(ended=True, unreached="")
        case _:
            return state


def _evolve_linked(state: State, event: DuplicateLinked | DuplicateUnlinked) -> State:
    """What follows another has nobody to escalate from, and nothing of its own to supervise; unlinked, it waits for its
    dispatch, unless it was placed for itself before."""
    if isinstance(event, DuplicateLinked):
        return state._replace(ended=True, routed=False)
    return state if event.route_by is None else state._replace(ended=False)


DECIDER = Decider("escalation", initial, decide, evolve)
