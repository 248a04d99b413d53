"""Receivers hear what concerns them: issued, withdrawn, reminded, moved, followed up; each piece of news once."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from router.dispatches import moved, news
from router.receivers import evolve, initial
from schemas.deadlines import Start
from schemas.dispatches import (
    DispatchDeadlineMoved,
    DispatchFollowedUp,
    DispatchIssued,
    DispatchReminded,
    DispatchWithdrawn,
)
from schemas.events.router import ResolutionReported
from tests.given import PETITION, dispatch, later, recorded
from tests.news import after, says, told
from tests.past import (
    accepted,
    answered,
    assessed,
    attempted,
    claimed,
    closed,
    confirmed,
    declined,
    escalated,
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
    returned,
    review_requested,
    routed,
    supervised,
    supervision_answered,
    urged,
    withdrawn,
)

AT_THE_GRID = (filed(), assessed(), routed("grid", "SA11"))
ACCEPTED = (*AT_THE_GRID, accepted(dispatch(3)))
CLIMBED = (*AT_THE_GRID, missed(f"accept:{dispatch(3)}", later(hours=8)), routed("community", "SA1", rule="escalated"))
CLIMBED_FROM_A_HANDLER = (*ACCEPTED, routed("community", "SA1", rule="escalated"))
DONE = (*ACCEPTED, resolved(dispatch(3)))


def test_a_unit_hears_of_its_dispatch_with_the_deadlines_and_why_it_came():
    (issued,) = told(*AT_THE_GRID)
    assert isinstance(issued, DispatchIssued)
    assert (issued.dispatch, issued.target, issued.unit, issued.department) == (dispatch(3), "SA11", "SA11", None)
    assert (issued.accept_by, issued.resolve_by) == (later(hours=8), later(hours=48))
    assert (issued.reason, [floor.tier for floor in issued.floors]) == ("assessed", ["grid"])
    assert (issued.kind, issued.severity, issued.mode, issued.round) == ("LAMP", "routine", "assigned", 1)
    assert (issued.number, issued.link) == ("20261123-05-1", f"/v1/petitions/{PETITION}")


def test_a_departments_dispatch_goes_to_the_department_and_names_the_unit_too():
    (issued,) = told(filed(), assessed("STALL"), routed("street", "SA", "SA-CG", kind="STALL"))
    assert (issued.target, issued.department, issued.unit) == ("SA-CG", "SA-CG", "SA")


def test_the_id_is_petition_version_and_receiver():
    (issued,) = told(*AT_THE_GRID)
    assert issued.id == f"{PETITION}:3:SA11"


def test_who_had_it_hears_that_it_is_withdrawn_before_the_next_hears_that_it_is_issued():
    says(
        told(*CLIMBED),
        (DispatchWithdrawn, "SA11", {"dispatch": dispatch(3), "replaced_by": dispatch(5), "reason": "escalated"}),
        (DispatchIssued, "SA1", {"dispatch": dispatch(5), "replaces": dispatch(3), "reason": "escalated"}),
    )


def test_the_first_receiver_stays_responsible_although_it_never_accepted():
    says(told(*CLIMBED)[:1], (DispatchWithdrawn, "SA11", {"still_responsible": True}))
    says(
        told(*CLIMBED, accepted(dispatch(5))),
        (DispatchWithdrawn, "SA11", {"dispatch": dispatch(3), "reason": "accepted", "still_responsible": False}),
    )


def test_a_later_receiver_that_never_accepted_is_not_responsible():
    again = (escalated(dispatch(5)), routed("street", "SA"))
    assert [one.still_responsible for one in told(*CLIMBED, *again) if isinstance(one, DispatchWithdrawn)] == [False]


def test_who_had_accepted_stays_responsible_until_another_accepts():
    says(told(*CLIMBED_FROM_A_HANDLER)[:1], (DispatchWithdrawn, "SA11", {"still_responsible": True}))
    says(
        told(*CLIMBED_FROM_A_HANDLER, accepted(dispatch(5))),
        (DispatchWithdrawn, "SA11", {"dispatch": dispatch(3), "reason": "accepted", "still_responsible": False}),
    )


def test_the_same_receiver_gets_one_piece_of_news_of_a_new_dispatch():
    again = routed("grid", "SA11", severity="urgent", rule="reassessed")
    says(told(*ACCEPTED, again), (DispatchIssued, "SA11", {"replaces": dispatch(3), "severity": "urgent"}))


def test_who_got_it_twice_and_accepted_once_stays_responsible_when_it_goes_on():
    twice = (*ACCEPTED, routed("grid", "SA11", severity="urgent"), routed("community", "SA1"))
    says(told(*twice)[:1], (DispatchWithdrawn, "SA11", {"dispatch": dispatch(5), "still_responsible": True}))


def test_who_resolves_it_meanwhile_takes_it_from_who_has_it_now():
    says(
        told(*CLIMBED_FROM_A_HANDLER, resolved(dispatch(3))),
        (DispatchWithdrawn, "SA1", {"dispatch": dispatch(5), "reason": "resolved", "replaced_by": None}),
    )


def test_accepting_and_resolving_are_no_news_to_who_did_it():
    assert not told(*ACCEPTED)
    assert not told(*DONE)


@pytest.mark.parametrize(("end", "reason"), [(referred(), "referred"), (declined(), "declined")])
def test_a_petition_that_ends_while_it_is_open_is_withdrawn(end, reason):
    says(told(*AT_THE_GRID, end), (DispatchWithdrawn, "SA11", {"reason": reason, "replaced_by": None}))
    assert not told(*ACCEPTED, end, end)


def test_an_end_reaches_who_has_it_and_who_is_still_responsible():
    ended = told(*CLIMBED_FROM_A_HANDLER, referred())
    assert {(one.target, one.dispatch) for one in ended} == {("SA11", dispatch(3)), ("SA1", dispatch(5))}


def test_a_missed_deadline_reminds_who_has_it():
    due = later(hours=8)
    says(
        told(*AT_THE_GRID, missed(f"accept:{dispatch(3)}", due)),
        (DispatchReminded, "SA11", {"reason": "missed", "deadline": f"accept:{dispatch(3)}", "due_at": due}),
    )
    says(told(*ACCEPTED, missed("resolve:1", later(hours=48))), (DispatchReminded, "SA11", {"deadline": "resolve:1"}))


@pytest.mark.parametrize(
    "no_concern",
    [
        missed(f"accept:{dispatch(3)}", later(hours=8)),
        missed("resolve:2", later(hours=8)),
        missed("resolve:1", later(hours=8), late=True),
        missed("hand_off", later(hours=8)),
        missed("review", later(hours=8)),
    ],
)
def test_nobody_is_reminded_of_another_dispatch_or_of_what_came_late_or_of_what_others_must_do(no_concern):
    assert not told(*CLIMBED, no_concern)


def test_supervision_reminds_who_has_it_until_when_a_superior_must_answer():
    says(
        told(*ACCEPTED, supervised(2)),
        (DispatchReminded, "SA11", {"reason": "supervised", "deadline": "supervise:2", "due_at": later(hours=24)}),
    )


def test_who_accepted_has_no_time_to_accept_any_more():
    (reminded,) = told(*ACCEPTED, supervised())
    assert (reminded.accept_by, reminded.resolve_by) == (None, later(hours=48))


def test_a_deadline_that_is_given_another_time_is_news_with_both_times():
    cause = recorded(*ACCEPTED, confirmed())[-1]
    says(
        moved(after(*ACCEPTED), cause, [Start("resolve:1", later(hours=72))]),
        (
            DispatchDeadlineMoved,
            "SA11",
            {
                "resolve_by": later(hours=72),
                "resolve_was": later(hours=48),
                "accept_was": None,
                "reason": "SeverityConfirmed",
            },
        ),
    )


@pytest.mark.parametrize("start", [Start("resolve:1", later(hours=48)), Start("review", later(hours=72))])
def test_the_same_time_again_or_another_deadline_is_no_news(start):
    assert not moved(after(*ACCEPTED), recorded(*ACCEPTED, confirmed())[-1], [start])


def test_who_resolved_it_hears_what_the_resident_said():
    asked = (*DONE, feedback_requested(), answered(solved=True, satisfied=False))
    says(
        told(*asked, closed("solved")),
        (
            DispatchFollowedUp,
            "SA11",
            {"followed_by": "closed", "reason": "solved", "solved": True, "satisfied": False, "dispatch": dispatch(3)},
        ),
    )


def test_who_resolved_it_hears_that_it_was_not_solved():
    says(
        told(*DONE, feedback_requested(), answered(solved=False), reopened()),
        (DispatchFollowedUp, "SA11", {"followed_by": "reopened", "reason": "not_solved", "solved": False}),
    )


def test_who_was_not_reached_said_nothing():
    says(
        told(*DONE, feedback_requested(), attempted(3), closed("not_reached")),
        (DispatchFollowedUp, "SA11", {"reason": "not_reached", "solved": None, "satisfied": None}),
    )


def test_what_was_closed_and_is_opened_again_is_news_to_who_resolved_it():
    says(
        told(*DONE, feedback_requested(), closed("not_reached"), reopened(2, "person")),
        (DispatchFollowedUp, "SA11", {"followed_by": "reopened", "reason": "person"}),
    )


def test_the_first_receiver_who_resolved_it_is_followed_up_and_not_who_had_it_last():
    says(told(*CLIMBED_FROM_A_HANDLER, resolved(dispatch(3)), closed()), (DispatchFollowedUp, "SA11", {}))


def test_a_new_round_replaces_nothing():
    says(
        told(*DONE, reopened(2), routed("community", "SA1", round=2, rule="reopened")),
        (DispatchIssued, "SA1", {"replaces": None, "round": 2, "reason": "reopened"}),
    )


@pytest.mark.parametrize(
    "quiet", [reassessed(), review_requested(), placed(), hand_off_ordered("119"), hand_off_confirmed("119"),
              escalated(dispatch(3)), supervision_answered(), feedback_requested(), filed()]
)  # fmt: skip
def test_what_concerns_others_is_no_news(quiet):
    assert not told(*ACCEPTED, quiet)


ANYTHING = st.one_of(
    st.sampled_from(
        [filed(), assessed(), placed(), reopened(2), reopened(3), closed(), referred(), declined(), supervised(),
         urged(), withdrawn(), answered(solved=True), answered(solved=False)]
    ),
    st.builds(lambda unit, round: routed("grid", unit, round=round), st.sampled_from("ABC"), st.integers(1, 2)),
    st.builds(accepted, st.builds(dispatch, st.integers(1, 12))),
    st.builds(claimed, st.builds(dispatch, st.integers(1, 12)), st.sampled_from("ABC")),
    st.builds(returned, st.builds(dispatch, st.integers(1, 12))),
    st.builds(resolved, st.builds(dispatch, st.integers(1, 12))),
    st.builds(lambda version: missed(f"accept:{dispatch(version)}", later(hours=8)), st.integers(1, 12)),
)  # fmt: skip


@for_all(st.lists(ANYTHING, max_size=12))
def test_in_any_order_one_event_tells_each_receiver_at_most_one_thing(past):
    state = initial
    for one in recorded(*past):
        said = news(state, one)
        assert len({item.id for item in said}) == len(said)
        assert all(item.id == f"{one.ref}:{item.target}" for item in said)
        state = evolve(state, one)


@for_all(st.lists(ANYTHING, max_size=12))
def test_in_any_order_whoever_is_told_of_an_end_was_told_of_the_beginning(past):
    state, issued = initial, set()
    for one in recorded(*past):
        for item in news(state, one):
            if isinstance(item, DispatchIssued):
                issued.add((item.dispatch, item.target))
            assert (item.dispatch, item.target) in issued
        state = evolve(state, one)


@for_all(st.lists(ANYTHING.filter(lambda event: not isinstance(event, ResolutionReported)), max_size=12))
def test_in_any_order_nobody_believes_to_have_what_has_ended(past):
    state, holders = initial, set()
    for one in recorded(*past, referred()):
        for item in news(state, one):
            if isinstance(item, DispatchIssued):
                holders.add(item.target)
            elif isinstance(item, DispatchWithdrawn) and not item.still_responsible:
                holders.remove(item.target)
        state = evolve(state, one)
    assert not holders
