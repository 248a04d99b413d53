"""吹哨报到: whoever handles it calls departments to handle it together, and each says that it is there."""

from router import rejections as refuse
from router.aiming import refuse_unless_placed
from router.commands import ReportIn, Summon
from router.handling import responsible_for
from router.rejections_of_summons import NotSummoned, TooLow
from router.state import State
from schemas.event import Event
from schemas.events.router import CoHandlerReportedIn, CoHandlersSummoned
from schemas.jurisdiction import UnitSort


def summon(state: State, command: Summon) -> list[Event]:
    """The responsible handler, above the lowest tier, calls whom it has not called in this round."""
    responsible_for(state, None)
    policy = command.policy
    holder = policy.policy.jurisdiction.units.get(state.handler)
    powerless = holder is not None and (holder.tier == policy.ladder.lowest or holder.sort is UnitSort.PARTNER)
    if state.office is None and powerless:
        raise TooLow
    for code in command.departments:
        office = policy.policy.jurisdiction.departments.get(code)
        if office is None:
            raise refuse.UnknownDepartment(code)
        if policy.is_about(state.about, policy.policy.jurisdiction.units[office.unit], code):
            raise refuse.ComplainedAbout
        if code == state.office:
            raise refuse.NothingMoves
    new = tuple(code for code in dict.fromkeys(command.departments) if code not in state.summoned)
    if not new:
        return []
    return [
        CoHandlersSummoned(
            at=command.now,
            dispatch=state.dispatch,
            departments=new,
            report_in_by=policy.report_in_by(command.now),
            policy=policy.version,
        )
    ]


def report_in(state: State, command: ReportIn) -> list[Event]:
    """Said once, by who was called."""
    refuse_unless_placed(state)  # its deadline runs on while the petition is on hold
    if command.department not in state.summoned:
        raise NotSummoned(tuple(state.summoned))
    if command.department in state.reported_in:
        return []
    dispatch = state.summoned[command.department]
    return [CoHandlerReportedIn(at=command.now, dispatch=dispatch, department=command.department)]
