"""Rule 9: closing is the resident's word; solved and satisfied are two answers, not reached is neither."""

from dataclasses import replace
from datetime import datetime

import pytest

from feedback import rejections as refuse
from feedback.commands import Close, TakeFeedback
from schemas.events.feedback import (
    FeedbackAttempted,
    FeedbackReceived,
    FeedbackRequested,
    PetitionClosed,
    PetitionReopened,
)
from schemas.policy import Policy
from schemas.words import Contact, Outcome
from tests.given import DISTRICT, PETITION, dispatch, feedback, given, later, like
from tests.past import (
    accepted,
    answered,
    assessed,
    attempted,
    closed,
    declined,
    feedback_requested,
    filed,
    missed,
    reassessed,
    referred,
    reopened,
    resolved,
    routed,
)

RESOLVED = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
ASKED = (*RESOLVED, feedback_requested())
CRITICAL = (filed(), assessed("GAS", "critical"), routed(severity="critical"), *ASKED[3:])


def said(
    *,
    reached: bool = True,
    solved: bool | None = None,
    satisfied: bool | None = None,
    by: str | None = None,
    contacted: bool | None = None,
    contact: Contact | None = None,
    at: datetime = later(hours=1),
) -> TakeFeedback:
    return TakeFeedback(PETITION, at, DISTRICT, reached, solved, satisfied, "灯又坏了", by, contacted, contact)


def test_after_every_resolution_the_resident_is_asked():
    given(feedback, *RESOLVED).when_heard(now=later(hours=1)).then(
        like(FeedbackRequested, round=1, answer_by=later(hours=73), reopen_until=later(days=15))
    )


def test_the_window_to_reopen_counts_from_the_resolution_and_not_from_the_asking():
    given(feedback, *RESOLVED).when_heard(now=later(days=3)).then(like(FeedbackRequested, reopen_until=later(days=15)))


def test_a_round_is_asked_about_once_and_only_while_it_is_the_newest():
    given(feedback, *ASKED).when_heard(5).then_nothing()
    given(feedback, *ASKED, answered(solved=False), reopened()).when_heard(5).then_nothing()
    given(feedback, *ASKED, closed()).when_heard(5).then_nothing()
    given(feedback, *RESOLVED, referred()).when_heard(5).then_nothing()


def test_solved_closes_by_the_residents_word():
    given(feedback, *ASKED).when(said(solved=True, satisfied=True)).then(
        like(FeedbackReceived, round=1, solved=True, satisfied=True, text="灯又坏了"),
        like(PetitionClosed, round=1, outcome=Outcome.SOLVED),
    )


@pytest.mark.parametrize("satisfied", [False, None])
def test_solved_but_not_satisfied_is_solved_all_the_same(satisfied):
    given(feedback, *ASKED).when(said(solved=True, satisfied=satisfied)).then(
        like(FeedbackReceived, solved=True, satisfied=satisfied), like(PetitionClosed, outcome=Outcome.SOLVED)
    )


@pytest.mark.parametrize("satisfied", [True, False, None])
def test_not_solved_opens_the_next_round_however_satisfied(satisfied):
    given(feedback, *ASKED).when(said(solved=False, satisfied=satisfied)).then(
        like(FeedbackReceived, solved=False, satisfied=satisfied),
        like(PetitionReopened, round=2, cause="not_solved", route_by=later(hours=1, minutes=3)),
    )


def test_that_nobody_had_contacted_them_is_an_answer_of_its_own_and_opens_the_next_round():
    never = said(contacted=False, contact=Contact.PHONE)
    given(feedback, *ASKED).when(never).then(
        like(FeedbackReceived, solved=False, satisfied=None, contacted=False, contact=Contact.PHONE),
        like(PetitionReopened, round=2, cause="false_closure"),
    )


def test_what_is_solved_all_the_same_closes_and_keeps_that_nobody_had_contacted_them():
    given(feedback, *ASKED).when(said(solved=True, contacted=False)).then(
        like(FeedbackReceived, solved=True, contacted=False), like(PetitionClosed, outcome=Outcome.SOLVED)
    )


def test_who_was_contacted_must_still_say_whether_it_is_solved():
    given(feedback, *ASKED).when(said(contacted=True)).refused_with(refuse.NoAnswer)


