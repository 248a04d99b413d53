"""Where a petition goes: to the lowest tier that every floor allows. Down only by a named person."""

from datetime import datetime
from typing import Any, NamedTuple

from router import rejections as refuse
from router.commands import (
    Accept,
    ConfirmHandOff,
    MovePetition,
    Place,
    Resolve,
    RouteAssessed,
    RouteEscalated,
    RouteReopened,
    RouteUnassessed,
)
from router.policy import RoutingPolicy, Target
from schemas.event import Event, EventRef
from schemas.events.feedback import PetitionClosed, PetitionReopened
from schemas.events.intake import PetitionFiled
from schemas.events.router import (
    DispatchAccepted,
    Floor,
    HandOffConfirmed,
    HandOffOrdered,
    NobodyOnDuty,
    PetitionPlaced,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.sealed import Sealed
from schemas.words import Disposition, FloorName, Mode, Severity
from services.chassis.deciding import Decider


class State(NamedTuple):
    """What later routing needs to know; an empty dispatch is none."""

    ended: bool = False
    resolved: bool = False
    place: str | None = None
    about: str | None = None
    received_at: datetime | None = None
    filed_kind: str | None = None
    reading: int = 0
    """Version of the reading in force; 0 before the first."""
    kind: str | None = None
    severity: Severity = Severity.ROUTINE
    asks: bool = False
    """Whether the reading asks the resident back, which is a unit's task and no department's."""
    must_know: tuple[str, ...] = ()
    """Who must be told at once by the reading in force."""
    round: int = 1
    reopened: str = ""
    """What led to this round; nothing led to the first."""
    dispatch: str = ""
    accepted: str = ""
    """The dispatch whose receiver is responsible in this round."""
    routed: bool = False
    """Whether this round has a dispatch."""
    tier: str = ""
    unit: str = ""
    department: str | None = None
    resolve_by: datetime | None = None
    history: Floor | None = None
    routed_severity: Severity = Severity.ROUTINE
    hand_off: tuple[str, ...] = ()
    """Who is still to be told."""
    told: tuple[str, ...] = ()
    """Everybody for whom a hand-off was ever ordered."""
    confirm_by: datetime | None = None


initial = State()


def decide(state: State, command: Any) -> list[Event]:
    """What the command makes of the petition as it stands."""
    match command:
        case RouteAssessed():
            return _route_assessed(state, command)
        case RouteUnassessed():
            return _route_unassessed(state, command)
        case RouteEscalated():
            return _route_escalated(state, command)
        case RouteReopened():
            return _route_reopened(state, command)
        case Place():
            return _place(state, command)
        case MovePetition():
            return _move(state, command)
        case Accept():
            return _accept(state, command)
        case Resolve():
            return _resolve(state, command)
        case ConfirmHandOff():
            return _confirm_hand_off(state, command)
        case _:
            raise TypeError(f"the router has no command {type(command).__name__}")


def _route_assessed(state: State, command: RouteAssessed) -> list[Event]:
    if state.ended or command.disposition in (Disposition.DECLINE, Disposition.REFER):
        return []  # it has its own end
    if command.reading not in (None, state.reading):
        return []  # a newer reading replaced it
    handed = _order_hand_off(state, command, command.hand_off if command.severity is Severity.CRITICAL else ())
    if state.resolved:
        return handed  # the round is done; the next one will be routed by the new reading
    asks = command.disposition is Disposition.ASK
    read = state._replace(kind=command.kind, severity=command.severity, asks=asks)
    tier, target, floors = _aim(read, command)
    raised = command.severity.rank > state.routed_severity.rank
    if state.dispatch and (target.unit.code, target.department) == (state.unit, state.department) and not raised:
        return handed
    return [*_dispatch(read, command, tier, target, floors, command.rule, raised=raised), *handed]


def _route_unassessed(state: State, command: RouteUnassessed) -> list[Event]:
    if state.ended or state.routed or (state.reading and not state.reopened):
        return []  # somebody has it, or the reading came after all
    if state.reopened:
        again = RouteReopened(command.petition, command.now, command.policy, state.round, state.reopened)
        return _route_reopened(state, again)
    read = state._replace(kind=state.filed_kind, severity=command.policy.policy.bundle.unassessed)
    return _dispatch(read, command, *_aim(read, command), "unassessed")


def _route_escalated(state: State, command: RouteEscalated) -> list[Event]:
    if state.ended or state.resolved or command.dispatch != state.dispatch:
        return []  # that dispatch has been replaced or done
    risen = state._replace(history=_one_above(state, command, command.cause))
    return _dispatch(risen, command, *_aim(risen, command), "escalated")


def _route_reopened(state: State, command: RouteReopened) -> list[Event]:
    if state.ended or command.round != state.round or state.routed:
        return []  # that round is over, or has its dispatch already
    risen = state._replace(history=_one_above(state, command, command.cause)) if state.dispatch else state
    handed = _order_hand_off(state, command, state.must_know if state.severity is Severity.CRITICAL else ())
    return [*_dispatch(risen, command, *_aim(risen, command), "reopened"), *handed]


def _place(state: State, command: Place) -> list[Event]:
    _refuse_unless_open(state)
    if command.unit not in command.policy.policy.jurisdiction.units:
        raise refuse.UnknownUnit(command.unit)
    if state.place == command.unit:
        return []
    placed = state._replace(place=command.unit)
    said = PetitionPlaced(at=command.now, unit=command.unit, policy=command.policy.version)
    tier, target, floors = _aim(placed, command)
    if (tier, target.unit.code, target.department) == (state.tier, state.unit, state.department):
        return [said]  # whoever has it goes on with it
    return [said, *_dispatch(placed, command, tier, target, floors, "placed")]


def _move(state: State, command: MovePetition) -> list[Event]:
    _refuse_unless_open(state)
    target = _named_target(state, command)
    if (target.unit.code, target.department) == (state.unit, state.department):
        raise refuse.NothingMoves
    floors = command.policy.floors(state.kind, state.severity, state.place, None)
    return _dispatch(state, command, target.unit.tier, target, floors, "moved", reason=command.reason)


def _accept(state: State, command: Accept) -> list[Event]:
    _refuse_unless_open(state)
    if command.dispatch not in (None, state.dispatch):
        raise refuse.DispatchNotCurrent(state.dispatch)
    if state.accepted == state.dispatch:
        return []
    return [DispatchAccepted(at=command.now, dispatch=state.dispatch)]


def _resolve(state: State, command: Resolve) -> list[Event]:
    _refuse_unless_open(state)
    if not state.accepted:
        raise refuse.NotAccepted
    # First receiver stays responsible: until another accepts, it may still resolve what it accepted in this round.
    if command.dispatch not in (None, state.accepted):
        raise refuse.NotAccepted if command.dispatch == state.dispatch else refuse.DispatchNotCurrent(state.dispatch)
    return [
        ResolutionReported(
            at=command.now,
            dispatch=state.accepted,
            round=state.round,
            result=command.result,
            text=Sealed.of(command.text),
            attachments=Sealed.of(list(command.attachments)) if command.attachments else None,
            answer_by=command.answer_by,
        )
    ]


def _confirm_hand_off(state: State, command: ConfirmHandOff) -> list[Event]:
    if command.to not in state.hand_off:
        raise refuse.NoHandOff(state.hand_off)
    outstanding = tuple(one for one in state.hand_off if one != command.to)
    return [HandOffConfirmed(at=command.now, to=command.to, outstanding=outstanding)]


def _order_hand_off(state: State, command: RouteAssessed | RouteReopened, to_tell: tuple[str, ...]) -> list[Event]:
    new = tuple(one for one in to_tell if one not in state.told)
    if not new:
        return []
    confirm_by = command.policy.confirm_by(command.now)
    if state.hand_off and state.confirm_by is not None and state.confirm_by > command.now:
        confirm_by = state.confirm_by  # who waits to be told already gets no more time
    to = (*state.hand_off, *new)
    return [HandOffOrdered(at=command.now, to=to, confirm_by=confirm_by, policy=command.policy.version)]


def _aim(state: State, command: Any) -> tuple[str, Target, tuple[Floor, ...]]:
    """Tier, receiver and floors for the petition as it is read now; never below where it stands."""
    policy: RoutingPolicy = command.policy
    floors = policy.floors(state.kind, state.severity, state.place, state.history)
    tier = policy.tier(floors)
    if state.tier in policy.ladder and policy.ladder.rank(state.tier) > policy.ladder.rank(tier):
        stands = Floor(floor=FloorName.HISTORY, tier=state.tier, reason=f"stands:{state.dispatch}")
        tier, floors = state.tier, (*floors, stands)
    return tier, policy.target(tier, None if state.asks else state.kind, state.place, state.about), floors


def _one_above(state: State, command: Any, cause: str) -> Floor:
    tier = command.policy.one_above(state.tier, state.unit, state.place)
    return Floor(floor=FloorName.HISTORY, tier=tier, reason=f"{cause}:{state.dispatch}")


def _dispatch(
    state: State,
    command: Any,
    tier: str,
    target: Target,
    floors: tuple[Floor, ...],
    rule: str,
    *,
    reason: str | None = None,
    raised: bool = False,
) -> list[Event]:
    policy: RoutingPolicy = command.policy
    round_due = state.resolve_by if state.routed else None
    received = state.received_at if state.round == 1 else None
    due = policy.deadlines(state.kind, state.severity, command.now, received, round_due)
    resolve_by = due.resolve_by
    if raised and round_due is not None and not due.overdue:
        fresh = policy.deadlines(state.kind, state.severity, command.now, received, None)
        resolve_by = min(resolve_by, fresh.resolve_by)
    skipped = [NobodyOnDuty(at=command.now, unit=unit, round=state.round) for unit in target.skipped]
    routed = PetitionRouted(
        at=command.now,
        tier=tier,
        unit=target.unit.code,
        department=target.department,
        mode=Mode.ASSIGNED,
        round=state.round,
        floors=floors,
        accept_by=due.accept_by,
        resolve_by=resolve_by,
        overdue=due.overdue,
        provisional=due.provisional,
        kind=state.kind,
        severity=state.severity,
        rule=rule,
        reason=None if reason is None else Sealed.of(reason),
        policy=policy.version,
    )
    return [*skipped, routed]


def _named_target(state: State, command: MovePetition) -> Target:
    jurisdiction = command.policy.policy.jurisdiction
    if command.department is not None:
        if command.department not in jurisdiction.departments:
            raise refuse.UnknownDepartment(command.department)
        target = command.policy.department_target(command.department)
    else:
        if command.unit is None or command.unit not in jurisdiction.units:
            raise refuse.UnknownUnit(command.unit or "")
        target = command.policy.unit_target(command.unit, state.kind, state.about)
    if state.about is not None and (
        target.department == state.about or command.policy.answers_to(target.unit, state.about)
    ):
        raise refuse.ComplainedAbout
    return target


def _refuse_unless_open(state: State) -> None:
    if state.ended:
        raise refuse.PetitionEnded
    if state.resolved:
        raise refuse.AlreadyResolved
    if not state.dispatch or not state.routed:
        raise refuse.NotRouted


def evolve(state: State, event: Event, ref: EventRef) -> State:
    """The petition as the router sees it after one more event."""
    match event:
        case PetitionFiled():
            return state._replace(
                place=event.place_unit, about=event.about, received_at=event.received_at, filed_kind=event.kind
            )
        case SeverityAssessed() | SeverityReassessed():
            asks = event.disposition is Disposition.ASK
            return state._replace(
                reading=ref.version, kind=event.kind, severity=event.severity, asks=asks, must_know=event.hand_off
            )
        case PetitionRouted():
            return _evolve_routed(state, event, ref)
        case PetitionPlaced():
            return state._replace(place=event.unit)
        case DispatchAccepted():
            return state._replace(accepted=state.dispatch)
        case ResolutionReported():
            return state._replace(resolved=True)
        case HandOffOrdered():
            return state._replace(hand_off=event.to, told=(*state.told, *event.to), confirm_by=event.confirm_by)
        case HandOffConfirmed():
            return state._replace(hand_off=event.outstanding)
        case PetitionReopened():
            return state._replace(
                round=event.round, reopened=event.cause, resolved=False, ended=False, routed=False, accepted=""
            )
        case PetitionReferred() | PetitionDeclined() | PetitionClosed():
            return state._replace(ended=True)
        case _:
            return state


def _evolve_routed(state: State, event: PetitionRouted, ref: EventRef) -> State:
    history = [floor for floor in event.floors if floor.floor is FloorName.HISTORY]
    return state._replace(
        dispatch=str(ref),
        routed=True,
        tier=event.tier,
        unit=event.unit,
        department=event.department,
        kind=event.kind,
        severity=event.severity,
        routed_severity=event.severity,
        resolve_by=event.resolve_by,
        history=history[-1] if history else None,
    )


DECIDER = Decider("router", initial, decide, evolve)
