"""A deadline is met or missed, exactly one of the two; a miss climbs one tier, at most once for each dispatch."""

from datetime import datetime, timedelta

import pytest

from escalation.decider import NoticeMisses
from schemas.events.escalation import DeadlineMissed, PetitionEscalated, SupervisionOrdered
from tests.given import DISTRICT, PETITION, dispatch, escalation, given, later, like
from tests.past import (
    accepted,
    answered,
    assessed,
    closed,
    escalated,
    feedback_requested,
    filed,
    hand_off_ordered,
    missed,
    near,
    placed,
    referred,
    reopened,
    resolved,
    returned,
    review_requested,
    routed,
    supervised,
    supervision_answered,
)

MOMENT = timedelta(microseconds=1)
ROUTED = (filed(), assessed(), routed(accept_hours=8, resolve_by=later(hours=48)))
ACCEPT = f"accept:{dispatch(3)}"


def notice(now: datetime) -> NoticeMisses:
    return NoticeMisses(PETITION, now, DISTRICT)


def late(deadline: str, due_at: datetime):
    return like(DeadlineMissed, deadline=deadline, due_at=due_at, late=True)


def miss(deadline: str, due_at: datetime):
    return like(DeadlineMissed, deadline=deadline, due_at=due_at, late=False)


def test_nothing_is_missed_before_or_at_its_due_time():
    warned = (*ROUTED, near(ACCEPT, later(hours=8), at=later(hours=7)))
    given(escalation, *warned).when(notice(later(hours=8) - MOMENT)).then_nothing()
    given(escalation, *warned).when(notice(later(hours=8))).then_nothing()


def test_a_dispatch_that_nobody_accepts_climbs():
    given(escalation, *ROUTED).when(notice(later(hours=8) + MOMENT)).then(
        miss(ACCEPT, later(hours=8)), like(PetitionEscalated, dispatch=dispatch(3), cause=ACCEPT, reason=None)
    )


def test_a_round_that_is_not_resolved_climbs():
    given(escalation, *ROUTED, accepted(dispatch(3))).when(notice(later(hours=49))).then(
        miss("resolve:1", later(hours=48)), like(PetitionEscalated, dispatch=dispatch(3), cause="resolve:1")
    )


def test_two_misses_of_one_dispatch_climb_once():
    given(escalation, *ROUTED).when(notice(later(hours=49))).then(
        miss(ACCEPT, later(hours=8)), like(PetitionEscalated, cause=ACCEPT), miss("resolve:1", later(hours=48))
    )
    climbed = (*ROUTED, missed(ACCEPT, later(hours=8)), escalated(dispatch(3), ACCEPT))
    given(escalation, *climbed).when(notice(later(hours=49))).then(miss("resolve:1", later(hours=48)))


def test_the_next_dispatch_may_climb_again():
    higher = routed("community", "SA1", at=later(hours=9), resolve_by=later(hours=48), rule="escalated")
    climbed = (*ROUTED, missed(ACCEPT, later(hours=8)), escalated(dispatch(3), ACCEPT), higher)
    given(escalation, *climbed).when(notice(later(hours=18))).then(
        miss(f"accept:{dispatch(6)}", later(hours=17)), like(PetitionEscalated, dispatch=dispatch(6))
    )


def test_a_miss_is_noticed_once():
    noticed = (*ROUTED, missed(ACCEPT, later(hours=8)), escalated(dispatch(3), ACCEPT))
    given(escalation, *noticed).when(notice(later(hours=10))).then_nothing()


@pytest.mark.parametrize("since", [timedelta(0), -MOMENT])
def test_what_came_in_time_was_met_however_late_anybody_looks(since):
    in_time = accepted(dispatch(3), at=later(hours=8) + since)
    given(escalation, *ROUTED, in_time).when(notice(later(hours=20))).then_nothing()


def test_what_came_late_was_missed_although_no_timer_looked_and_nothing_climbs_for_it():
    too_late = accepted(dispatch(3), at=later(hours=8) + MOMENT)
    given(escalation, *ROUTED, too_late).when_heard().then(late(ACCEPT, later(hours=8)))


def test_a_late_resolution_was_a_miss_and_nothing_climbs():
    past = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3), at=later(hours=50)))
    given(escalation, *past).when_heard().then(late("resolve:1", later(hours=48)))


def test_a_deadline_that_had_passed_before_it_was_moved_was_missed():
    moved = routed("community", "SB1", at=later(hours=50), resolve_by=later(hours=74), rule="moved")
    past = (*ROUTED, accepted(dispatch(3)), moved)
    given(escalation, *past).when_heard().then(late("resolve:1", later(hours=48)))
    noticed = (*past, missed("resolve:1", later(hours=48), late=True))
    given(escalation, *noticed).when(notice(later(hours=51))).then_nothing()
    given(escalation, *noticed).when(notice(later(hours=75))).then(
        miss(f"accept:{dispatch(5)}", later(hours=58)), like(PetitionEscalated), miss("resolve:1", later(hours=74))
    )


