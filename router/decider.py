"""Where a petition goes: to the lowest tier that every floor allows. Down only by a named person."""

from collections.abc import Callable, Mapping
from typing import Any

from router import (
    extending,
    following,
    handing_over,
    handling,
    holding,
    parts,
    recounting,
    rerouting,
    spot,
    summoning,
)
from router import rejections as refuse
from router.aiming import aim, dispatch, named_target, refuse_unless_open, risen_after_failing
from router.commands import (
    Accept,
    Claim,
    ConfirmHandOff,
    DecideExtension,
    DecideHold,
    FinishPart,
    HandOver,
    MovePetition,
    Place,
    Recount,
    ReportIn,
    ReportProgress,
    RequestExtension,
    RequestHold,
    Reroute,
    Resolve,
    ResolveDuplicate,
    ResolveOnTheSpot,
    Resume,
    Return,
    RouteAssessed,
    RouteEscalated,
    RouteReopened,
    RouteUnassessed,
    RouteUnlinked,
    Summon,
    Transfer,
)
from router.evolving import evolve
from router.partners import is_taken_back
from router.policy import RoutingPolicy, Target
from router.stands import Claim as Claimed
from router.stands import site_of
from router.state import State, initial
from schemas.event import Event
from schemas.events.router import HandOffOrdered, PetitionPlaced
from schemas.words import Disposition, Severity, told_at_once
from services.chassis.deciding import Decider


def _route_assessed(state: State, command: RouteAssessed) -> list[Event]:
    if state.ended and not state.let_go:
        return []  # it was read too late, or turned away since
    if command.reading != state.reading:
        return []  # a newer reading replaced it
    handed = _order_hand_off(state, command, state.must_know)
    if state.ended:
        return handed  # who must know is told also of what ended by nobody's word; a danger is opened again
    if state.root is not None:  # the one that it follows is handled, which was as grave
        return [*(following.place_for_itself(state, command, command.rule) if state.outgrew else ()), *handed]
    if state.parts:  # what it was split into is handled; a danger read since then is no part's
        danger = state.severity is Severity.CRITICAL
        return [*(following.place_for_itself(state, command, command.rule) if danger else ()), *handed]
    state, resumed = holding.going_on(state, command, command.rule)
    if state.resolved or (state.dispatch and not state.routed):
        return handed  # the round is done; its re-opening will route the next one by the new reading
    if state.dispatched > command.reading:
        return handed  # that dispatch was made by this reading, or by a person who knew it
    tier, target, floors = aim(state, command)
    holder = command.policy.holder(state.unit, state.department, state.about)
    if holder is not None and _stays_by_choice(state, command, tier, target):
        target = Target(holder, state.department)
    stays = (state.reached, state.department) in target.receivers  # also where nobody there is on duty today
    stays = stays and not _is_higher(tier, state.tier, command.policy)
    if state.dispatch and stays and not state.raised and not is_taken_back(state, command.policy):
        return [*(resumed if state.severity is Severity.CRITICAL else ()), *handed]  # what is critical is never left
    return [*resumed, *dispatch(state, command, tier, target, floors, command.rule), *handed]


def _stays_by_choice(state: State, command: RouteAssessed, tier: str, target: Target) -> bool:
    """A person's move stands until the floors ask for more. What was given back goes by a person's word about what it
    is, but not straight back."""
    if command.rule == "reassessed" and handling.awaits_a_word(state):
        return handling.goes_straight_back(state, target)
    another = state.raised and state.kind != state.routed_kind  # a danger that nobody knew of who moved it
    return state.moved and tier == state.tier and not another


def _is_higher(tier: str, than: str, policy: RoutingPolicy) -> bool:
    """Whether the floors ask for more than the tier that it stands at: a desk also has what it places further down."""
    return than in policy.ladder and policy.ladder.rank(tier) > policy.ladder.rank(than)


def _route_unassessed(state: State, command: RouteUnassessed) -> list[Event]:
    if state.unlinked:
        return _route_unlinked(state, RouteUnlinked(command.petition, command.now, command.policy))
    if state.ended or state.root or state.parts or state.routed or (state.reading and not state.reopened):
        return []  # somebody has it, or the reading came after all
    if state.reopened:
        again = RouteReopened(command.petition, command.now, command.policy, state.round)
        return _route_reopened(state, again)
    read, to_tell = _cautiously(state, command)
    handed = _order_hand_off(state, command, to_tell)
    return [*dispatch(read, command, *aim(read, command), "unassessed"), *handed]


def _cautiously(state: State, command: RouteUnassessed | RouteReopened) -> tuple[State, tuple[str, ...]]:
    """What nobody has read, taken on the most cautious reading, and who must be told of it."""
    policy = command.policy.policy
    severity, disposition = policy.bundle.unassessed, Disposition.HANDLE
    if filed := policy.kinds.get(state.filed_kind or ""):  # a person's word, and nobody has read anything else
        severity = max(severity, filed.severity, key=lambda one: one.rank)
        disposition = filed.disposition.once_reopened
    read = state._replace(kind=state.filed_kind, severity=severity)
    return read, policy.to_tell(read.kind) if told_at_once(severity, disposition) else ()


