"""Rule 8: deadlines are fixed in the dispatch; only events move them, and the round's stands until it has passed."""

import pytest

from router.commands import MovePetition
from router.policy import routing_policy
from schemas.policy import Policy
from schemas.words import Severity
from tests.given import DISTRICT, PETITION, dispatch, given, later, router
from tests.past import (
    accepted,
    assessed,
    dispatched,
    escalated,
    filed,
    missed,
    reassessed,
    reopened,
    resolved,
    routed,
)

ROUTED = (filed(), assessed(), routed(resolve_by=later(hours=48)))


def test_a_dispatch_carries_when_to_accept_and_when_to_resolve():
    given(router, filed(), assessed("LAMP")).when_heard().then(
        dispatched(accept_by=later(hours=8), resolve_by=later(hours=48), overdue=False, provisional=False)
    )


def test_a_severity_shortens_what_the_kind_allows_and_never_lengthens_it():
    given(router, filed(), assessed("LAMP", "critical")).when_heard().then(
        dispatched(accept_by=later(minutes=30), resolve_by=later(hours=24))
    )
    given(router, filed(), assessed("PIPE", "urgent")).when_heard().then(dispatched(accept_by=later(minutes=30)))


def test_an_unknown_kind_is_no_reason_for_more_time_when_it_is_urgent():
    [routine] = given(router, filed(), assessed(None, "routine")).when_heard().then(dispatched())
    [urgent] = given(router, filed(), assessed(None, "urgent")).when_heard().then(dispatched())
    assert urgent.accept_by <= routine.accept_by
    assert urgent.resolve_by <= routine.resolve_by


def test_working_hours_follow_the_calendar():
    given(router, filed(), assessed("STALL")).when_heard().then(
        dispatched(accept_by=later(hours=2), resolve_by=later(days=3, hours=8), provisional=False)
    )


def test_an_imported_petition_counts_from_when_it_was_received():
    given(router, filed(received_at=later(hours=-30)), assessed("LAMP")).when_heard().then(
        dispatched(resolve_by=later(hours=18))
    )


def test_but_never_ends_before_it_had_to_be_accepted():
    given(router, filed(received_at=later(days=-30)), assessed("LAMP")).when_heard().then(
        dispatched(accept_by=later(hours=8), resolve_by=later(hours=8), overdue=False)
    )


def test_what_ends_with_the_time_to_accept_is_near_with_it_whatever_the_hour():
    for now in (later(hours=3), later(hours=10)):
        due = routing_policy(DISTRICT).deadlines("STALL", Severity.ROUTINE, now, later(days=-30), None)
        assert (due.resolve_by, due.resolve_near) == (due.accept_by, due.accept_near)


def test_a_sender_whose_clock_is_ahead_gains_nothing():
    given(router, filed(received_at=later(minutes=4)), assessed("LAMP")).when_heard().then(
        dispatched(resolve_by=later(hours=48))
    )


def test_a_later_round_counts_from_its_own_first_dispatch():
    past = (filed(received_at=later(days=-3)), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
    given(router, *past, reopened(2, at=later(days=9))).when_heard().then(
        dispatched(resolve_by=later(days=9, hours=48), overdue=False)
    )


def test_an_escalation_keeps_the_rounds_deadline():
    given(router, *ROUTED, escalated(dispatch(3), at=later(hours=9))).when_heard().then(
        dispatched(accept_by=later(hours=17), resolve_by=later(hours=48), overdue=False)
    )


def test_a_move_keeps_the_rounds_deadline():
    move = MovePetition(PETITION, later(hours=9), routing_policy(DISTRICT), "SB1", None, "在西街道")
    given(router, *ROUTED).when(move).then(dispatched(resolve_by=later(hours=48), overdue=False))


def test_once_it_has_passed_a_new_dispatch_gets_issued_plus_overdue_hours():
    late = escalated(dispatch(3), "resolve:1", at=later(hours=49))
    given(router, *ROUTED, missed("resolve:1", later(hours=48)), late).when_heard().then(
        dispatched(resolve_by=later(hours=49 + 24), overdue=True)
    )


@pytest.mark.parametrize(("at_most", "hours"), [(2, 2), (0.1, 0.5), (48, 24), (None, 24)])
def test_what_is_grave_and_overdue_gets_no_more_than_its_severity_allows(at_most: float | None, hours: float):
    rules = {**DISTRICT.bundle.severities}
    rules[Severity.CRITICAL] = rules[Severity.CRITICAL].model_copy(update={"overdue_hours": at_most})
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"severities": rules}))
    late = escalated(dispatch(3), "resolve:1", at=later(hours=49))
    for severity, more in (("critical", hours), ("urgent", 24), ("routine", 24)):
        past = (filed(), assessed("LAMP", severity), routed("street", "SA", severity=severity), late)
        given(router, *past, policy=policy).when_heard().then(
            dispatched(resolve_by=later(hours=49 + more), overdue=True)
        )


def test_the_deadline_of_an_overdue_dispatch_stands_for_the_next_one():
    overdue = routed("community", "SA1", resolve_by=later(hours=73), rule="escalated", at=later(hours=49))
    given(router, *ROUTED, overdue, escalated(dispatch(4), at=later(hours=60))).when_heard().then(
        dispatched(resolve_by=later(hours=73), overdue=False)
    )


def test_a_graver_reading_may_only_shorten_the_rounds_deadline():
    given(router, *ROUTED, reassessed("LAMP", "critical", at=later(hours=10))).when_heard().then(
        dispatched(resolve_by=later(hours=34), overdue=False)
    )
    given(router, *ROUTED, reassessed("LAMP", "critical", at=later(hours=40))).when_heard().then(
        dispatched(resolve_by=later(hours=48), overdue=False)
    )


def test_a_milder_reading_moves_no_deadline():
    past = (filed(), assessed("LAMP", "urgent"), routed(severity="urgent"), reassessed("LAMP", "routine"))
    given(router, *past).when_heard().then_nothing()


def test_a_deadline_that_is_due_now_has_not_passed():
    move = MovePetition(PETITION, later(hours=48), routing_policy(DISTRICT), "SB1", None, "在西街道")
    given(router, *ROUTED).when(move).then(dispatched(resolve_by=later(hours=48), overdue=False))
