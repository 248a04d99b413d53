"""Where a petition goes and until when: the parts of which every placing is made."""

from typing import Any

from router import rejections as refuse
from router.commands import MovePetition, Transfer
from router.policy import RoutingPolicy, Target
from router.recounting import recounted
from router.rejections_of_links import FollowsAnother, IsSplit
from router.stands import Stand
from router.state import State
from schemas.event import Event
from schemas.events.router import Floor, PetitionRouted
from schemas.events.staffing import NobodyOnDuty
from schemas.jurisdiction import UnitSort
from schemas.sealed import Sealed
from schemas.words import FloorName, Mode

CLAIMABLE = ("assessed", "placed")
"""Rules after which a dispatch may be open; where somebody missed, returned or chose, one receiver is named."""
ANEW = "policy"
"""The rule of a dispatch that follows a policy published later, as a named person asked; what was open stays so."""
MAY_GIVE_TIME = ("reassessed", "moved")
"""Rules of a dispatch that a person's word led to: read as less grave by then, the round has the time of such a matter
from its start. Whatever else dispatches it keeps the round's time."""
SECOND_TIME = 2
"""So often reported done in vain, a petition goes to the top."""


def aim(state: State, command: Any) -> tuple[str, Target, tuple[Floor, ...]]:
    """Tier, receiver and floors for the petition as it is read now; never below where it stands."""
    policy: RoutingPolicy = command.policy
    # An escalation that stands in the stream counts for whatever dispatches next, also before it is heard itself.
    history = one_above(state.escalated, state.escalated_by, policy) if state.climbs else state.history
    floors = policy.floors(state.kind, state.severity, state.site, state.extent, state.scale, history)
    tier = policy.tier(floors)
    at_least = policy.ladder.known(state.tier) if state.tier else tier
    if policy.ladder.rank(at_least) > policy.ladder.rank(tier):
        stands = Floor(floor=FloorName.HISTORY, tier=at_least, reason=f"stands:{state.dispatch}")
        tier, floors = at_least, (*floors, stands)
    kind, area = None if state.asks else state.kind, policy.area(state.place, state.unit)
    target = policy.target(tier, kind, area, state.about, command.now)
    holder = policy.holder(state.reached, state.office, state.about)
    if holder is not None and policy.is_lower(target.unit, holder):
        holds = Floor(floor=FloorName.HISTORY, tier=tier, reason=f"holds:{state.dispatch}")
        target, floors = policy.target(holder.tier, kind, area, state.about, command.now), (*floors, holds)
        if policy.is_lower(target.unit, holder):
            target = Target(holder, state.office)
    if policy.is_about(state.about, target.unit, target.department):
        only = Floor(floor=FloorName.SCOPE, tier=policy.ladder.lowest, reason=f"only_the_top:{target.unit.code}")
        floors = (*floors, only)
    return tier, target, floors


def one_above(stand: Stand, cause: str, policy: RoutingPolicy) -> Floor:
    """The history floor above this dispatch."""
    return Floor(floor=FloorName.HISTORY, tier=policy.one_above(stand), reason=f"{cause}:{stand.dispatch}")


def risen_after_failing(state: State, policy: RoutingPolicy) -> State:
    """What was reported done, and is open again with no dispatch yet: one tier above who reported it, of the parts that
    it was split into above the highest; the second time the top, which answers for all of them."""
    if not state.reported.dispatch:
        return state  # what was turned away was neither missed nor left unsolved
    if state.unsolved < SECOND_TIME:
        above = [one_above(one, state.reopened, policy) for one in (state.reported, *state.reported_with)]
        return state._replace(history=max(above, key=lambda floor: policy.ladder.rank(floor.tier)))
    in_vain = Floor(floor=FloorName.HISTORY, tier=policy.ladder.top, reason=f"done_in_vain:{state.unsolved}")
    return state._replace(history=in_vain)


