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
    missed,
    near,
    resolved,
    returned,
    routed,
    supervised,
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
        told(*PUT_BEFORE, claimed(dispatch(3), "SA11")),
        (DispatchWithdrawn, "SA1", {"dispatch": dispatch(3), "reason": "claimed", "still_responsible": False}),
        (DispatchIssued, "SA11", {"dispatch": dispatch(3), "reason": "claimed", "accept_by": None}),
    )
    says(told(*PUT_BEFORE, claimed(dispatch(3), "SA1")))
    says(
        told(*PUT_BEFORE, claimed(dispatch(3), "SA11"), resolved(dispatch(3)), closed()),
        (DispatchFollowedUp, "SA11", {"solved": None}),
    )


A_PARTNER_HAS_IT = (*PUT_BEFORE, claimed(dispatch(3), "SA1P", responsible="SA1"))


def test_who_answers_for_a_partner_hears_that_it_does_and_is_reminded_too():
    says(
        told(*A_PARTNER_HAS_IT),
        (DispatchWithdrawn, "SA1", {"reason": "claimed", "still_responsible": True}),
        (DispatchIssued, "SA1P", {"reason": "claimed", "accept_by": None}),
    )
    resolve = {"deadline": "resolve:1", "due_at": later(hours=48)}
    for happens, reason in (
        (urged(), "urged"),
        (near("resolve:1", later(hours=48), at=later(hours=40)), "near"),
        (missed("resolve:1", later(hours=48)), "missed"),
    ):
        both = [(DispatchReminded, target, {"reason": reason, **resolve}) for target in ("SA1P", "SA1")]
        says(told(*A_PARTNER_HAS_IT, happens), *both)
    asked = supervised().model_copy(update={"superior": "SA"})
    says(
        told(*A_PARTNER_HAS_IT, asked),
        *((DispatchReminded, one, {"reason": "supervised"}) for one in ("SA1P", "SA1", "SA")),
    )


def test_who_answers_for_a_partner_hears_what_came_of_it_too():
    done = (*A_PARTNER_HAS_IT, resolved(dispatch(3)))
    says(told(*done), (DispatchWithdrawn, "SA1", {"reason": "resolved"}))
    says(told(*done, closed()), *((DispatchFollowedUp, one, {"followed_by": "closed"}) for one in ("SA1P", "SA1")))


def test_what_is_taken_from_a_partner_is_withdrawn_from_it_and_its_unit_stays_responsible():
    says(
        told(*A_PARTNER_HAS_IT, routed("community", "SA1", rule="reassessed")),
        (DispatchWithdrawn, "SA1P", {"reason": "reassessed", "still_responsible": False}),
        (DispatchIssued, "SA1", {"replaces": dispatch(3)}),
    )
    says(
        told(*A_PARTNER_HAS_IT, routed("street", "SA", rule="escalated")),
        (DispatchWithdrawn, "SA1P", {"still_responsible": False}),
        (DispatchWithdrawn, "SA1", {"still_responsible": True}),
        (DispatchIssued, "SA", {}),
    )


def test_who_gave_it_back_hears_that_it_is_withdrawn_and_the_desk_above_that_it_has_it():
    says(
        told(*AT_THE_GRID, returned(dispatch(3)), routed("grid", "SA1", rule="returned")),
        (DispatchWithdrawn, "SA11", {"reason": "returned", "replaced_by": dispatch(5), "still_responsible": True}),
        (DispatchIssued, "SA1", {"reason": "returned", "replaces": dispatch(3)}),
    )
