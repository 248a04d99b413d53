"""吹哨报到: a handler calls departments, and each reports in by its own deadline."""

from router import rejections as refuse
from router.commands import Accept, ReportIn, Summon
from router.policy import routing_policy
from router.rejections_of_summons import NotSummoned, TooLow
from schemas.dispatches import DispatchDeadlineMoved, DispatchIssued, DispatchReminded, DispatchWithdrawn
from schemas.event import Event
from schemas.events.escalation import DeadlineMissed, SupervisionOrdered
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DispatchAccepted,
    ExtensionGranted,
    PetitionHeld,
)
from schemas.life import fold_life
from schemas.sealed import Sealed
from services.chassis.deadline_rows import deadline_rows
from services.chassis.deciding import Facts
from tests.given import DISTRICT, PETITION, T0, dispatch, escalation, given, later, like, recorded, router
from tests.news import says, told
from tests.past import (
    accepted,
    assessed,
    escalated,
    filed,
    missed,
    reopened,
    reported_in,
    resolved,
    routed,
    summoned,
    supervised,
)

POLICY = routing_policy(DISTRICT)
STREET = (filed(), assessed("NOISE"), routed("street", "SA", kind="NOISE", floors={"authority": "street"}))
TAKEN = (*STREET, accepted(dispatch(3)))
CALLED = (*TAKEN, summoned(dispatch(3), "D-WATER", "SA-CITY"))
WATER, CITY = (f"report_in:{dispatch(3)}:{one}" for one in ("D-WATER", "SA-CITY"))


def summon(*departments: str) -> Summon:
    return Summon(PETITION, T0, POLICY, departments)


def report_in(department: str) -> ReportIn:
    return ReportIn(PETITION, T0, department)


def states(*past: Event) -> dict[str, str]:
    return {one.name: one.state.value for one in fold_life(recorded(*past)).deadlines}


def test_a_street_calls_departments_each_with_its_own_deadline():
    given(router, *TAKEN).when(summon("D-WATER", "SA-CITY", "D-WATER")).then(
        like(CoHandlersSummoned, dispatch=dispatch(3), departments=("D-WATER", "SA-CITY"), report_in_by=later(hours=2))
    )
    assert {states(*CALLED)[one] for one in (WATER, CITY)} == {"open"}


def test_each_is_called_once_in_a_round():
    given(router, *CALLED).when(summon("D-WATER")).then_nothing()
    given(router, *CALLED).when(summon("D-WATER", "D-GAS")).then(like(CoHandlersSummoned, departments=("D-GAS",)))
    again = (*CALLED, resolved(dispatch(3)), reopened(2), routed("street", "SA", round=2), accepted(dispatch(8)))
    given(router, *again).when(summon("D-WATER")).then(like(CoHandlersSummoned, dispatch=dispatch(8)))


def test_who_reports_in_stops_its_own_deadline_and_no_other():
    given(router, *CALLED).when(report_in("D-WATER")).then(
        like(CoHandlerReportedIn, dispatch=dispatch(3), department="D-WATER")
    )
    there = (*CALLED, reported_in(dispatch(3), "D-WATER", at=later(hours=1)))
    assert (states(*there)[WATER], states(*there)[CITY]) == ("met", "open")
    given(router, *there).when(report_in("D-WATER")).then_nothing()
    assert [(one.department, one.reported_in_at) for one in fold_life(recorded(*there)).co_handlers] == [
        ("D-WATER", later(hours=1)), ("SA-CITY", None),
    ]  # fmt: skip


def test_a_deadline_whose_name_begins_like_another_one_stays():
    events = recorded(summoned(dispatch(3), "D", "D1", "D-1"), reported_in(dispatch(3), "D"))
    statements = {one.sql.split()[0] + str(len(one.rows)): one.rows for one in deadline_rows(events)}
    started = {row["deadline_id"].rpartition(":")[2] for row in statements["INSERT2"]}
    assert started == {"D1", "D-1"}
    (stopped,) = statements["DELETE1"]
    assert stopped["deadline_id"] == f"report_in:{dispatch(3)}:D"


def test_who_does_not_report_in_is_supervised_and_nothing_climbs():
    due = escalation.when_due(PETITION, Facts(later(hours=2, minutes=1), DISTRICT))
    given(escalation, *CALLED[:4], summoned(dispatch(3), "D-WATER")).when(due).then(
        like(DeadlineMissed, deadline=WATER), like(SupervisionOrdered, cause=WATER)
    )


def test_resolved_nobody_has_to_report_in_any_more():
    assert states(*CALLED, resolved(dispatch(3)))[WATER] == "lapsed"


