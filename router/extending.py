"""延期: more time for a round, asked by its handler and decided by another person."""

from datetime import datetime, timedelta

from router import rejections_of_delays as refuse
from router.commands import DecideExtension, RequestExtension
from router.delays import Asked
from router.handling import responsible_for
from router.state import State
from schemas.event import Event
from schemas.events.router import ExtensionGranted, ExtensionRefused, ExtensionRequested
from schemas.people import same_person
from schemas.sealed import Sealed
from schemas.words import Severity


def request_extension(state: State, command: RequestExtension) -> list[Event]:
    """What is critical gets no more time; everything else is asked for in time, once at a time, for a later moment, no
    more often and no further than the policy allows."""
    responsible_for(state, None)
    refuse_once_passed(state, command.now)
    refuse_critical(state)
    asked = Asked(command.until, command.asked_by)
    if state.extension == asked:
        return []
    if state.extension is not None:
        raise refuse.ExtensionAsked(state.extension.until)
    if state.extensions >= command.policy.policy.limits.extensions:
        raise refuse.ExtendedEnough(command.policy.policy.limits.extensions)
    if state.resolve_by is not None and command.until <= state.resolve_by:
        raise refuse.NotLater(state.resolve_by)
    latest = (state.resolve_by or command.now) + timedelta(days=command.policy.policy.limits.extension_days)
    if command.until > latest:
        raise refuse.ExtensionTooLong(latest)
    return [
        ExtensionRequested(
            at=command.now,
            round=state.round,
            until=command.until,
            reason=Sealed.of(command.reason),
            asked_by=command.asked_by,
        )
    ]


def decide_extension(state: State, command: DecideExtension) -> list[Event]:
    """Granted, the round's deadline moves; refused, it stays."""
    responsible_for(state, None)
    asked = to_decide(state, state.extension, command.decided_by)
    reason = Sealed.of(command.reason)
    if not command.granted:
        return [ExtensionRefused(at=command.now, round=state.round, reason=reason)]
    refuse_once_passed(state, command.now)
    refuse_critical(state)
    if state.resolve_by is not None and asked.until <= state.resolve_by:
        raise refuse.NotLater(state.resolve_by)  # a calendar came meanwhile and gave it more
    return [ExtensionGranted(at=command.now, round=state.round, until=asked.until, reason=reason)]


def to_decide(state: State, asked: Asked | None, decided_by: str) -> Asked:
    """What was asked for; raises Rejected where nothing was, or where it is the own request, also once it was handed
    over to them."""
    if asked is None:
        raise refuse.NothingToDecide
    if same_person(asked.asked_by, decided_by) or same_person(state.taken.staff, decided_by):
        raise refuse.OwnRequest
    return asked


def refuse_critical(state: State) -> None:
    """Raises CriticalGoesOn: what is critical is neither put on hold nor given more time."""
    if state.severity is Severity.CRITICAL:
        raise refuse.CriticalGoesOn


def refuse_once_passed(state: State, now: datetime) -> None:
    """Raises DeadlinePassed: what was missed is neither extended nor put on hold."""
    said_so = state.missed is not None and state.missed[0] == state.resolve_by
    if state.resolve_by is not None and (said_so or now > state.resolve_by):
        raise refuse.DeadlinePassed(state.resolve_by)
