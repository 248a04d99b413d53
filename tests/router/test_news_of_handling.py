"""Receivers hear of claims, returns, urging and withdrawals."""

from schemas.dispatches import DispatchFollowedUp, DispatchIssued, DispatchReminded, DispatchWithdrawn
from tests.given import dispatch, later
from tests.news import says, told
from tests.past import (
    accepted,
    assessed,
    claimed,
    closed,
    filed,
    resolved,
    returned,
    routed,
    supplemented,
    urged,
    withdrawn,
)

AT_THE_GRID = (filed(), assessed(), routed("grid", "SA11"))
ACCEPTED = (*AT_THE_GRID, accepted(dispatch(3)))
CLIMBED_FROM_A_HANDLER = (*ACCEPTED, routed("community", "SA1", rule="escalated"))


def test_who_has_it_is_reminded_when_it_is_urged():
    says(told(filed(), urged()))
    accept = {"reason": "urged", "deadline": f"accept:{dispatch(3)}", "due_at": later(hours=8)}
    says(told(*AT_THE_GRID, urged()), (DispatchReminded, "SA11", accept))
    resolve = {"reason": "urged", "deadline": "resolve:1", "due_at": later(hours=48)}
    says(told(*ACCEPTED, urged()), (DispatchReminded, "SA11", resolve))


def test_who_has_it_hears_that_something_was_added():
    accept = {"reason": "supplemented", "deadline": f"accept:{dispatch(3)}", "due_at": later(hours=8)}
    says(told(*AT_THE_GRID, supplemented()), (DispatchReminded, "SA11", accept))
    says(told(filed(), supplemented()))


def test_what_is_taken_back_is_withdrawn_from_all_who_have_it():
    says(told(*AT_THE_GRID, withdrawn()), (DispatchWithdrawn, "SA11", {"reason": "withdrawn"}))
    says(
        told(*CLIMBED_FROM_A_HANDLER, withdrawn()),
        (DispatchWithdrawn, "SA11", {"reason": "withdrawn", "still_responsible": False}),
        (DispatchWithdrawn, "SA1", {"reason": "withdrawn"}),
    )


PUT_BEFORE = (filed(), assessed("NOISE"), routed("community", "SA1", kind="NOISE", mode="open"))


def test_who_claims_it_hears_what_it_has_and_the_others_need_not_wait():
    says(told(*PUT_BEFORE), (DispatchIssued, "SA1", {"mode": "open"}))
    says(
        told(*PUT_BEFORE, claimed(dispatch(3), "SA1P")),
        (DispatchWithdrawn, "SA1", {"dispatch": dispatch(3), "reason": "claimed", "still_responsible": False}),
        (DispatchIssued, "SA1P", {"dispatch": dispatch(3), "reason": "claimed", "accept_by": None}),
    )
    says(told(*PUT_BEFORE, claimed(dispatch(3), "SA1")))
    says(
        told(*PUT_BEFORE, claimed(dispatch(3), "SA1P"), resolved(dispatch(3)), closed()),
        (DispatchFollowedUp, "SA1P", {"solved": None}),
    )


def test_who_gave_it_back_hears_that_it_is_withdrawn_and_the_desk_above_that_it_has_it():
    says(
        told(*AT_THE_GRID, returned(dispatch(3)), routed("grid", "SA1", rule="returned")),
        (DispatchWithdrawn, "SA11", {"reason": "returned", "replaced_by": dispatch(5), "still_responsible": True}),
        (DispatchIssued, "SA1", {"reason": "returned", "replaces": dispatch(3)}),
    )
