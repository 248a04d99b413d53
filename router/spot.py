"""自处理: what a grid worker dealt with before filing it is handled by that, where the grid may."""

from router.commands import ResolveOnTheSpot
from router.state import State
from schemas.event import Event
from schemas.events.router import DispatchAccepted, DispatchClaimed, ResolutionReported
from schemas.words import Disposition, Mode, Severity


def resolve_on_the_spot(state: State, command: ResolveOnTheSpot) -> list[Event]:
    """自处理: taken and reported done by the grid worker who filed it, where nobody else is asked for."""
    done = state.on_the_spot
    if done is None or not _may_be_done_on_the_spot(state, command):
        return []
    taken = (
        DispatchClaimed(at=command.now, dispatch=state.dispatch, unit=state.unit, claimed_by=done.by)
        if state.mode is Mode.OPEN
        else DispatchAccepted(at=command.now, dispatch=state.dispatch, accepted_by=done.by)
    )
    reported = ResolutionReported(
        at=command.now,
        dispatch=state.dispatch,
        round=state.round,
        result=done.result,
        text=done.text,
        attachments=done.attachments,
        answer_by=command.policy.answer_by(command.now),
        on_the_spot=True,
    )
    return [taken, reported]


def _may_be_done_on_the_spot(state: State, command: ResolveOnTheSpot) -> bool:
    """Its first dispatch, by the reading in force, is with the grid where it was done; it is routine and the
    grid's own, nobody must be told, and nobody else took it or follows it."""
    if command.reading != state.reading or state.dispatched <= command.reading or not state.routed:
        return False
    if state.resolved or state.ended or state.held or state.accepted.dispatch or state.duplicates:
        return False
    units = command.policy.policy.jurisdiction.units
    at_hand = units.get(state.unit)
    of_the_grid = at_hand is not None and at_hand.tier == state.tier == command.policy.ladder.lowest
    there = of_the_grid and state.unit == state.place and state.department is None
    return there and state.severity is Severity.ROUTINE and not state.must_know and _is_the_grids_own(state, command)


def _is_the_grids_own(state: State, command: ResolveOnTheSpot) -> bool:
    """What it is is known, and is no complaint, nor for an office or another way that happens not to be at hand."""
    kind = command.policy.kind(state.kind)
    if kind is None or state.asks or state.about is not None:
        return False
    return kind.power is None and kind.disposition is Disposition.HANDLE