def test_the_lowest_tier_calls_nobody():
    grid = (filed(), assessed(), routed(), accepted(dispatch(3)))
    given(router, *grid).when(summon("D-WATER")).refused_with(TooLow)


def test_only_known_departments_that_are_not_complained_about_are_called():
    given(router, *TAKEN).when(summon("XX")).refused_with(refuse.UnknownDepartment)
    about = (filed(about="D-WATER"), *TAKEN[1:])
    given(router, *about).when(summon("D-WATER")).refused_with(refuse.ComplainedAbout)
    office = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"), accepted(dispatch(3)))
    given(router, *office).when(summon("SA-CITY")).refused_with(refuse.NothingMoves)


def test_only_who_took_it_calls_and_only_who_was_called_reports_in():
    given(router, *STREET).when(summon("D-WATER")).refused_with(refuse.NotAccepted)
    given(router, *CALLED).when(report_in("D-GAS")).refused_with(NotSummoned, summoned=("D-WATER", "SA-CITY"))
    given(router, *CALLED, resolved(dispatch(3))).when(report_in("D-WATER")).refused_with(refuse.AlreadyResolved)


def test_called_to_help_it_hears_so_and_when_it_need_not_any_more():
    says(
        told(*TAKEN, summoned(dispatch(3), "D-WATER")),
        (DispatchIssued, "D-WATER", {"dispatch": dispatch(3), "reason": "summoned", "accept_by": later(hours=2)}),
    )
    once = (*TAKEN, summoned(dispatch(3), "D-WATER"))
    reminder = {"reason": "missed", "deadline": WATER}
    says(told(*once, missed(WATER, later(hours=2))), (DispatchReminded, "D-WATER", reminder))
    says(told(*once, supervised(cause=WATER)), (DispatchReminded, "D-WATER", {"reason": "supervised"}))
    says(told(*once, resolved(dispatch(3))), (DispatchWithdrawn, "D-WATER", {"reason": "resolved"}))
    moved_on = (*once, escalated(dispatch(3)), routed("district", "D", rule="escalated"))
    says(told(*moved_on, accepted(dispatch(7))), (DispatchWithdrawn, "SA", {"reason": "accepted"}))


def test_on_hold_it_can_report_in_for_its_deadline_runs_on():
    held = (*CALLED, PetitionHeld(at=T0, number=1, until=later(days=9), reason=Sealed.of("等")))
    given(router, *held).when(report_in("D-WATER")).then(like(CoHandlerReportedIn))


def test_called_to_help_and_then_given_it_the_department_is_there_and_hears_when_another_has_it():
    given_it = (*CALLED, routed("district", "D", "D-WATER", rule="transferred"))
    given(router, *given_it).when(Accept(PETITION, T0, None)).then(
        like(DispatchAccepted), like(CoHandlerReportedIn, dispatch=dispatch(3), department="D-WATER")
    )
    on = (*given_it, accepted(dispatch(6)), routed("district", "D", "D-CITY", rule="transferred"))
    says(told(*on, accepted(dispatch(8))), (DispatchWithdrawn, "D-WATER", {"replaced_by": dispatch(8)}))


def test_called_to_help_it_hears_that_the_deadline_moved():
    more = ExtensionGranted(at=T0, round=1, until=later(days=8), reason=Sealed.of("同意"))
    moved = {"resolve_by": later(days=8), "reason": "ExtensionGranted"}
    says(
        told(*TAKEN, summoned(dispatch(3), "D-WATER"), more),
        (DispatchDeadlineMoved, "D-WATER", moved),
        (DispatchDeadlineMoved, "SA", moved),
    )


def test_called_to_help_it_hears_that_what_it_helps_with_is_graver_and_due_anew():
    helping = (*CALLED, assessed("GAS", "critical", hand_off=("119",)))
    graver = routed("district", "D", "D-GAS", kind="GAS", severity="critical", resolve_by=later(hours=2))
    *_, moved = told(*helping, graver)
    assert (type(moved), moved.target, moved.severity) == (DispatchDeadlineMoved, moved.department, "critical")
    assert (moved.reason, moved.resolve_by) == ("PetitionRouted", later(hours=2))


def test_called_to_help_and_given_it_in_vain_it_hears_one_thing_at_a_time():
    given_it = (*CALLED, routed("district", "D", "D-WATER", rule="transferred"))
    graver = routed("district", "D", "D-GAS", kind="GAS", severity="critical", resolve_by=later(hours=2))
    heard = told(*given_it, graver)
    assert len({one.id for one in heard}) == len(heard)
    [last] = [one for one in heard if one.target == "D-WATER"]
    assert isinstance(last, DispatchWithdrawn)
