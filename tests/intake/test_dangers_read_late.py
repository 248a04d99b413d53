"""特急: what was resolved with its parts, or with its root, and proves a danger after that, was seen to by nobody."""

import pytest

from feedback.commands import TakeFeedback
from router.commands import Accept
from schemas.events.feedback import PetitionReopened
from schemas.events.router import DispatchAccepted, HandOffOrdered
from schemas.life import fold_life
from schemas.words import Severity, Status
from tests.given import DISTRICT, PETITION, T0, dispatch, feedback, given, like, recorded, router
from tests.past import (
    PARTS,
    ROOT,
    accepted,
    assessed,
    closed,
    dispatched,
    feedback_requested,
    filed,
    floors_of,
    linked,
    part_finished,
    reassessed,
    reopened,
    resolved,
    routed,
    split,
    supplemented,
)

A, B = PARTS
BY, FOR_ALL = (f"{A}:3", "community", "SA1"), (f"{ROOT}:3", "community", "SA1")
STARTED = (filed(), assessed(), routed(), supplemented())


def done(stand: tuple[str, str, str], **others):
    dispatch, tier, unit = stand
    return resolved(dispatch).model_copy(update={"tier": tier, "unit": unit, **others})


WHOLE = (*STARTED, split(), part_finished(A, stand=BY), part_finished(B, stand=BY), done(BY, part=B))
REPEAT = (*STARTED, linked(), done(FOR_ALL, root=ROOT))
WITH_OTHERS = pytest.mark.parametrize("done", [WHOLE, REPEAT], ids=["whole", "repeat"])
DANGER = assessed("GAS", "critical", disposition="hand_off", hand_off=("119",)).model_copy(update={"supplement": 1})
AGAIN = reopened(2, "danger")


@WITH_OTHERS
class TestResolvedWithOthers:
    def test_it_is_opened_again_at_once_asked_about_or_not(self, done):
        for past in ((*done, DANGER), (*done, feedback_requested(), DANGER)):
            given(feedback, *past).when_heard().then(like(PetitionReopened, round=2, cause="danger"))

    def test_so_it_is_where_a_person_reads_it_so(self, done):
        given(feedback, *done, reassessed("GAS", "critical")).when_heard().then(like(PetitionReopened))

    def test_then_it_is_with_who_has_the_power_and_who_must_know_is_told_once(self, done):
        [told] = given(router, *done, DANGER).when_heard().then(like(HandOffOrdered, to=("119",)))
        past = (*done, DANGER, told, AGAIN)
        [placed] = given(router, *past).when_heard().then(
            dispatched(unit="D", department="D-GAS", severity=Severity.CRITICAL, round=2)
        )  # fmt: skip
        here = dispatch(len(past) + 1)
        given(router, *past, placed).when(Accept(PETITION, T0, here)).then(like(DispatchAccepted))
        assert fold_life(recorded(*past, placed)).status is Status.ROUTED

    def test_nobody_failed_so_it_climbs_above_nobody_and_not_solved_is_the_first_time(self, done):
        [placed] = given(router, *done, DANGER, AGAIN).when_heard().then(dispatched(), like(HandOffOrdered))[:1]
        assert "history" not in floors_of(placed)
        handled = (*done, DANGER, AGAIN, routed("street", "SA", round=2))
        here = dispatch(len(handled))
        past = (*handled, accepted(here), resolved(here, round=2), reopened(3))
        [again, _] = given(router, *past).when_heard().then(dispatched(round=3), like(HandOffOrdered))
        assert floors_of(again)["history"] == ("district", f"not_solved:{here}")

    def test_no_danger_opens_nothing(self, done):
        urgent = assessed("LAMP", "urgent").model_copy(update={"supplement": 1})
        given(feedback, *done, urgent).when_heard().then_nothing()

    def test_what_was_opened_again_or_closed_by_then_is_not_opened_again(self, done):
        not_solved = (*done, feedback_requested(), DANGER, reopened())
        given(feedback, *not_solved).when_heard(len(not_solved) - 1).then_nothing()
        over = (*done, feedback_requested(), DANGER, closed())
        given(feedback, *over).when_heard(len(over) - 1).then_nothing()


def test_what_somebody_had_and_reported_done_is_their_word():
    had = (*STARTED, accepted(dispatch(3)), resolved(dispatch(3)), DANGER)
    given(feedback, *had).when_heard().then_nothing()


def test_known_when_it_was_resolved_it_was_answered_by_who_knew():
    grave = (filed(), assessed("GAS", "critical"), routed(severity="critical"), linked(), done(FOR_ALL, root=ROOT))
    given(feedback, *grave, DANGER).when_heard().then_nothing()


def test_its_resident_is_asked_about_what_became_of_the_danger():
    here = dispatch(len(WHOLE) + 3)
    past = (*WHOLE, DANGER, AGAIN, routed("district", "D", round=2), accepted(here), resolved(here, round=2))
    given(feedback, *past).when_heard().then(like(type(feedback_requested()), round=2))
    answer = TakeFeedback(PETITION, T0, DISTRICT, True, True, True, None, "s-1")
    assert given(feedback, *past, feedback_requested(2)).when(answer).said
