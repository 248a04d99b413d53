"""时限重算: what was counted on a calendar that was not whole is counted again once it is."""

from datetime import datetime
from typing import NamedTuple

from router.commands import Recount
from router.delays import Counted
from router.policy import RoutingPolicy
from router.state import State
from router.working_time import Due
from schemas.event import Event
from schemas.events.router import DeadlinesRecounted


def recount(state: State, command: Recount) -> list[Event]:
    """The deadlines that are still to come, from the same start and with the same hours, on the calendar in force.

    Nothing is said while that calendar is no surer. What would be due before it is said keeps its time.
    """
    if state.ended or state.resolved or not state.routed or state.held or not state.provisional:
        return []
    if all(command.policy.counts_as(one.policy) for one in (state.accept_counted, state.resolve_counted) if one):
        return []  # by this very calendar: counting over weeks of days again would find the same
    policy, now = command.policy, command.now
    accept = None if state.accepted.dispatch == state.dispatch else _again(state.accept_counted, policy, now)
    resolve = _again(state.resolve_counted, policy, now)
    provisional = any(again.due.provisional for again in (accept, resolve) if again is not None)
    accept, resolve = _moved(accept, now), _moved(resolve, now)
    if provisional and accept is resolve is None:
        return []
    return [
        DeadlinesRecounted(
            at=command.now,
            dispatch=state.dispatch,
            round=state.round,
            accept_by=accept and accept.due.at,
            resolve_by=resolve and resolve.due.at,
            accept_near=accept and accept.near,
            resolve_near=resolve and resolve.near,
            provisional=provisional,
            policy=command.policy.version,
        )
    ]


def recounted(state: State, policy: RoutingPolicy, now: datetime) -> tuple[datetime, datetime] | None:
    """When the round is due, and near, by a calendar that came since it was counted, and was not counted by yet; None
    where that changes nothing."""
    again = _moved(_again(state.resolve_counted, policy, now), now) if state.provisional else None
    return again and (again.due.at, again.near)


class Again(NamedTuple):
    """A time that was counted anew, and what it was before."""

    due: Due
    near: datetime
    was: datetime


def _again(counted: Counted | None, policy: RoutingPolicy, now: datetime) -> Again | None:
    """None for what no calendar made, or what has passed."""
    if counted is None or counted.due < now:
        return None
    due, near = policy.recount(counted)
    return Again(due, max(near, now), counted.due)


def _moved(again: Again | None, now: datetime) -> Again | None:
    if again is None or again.due.provisional or again.due.at == again.was or again.due.at < now:
        return None
    return again
