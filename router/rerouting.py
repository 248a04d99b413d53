"""重派: what stands where another policy put it is aimed anew by the one in force, because a named person asks."""

from enum import StrEnum
from typing import NamedTuple

from router.aiming import ANEW, aim, dispatch
from router.commands import Reroute
from router.handling import MOST_RETURNS
from router.policy import RoutingPolicy, Target
from router.stands import Claim, Site, site_of
from router.state import State
from schemas.event import Event
from schemas.events.router import Floor


class Verdict(StrEnum):
    """Whether the policy in force would have it elsewhere, and why it is left alone all the same."""

    DIFFERS = "differs"
    STAYS = "stays"
    ENDED = "ended"
    RESOLVED = "resolved"
    LINKED = "linked"
    SPLIT = "split"
    NOT_ROUTED = "not_routed"
    """Nobody has it yet: its dispatch will follow the policy in force by itself."""
    HELD = "held"
    DECIDED = "decided"
    """After two returns the common superior decided, and that stands."""
    CHOSEN = "chosen"
    """A person chose its receiver, or has to choose the next one."""
    KIND_GONE = "kind_gone"
    """The policy does not know its kind, so nothing says any more who has the power for it."""


class Foreseen(NamedTuple):
    """Where the policy in force would have it; nowhere else for what stays, or is in nobody's hands."""

    verdict: Verdict
    tier: str = ""
    target: Target | None = None
    floors: tuple[Floor, ...] = ()


def foresee(state: State, command: Reroute) -> Foreseen:
    """Where it would stand by the policy in force if nothing held it where it stands: by what is known of it now, and
    by what its own course has set."""
    if nobody := _in_no_hands(state):
        return Foreseen(nobody)
    free = state._replace(site=_site(state, command.policy), unit="", claim=Claim(), tier="", history=state.course)
    tier, target, floors = aim(free, command)
    stands = (target.unit.code, target.department) == (state.unit, state.department)
    if tier == state.tier and (stands or _is_only_away(state, target)):
        return Foreseen(Verdict.STAYS)
    return Foreseen(_left_alone(state, command), tier, target, floors)


def reroute(state: State, command: Reroute) -> list[Event]:
    """The dispatch that the policy in force asks for, down too; nothing where it stands right or is left alone."""
    foreseen = foresee(state, command)
    if foreseen.verdict is not Verdict.DIFFERS or foreseen.target is None:
        return []
    return dispatch(state, command, foreseen.tier, foreseen.target, foreseen.floors, ANEW, reason=command.reason)


def _is_only_away(state: State, target: Target) -> bool:
    """Whether it was taken by who would have it, were they there today: an absence takes no work from anybody, while
    what nobody took yet, or where nobody is posted any more, goes on to where somebody is."""
    away = any((one.unit, one.department) == (state.unit, state.department) for one in target.skipped if one.is_absence)
    return away and state.accepted.dispatch == state.dispatch


def _site(state: State, policy: RoutingPolicy) -> Site:
    """Its place where the policy knows it, or its heir; the unit that has it where a person took it out of there."""
    area = policy.area(state.place, state.unit)
    stays = policy.policy.jurisdiction.standing(state.place) is not None and not (state.away and area != state.place)
    return state.site if stays else site_of(area)


def _in_no_hands(state: State) -> Verdict | None:
    if state.ended:
        return Verdict.ENDED
    if state.resolved:
        return Verdict.RESOLVED
    if state.root is not None:
        return Verdict.LINKED
    if state.parts:
        return Verdict.SPLIT
    return None if state.routed else Verdict.NOT_ROUTED


def _left_alone(state: State, command: Reroute) -> Verdict:
    if state.held:
        return Verdict.HELD
    if state.moved:
        return Verdict.DECIDED if len(state.returned) >= MOST_RETURNS else Verdict.CHOSEN
    known = state.kind is None or command.policy.kind(state.kind) is not None
    return Verdict.DIFFERS if known else Verdict.KIND_GONE