def test_whom_nobody_can_ask_is_not_asked_and_is_nobodys_dissatisfaction():
    given(feedback, filed(anonymous=True, reachable=False), *RESOLVED[1:]).when_heard().then(
        like(FeedbackRequested, round=1, reopen_until=later(days=15)),
        like(PetitionClosed, round=1, outcome=Outcome.NOT_APPLICABLE),
    )


def test_so_it_is_when_it_was_asked_about_all_the_same():
    nobody = filed(anonymous=True, reachable=False)
    not_applicable = like(PetitionClosed, round=1, outcome=Outcome.NOT_APPLICABLE)
    over = missed("feedback:1", later(hours=72))
    given(feedback, nobody, *ASKED[1:], over).when_heard().then(not_applicable)
    given(feedback, nobody, *CRITICAL[1:], reassessed(), over).when_heard().then(not_applicable)
    given(feedback, nobody, *ASKED[1:], attempted(1), attempted(2)).when(said(reached=False, at=later(hours=4))).then(
        like(FeedbackAttempted, attempt=3, last=True), not_applicable
    )


def test_what_is_critical_is_closed_by_a_person_also_when_nobody_can_be_asked():
    given(feedback, filed(anonymous=True, reachable=False), *CRITICAL[1:5]).when_heard().then(like(FeedbackRequested))


def test_who_was_reached_must_have_answered():
    given(feedback, *ASKED).when(said(satisfied=True)).refused_with(refuse.NoAnswer)


def test_not_reached_is_an_attempt_and_no_answer():
    given(feedback, *ASKED).when(said(reached=False)).then(like(FeedbackAttempted, round=1, attempt=1, text="灯又坏了"))
    again = said(reached=False, at=later(hours=4))
    given(feedback, *ASKED, attempted(1)).when(again).then(like(FeedbackAttempted, attempt=2, last=False))


def test_an_attempt_says_how_it_was_tried():
    given(feedback, *ASKED).when(said(reached=False, contact=Contact.VISIT)).then(
        like(FeedbackAttempted, contact=Contact.VISIT)
    )


def test_the_last_attempt_closes_as_not_reached():
    given(feedback, *ASKED, attempted(1), attempted(2)).when(said(reached=False, at=later(hours=4))).then(
        like(FeedbackAttempted, attempt=3, last=True), like(PetitionClosed, outcome=Outcome.NOT_REACHED)
    )


@pytest.mark.parametrize("contact", [None, *Contact])
def test_who_was_tried_a_moment_ago_was_tried_once_in_whatever_way(contact):
    tried = (*ASKED, attempted(1, at=later(hours=1)))
    soon = said(reached=False, contact=contact, at=later(hours=5, seconds=-1))
    given(feedback, *tried).when(soon).refused_with(refuse.AttemptTooSoon, counts_from=later(hours=5))
    given(feedback, *tried).when(said(reached=False, contact=contact, at=later(hours=5))).then(
        like(FeedbackAttempted, attempt=2)
    )


def test_attempts_are_as_far_apart_as_the_policy_says():
    hourly = DISTRICT.bundle.limits.model_copy(update={"feedback_spacing_hours": 1})
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"limits": hourly}))
    again = replace(said(reached=False, at=later(minutes=59)), policy=policy)
    given(feedback, *ASKED, attempted(1)).when(again).refused_with(refuse.AttemptTooSoon, counts_from=later(hours=1))
    given(feedback, *ASKED, attempted(1)).when(replace(again, now=later(hours=1))).then(like(FeedbackAttempted))


def test_who_answers_a_moment_after_an_attempt_is_heard():
    tried = (*ASKED, attempted(1, at=later(hours=1)))
    given(feedback, *tried).when(said(solved=True)).then(like(FeedbackReceived), like(PetitionClosed))


def test_what_is_critical_is_tried_as_far_apart():
    tried = (*CRITICAL, attempted(1, at=later(hours=1)))
    given(feedback, *tried).when(said(reached=False)).refused_with(refuse.AttemptTooSoon)


def test_attempts_are_counted_anew_in_every_round():
    again = (*ASKED, attempted(1), attempted(2), answered(solved=False), reopened(2))
    second = (routed("community", "SA1", round=2), accepted(dispatch(11)), resolved(dispatch(11), round=2))
    given(feedback, *again, *second, feedback_requested(2)).when(said(reached=False)).then(
        like(FeedbackAttempted, round=2, attempt=1)
    )


