"""督办: at the top somebody must answer, and an answer alone finishes nothing: an unfinished petition stays watched."""

from datetime import datetime

import pytest

from escalation import rejections as refuse
from escalation.decider import AnswerSupervision, NoticeMisses
from router.dispatches import told
from schemas.deadlines import follow, open_deadlines
from schemas.events.escalation import DeadlineMissed, SupervisionAnswered, SupervisionOrdered
from tests.given import DISTRICT, PETITION, dispatch, escalation, given, later, like, recorded
from tests.past import (
    accepted,
    assessed,
    attempted,
    claimed,
    closed,
    confirmed,
    feedback_requested,
    filed,
    hand_off_confirmed,
    hand_off_ordered,
    missed,
    near,
    reassessed,
    resolved,
    review_requested,
    routed,
    summoned,
    supervised,
    supervision_answered,
    withdrawn,
)

TOP = (filed(), assessed("PIPE"), routed("district", "D", "D-WATER", resolve_by=later(hours=9)))
OVERDUE = (
    *TOP,
    missed(f"accept:{dispatch(3)}", later(hours=8)),
    supervised(1, at=later(hours=8)),
    missed("resolve:1", later(hours=9)),
)


def answer(now: datetime) -> AnswerSupervision:
    return AnswerSupervision(PETITION, now, DISTRICT, "已到现场督办")


def test_a_named_person_answers_the_open_supervision():
    given(escalation, *TOP, supervised(1, at=later(hours=1))).when(answer(later(hours=2))).then(
        like(SupervisionAnswered, number=1, text="已到现场督办")
    )


def test_one_answer_answers_all_that_are_open_and_names_the_newest():
    both = (*TOP, supervised(1, cause="hand_off"), supervised(2, cause="resolve:1", at=later(hours=1)))
    said = given(escalation, *both).when(answer(later(hours=2)))
    events = [*both, *said.then(like(SupervisionAnswered, number=2))]
    deadlines = ()
    for one in recorded(*events):
        deadlines = follow(deadlines, one.event, one.ref)
    assert not [one for one in open_deadlines(deadlines) if one.family == "supervise"]


@pytest.mark.parametrize(
    ("claimer", "asked"),
    [
        (claimed(dispatch(3), "SA11"), {"unit": "SA11", "department": None, "superior": "SA1"}),
        (claimed(dispatch(3), "SA", department="SA-CITY"), {"unit": "SA", "department": "SA-CITY", "superior": "SA"}),
    ],
)
def test_a_superior_is_asked_about_who_claimed_it(claimer, asked):
    put_up = (filed(), assessed("NOISE"), routed("district", "D", mode="open", resolve_by=later(hours=9)))
    given(escalation, *put_up, claimer).when(NoticeMisses(PETITION, later(hours=10), DISTRICT)).then(
        like(DeadlineMissed, deadline="resolve:1"), like(SupervisionOrdered, cause="resolve:1", **asked)
    )


def test_without_one_there_is_nothing_to_answer():
    given(escalation, *TOP).when(answer(later(hours=1))).refused_with(refuse.NoSupervision)
    answered_already = (*TOP, supervised(1), supervision_answered(1))
    given(escalation, *answered_already).when(answer(later(hours=1))).refused_with(refuse.NoSupervision)


def test_an_answer_to_what_stays_unfinished_is_followed_by_the_next_supervision():
    given(escalation, *OVERDUE).when(answer(later(hours=10))).then(
        like(SupervisionAnswered, number=1),
        like(SupervisionOrdered, number=2, cause="unfinished", answer_by=later(hours=34)),
    )


def test_an_answer_while_the_round_still_runs_needs_no_next_one():
    running = (*TOP[:2], routed("district", "D", resolve_by=later(hours=48)), supervised(1, at=later(hours=8)))
    given(escalation, *running).when(answer(later(hours=10))).then(like(SupervisionAnswered))


def test_an_answer_to_a_finished_petition_is_the_end_of_it():
    handed = (filed(), assessed("GAS", "critical"), routed("district", "D"), hand_off_ordered("119"), closed())
    given(escalation, *handed, supervised(1, cause="hand_off")).when(answer(later(hours=10))).then(
        like(SupervisionAnswered)
    )


