"""What those do who have a petition: take it, give it back, pass it on, tell of it, report it done."""

from datetime import timedelta

from router import rejections as refuse
from router.aiming import aim, dispatch, named_target, refuse_unless_open
from router.commands import Accept, Claim, ConfirmHandOff, ReportProgress, Resolve, Return, Transfer
from router.partners import refuse_to_partner
from router.policy import RoutingPolicy, Target
from router.rejections_of_claims import BelowFloor, NotPutBefore
from router.rejections_of_delays import TransferredEnough
from router.stands import Claim as Claimed
from router.stands import Returner
from router.state import State
from schemas.event import Event
from schemas.events.router import (
    CoHandlerReportedIn,
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    DispatchTransferred,
    Floor,
    HandOffConfirmed,
    ProgressReported,
    ResolutionReported,
)
from schemas.jurisdiction import UnitSort
from schemas.sealed import Sealed
from schemas.words import FloorName, Mode, ReturnReason, Severity
from services.chassis.wording import says_nothing, says_only

UNSEEN = timedelta(minutes=1)
"""So long after a return a person who names no dispatch may still mean the one that was given back."""
MOST_RETURNS = 2
"""In a round; then the lowest common superior decides, and that stands."""


def accept(state: State, command: Accept) -> list[Event]:
    """签收."""
    _refuse_unless_current(state, command.dispatch)
    if state.accepted.dispatch == state.dispatch:
        return []
    if state.mode is Mode.OPEN:
        raise refuse.OpenToClaim
    accepted = DispatchAccepted(at=command.now, dispatch=state.dispatch, accepted_by=command.accepted_by)
    return [accepted, *_is_there(state, command, state.department)]


def claim(state: State, command: Claim) -> list[Event]:
    """领单: the first one has it, and everybody after that hears who."""
    _refuse_unless_current(state, command.dispatch)
    if state.mode is not Mode.OPEN:
        raise refuse.NotOpenToClaim
    department, units = command.department, command.policy.policy.jurisdiction
    unit = _unit_of(department, command.policy) if department else command.unit or state.unit
    if state.claimed:
        if state.claim == Claimed(state.dispatch, unit, command.claimed_by, department):
            return []
        raise refuse.AlreadyClaimed(state.claim.department or state.claim.unit, state.claim.claimed_by)
    if unit not in units.units:
        raise refuse.UnknownUnit(unit)
    before = units.standing(state.unit)
    outer, inner = (unit, before) if department else (before, unit)
    if outer is None or inner is None or not units.contains(outer, inner):
        raise NotPutBefore(department or unit, state.unit)
    if command.policy.is_about(state.about, units.units[unit], department):
        raise refuse.ComplainedAbout
    claimed = DispatchClaimed(
        at=command.now, dispatch=state.dispatch, unit=unit, department=department, claimed_by=command.claimed_by
    )
    if department is None and units.units[unit].sort is UnitSort.PARTNER:
        refuse_to_partner(state, command.policy, units.units[unit])
        return [claimed.model_copy(update={"responsible": state.unit})]
    if department is None and inner != outer:
        _refuse_below_floors(state, command.policy, unit)
    return [claimed, *_is_there(state, command, department)]


def _refuse_below_floors(state: State, policy: RoutingPolicy, unit: str) -> None:
    """Who makes a kind open leaves it to units below its power; what else asks for a tier, as two grids do or many
    households, asks for it all the same."""
    floors = policy.floors(state.kind, state.severity, state.site, state.extent, state.scale, state.history)
    others = [one for one in floors if one.floor is not FloorName.AUTHORITY]
    highest = max(others, key=lambda one: policy.ladder.rank(one.tier), default=None)
    if highest is not None and policy.policy.jurisdiction.is_below(unit, highest.tier):
        raise BelowFloor(unit, highest.floor.value, highest.tier)


def _unit_of(department: str, policy: RoutingPolicy) -> str:
    office = policy.policy.jurisdiction.departments.get(department)
    if office is None:
        raise refuse.UnknownDepartment(department)
    return office.unit


def _is_there(state: State, command: Accept | Claim, department: str | None) -> list[Event]:
    """Who was called to help and has it now need not report in any more."""
    called_to = state.summoned.get(department or "")
    if department is None or called_to is None or department in state.reported_in:
        return []
    return [CoHandlerReportedIn(at=command.now, dispatch=called_to, department=department)]


def give_back(state: State, command: Return) -> list[Event]:
    """退单: to whoever stands above; what is beyond its power, to whoever has it."""
    _refuse_unless_current(state, command.dispatch)
    _refuse_once_decided(state)
    if command.dispatch is None and state.given_back_at is not None and command.now < state.given_back_at + UNSEEN:
        raise refuse.AlreadyReturned(state.dispatch)  # asked for twice: another dispatch was meant
    returners = (*state.returned, Returner(state.handler, state.office))
    beyond = command.reason is ReturnReason.BEYOND_POWER
    tier, target, floors = aim(state._replace(scale=_scale_above(state, command.policy)) if beyond else state, command)
    if len(returners) >= MOST_RETURNS or not beyond or _has_it(state, target):
        stood = command.policy.policy.jurisdiction.units.get(state.unit)  # whoever claimed it may stand lower
        least = tier if stood is None else command.policy.ladder.highest([tier, stood.tier])
        target = command.policy.superior(returners, least, state.about, command.now)
    if _has_it(state, target) or command.policy.is_about(state.about, target.unit, target.department):
        raise refuse.NobodyAbove
    text = None if command.text is None else Sealed.of(command.text)
    returned = DispatchReturned(
        at=command.now, dispatch=state.dispatch, round=state.round, reason=command.reason.value, text=text
    )
    return [returned, *dispatch(state, command, tier, target, floors, "returned")]