def dispatch(
    state: State,
    command: Any,
    tier: str,
    target: Target,
    floors: tuple[Floor, ...],
    rule: str,
    *,
    reason: str | None = None,
) -> list[Event]:
    """The dispatch, after a word on each unit that should have had it and has nobody."""
    policy: RoutingPolicy = command.policy
    may_be_open = rule in CLAIMABLE or (rule == ANEW and state.mode is Mode.OPEN)
    is_open = may_be_open and target.department is None and policy.is_open(state.kind, state.severity)
    counted, received = state.resolve_counted, state.received_at if state.round == 1 else None
    round_due, round_near = recounted(state, policy, command.now) or (state.resolve_by, state.resolve_near)
    if counted and rule in MAY_GIVE_TIME and state.severity.rank < counted.severity.rank:
        received, round_due = counted.since, None
    now = command.now
    if state.missed and state.missed[0] == round_due:
        now = max(now, state.missed[1])
    due = policy.deadlines(state.kind, state.severity, now, received, round_due)
    resolve_by, resolve_near, provisional = due.resolve_by, due.resolve_near, due.provisional
    if resolve_by == round_due:  # the round's own time stands, and may still change where it might have before
        resolve_near = round_near or resolve_near
        unsure = counted is not None and round_due == state.resolve_by
        provisional = provisional or (state.provisional and unsure)
    if state.raised and round_due is not None and not due.overdue:
        fresh = policy.deadlines(state.kind, state.severity, command.now, received, None)
        if fresh.resolve_by < resolve_by:
            resolve_by, resolve_near = fresh.resolve_by, fresh.resolve_near
            provisional = fresh.provisional or due.provisional
    skipped = [NobodyOnDuty(at=command.now, round=state.round, **one._asdict()) for one in target.skipped]
    routed = PetitionRouted(
        at=command.now,
        tier=tier,
        unit=target.unit.code,
        department=target.department,
        mode=Mode.OPEN if is_open else Mode.ASSIGNED,
        round=state.round,
        floors=floors,
        accept_by=due.accept_by,
        resolve_by=resolve_by,
        accept_near=due.accept_near,
        resolve_near=resolve_near,
        overdue=due.overdue,
        provisional=provisional,
        kind=state.kind,
        severity=state.severity,
        rule=rule,
        reason=None if reason is None else Sealed.of(reason),
        policy=policy.version,
    )
    return [*skipped, routed]


def named_target(state: State, command: MovePetition | Transfer) -> Target:
    """Whom a person names; raises Rejected where that receiver must not or cannot have it."""
    jurisdiction = command.policy.policy.jurisdiction
    if command.department is not None:
        if command.department not in jurisdiction.departments:
            raise refuse.UnknownDepartment(command.department)
        target = command.policy.department_target(command.department)
    else:
        if command.unit is None or command.unit not in jurisdiction.units:
            raise refuse.UnknownUnit(command.unit or "")
        target = command.policy.unit_target(command.unit, state.kind, state.about, command.now)
    if command.policy.is_about(state.about, target.unit, command.department):
        raise refuse.ComplainedAbout
    if target.unit.sort is UnitSort.PARTNER:
        raise refuse.PartnerWithoutPower(target.unit.code)
    if target.department is None and command.policy.nobody_at(target.unit, command.now):
        raise refuse.NobodyThere(target.unit.code)
    if target.department is not None and command.policy.nobody_in(target.department, command.now):
        raise refuse.NobodyThere(target.department)
    kind = command.policy.kind(state.kind)
    if kind is not None and command.policy.is_below_authority(target.unit, kind):
        raise refuse.BelowAuthority(kind.code, kind.tier)
    return target


def refuse_unless_open(state: State) -> None:
    """Raises Rejected unless somebody has it to handle now."""
    refuse_unless_placed(state)
    if state.held:
        raise refuse.OnHold


def refuse_unless_placed(state: State) -> None:
    """Raises Rejected unless it is somebody's, be it on hold."""
    if state.ended:
        raise refuse.PetitionEnded
    if state.resolved:
        raise refuse.AlreadyResolved
    if state.root is not None:
        raise FollowsAnother(state.root)
    if state.parts:
        raise IsSplit(tuple(state.parts))
    if not state.dispatch or not state.routed:
        raise refuse.NotRouted
