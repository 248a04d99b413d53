"""What a petition's answer is made from: what stands now, and what is only remembered."""

import pytest

from schemas.event import Event
from schemas.life import Life, fold_life
from schemas.words import Disposition, Status
from tests.given import dispatch, later, recorded
from tests.past import (
    accepted,
    assessed,
    declined,
    filed,
    hand_off_confirmed,
    hand_off_ordered,
    missed,
    reassessed,
    referred,
    reopened,
    resolved,
    routed,
)

CRITICAL = (filed(), assessed("GAS", "critical"), routed(severity="critical"), hand_off_ordered("119", "gas"))


def life(*past: Event) -> Life:
    return fold_life(recorded(*past))


def test_who_was_told_earlier_stays_named_when_more_must_be_told():
    told = (
        *CRITICAL,
        hand_off_confirmed("119", "gas"),
        reassessed("POISON", "critical"),
        hand_off_ordered("gas", "120"),
    )
    now = life(*told)
    assert (now.hand_off, now.hand_off_outstanding) == (("119", "gas", "120"), ("gas", "120"))


def test_a_hand_off_is_confirmed_only_while_nobody_is_still_to_be_told():
    told = (*CRITICAL, hand_off_confirmed("119", "gas"), hand_off_confirmed("gas", at=later(minutes=5)))
    assert life(*told).hand_off_confirmed_at == later(minutes=5)
    again = (*told, hand_off_ordered("120", at=later(minutes=9)))
    assert life(*again).hand_off_confirmed_at is None
    assert life(*again, hand_off_confirmed("120", at=later(hours=1))).hand_off_confirmed_at == later(hours=1)


def test_a_reopened_petition_is_due_to_be_routed_again_and_not_when_it_was_first():
    unread = (filed(), missed("assess", later(minutes=3)), assessed(), routed(rule="unassessed"))
    again = (*unread, accepted(dispatch(4)), resolved(dispatch(4)), reopened(at=later(hours=1)))
    assert life(*unread).due_at == later(hours=8)
    assert life(*again).due_at == later(hours=1, minutes=3)
    overdue = (*again, missed("assess", later(hours=1, minutes=3)))
    assert life(*overdue).due_at == later(hours=1, minutes=3)
    routed_again = routed("community", "SA1", round=2, at=later(hours=2), resolve_by=later(hours=50))
    assert life(*overdue, routed_again).due_at == later(hours=10)


def test_until_a_reopened_petition_is_routed_its_last_dispatch_is_of_the_round_before_and_not_accepted():
    done = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
    waiting = life(*done, reopened(2))
    assert (str(waiting.dispatch), waiting.dispatch_round, waiting.accepted_at) == (dispatch(3), 1, None)
    assert (waiting.status, waiting.round) == (Status.ASSESSED, 2)
    again = life(*done, reopened(2), routed("community", "SA1", round=2), accepted(dispatch(7), at=later(hours=1)))
    assert (str(again.dispatch), again.dispatch_round, again.accepted_at) == (dispatch(7), 2, later(hours=1))


@pytest.mark.parametrize(("disposition", "end"), [("refer", referred()), ("decline", declined())])
def test_what_was_turned_away_and_opened_again_is_to_be_handled(disposition, end):
    away = (filed(), assessed("COURT", disposition=disposition), end)
    assert (life(*away).status.ended, life(*away).closed_at) == (True, end.at)
    again = life(*away, reopened(2, "person", at=later(hours=1)))
    assert (again.status, again.disposition, again.closed_at) == (Status.ASSESSED, Disposition.HANDLE, None)
    assert again.due_at == later(hours=1, minutes=3)


def test_a_reopened_question_stays_a_question():
    asked = (filed(), assessed(disposition="ask"), routed(), accepted(dispatch(3)), resolved(dispatch(3)), reopened())
    assert life(*asked).disposition is Disposition.ASK