def awaits_a_word(state: State) -> bool:
    """Whether it was given back once, so that it goes by what a person says: where it lies, or what it is."""
    return state.given_back and len(state.returned) < MOST_RETURNS


def goes_straight_back(state: State, target: Target) -> bool:
    """Whether this receiver gave it back, and nothing was said since that its reason was about."""
    receiver = (target.unit.code, target.department)
    return any(
        (one.unit, one.department) == receiver and one.would_again(state.kind, state.site) for one in state.returned
    )


def transfer(state: State, command: Transfer) -> list[Event]:
    """转办: sideways or up. Down is for a person at a desk, who moves it."""
    _refuse_unless_current(state, command.dispatch)
    _refuse_once_decided(state)
    if state.transfers >= command.policy.policy.limits.transfers:
        raise TransferredEnough(command.policy.policy.limits.transfers)
    target = named_target(state, command)
    if _has_it(state, target):
        raise refuse.NothingMoves
    tier, _, floors = aim(state, command)
    units = command.policy.policy.jurisdiction
    holder = units.units.get(state.handler)
    if (holder is not None and command.policy.is_lower(target.unit, holder)) or units.is_below(target.unit.code, tier):
        raise refuse.GoesDown(target.unit.code)
    transferred = DispatchTransferred(
        at=command.now,
        dispatch=state.dispatch,
        unit=target.unit.code,
        department=target.department,
        reason=Sealed.of(command.reason),
    )
    return [transferred, *dispatch(state, command, tier, target, floors, "transferred")]


def report_progress(state: State, command: ReportProgress) -> list[Event]:
    """办理进展."""
    dispatch = responsible_for(state, command.dispatch)
    return [ProgressReported(at=command.now, dispatch=dispatch, text=Sealed.of(command.text))]


def resolve(state: State, command: Resolve) -> list[Event]:
    """办结."""
    dispatch = responsible_for(state, command.dispatch)
    if state.severity is Severity.CRITICAL and state.responsible.severity is not Severity.CRITICAL:
        raise refuse.FoundCritical
    if says_nothing(command.text):
        raise refuse.EmptyResolution
    if says_only(command.text, command.policy.policy.bundle.stock_phrases):
        raise refuse.StockResolution
    return [reported_done(state, command, dispatch)]


def reported_done(state: State, command: Resolve, dispatch: str) -> ResolutionReported:
    """办结 of this round by that dispatch."""
    return ResolutionReported(
        at=command.now,
        dispatch=dispatch,
        round=state.round,
        result=command.result.value,
        text=Sealed.of(command.text),
        attachments=Sealed.of(list(command.attachments)) if command.attachments else None,
        answer_by=command.policy.answer_by(command.now),
    )


def confirm_hand_off(state: State, command: ConfirmHandOff) -> list[Event]:
    """One of those who must be told was told."""
    if command.to not in state.hand_off:
        raise refuse.NoHandOff(state.hand_off)
    outstanding = tuple(one for one in state.hand_off if one != command.to)
    return [HandOffConfirmed(at=command.now, to=command.to, outstanding=outstanding)]


def responsible_for(state: State, named: str | None) -> str:
    """首接负责: until another accepts, the first receiver may still work on its dispatch, by name. Raises Rejected
    where nobody took it, another did, or it is on hold."""
    refuse_unless_open(state)
    dispatch = named or state.dispatch
    if dispatch == state.dispatch != state.accepted.dispatch:
        raise refuse.NotAccepted
    if dispatch != state.responsible.dispatch:
        raise refuse.DispatchNotCurrent(state.dispatch)
    return dispatch


def _refuse_unless_current(state: State, named: str | None) -> None:
    refuse_unless_open(state)
    if named not in (None, state.dispatch):
        raise refuse.DispatchNotCurrent(state.dispatch)


def _refuse_once_decided(state: State) -> None:
    if len(state.returned) >= MOST_RETURNS and state.moved:  # what a rule placed anew is nobody's decision
        raise refuse.DecisionStands


def _has_it(state: State, target: Target) -> bool:
    return (target.unit.code, target.department) == (state.handler, state.office)


def _scale_above(state: State, policy: RoutingPolicy) -> Floor:
    """难易: it needs more power than this tier has."""
    tier = policy.one_above(state.stand)
    return Floor(floor=FloorName.SCALE, tier=tier, reason=f"beyond_power:{state.dispatch}")