@pytest.mark.parametrize(
    ("soon_gone", "gone"),
    [
        (review_requested(hours=48), confirmed(at=later(hours=11))),
        (review_requested(hours=48), reassessed("PIPE", at=later(hours=11))),
        (review_requested(hours=48), missed("review", later(hours=48))),
        (hand_off_ordered("119", at=later(hours=9.9)), hand_off_confirmed("119", at=later(hours=10.1))),
    ],
)
def test_a_deadline_that_asks_nobody_to_finish_it_does_not_keep_it_watched(soon_gone, gone):
    past = [*OVERDUE, soon_gone]
    said = given(escalation, *past).when(answer(later(hours=10)))
    events = [*past, *said.then(like(SupervisionAnswered), like(SupervisionOrdered, cause="unfinished")), gone]
    deadlines = ()
    for one in recorded(*events):
        deadlines = follow(deadlines, one.event, one.ref)
    assert open_deadlines(deadlines)


UNTOLD = (
    *(filed(), assessed("GAS", "critical"), routed("district", "D", "D-GAS", resolve_by=later(hours=48))),
    *(accepted(dispatch(3)), hand_off_ordered("119", "燃气抢修", at=later())),
    *(missed("hand_off", later(minutes=15)), supervised(1, cause="hand_off", at=later(minutes=15))),
)
ASKED_AGAIN = like(SupervisionOrdered, number=2, cause="hand_off")


@pytest.mark.parametrize(
    "since",
    [
        (),
        (hand_off_confirmed("119", "燃气抢修", at=later(hours=1)),),
        (resolved(dispatch(4), at=later(hours=1)), feedback_requested(at=later(hours=1))),
    ],
)
def test_an_answer_while_somebody_is_still_to_be_told_is_followed_by_the_next_supervision(since):
    given(escalation, *UNTOLD, *since).when(answer(later(hours=2))).then(like(SupervisionAnswered), ASKED_AGAIN)


def test_once_everybody_was_told_an_answer_is_enough():
    told_all = (
        hand_off_confirmed("119", "燃气抢修", at=later(hours=1)),
        hand_off_confirmed("燃气抢修", at=later(hours=1)),
    )
    given(escalation, *UNTOLD, *told_all).when(answer(later(hours=2))).then(like(SupervisionAnswered))


ENDS = pytest.mark.parametrize("end", [closed(at=later(hours=1)), withdrawn(at=later(hours=1))])


@ENDS
def test_the_end_of_a_petition_ends_no_supervision_of_who_must_be_told(end):
    given(escalation, *UNTOLD, end).when_heard().then(ASKED_AGAIN)
    given(escalation, *UNTOLD[:-2], end).when_heard(now=later(minutes=10)).then_nothing()
    everybody = hand_off_confirmed("119", at=later(minutes=50))
    given(escalation, *UNTOLD, everybody, end).when_heard().then_nothing()


@ENDS
def test_after_the_end_it_is_asked_until_everybody_was_told(end):
    past = (*UNTOLD, end, supervised(2, cause="hand_off", at=later(hours=1)))
    again = like(SupervisionOrdered, number=3, cause="hand_off")
    given(escalation, *past).when(answer(later(hours=2))).then(like(SupervisionAnswered, number=2), again)
    given(escalation, *past).when(NoticeMisses(PETITION, later(hours=26), DISTRICT)).then(
        like(DeadlineMissed, deadline="supervise:2"), like(SupervisionOrdered, number=3, cause="unanswered")
    )
    everybody = hand_off_confirmed("119", at=later(hours=2))
    given(escalation, *past, everybody).when(answer(later(hours=3))).then(like(SupervisionAnswered))
    given(escalation, *past, everybody).when(NoticeMisses(PETITION, later(hours=26), DISTRICT)).then(
        like(DeadlineMissed, deadline="supervise:2")
    )


def test_what_was_silenced_before_is_asked_again_at_the_next_occasion():
    silenced = (*UNTOLD, supervision_answered(at=later(hours=1)))
    given(escalation, *silenced, confirmed(at=later(hours=2))).when_heard().then(ASKED_AGAIN)


