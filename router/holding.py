"""挂账: a round stands still while nobody can do anything, by another person's word and until a certain day."""

from datetime import datetime, timedelta
from typing import Any

from router import rejections_of_delays as refuse
from router.commands import DecideHold, RequestHold, Resume
from router.delays import Asked
from router.evolving import evolve
from router.extending import refuse_critical, refuse_once_passed, to_decide
from router.handling import responsible_for
from router.policy import RoutingPolicy
from router.state import State
from router.working_time import Due
from schemas.event import Event, EventRef
from schemas.events.router import HoldRefused, HoldRequested, PetitionHeld, PetitionResumed
from schemas.sealed import Sealed
from schemas.words import Clock


def request_hold(state: State, command: RequestHold) -> list[Event]:
    """What is critical is never left; everything else only until a day, and as often, as the policy allows."""
    responsible_for(state, None)
    refuse_once_passed(state, command.now)
    refuse_critical(state)
    if state.hold_asked == Asked(command.until, command.asked_by):
        return []
    if state.hold_asked is not None:
        raise refuse.HoldAsked(state.hold_asked.until)
    if state.holds >= command.policy.policy.limits.holds:
        raise refuse.HeldEnough(command.policy.policy.limits.holds)
    if command.until <= command.now:
        raise refuse.NotLater(command.now)
    longest = command.now + timedelta(days=command.policy.policy.limits.hold_days)
    if command.until > longest:
        raise refuse.HoldTooLong(longest)
    return [
        HoldRequested(
            at=command.now,
            round=state.round,
            until=command.until,
            reason=Sealed.of(command.reason),
            asked_by=command.asked_by,
        )
    ]


def decide_hold(state: State, command: DecideHold) -> list[Event]:
    """Granted, its time stands still; refused, it goes on."""
    responsible_for(state, None)
    asked = to_decide(state, state.hold_asked, command.decided_by)
    reason = Sealed.of(command.reason)
    if not command.granted:
        return [HoldRefused(at=command.now, round=state.round, reason=reason)]
    refuse_once_passed(state, command.now)
    refuse_critical(state)
    if asked.until <= command.now:
        raise refuse.NotLater(command.now)
    number = state.hold.number + 1
    return [PetitionHeld(at=command.now, number=number, until=asked.until, reason=reason)]


def resume(state: State, command: Resume) -> list[Event]:
    """By a person, or because its day has come; news of a hold that ended before is no news."""
    if command.number is not None:
        return resumed(state, command, "deadline") if state.held and state.hold.number == command.number else []
    if not state.held:
        raise refuse.NotOnHold
    return resumed(state, command, "person")


def going_on(state: State, command: Any, cause: str) -> tuple[State, list[Event]]:
    """What is on hold and goes elsewhere now is resumed first."""
    said = resumed(state, command, cause)
    for event in said:
        state = evolve(state, event, EventRef(command.petition, 0))  # its version does not matter to it
    return state, said


def resumed(state: State, command: Any, cause: str) -> list[Event]:
    """The round goes on with the time that it had left; nothing is said of what is not on hold."""
    if state.hold.since is None or state.resolve_by is None:
        return []
    policy: RoutingPolicy = command.policy
    was_due, was_near = _as_counted_now(state, policy) or (state.resolve_by, state.resolve_near or state.hold.since)
    left = (state.hold.since, was_due, was_near, command.now)
    due, near = policy.resume(policy.clock(state.kind, state.severity), *left)
    if state.resolve_counted is None:  # a person gave it: no hour of the day is lost, and none of work
        by_the_day, near_by_the_day = policy.resume(Clock.NATURAL, *left)
        due, near = Due(max(due.at, by_the_day.at), provisional=False), max(near, near_by_the_day)
    return [
        PetitionResumed(
            at=command.now,
            number=state.hold.number,
            round=state.round,
            resolve_by=due.at,
            resolve_near=near,
            provisional=due.provisional,
            cause=cause,
            policy=policy.version,
        )
    ]


def _as_counted_now(state: State, policy: RoutingPolicy) -> tuple[datetime, datetime] | None:
    """When the round would have been due, and near, by the calendar that came while it was on hold; None where that
    changes nothing, or would have been over before the hold began."""
    counted = state.resolve_counted
    if counted is None:
        return None
    due, near = policy.recount(counted)
    over = state.hold.since is not None and due.at <= state.hold.since
    return None if over or due.provisional or due.at == counted.due else (due.at, near)
