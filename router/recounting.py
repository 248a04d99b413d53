"""时限重算: what was counted on a calendar that was not whole is counted again once it is."""

from datetime import datetime

from router.commands import Recount
from router.state import Counted, State
from router.working_time import Due
from schemas.event import Event
from schemas.events.router import DeadlinesRecounted


def recount(state: State, command: Recount) -> list[Event]:
    """The deadlines that are still to come, from the same start and with the same hours, on the calendar in force.

    Nothing is said while that calendar is no surer. What would be due before it is said keeps its time.
    """
    if state.ended or state.resolved or not state.routed or state.held or not state.provisional:
        return []
    accept = None if state.accepted.dispatch == state.dispatch else _again(state.accept_counted, command)
    resolve = _again(state.resolve_counted, command)
    provisional = any(due.provisional for due in (accept, resolve) if due is not None)
    accept_by = _moved(accept, state.accept_counted, command.now)
    resolve_by = _moved(resolve, state.resolve_counted, command.now)
    if provisional and accept_by is resolve_by is None:
        return []
    return [
        DeadlinesRecounted(
            at=command.now,
            dispatch=state.dispatch,
            round=state.round,
            accept_by=accept_by,
            resolve_by=resolve_by,
            provisional=provisional,
            policy=command.policy.version,
        )
    ]


def _again(counted: Counted | None, command: Recount) -> Due | None:
    """None for what no calendar made, or what has passed."""
    if counted is None or counted.due < command.now:
        return None
    before = command.by_version(counted.policy)
    return command.policy.recount(before, counted.kind, counted.severity, counted.since, counted.due)


def _moved(due: Due | None, counted: Counted | None, now: datetime) -> datetime | None:
    return None if due is None or counted is None or due.at == counted.due or due.at < now else due.at