def test_a_deadline_that_is_moved_in_time_has_only_its_new_time():
    sooner = routed(severity="critical", at=later(hours=1), accept_hours=0.5, resolve_by=later(hours=25))
    given(escalation, *ROUTED, sooner).when_heard().then_nothing()
    given(escalation, *ROUTED, sooner, accepted(dispatch(4), at=later(hours=1))).when(notice(later(hours=49))).then(
        miss("resolve:1", later(hours=25)), like(PetitionEscalated)
    )


def test_a_replaced_dispatch_need_not_be_accepted_any_more():
    moved = routed("community", "SB1", at=later(hours=1), resolve_by=later(hours=48), rule="moved")
    warned = near(f"accept:{dispatch(4)}", later(hours=9), at=later(hours=8))
    given(escalation, *ROUTED, moved, warned).when(notice(later(hours=8, minutes=30))).then_nothing()


def test_a_missed_assessment_is_an_alarm_and_the_router_hears_it():
    given(escalation, filed()).when(notice(later(minutes=4))).then(miss("assess", later(minutes=3)))


def test_a_missed_review_is_an_alarm_only():
    past = (filed(), assessed(), review_requested(hours=1), routed())
    given(escalation, *past).when(notice(later(hours=2))).then(miss("review", later(hours=1)))


def test_a_hand_off_that_nobody_confirms_is_supervised_also_after_the_end():
    ordered = (filed(), assessed("GAS", "critical"), routed("district", "D"), hand_off_ordered("119"))
    expected = (miss("hand_off", later(minutes=15)), like(SupervisionOrdered, number=1, cause="hand_off"))
    given(escalation, *ordered).when(notice(later(minutes=16))).then(*expected)
    given(escalation, *ordered, referred()).when(notice(later(minutes=16))).then(*expected)


def test_at_the_top_supervision_is_ordered_instead():
    top = (filed(), assessed("PIPE"), routed("district", "D", "D-WATER", resolve_by=later(hours=48)))
    [_, order] = (
        given(escalation, *top)
        .when(notice(later(hours=9)))
        .then(miss(ACCEPT, later(hours=8)), like(SupervisionOrdered, number=1, cause=ACCEPT))
    )
    assert order.answer_by == later(hours=9 + 24)


def test_a_placing_desks_miss_orders_supervision_and_does_not_raise_the_tier():
    desk = (filed(None), assessed("LAMP"), routed("grid", "D"))
    given(escalation, *desk).when(notice(later(hours=9))).then(
        miss(ACCEPT, later(hours=8)), like(SupervisionOrdered, cause=ACCEPT)
    )
    street_desk = (filed("SA"), assessed("LAMP"), routed("grid", "SA"))
    given(escalation, *street_desk).when(notice(later(hours=9))).then(
        miss(ACCEPT, later(hours=8)), like(SupervisionOrdered)
    )


@pytest.mark.parametrize(("unit", "department"), [("SA", "SA-CITY"), ("SB", None)])
def test_whom_a_placing_desk_passed_it_on_to_is_none_and_its_miss_climbs(unit: str, department: str | None):
    past = (filed("SA"), assessed("LAMP"), routed("grid", "SA"), accepted(dispatch(3)))
    passed = (*past, routed("grid", unit, department, rule="transferred"))
    given(escalation, *passed).when(notice(later(hours=9))).then(
        miss(f"accept:{dispatch(5)}", later(hours=8)), like(PetitionEscalated, dispatch=dispatch(5))
    )
    accepted_there = (*passed, accepted(dispatch(5)))
    given(escalation, *accepted_there).when(notice(later(hours=49))).then(
        miss("resolve:1", later(hours=48)), like(PetitionEscalated, dispatch=dispatch(5), cause="resolve:1")
    )
    graver = (*passed, routed("grid", unit, department, severity="urgent", rule="reassessed"))
    given(escalation, *graver).when(notice(later(hours=9))).then(like(DeadlineMissed), like(PetitionEscalated))


def test_an_office_that_has_it_only_for_want_of_a_place_is_a_placing_desk():
    past = (filed("SA"), assessed("LAMP"), routed("grid", "SA", "SA-CITY"))
    given(escalation, *past).when(notice(later(hours=9))).then(like(DeadlineMissed), like(SupervisionOrdered))


def test_a_desk_that_it_was_given_back_to_has_to_place_it():
    past = (filed("SA"), assessed("LAMP"), routed("grid", "SA"), routed("grid", "SA", "SA-CITY", rule="transferred"))
    back = (*past, returned(dispatch(4)), routed("grid", "SA", rule="returned"))
    given(escalation, *back).when(notice(later(hours=9))).then(like(DeadlineMissed), like(SupervisionOrdered))


def test_once_it_is_placed_a_miss_climbs():
    past = (filed(None), assessed("LAMP"), routed("grid", "SA"), placed("SA21"), routed("grid", "SA2", rule="placed"))
    given(escalation, *past).when(notice(later(hours=9))).then(
        miss(f"accept:{dispatch(5)}", later(hours=8)), like(PetitionEscalated)
    )