def test_a_resident_not_reached_in_time_closes_it_as_not_reached():
    given(feedback, *ASKED, missed("feedback:1", later(hours=72))).when_heard().then(
        like(PetitionClosed, round=1, outcome=Outcome.NOT_REACHED, reason=None)
    )


def test_an_answer_faster_than_the_timer_counts():
    unreached = missed("feedback:1", later(hours=72))
    given(feedback, *ASKED, unreached, answered(solved=True), closed()).when_heard(7).then_nothing()
    given(feedback, *ASKED, unreached, answered(solved=False), reopened()).when_heard(7).then_nothing()
    given(feedback, *ASKED, missed("feedback:1", later(hours=72), late=True)).when_heard().then_nothing()


def test_a_resident_whom_nobody_was_told_to_call_is_asked_when_the_time_is_over():
    unasked = (*RESOLVED, missed("feedback:1", later(hours=72)))
    given(feedback, *unasked).when_heard(now=later(hours=73)).then(
        like(FeedbackRequested, round=1, answer_by=later(hours=145), reopen_until=later(days=15))
    )
    given(feedback, *unasked, closed()).when_heard(6).then_nothing()


def test_who_is_asked_late_has_the_whole_time_to_answer():
    late = (*RESOLVED, missed("feedback:1", later(hours=72)), feedback_requested(at=later(hours=80)))
    given(feedback, *late).when_heard(6).then_nothing()
    given(feedback, *late, missed("feedback:1", later(hours=152))).when_heard().then(like(PetitionClosed))


def test_other_deadlines_are_not_feedbacks_matter():
    given(feedback, *ASKED, missed("resolve:1", later(hours=48))).when_heard().then_nothing()


def test_the_miss_of_an_earlier_round_closes_nothing():
    again = (*ASKED, missed("feedback:1", later(hours=72)), answered(solved=False), reopened(2))
    second = (routed("community", "SA1", round=2), accepted(dispatch(10)), resolved(dispatch(10), round=2))
    given(feedback, *again, *second, feedback_requested(2)).when_heard(7).then_nothing()


def test_a_critical_petition_is_never_closed_by_a_machine():
    given(feedback, *CRITICAL, missed("feedback:1", later(hours=72))).when_heard().then_nothing()
    given(feedback, *CRITICAL, attempted(1), attempted(2)).when(said(reached=False, at=later(hours=4))).then(
        like(FeedbackAttempted, attempt=3, last=True)
    )
    found_critical = reassessed("GAS", "critical")
    given(feedback, *ASKED, found_critical, missed("feedback:1", later(hours=72))).when_heard().then_nothing()


def test_a_critical_petition_is_closed_by_the_resident_or_a_named_person():
    given(feedback, *CRITICAL).when(said(solved=True, by="s-7")).then(like(FeedbackReceived), like(PetitionClosed))
    close = Close(PETITION, later(hours=1), DISTRICT, "现场核实已排除险情", "s-7")
    given(feedback, *CRITICAL).when(close).then(like(PetitionClosed, outcome=Outcome.BY_PERSON))


@pytest.mark.parametrize("solved", [True, False])
def test_the_answer_on_a_critical_petition_is_taken_down_by_a_named_person(solved):
    given(feedback, *CRITICAL).when(said(solved=solved)).refused_with(refuse.PersonNeeded)
    given(feedback, *ASKED, reassessed("GAS", "critical")).when(said(solved=solved)).refused_with(refuse.PersonNeeded)
    given(feedback, *CRITICAL).when(said(reached=False)).then(like(FeedbackAttempted))


def test_an_answer_faster_than_the_asking_asks_by_that():
    asked = like(FeedbackRequested, round=1, answer_by=later(hours=73), reopen_until=later(days=15))
    given(feedback, *RESOLVED).when(said(solved=True)).then(asked, like(FeedbackReceived), like(PetitionClosed))
    given(feedback, *RESOLVED).when(said(solved=False)).then(asked, like(FeedbackReceived), like(PetitionReopened))
    given(feedback, *RESOLVED).when(said(reached=False)).then(asked, like(FeedbackAttempted, attempt=1))
    given(feedback, *RESOLVED).when(said()).refused_with(refuse.NoAnswer)


def test_what_is_not_resolved_cannot_be_asked_about():
    for past in (RESOLVED[:4], (*ASKED, closed()), (*ASKED, referred()), (*ASKED, declined())):
        given(feedback, *past).when(said(solved=True)).refused_with(refuse.NotAsked)