def _route_escalated(state: State, command: RouteEscalated) -> list[Event]:
    if state.ended or state.resolved or not state.routed or command.dispatch != state.dispatch:
        return []  # that dispatch has been replaced or done, or its round is over
    state, resumed = holding.going_on(state, command, "escalated")
    return [*resumed, *dispatch(state, command, *aim(state, command), "escalated")]


def _route_reopened(state: State, command: RouteReopened) -> list[Event]:
    if state.ended or state.resolved or command.round != state.round:
        return []  # that round is over, with the last of its parts perhaps
    if state.root or state.parts or state.unlinked or state.routed:
        return []  # it has its dispatch already, or will have it for another reason
    risen = risen_after_failing(state, command.policy)
    to_tell = state.must_know
    if not state.reading:  # it was taken back before anybody had read it
        risen, to_tell = _cautiously(risen, command)
    handed = _order_hand_off(state, command, to_tell)
    return [*dispatch(risen, command, *aim(risen, command), "reopened"), *handed]


def _route_unlinked(state: State, command: RouteUnlinked) -> list[Event]:
    if state.ended or not state.unlinked:
        return []  # it is over, has its dispatch already, or follows another again
    handed = _order_hand_off(state, command, state.must_know)
    return [*following.place_for_itself(state, command, "unlinked"), *handed]


def _place(state: State, command: Place) -> list[Event]:
    refuse_unless_open(state)
    units = command.policy.policy.jurisdiction
    named = (command.unit, *command.touches)
    for code in named:
        if code not in units.units:
            raise refuse.UnknownUnit(code)
    lowest = units.lowest_of(named)
    site = site_of(units.common(lowest).code, lowest if len(lowest) > 1 else ())
    if (site.unit, site.touched) == (state.place, state.site.touched):
        return []
    placed = state._replace(site=site, unit="", claim=Claimed())  # wherever it is now, it goes there
    said = PetitionPlaced(at=command.now, unit=site.unit, touches=site.touched, policy=command.policy.version)
    awaited, holder = handling.awaits_a_word(state), command.policy.holder(state.unit, state.department, state.about)
    if state.moved and holder is not None and not awaited:
        return [said]  # a person's move stands until a person says otherwise
    tier, target, floors = aim(placed, command)
    stays = (tier, target.unit.code, target.department) == (state.tier, state.unit, state.department)
    if stays and not is_taken_back(state._replace(site=site), command.policy):
        return [said]  # whoever has it goes on with it
    if awaited and handling.goes_straight_back(placed, target):
        return [said]  # only a person who names them sends it there again
    return [said, *dispatch(placed, command, tier, target, floors, "placed")]


def _move(state: State, command: MovePetition) -> list[Event]:
    refuse_unless_open(state)
    target = named_target(state, command)
    if (target.unit.code, target.department) == (state.handler, state.office):
        raise refuse.NothingMoves
    floors = command.policy.floors(state.kind, state.severity, state.site, state.extent)
    return dispatch(state, command, target.unit.tier, target, floors, "moved", reason=command.reason)


def _order_hand_off(
    state: State, command: RouteAssessed | RouteUnassessed | RouteReopened | RouteUnlinked, to_tell: tuple[str, ...]
) -> list[Event]:
    waits = bool(state.hand_off) and state.confirm_by is not None and state.confirm_by >= command.now
    new = [one for one in to_tell if one not in state.told and not (waits and one in state.hand_off)]
    if not new:
        return []
    # Who waits to be told already gets no more time.
    confirm_by = state.confirm_by if waits and state.confirm_by else command.policy.confirm_by(command.now)
    to = tuple(dict.fromkeys((*state.hand_off, *new)))
    return [HandOffOrdered(at=command.now, to=to, confirm_by=confirm_by, policy=command.policy.version)]


_DECIDES: Mapping[type, Callable[[State, Any], list[Event]]] = {
    RouteAssessed: _route_assessed,
    RouteUnassessed: _route_unassessed,
    RouteEscalated: _route_escalated,
    RouteReopened: _route_reopened,
    RouteUnlinked: _route_unlinked,
    Place: _place,
    MovePetition: _move,
    Reroute: rerouting.reroute,
    Recount: recounting.recount,
    Accept: handling.accept,
    Claim: handling.claim,
    HandOver: handing_over.hand_over,
    Return: handling.give_back,
    Transfer: handling.transfer,
    Summon: summoning.summon,
    ReportIn: summoning.report_in,
    ReportProgress: handling.report_progress,
    RequestExtension: extending.request_extension,
    DecideExtension: extending.decide_extension,
    RequestHold: holding.request_hold,
    DecideHold: holding.decide_hold,
    Resume: holding.resume,
    Resolve: handling.resolve,
    ResolveOnTheSpot: spot.resolve_on_the_spot,
    ResolveDuplicate: following.resolve_duplicate,
    FinishPart: parts.finish_part,
    ConfirmHandOff: handling.confirm_hand_off,
}


def decide(state: State, command: Any) -> list[Event]:
    """What the command makes of the petition as it stands."""
    return _DECIDES[type(command)](state, command)


def in_whose_name(state: State, command: Any) -> str | None:
    """What the grid worker did is said in that name, whoever read the petition meanwhile."""
    return state.on_the_spot.by if isinstance(command, ResolveOnTheSpot) and state.on_the_spot else None


DECIDER = Decider("router", initial, decide, evolve, following.also, in_whose_name)
