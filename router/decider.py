"""Where a petition goes: to the lowest tier that every floor allows. Down only by a named person."""

from typing import Any

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
from router.state import Stand, State, evolve, initial
from schemas.event import Event
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
from schemas.jurisdiction import UnitSort
from schemas.sealed import Sealed
from schemas.words import Disposition, FloorName, Mode, told_at_once
from services.chassis.deciding import Decider


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
    if state.ended:
        return []  # it was read too late, or turned away since
    if command.reading != state.reading:
        return []  # a newer reading replaced it
    handed = _order_hand_off(state, command, state.must_know)
    if state.resolved or (state.dispatch and not state.routed):
        return handed  # the round is done; its re-opening will route the next one by the new reading
    if state.dispatched > command.reading:
        return handed  # that dispatch was made by this reading, or by a person who knew it
    tier, target, floors = _aim(state, command)
    holder = command.policy.holder(state.unit, state.department, state.about)
    if state.moved and holder is not None and tier == state.tier:
        target = Target(holder, state.department)  # a person's move stands until the floors ask for more
    here = (target.unit.code, target.department) == (state.unit, state.department)
    if state.dispatch and here and not state.raised:
        return handed
    return [*_dispatch(state, command, tier, target, floors, command.rule), *handed]


def _route_unassessed(state: State, command: RouteUnassessed) -> list[Event]:
    if state.ended or state.routed or (state.reading and not state.reopened):
        return []  # somebody has it, or the reading came after all
    if state.reopened:
        again = RouteReopened(command.petition, command.now, command.policy, state.round, state.reopened)
        return _route_reopened(state, again)
    policy = command.policy.policy
    severity, disposition = policy.bundle.unassessed, Disposition.HANDLE
    if filed := policy.kinds.get(state.filed_kind or ""):  # a person's word, and nobody has read anything else
        severity = max(severity, filed.severity, key=lambda one: one.rank)
        disposition = filed.disposition.once_reopened
    read = state._replace(kind=state.filed_kind, severity=severity)
    to_tell = policy.to_tell(read.kind) if told_at_once(severity, disposition) else ()
    handed = _order_hand_off(state, command, to_tell)
    return [*_dispatch(read, command, *_aim(read, command), "unassessed"), *handed]


def _route_escalated(state: State, command: RouteEscalated) -> list[Event]:
    if state.ended or state.resolved or not state.routed or command.dispatch != state.dispatch:
        return []  # that dispatch has been replaced or done, or its round is over
    return _dispatch(state, command, *_aim(state, command), "escalated")


def _route_reopened(state: State, command: RouteReopened) -> list[Event]:
    if state.ended or command.round != state.round or state.routed:
        return []  # that round is over, or has its dispatch already
    blamed, risen = state.reported, state
    if blamed.dispatch:  # what was turned away was neither missed nor left unsolved
        risen = state._replace(history=_one_above(blamed, command.cause, command.policy))
    handed = _order_hand_off(state, command, state.must_know)
    return [*_dispatch(risen, command, *_aim(risen, command), "reopened"), *handed]


def _place(state: State, command: Place) -> list[Event]:
    _refuse_unless_open(state)
    units = command.policy.policy.jurisdiction.units
    if command.unit not in units:
        raise refuse.UnknownUnit(command.unit)
    if state.place == command.unit:
        return []
    placed = state._replace(place=command.unit, unit="")  # wherever it is now, it goes there
    said = PetitionPlaced(at=command.now, unit=command.unit, policy=command.policy.version)
    if state.moved and command.policy.holder(state.unit, state.department, state.about) is not None:
        return [said]  # a person's move stands until a person says otherwise
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
    if state.accepted.dispatch == state.dispatch:
        return []
    return [DispatchAccepted(at=command.now, dispatch=state.dispatch)]


