"""Whoever a supervision is about and the superior who must answer hear it, also while nobody has the petition."""

import pytest

from schemas.dispatches import DispatchReminded
from tests.given import dispatch, later
from tests.news import says, told
from tests.past import (
    ROOT,
    accepted,
    assessed,
    closed,
    filed,
    linked,
    near,
    referred,
    reopened,
    resolved,
    routed,
    split,
    supervised,
    supervision_answered,
    withdrawn,
)

AT_THE_GRID = (filed(), assessed(), routed("grid", "SA11"))
ACCEPTED = (*AT_THE_GRID, accepted(dispatch(3)))
CLIMBED_FROM_A_HANDLER = (*ACCEPTED, routed("community", "SA1", rule="escalated"))
DONE = (*ACCEPTED, resolved(dispatch(3)))
OF_THE_GRID = {"unit": "SA11", "department": None, "superior": "SA1"}
NOBODY_HAS_IT = {
    "resolved": (*DONE,),
    "closed": (*DONE, closed()),
    "referred": (*ACCEPTED, referred()),
    "withdrawn": (*ACCEPTED, withdrawn()),
    "linked": (*ACCEPTED, linked()),
    "split": (*ACCEPTED, split()),
    "resolved with its root": (*ACCEPTED, linked(), resolved(f"{ROOT}:3")),
    "re-opened and not yet routed": (*DONE, reopened(2)),
}


@pytest.mark.parametrize("past", NOBODY_HAS_IT.values(), ids=NOBODY_HAS_IT)
def test_supervision_while_nobody_has_it_reminds_who_had_it_and_who_must_answer(past):
    """The news carries the dispatch that was had last, which nobody has to accept any more."""
    ordered = supervised(1, cause="hand_off", at=later(hours=1), **OF_THE_GRID)
    facts = {
        "reason": "supervised", "deadline": "supervise:1", "due_at": later(hours=25),
        "dispatch": dispatch(3), "accept_by": None, "resolve_by": later(hours=48), "round": 1, "department": None,
    }  # fmt: skip
    says(
        told(*past, ordered),
        (DispatchReminded, "SA11", {**facts, "unit": "SA11"}),
        (DispatchReminded, "SA1", {**facts, "unit": "SA1"}),
    )
    warned = near("supervise:1", later(hours=25), at=later(hours=20))
    soon = {**facts, "unit": "SA1", "reason": "near"}
    says(told(*past, ordered, warned), (DispatchReminded, "SA1", soon))
    says(told(*past, ordered, supervision_answered(at=later(hours=2)), warned))
    says(told(*past, supervised(1, at=later(hours=1))), (DispatchReminded, "SA11", facts | {"unit": "SA11"}))


def test_what_nobody_accepted_need_not_be_accepted_once_nobody_has_it():
    (reminded,) = told(*AT_THE_GRID, referred(), supervised())
    assert (reminded.target, reminded.accept_by, reminded.resolve_by) == ("SA11", None, later(hours=48))


def test_supervision_is_of_the_dispatch_that_each_had_where_another_reported_it_done():
    by_the_first = (*CLIMBED_FROM_A_HANDLER, resolved(dispatch(3)))
    says(
        told(*by_the_first, supervised(unit="SA1", superior="SA")),
        (DispatchReminded, "SA1", {"dispatch": dispatch(5)}),
        (DispatchReminded, "SA", {"dispatch": dispatch(3)}),
    )


def test_supervision_is_heard_by_whom_it_is_about_and_not_by_who_has_the_petition_since():
    moved_on = (filed(), assessed("PIPE"), routed("district", "D", "D-WATER"), routed("district", "D", "D-GAS"))
    facts = {"dispatch": dispatch(4), "unit": "D", "reason": "supervised"}
    says(
        told(*moved_on, supervised(2, cause="unanswered", unit="D", department="D-WATER", superior="D")),
        (DispatchReminded, "D-WATER", facts),
        (DispatchReminded, "D", facts),
    )


def test_supervision_of_what_was_never_dispatched_is_no_news_of_a_dispatch():
    assert not told(filed(), assessed("COURT"), referred(), supervised(cause="hand_off", **OF_THE_GRID))


def test_who_must_answer_is_warned_also_after_the_next_round_began():
    past = (*DONE, supervised(1, cause="feedback:1", **OF_THE_GRID), reopened(2), routed("community", "SA1", round=2))
    (warned,) = told(*past, near("supervise:1", later(hours=24), at=later(hours=20)))
    assert (warned.target, warned.dispatch, warned.reason) == ("SA1", dispatch(8), "near")