def test_an_acceptance_still_awaited_does_not_keep_it_watched():
    """Whoever accepts in time stops that deadline, and the round's own has passed already."""
    short = routed("district", "D", "D-WATER", accept_hours=8, resolve_by=later(hours=1))
    past = (*TOP[:2], short, missed("resolve:1", later(hours=1)), supervised(1, at=later(hours=1)))
    given(escalation, *past).when(answer(later(hours=2))).then(
        like(SupervisionAnswered), like(SupervisionOrdered, cause="unfinished")
    )


def test_a_resident_who_is_being_asked_keeps_it_watched():
    asked = (*OVERDUE, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested(at=later(hours=10)))
    given(escalation, *asked).when(answer(later(hours=11))).then(like(SupervisionAnswered))


def test_a_petition_that_became_critical_after_nobody_was_reached_is_put_before_a_person():
    asked = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested())
    graver = (*asked, missed("feedback:1", later(hours=72)), reassessed("GAS", "critical", at=later(hours=73)))
    given(escalation, *graver).when_heard().then(like(SupervisionOrdered, cause="feedback:1"))
    unsure = (*asked[:2], review_requested(hours=1), *asked[2:])
    later_reading = (missed("feedback:1", later(hours=72)), reassessed("GAS", "critical", at=later(hours=73)))
    given(escalation, *unsure, *later_reading).when_heard().then(
        like(DeadlineMissed, deadline="review", late=True), like(SupervisionOrdered, cause="feedback:1")
    )
    given(escalation, *graver, supervised(1, at=later(hours=73))).when_heard(8).then_nothing()
    given(escalation, *graver, closed("not_reached")).when_heard(8).then_nothing()


def test_who_is_asked_late_was_not_reached_yet():
    done = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
    unheard = (*done, missed("feedback:1", later(hours=72)))
    asked = (*unheard, feedback_requested(at=later(hours=80)))
    graver = reassessed("GAS", "critical", at=later(hours=81))
    given(escalation, *asked, graver).when_heard().then_nothing()
    given(escalation, *done, feedback_requested(at=later(hours=80))).when_heard().then(
        like(DeadlineMissed, deadline="feedback:1", due_at=later(hours=72), late=True)
    )


def test_a_critical_petition_is_put_before_a_person_as_soon_as_the_last_call_reached_nobody():
    critical = (filed(), assessed("GAS", "critical"), routed("district", "D", severity="critical"))
    asked = (*critical, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested(), attempted(1))
    given(escalation, *asked).when_heard().then_nothing()
    tried = (*asked, attempted(2, last=True, at=later(hours=2)))
    given(escalation, *tried).when_heard().then(
        like(SupervisionOrdered, number=1, cause="feedback:1", answer_by=later(hours=26))
    )
    put = (*tried, supervised(1, cause="feedback:1", at=later(hours=2)))
    given(escalation, *put).when(NoticeMisses(PETITION, later(hours=4), DISTRICT)).then_nothing()
    given(escalation, *put, supervision_answered(), attempted(3, last=True)).when_heard().then_nothing()


def test_the_last_call_about_any_other_closes_it():
    asked = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested())
    given(escalation, *asked, attempted(3, last=True), closed("not_reached")).when_heard(7).then_nothing()


def test_the_next_supervision_is_missed_in_its_turn():
    twice = (*OVERDUE, supervision_answered(1, at=later(hours=10)), supervised(2, at=later(hours=10)))
    given(escalation, *twice).when(NoticeMisses(PETITION, later(hours=35), DISTRICT)).then(
        like(DeadlineMissed, deadline="supervise:2"), like(SupervisionOrdered, number=3, cause="unanswered")
    )


CALLED = (filed(), assessed(), routed("community", "SA1", resolve_by=later(days=9)), accepted(dispatch(3)),
          summoned(dispatch(3), "SA-CITY", "D-WATER"))  # fmt: skip
CITY, WATER = f"report_in:{dispatch(3)}:SA-CITY", f"report_in:{dispatch(3)}:D-WATER"


def said_at(past, now: datetime):
    return given(escalation, *past).when(NoticeMisses(PETITION, now, DISTRICT))


