"""从单: who reported a root done hears that it did not help a repeat; to the root itself nothing happens."""

from dataclasses import replace

import pytest

from feedback.commands import NoteDuplicateReopened, Reopen, TakeFeedback
from feedback.decider import also
from schemas.dispatches import DispatchFollowedUp
from schemas.events.feedback import DuplicateReopened
from schemas.life import fold_life
from schemas.words import Status
from tests.given import (
    DISTRICT,
    PETITION,
    T0,
    dispatch,
    escalation,
    feedback,
    given,
    intake,
    like,
    recorded,
    router,
    severity,
)
from tests.news import says, told
from tests.past import (
    PARTS,
    REPEAT,
    ROOT,
    accepted,
    assessed,
    claimed,
    closed,
    feedback_requested,
    filed,
    followed,
    linked,
    reopened,
    resolved,
    routed,
    split,
)

DONE_BY = f"{ROOT}:3"
ANSWERED = resolved(DONE_BY).model_copy(update={"root": ROOT, "tier": "grid", "unit": "SA11"})
ASKED = (filed(), assessed(), routed(), linked(), ANSWERED, feedback_requested())
NO = TakeFeedback(PETITION, T0, DISTRICT, True, False, None, None, "s-1")
DONE = (filed(), assessed(), routed(), followed(), accepted(dispatch(3)), resolved(dispatch(3)))
IN_VAIN = DuplicateReopened(at=T0, duplicate=REPEAT, dispatch=dispatch(3), cause="not_solved")
NEWS = {
    "followed_by": "duplicate_reopened", "duplicate": REPEAT, "reason": "not_solved", "solved": False,
    "dispatch": dispatch(3), "petition": PETITION,
}  # fmt: skip


def asked_of_others(command, *past):
    return also(feedback.decider.fold(recorded(*past)), command)


class TestTheRepeat:
    @pytest.mark.parametrize(
        ("command", "cause"),
        [
            (NO, "not_solved"),
            (replace(NO, solved=None, contacted=False), "false_closure"),
            (Reopen(PETITION, T0, DISTRICT, "又坏了", "s-1"), "person"),
        ],
        ids=["not solved", "false closure", "a person"],
    )
    def test_opened_again_it_says_so_to_its_root(self, command, cause):
        assert asked_of_others(command, *ASKED) == [NoteDuplicateReopened(ROOT, T0, PETITION, DONE_BY, cause)]
        assert given(feedback, *ASKED).when(command).said[-1].cause == cause

    def test_solved_or_not_reached_it_says_nothing(self):
        for answer in (replace(NO, solved=True), replace(NO, reached=False)):
            assert not asked_of_others(answer, *ASKED)

    def test_what_it_comes_to_later_is_its_own_affair(self):
        second = (*ASKED, reopened(), routed("community", "SA1", round=2), accepted(dispatch(8)))
        done = resolved(dispatch(8), round=2)
        assert not asked_of_others(NO, *second, done, feedback_requested(2))
        assert not asked_of_others(NO, *ASKED, reopened())

    def test_being_a_part_too_it_says_so_to_both(self):
        asked = asked_of_others(NO, filed(split_from=PARTS[0]), *ASKED[1:])
        assert [one.petition for one in asked] == [PARTS[0], ROOT]


class TestTheRoot:
    def test_it_is_said_once_whatever_became_of_it(self):
        note = NoteDuplicateReopened(PETITION, T0, REPEAT, dispatch(3), "not_solved")
        for since in ((), (feedback_requested(), closed()), (feedback_requested(), reopened())):
            given(feedback, *DONE, *since).when(note).then(like(DuplicateReopened, duplicate=REPEAT))

    def test_nothing_happens_to_it(self):
        for past in ((*DONE, feedback_requested()), (*DONE, feedback_requested(), closed())):
            assert fold_life(recorded(*past, IN_VAIN)).status is fold_life(recorded(*past)).status
            for service in (intake, severity, router, escalation):
                decider = service.decider
                assert decider.fold(recorded(*past, IN_VAIN)) == decider.fold(recorded(*past))
        yes = replace(NO, solved=True)
        assert fold_life(recorded(*DONE, IN_VAIN, *given(feedback, *DONE, IN_VAIN).when(yes).said)).status is (
            Status.CLOSED
        )


class TestWhoReportedItDone:
    def test_it_hears_that(self):
        says(told(*DONE, IN_VAIN), (DispatchFollowedUp, "SA11", NEWS))

    @pytest.mark.parametrize(
        "since",
        [
            (feedback_requested(), closed()),
            (feedback_requested(), reopened(), routed("community", "SA1", round=2)),
            (feedback_requested(), reopened(), routed("community", "SA1", round=2), split()),
        ],
        ids=["closed", "with somebody else", "split"],
    )
    def test_also_once_the_root_is_elsewhere_and_nobody_else_does(self, since):
        says(told(*DONE, *since, IN_VAIN), (DispatchFollowedUp, "SA11", NEWS))

    def test_a_person_who_opens_it_again_says_nothing_of_solved(self):
        by_person = IN_VAIN.model_copy(update={"cause": "person"})
        says(told(*DONE, by_person), (DispatchFollowedUp, "SA11", {"solved": None, "reason": "person"}))

    def test_who_answers_for_a_partner_hears_it_too(self):
        past = (*DONE[:2], routed("community", "SA1", mode="open"), followed())
        claim = claimed(dispatch(3), "SA1P", responsible="SA1")
        heard = told(*past, claim, resolved(dispatch(3)), IN_VAIN)
        assert {one.target for one in heard} == {"SA1P", "SA1"}