def _resolve(state: State, command: Resolve) -> list[Event]:
    _refuse_unless_open(state)
    dispatch = command.dispatch or state.dispatch
    if dispatch == state.dispatch != state.accepted.dispatch:
        raise refuse.NotAccepted
    # First receiver stays responsible: until another accepts, it may still resolve its dispatch, by name.
    if dispatch != state.responsible.dispatch:
        raise refuse.DispatchNotCurrent(state.dispatch)
    return [
        ResolutionReported(
            at=command.now,
            dispatch=dispatch,
            round=state.round,
            result=command.result.value,
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


def _order_hand_off(
    state: State, command: RouteAssessed | RouteUnassessed | RouteReopened, to_tell: tuple[str, ...]
) -> list[Event]:
    new = tuple(one for one in to_tell if one not in state.told)
    if not new:
        return []
    confirm_by = command.policy.confirm_by(command.now)
    if state.hand_off and state.confirm_by is not None and state.confirm_by >= command.now:
        confirm_by = state.confirm_by  # who waits to be told already gets no more time
    to = (*state.hand_off, *new)
    return [HandOffOrdered(at=command.now, to=to, confirm_by=confirm_by, policy=command.policy.version)]


def _aim(state: State, command: Any) -> tuple[str, Target, tuple[Floor, ...]]:
    """Tier, receiver and floors for the petition as it is read now; never below where it stands."""
    policy: RoutingPolicy = command.policy
    # An escalation that stands in the stream counts for whatever dispatches next, also before it is heard itself.
    history = _one_above(state.escalated, state.escalated_by, policy) if state.climbs else state.history
    floors = policy.floors(state.kind, state.severity, state.place, history)
    tier = policy.tier(floors)
    at_least = policy.known_tier(state.tier) if state.tier else tier
    if policy.ladder.rank(at_least) > policy.ladder.rank(tier):
        stands = Floor(floor=FloorName.HISTORY, tier=at_least, reason=f"stands:{state.dispatch}")
        tier, floors = at_least, (*floors, stands)
    kind, area = None if state.asks else state.kind, policy.area(state.place, state.unit)
    target = policy.target(tier, kind, area, state.about)
    holder = policy.holder(state.unit, state.department, state.about)
    if holder is not None and policy.is_lower(target.unit, holder):
        holds = Floor(floor=FloorName.HISTORY, tier=tier, reason=f"holds:{state.dispatch}")
        target, floors = policy.target(holder.tier, kind, area, state.about), (*floors, holds)
        if policy.is_lower(target.unit, holder):
            target = Target(holder, state.department)
    if policy.is_about(state.about, target.unit, target.department):
        only = Floor(floor=FloorName.SCOPE, tier=policy.ladder.lowest, reason=f"only_the_top:{target.unit.code}")
        floors = (*floors, only)
    return tier, target, floors


def _one_above(stand: Stand, cause: str, policy: RoutingPolicy) -> Floor:
    tier = policy.one_above(stand.tier, stand.unit, stand.place)
    return Floor(floor=FloorName.HISTORY, tier=tier, reason=f"{cause}:{stand.dispatch}")


def _dispatch(
    state: State,
    command: Any,
    tier: str,
    target: Target,
    floors: tuple[Floor, ...],
    rule: str,
    *,
    reason: str | None = None,
) -> list[Event]:
    policy: RoutingPolicy = command.policy
    round_due = state.resolve_by if state.routed else None
    received = state.received_at if state.round == 1 else None
    due = policy.deadlines(state.kind, state.severity, command.now, received, round_due)
    resolve_by = due.resolve_by
    if state.raised and round_due is not None and not due.overdue:
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
    if command.policy.is_about(state.about, target.unit, command.department):
        raise refuse.ComplainedAbout
    if target.unit.sort is UnitSort.PARTNER:
        raise refuse.PartnerWithoutPower(target.unit.code)
    if target.department is None and command.policy.is_unstaffed(target.unit):
        raise refuse.NobodyThere(target.unit.code)
    kind = command.policy.kind(state.kind)
    if kind is not None and command.policy.is_below_authority(target.unit, kind):
        raise refuse.BelowAuthority(kind.code, kind.tier)
    return target


def _refuse_unless_open(state: State) -> None:
    if state.ended:
        raise refuse.PetitionEnded
    if state.resolved:
        raise refuse.AlreadyResolved
    if not state.dispatch or not state.routed:
        raise refuse.NotRouted


DECIDER = Decider("router", initial, decide, evolve)