def supervision(number: int, cause: str, unit: str, department: str | None, superior: str):
    return like(SupervisionOrdered, number=number, cause=cause, unit=unit, department=department, superior=superior)


def test_the_superior_of_an_office_is_its_unit_and_of_a_unit_the_one_above():
    said_at((*TOP, near("resolve:1", later(hours=9), at=later(hours=8))), later(hours=8, minutes=1)).then(
        like(DeadlineMissed), supervision(1, f"accept:{dispatch(3)}", "D", "D-WATER", "D")
    )
    desk = (filed("SA"), assessed("LAMP"), routed("grid", "SA"))
    said_at(desk, later(hours=9)).then(like(DeadlineMissed), supervision(1, f"accept:{dispatch(3)}", "SA", None, "D"))


def test_who_was_called_and_does_not_come_is_asked_of_its_own_unit():
    said_at(CALLED, later(hours=2, minutes=1)).then(
        like(DeadlineMissed, deadline=CITY), supervision(1, CITY, "SA", "SA-CITY", "SA"),
        like(DeadlineMissed, deadline=WATER), supervision(2, WATER, "D", "D-WATER", "D"),
    )  # fmt: skip


def test_unanswered_it_goes_to_who_stands_above_for_each_of_them():
    past = (*CALLED, *said_at(CALLED, later(hours=2, minutes=1)).said)
    [_, city, _, water] = said_at(past, later(hours=27)).then(
        like(DeadlineMissed, deadline="supervise:1"), supervision(3, "unanswered", "SA", "SA-CITY", "D"),
        like(DeadlineMissed, deadline="supervise:2"), supervision(4, "unanswered", "D", "D-WATER", "D"),
    )  # fmt: skip
    assert told(recorded(*past))[-1].target == "D"
    news = told(recorded(*past, city, water))[-4:]
    assert [(one.target, one.reason) for one in news] == [
        ("SA-CITY", "supervised"), ("D", "supervised"), ("D-WATER", "supervised"), ("D", "supervised"),
    ]  # fmt: skip
    assert all(one.target != "SA1" for one in news), "its handler waits for them as well"


def test_the_superior_is_warned_before_the_answer_is_due():
    past = (*CALLED, *said_at(CALLED, later(hours=2, minutes=1)).said)
    warned = near("supervise:1", later(hours=26, minutes=1), at=later(hours=22))
    [reminded] = told(recorded(*past, warned))[-1:]
    assert (reminded.target, reminded.unit, reminded.department, reminded.reason) == ("SA", "SA", None, "near")
    missed_too = missed("supervise:1", later(hours=26, minutes=1))
    assert told(recorded(*past, warned, missed_too))[-1] == reminded, "the next supervision says so"


def test_an_old_supervision_that_names_nobody_is_followed_by_one_about_the_handler():
    past = (*CALLED, supervised(1, cause=CITY))
    unanswered = said_at((*past, missed(CITY, later(hours=2)), missed(WATER, later(hours=2))), later(hours=25)).said
    assert [one.unit for one in unanswered if isinstance(one, SupervisionOrdered)] == ["SA1"]


def test_who_was_critical_when_the_last_call_reached_nobody_is_put_before_a_person_though_lowered_since():
    critical = (filed(), assessed("GAS", "critical"), routed("district", "D", severity="critical"))
    asked = (*critical, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested())
    past = (*asked, attempted(3, last=True), reassessed("LAMP", "routine"))
    [ordered] = given(escalation, *past).when_heard(len(past) - 1).then(like(SupervisionOrdered, cause="feedback:1"))
    given(escalation, *past, ordered).when_heard(len(past) - 1).then_nothing()


def test_who_was_critical_for_a_moment_after_nobody_was_reached_is_put_before_a_person():
    asked = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested())
    graver = (missed("feedback:1", later(hours=72)), reassessed("GAS", "critical", at=later(hours=73)))
    past = (*asked, *graver, reassessed("LAMP", at=later(hours=73)))
    for heard in (8, 9):
        given(escalation, *past).when_heard(heard).then(like(SupervisionOrdered, cause="feedback:1"))
