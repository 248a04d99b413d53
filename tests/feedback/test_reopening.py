"""重办 and closing by a named person: within the window, with a reason, never by a machine."""

from datetime import datetime, timedelta

import pytest

from feedback import rejections as refuse
from feedback.commands import Close, Reopen
from schemas.events.feedback import FeedbackRequested, PetitionClosed, PetitionReopened
from schemas.words import Outcome
from tests.given import DISTRICT, PETITION, dispatch, feedback, given, later, like
from tests.past import (
    accepted,
    answered,
    assessed,
    closed,
    declined,
    feedback_requested,
    filed,
    referred,
    reopened,
    resolved,
    routed,
)

UNTIL = later(days=15)
ASKED = (
    filed(),
    assessed(),
    routed(),
    accepted(dispatch(3)),
    resolved(dispatch(3)),
    feedback_requested(at=later(hours=5), reopen_until=UNTIL),
)
CLOSED = (*ASKED, answered(solved=True), closed())


def reopen(at: datetime = later(days=2)) -> Reopen:
    return Reopen(PETITION, at, DISTRICT, "同一处又坏了", "s-1")


def close() -> Close:
    return Close(PETITION, later(days=1), DISTRICT, "居民来电表示不必回访", "s-1")


def test_a_closed_petition_is_opened_again_as_the_next_round():
    given(feedback, *CLOSED).when(reopen()).then(
        like(PetitionReopened, round=2, cause="person", reason="同一处又坏了", route_by=later(days=2, minutes=3))
    )


def test_also_while_the_resident_is_still_being_asked():
    given(feedback, *ASKED).when(reopen()).then(like(PetitionReopened, round=2))


def test_a_person_faster_than_the_asking_asks_by_that():
    asked = like(FeedbackRequested, round=1, reopen_until=later(days=15))
    given(feedback, *ASKED[:5]).when(reopen()).then(asked, like(PetitionReopened, round=2))
    given(feedback, *ASKED[:5]).when(close()).then(asked, like(PetitionClosed, outcome=Outcome.BY_PERSON))
    given(feedback, *ASKED[:5]).when(reopen(UNTIL + timedelta(seconds=1))).refused_with(refuse.WindowClosed)


def test_the_window_ends_with_its_last_moment():
    given(feedback, *CLOSED).when(reopen(UNTIL)).then(like(PetitionReopened))
    given(feedback, *CLOSED).when(reopen(UNTIL + timedelta(microseconds=1))).refused_with(
        refuse.WindowClosed, until=UNTIL.isoformat(timespec="seconds")
    )


def test_every_round_has_its_own_window():
    again = (*CLOSED, reopened(2), routed("community", "SA1", round=2), accepted(dispatch(10)))
    second = (*again, resolved(dispatch(10), round=2, at=later(days=20)))
    asked = (*second, feedback_requested(2, at=later(days=20), reopen_until=later(days=35)), closed(round=2))
    given(feedback, *asked).when(reopen(later(days=30))).then(like(PetitionReopened, round=3))


def test_what_was_never_resolved_or_was_reopened_is_not_opened_again():
    for past in (ASKED[:3], ASKED[:4], (*CLOSED, reopened(2))):
        given(feedback, *past).when(reopen()).refused_with(refuse.NotClosed)


@pytest.mark.parametrize("end", [referred, declined])
def test_a_named_person_opens_again_what_was_turned_away(end):
    again = like(PetitionReopened, round=2, cause="person", reason="同一处又坏了", route_by=later(days=2, minutes=3))
    for past in (ASKED[:2], ASKED[:3], ASKED):
        given(feedback, *past, end()).when(reopen()).then(again)
        given(feedback, *past, end()).when(close()).refused_with(refuse.NotAsked)


def test_the_window_of_what_was_turned_away_is_what_was_said_then_whatever_the_policy_says_now():
    away = (*ASKED, referred(reopen_until=later(days=40)))
    given(feedback, *away).when(reopen(later(days=40))).then(like(PetitionReopened))
    given(feedback, *away).when(reopen(later(days=40, seconds=1))).refused_with(refuse.WindowClosed)


def test_the_window_of_what_was_turned_away_counts_from_then():
    away = (*ASKED, referred(at=later(days=10)))
    given(feedback, *away).when(reopen(later(days=25))).then(like(PetitionReopened))
    until = later(days=25).isoformat(timespec="seconds")
    given(feedback, *away).when(reopen(later(days=25, seconds=1))).refused_with(refuse.WindowClosed, until=until)


def test_what_was_turned_away_and_opened_is_not_opened_twice():
    given(feedback, *ASKED[:2], referred(), reopened(2)).when(reopen()).refused_with(refuse.NotClosed)


def test_a_named_person_closes_what_was_resolved_and_says_why():
    given(feedback, *ASKED).when(close()).then(
        like(PetitionClosed, round=1, outcome=Outcome.BY_PERSON, reason="居民来电表示不必回访")
    )


def test_closing_twice_closes_once():
    given(feedback, *CLOSED).when(close()).then_nothing()


def test_a_person_cannot_close_what_nobody_resolved():
    for past in (ASKED[:2], ASKED[:4], (*CLOSED, reopened(2))):
        given(feedback, *past).when(close()).refused_with(refuse.NotAsked)
