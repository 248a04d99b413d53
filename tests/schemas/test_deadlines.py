"""Which event starts, moves and stops which deadline, and what became of each."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.deadlines import DeadlineState, follow
from schemas.event import Event
from tests.given import dispatch, later, recorded
from tests.past import (
    accepted,
    answered,
    assessed,
    attempted,
    closed,
    confirmed,
    declined,
    feedback_requested,
    filed,
    hand_off_confirmed,
    hand_off_ordered,
    missed,
    placed,
    reassessed,
    referred,
    reopened,
    resolved,
    review_requested,
    routed,
    supervised,
    supervision_answered,
)

OPEN, MET, MISSED, LAPSED = DeadlineState
ROUTED = (filed(), assessed(), routed(accept_hours=8, resolve_by=later(hours=48)))


def became(*past: Event) -> dict[str, Any]:
    """Deadline → what became of it; a name that had several due times has a list."""
    deadlines = ()
    for one in recorded(*past):
        deadlines = follow(deadlines, one.event, one.ref)
    found: dict[str, Any] = {}
    for one in deadlines:
        found[one.name] = one.state if one.name not in found else [found[one.name], one.state]
    return found


@pytest.mark.parametrize("end", [routed(), referred(), declined()])
def test_assess_runs_from_the_filing_until_it_is_routed_or_ends(end):
    assert became(filed()) == {"assess": OPEN}
    assert became(filed(), assessed()) == {"assess": OPEN}
    assert became(filed(), assessed(), end)["assess"] == MET


@pytest.mark.parametrize("end", [routed("community", "SA1", round=2), referred(), declined()])
def test_assess_runs_again_from_the_reopening(end):
    again = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested(), reopened(at=later(hours=1)))
    assert became(*again)["assess"] == [MET, OPEN]
    assert became(*again, end)["assess"] == [MET, MET]


def test_an_event_that_says_no_time_to_route_starts_nothing():
    before = reopened().model_copy(update={"route_by": None})
    assert became(*ROUTED, before)["assess"] == MET


@pytest.mark.parametrize("stop", [accepted(dispatch(3)), resolved(dispatch(3)), routed(rule="moved")])
def test_accept_runs_from_the_dispatch_until_it_is_accepted_or_superseded(stop):
    assert became(*ROUTED)[f"accept:{dispatch(3)}"] == OPEN
    assert became(*ROUTED, stop)[f"accept:{dispatch(3)}"] == MET


def test_resolve_runs_over_the_whole_round():
    again = routed("community", "SA1", resolve_by=later(hours=48), at=later(hours=9))
    assert became(*ROUTED, accepted(dispatch(3)), again)["resolve:1"] == OPEN
    assert became(*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)))["resolve:1"] == MET


def test_hand_off_runs_until_the_last_of_them_is_confirmed_also_after_the_end():
    ordered = (*ROUTED, hand_off_ordered("119", "120"))
    assert became(*ordered, hand_off_confirmed("119", "120"))["hand_off"] == OPEN
    assert became(*ordered, closed())["hand_off"] == OPEN
    assert became(*ordered, hand_off_confirmed("119", "120"), hand_off_confirmed("120"))["hand_off"] == MET


@pytest.mark.parametrize("stop", [confirmed(), reassessed()])
def test_review_runs_until_a_person_looked(stop):
    assert became(filed(), assessed(), review_requested())["review"] == OPEN
    assert became(filed(), assessed(), review_requested(), stop)["review"] == MET


def test_feedback_runs_from_the_resolution_and_has_the_time_that_the_asking_gives():
    done = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)))
    assert became(*done)["feedback:1"] == OPEN
    assert became(*done, feedback_requested(at=later(hours=1)))["feedback:1"] == OPEN
    assert became(*done, feedback_requested(at=later(hours=80)))["feedback:1"] == [MISSED, OPEN]
    before = resolved(dispatch(3)).model_copy(update={"answer_by": None})
    assert "feedback:1" not in became(*ROUTED, before)


@pytest.mark.parametrize("stop", [answered(solved=True), attempted(3, last=True), reopened()])
def test_feedback_runs_until_the_resident_answered_or_the_last_attempt(stop):
    asked = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested())
    assert became(*asked, attempted(1))["feedback:1"] == OPEN
    assert became(*asked, stop)["feedback:1"] == MET


def test_supervise_runs_until_it_is_answered():
    assert became(*ROUTED, supervised(1))["supervise:1"] == OPEN
    assert became(*ROUTED, supervised(1), supervision_answered(1))["supervise:1"] == MET


@pytest.mark.parametrize("end", [closed(), referred(), declined()])
def test_at_the_end_of_a_petition_everything_lapses_that_did_not_get_what_it_waited_for(end):
    everything = (*ROUTED, review_requested(), hand_off_ordered("119"), supervised(), feedback_requested(), end)
    found = became(*everything)
    assert (found.pop("hand_off"), found.pop("assess")) == (OPEN, MET)
    assert set(found) == {f"accept:{dispatch(3)}", "resolve:1", "review", "supervise:1", "feedback:1"}
    assert set(found.values()) == {LAPSED}


def test_what_was_due_before_the_end_was_missed():
    assert became(*ROUTED, referred(at=later(hours=9))) == {
        "assess": MET, f"accept:{dispatch(3)}": MISSED, "resolve:1": LAPSED,
    }  # fmt: skip


def test_what_lapsed_stays_so_when_the_petition_is_opened_again():
    again = became(*ROUTED, referred(), reopened())
    assert (again["resolve:1"], again["assess"]) == (LAPSED, OPEN)


@pytest.mark.parametrize("quiet", [placed(), assessed(), attempted(1)])
def test_what_is_no_business_of_a_deadline_moves_none(quiet):
    assert became(*ROUTED, quiet) == became(*ROUTED)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (later(hours=8) - timedelta(microseconds=1), MET),
        (later(hours=8), MET),
        (later(hours=8) + timedelta(microseconds=1), MISSED),
    ],
)
def test_met_up_to_the_due_moment_and_missed_beyond_it(at: datetime, state: DeadlineState):
    assert became(*ROUTED, accepted(dispatch(3), at=at))[f"accept:{dispatch(3)}"] == state


def test_a_miss_that_was_noticed_stays_a_miss_whatever_comes_later():
    noticed = missed(f"accept:{dispatch(3)}", later(hours=8))
    assert became(*ROUTED, noticed, accepted(dispatch(3), at=later(hours=9)))[f"accept:{dispatch(3)}"] == MISSED


def test_a_deadline_moved_in_time_is_one_deadline_and_moved_too_late_is_two():
    sooner = routed("grid", "SA11", resolve_by=later(hours=24), at=later(hours=1))
    assert became(*ROUTED, sooner)["resolve:1"] == OPEN
    overdue = routed("community", "SA1", resolve_by=later(hours=74), at=later(hours=50))
    assert became(*ROUTED, overdue)["resolve:1"] == [MISSED, OPEN]


def test_the_same_due_time_again_starts_nothing():
    same = routed("community", "SA1", resolve_by=later(hours=48), at=later(hours=50))
    assert became(*ROUTED, missed("resolve:1", later(hours=48)), same)["resolve:1"] == MISSED


def test_the_same_due_time_again_opens_what_was_met_for_it():
    assert became(filed(), assessed(), referred(), reopened())["assess"] == OPEN
    told = (*ROUTED, hand_off_ordered("119"), hand_off_confirmed("119"))
    assert became(*told, hand_off_ordered("120"))["hand_off"] == OPEN