def test_a_unit_that_stands_in_for_one_with_nobody_on_duty_is_no_placing_desk():
    past = (filed("SA21"), assessed("LAMP"), routed("grid", "SA2"))
    given(escalation, *past).when(notice(later(hours=9))).then(miss(ACCEPT, later(hours=8)), like(PetitionEscalated))


def test_the_superior_is_asked_about_each_miss_on_its_own():
    top = (filed(), assessed("PIPE"), routed("district", "D", "D-WATER", resolve_by=later(hours=9)))
    given(escalation, *top).when(notice(later(hours=10))).then(
        miss(ACCEPT, later(hours=8)), like(SupervisionOrdered, number=1, cause=ACCEPT),
        miss("resolve:1", later(hours=9)), like(SupervisionOrdered, number=2, cause="resolve:1"),
    )  # fmt: skip


def test_a_hand_off_that_nobody_confirms_is_supervised_although_the_superior_is_asked_about_something_else():
    critical = (filed(), assessed("GAS", "critical"), routed("district", "D", resolve_by=later(hours=48)))
    asked = (*critical, supervised(1, cause=ACCEPT), hand_off_ordered("119"))
    given(escalation, *asked, accepted(dispatch(3))).when(notice(later(minutes=16))).then(
        miss("hand_off", later(minutes=15)), like(SupervisionOrdered, number=2, cause="hand_off")
    )


def test_the_superior_is_asked_about_the_same_only_once_until_they_answer():
    critical = (filed(), assessed("GAS", "critical"), routed("district", "D", resolve_by=later(hours=48)))
    first = (*critical, accepted(dispatch(3)), hand_off_ordered("119"), missed("hand_off", later(minutes=15)))
    second = (*first, supervised(1, cause="hand_off"), hand_off_ordered("120", at=later(hours=1)))
    again = miss("hand_off", later(hours=1.25))
    given(escalation, *second).when(notice(later(hours=2))).then(again)
    given(escalation, *second, supervision_answered()).when(notice(later(hours=2))).then(
        again, like(SupervisionOrdered, number=2, cause="hand_off")
    )


def test_two_supervisions_that_nobody_answers_are_followed_by_one():
    both = (*ROUTED, accepted(dispatch(3)), supervised(1, cause=ACCEPT), supervised(2, cause="hand_off"))
    given(escalation, *both).when(notice(later(hours=25))).then(
        miss("supervise:1", later(hours=24)), like(SupervisionOrdered, number=3, cause="unanswered"),
        miss("supervise:2", later(hours=24)),
    )  # fmt: skip


def test_an_unanswered_supervision_is_followed_by_the_next():
    past = (*ROUTED, supervised(1), supervised(2, cause="unanswered", at=later(hours=25)))
    given(escalation, *ROUTED, supervised(1), accepted(dispatch(3))).when(notice(later(hours=25))).then(
        miss("supervise:1", later(hours=24)), like(SupervisionOrdered, number=2, cause="unanswered")
    )
    given(escalation, *past, closed()).when(notice(later(days=9))).then_nothing()


def test_a_resident_who_cannot_be_asked_is_a_matter_for_feedback():
    past = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested())
    given(escalation, *past).when(notice(later(hours=73))).then(miss("feedback:1", later(hours=72)))


def test_a_critical_one_who_cannot_be_asked_is_put_before_a_named_person():
    critical = (filed(), assessed("GAS", "critical"), routed("district", "D", severity="critical"))
    past = (*critical, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested())
    given(escalation, *past).when(notice(later(hours=73))).then(
        miss("feedback:1", later(hours=72)), like(SupervisionOrdered, cause="feedback:1")
    )


def test_nothing_of_a_finished_petition_is_missed_any_more():
    for end in (closed(), referred()):
        given(escalation, *ROUTED, end).when(notice(later(days=9))).then_nothing()


def test_a_reopened_petition_has_its_deadlines_again():
    done = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested(), answered(solved=False))
    again = routed("community", "SA1", round=2, at=later(hours=1), rule="reopened", resolve_by=later(hours=49))
    given(escalation, *done, reopened(2, at=later(hours=1)), again).when(notice(later(hours=10))).then(
        miss(f"accept:{dispatch(9)}", later(hours=9)), like(PetitionEscalated, dispatch=dispatch(9))
    )


def test_what_is_about_the_top_has_no_tier_above_the_top_tier_wherever_it_is():
    about_the_top = (filed(about="D"), assessed("POISON"), routed("district", "SA"))
    given(escalation, *about_the_top).when(notice(later(hours=9))).then(
        like(DeadlineMissed, deadline=ACCEPT), like(SupervisionOrdered, cause=ACCEPT)
    )


def test_every_kind_of_news_that_stops_a_deadline_is_heard():
    stopping = {type(event).__name__ for event in (routed(), accepted("x"), resolved("x"), referred(), closed())}
    assert stopping <= {event.__name__ for event in escalation.hears}
