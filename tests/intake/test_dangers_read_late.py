"""特急: what was taken back, turned away or reported done, and proves a danger after that, was seen to by nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from feedback.commands import TakeFeedback
from intake.decider import Withdraw
from intake.rejections import CriticalGoesOn, PetitionEnded
from router.commands import Accept, FinishPart
from router.policy import routing_policy
from router.stands import Stand
from schemas.events.feedback import PetitionReopened
from schemas.events.router import DispatchAccepted, HandOffOrdered, PartFinished
from schemas.events.severity import ReviewRequested, SeverityAssessed
from schemas.life import fold_life
from schemas.words import Disposition, Severity, Status
from severity.decider import Assess, Reread
from severity.policy import Reading
from tests.given import DISTRICT, PETITION, T0, dispatch, feedback, given, intake, like, recorded, router, severity
from tests.past import (
    PARTS,
    ROOT,
    accepted,
    assessed,
    closed,
    declined,
    dispatched,
    feedback_requested,
    filed,
    floors_of,
    linked,
    part_finished,
    reassessed,
    referred,
    reopened,
    resolved,
    routed,
    split,
    supplemented,
    withdrawn,
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


class TestReadBeforeTheLastPartIsOver:
    """拆分: and the router has not heard of it when that part is."""

    PAST = (*STARTED, split(), part_finished(A, stand=BY), DANGER)

    @pytest.mark.parametrize("outcome", ["done", "withdrawn"])
    def test_it_is_placed_for_itself_and_not_resolved(self, outcome):
        over = FinishPart(PETITION, T0, B, 1, outcome, None, Stand(), routing_policy(DISTRICT))
        finished, placed = given(router, *self.PAST).when(over).then(
            like(PartFinished, part=B, outcome=outcome),
            dispatched(unit="D", department="D-GAS", severity=Severity.CRITICAL, rule="supplemented"),
        )  # fmt: skip
        past = (*self.PAST, finished, placed)
        assert fold_life(recorded(*past)).status is Status.ROUTED
        given(router, *past).when_heard(len(self.PAST)).then(like(HandOffOrdered, to=("119",)))
        given(router, *past).when(Accept(PETITION, T0, dispatch(len(past)))).then(like(DispatchAccepted))

    def test_while_another_part_goes_on_it_is_placed_when_the_router_hears_of_it(self):
        over = FinishPart(PETITION, T0, B, 1, "done", None, Stand(), routing_policy(DISTRICT))
        given(router, *STARTED, split(), DANGER).when(over).then(like(PartFinished, part=B))


LEAK = Reading("GAS", Severity.CRITICAL, Disposition.HAND_OFF, ("119",), 0.8, ())
UNREAD = (filed(text="燃气泄漏"), withdrawn())
HAD = (filed(), assessed(), routed(), supplemented(text="燃气泄漏"), withdrawn())
READ = (*UNREAD, assessed("GAS", "critical", disposition="hand_off", hand_off=("119",)))


class TestTakenBack:
    """撤诉: in the same minute, before anybody had read it or what was added to it."""

    def test_a_danger_is_read_all_the_same(self):
        grave = {"kind": "GAS", "severity": Severity.CRITICAL, "hand_off": ("119",)}
        given(severity, *UNREAD).when(Assess(PETITION, T0, DISTRICT, LEAK)).then(like(SeverityAssessed, **grave))
        said = given(severity, *HAD).when(Reread(PETITION, T0, DISTRICT, LEAK, LEAK, 4, 1))
        said.then(like(SeverityAssessed, **grave, supplement=1))

    @pytest.mark.parametrize("grave", [Severity.ROUTINE, Severity.URGENT])
    def test_of_anything_else_nobody_needs_a_reading(self, grave):
        lamp = replace(LEAK, severity=grave, disposition=Disposition.HANDLE, confidence=0.1, unread=True)
        given(severity, *UNREAD).when(Assess(PETITION, T0, DISTRICT, lamp)).then_nothing()
        given(severity, *HAD).when(Reread(PETITION, T0, DISTRICT, lamp, lamp, 4, 1)).then_nothing()

    @pytest.mark.parametrize("end", [referred(), declined(), closed()])
    def test_what_was_answered_stays_answered(self, end):
        given(severity, filed(), end).when(Assess(PETITION, T0, DISTRICT, LEAK)).then_nothing()
        given(feedback, *UNREAD[:1], end, READ[-1]).when_heard().then_nothing()
        given(router, *UNREAD[:1], end, READ[-1]).when_heard().then_nothing()

    def test_who_must_know_is_told_at_once_and_it_is_opened_again(self):
        [told] = given(router, *READ).when_heard().then(like(HandOffOrdered, to=("119",)))
        for past in (READ, (*READ, told), (*HAD, DANGER)):
            given(feedback, *past).when_heard(len(past) - (past[-1] is told)).then(
                like(PetitionReopened, round=2, cause="danger", route_by=T0 + timedelta(minutes=3))
            )
        [placed] = given(router, *READ, told, AGAIN).when_heard().then(
            dispatched(unit="D", department="D-GAS", severity=Severity.CRITICAL, round=2)
        )  # fmt: skip
        assert fold_life(recorded(*READ, told, AGAIN, placed)).status is Status.ROUTED

    def test_whichever_is_heard_first_it_is_placed_once(self):
        placed, told = given(router, *READ, AGAIN).when_heard(3).then(dispatched(round=2), like(HandOffOrdered))
        given(router, *READ, AGAIN, placed, told).when_heard(4).then_nothing()

    def test_it_is_opened_once_and_then_not_taken_back(self):
        given(feedback, *READ, AGAIN).when_heard(3).then_nothing()
        for past in (READ, (*READ, AGAIN)):
            refused = given(intake, *past).when(Withdraw(PETITION, T0, "打错了", T0)).refusal
            assert isinstance(refused, PetitionEnded if past is READ else CriticalGoesOn)

    def test_who_must_be_told_of_what_is_less_grave_is_told_and_it_stays_taken_back(self):
        noise = assessed("NOISE", "urgent", disposition="hand_off", hand_off=("110",))
        read = replace(LEAK, kind="NOISE", severity=Severity.URGENT, hand_off=("110",))
        for sure in (0.8, 0.1):  # nobody has anything to say about what stays taken back
            unsure = Assess(PETITION, T0, DISTRICT, replace(read, confidence=sure))
            given(severity, *UNREAD).when(unsure).then(like(SeverityAssessed))
        given(feedback, *UNREAD, noise).when_heard().then_nothing()
        given(router, *UNREAD, noise).when_heard().then(like(HandOffOrdered, to=("110",)))
        late = (filed(), noise, withdrawn())
        given(router, *late).when_heard(2).then(like(HandOffOrdered, to=("110",)))


DONE = (*STARTED, accepted(dispatch(3)), resolved(dispatch(3)))


@pytest.mark.parametrize("outcome", ["not_applicable", "not_reached"])
class TestClosedByAMachine:
    """Nobody was, or could be, asked about it; and what had been added before was read only then."""

    def test_a_danger_is_read_all_the_same_and_opened_again(self, outcome):
        over = (*DONE, closed(outcome))
        added = Reread(PETITION, T0, DISTRICT, LEAK, LEAK, 4, 1)
        given(severity, *over).when(added).then(like(SeverityAssessed, severity=Severity.CRITICAL))
        given(router, *over, DANGER).when_heard().then(like(HandOffOrdered, to=("119",)))
        given(feedback, *over, DANGER).when_heard().then(like(PetitionReopened, round=2, cause="danger"))

    def test_of_anything_else_nobody_needs_a_reading(self, outcome):
        pipe = replace(LEAK, kind="PIPE", severity=Severity.URGENT, disposition=Disposition.HANDLE)
        given(severity, *DONE, closed(outcome)).when(Reread(PETITION, T0, DISTRICT, pipe, pipe, 4, 1)).then_nothing()


@pytest.mark.parametrize(("disposition", "end"), [("refer", referred()), ("decline", declined())])
class TestTurnedAway:
    """引导, 不予受理: by a person who may not have known what had been added and no machine had read."""

    def test_a_danger_is_read_all_the_same_and_looked_at(self, disposition, end):
        over = (*STARTED, reassessed("COURT", disposition=disposition), end)
        added = Reread(PETITION, T0, DISTRICT, LEAK, LEAK, 4, 1)
        read = like(SeverityAssessed, kind="GAS", severity=Severity.CRITICAL, hand_off=("119",), supplement=1)
        given(severity, *over).when(added).then(read, like(ReviewRequested))

    def test_of_anything_else_nobody_needs_a_reading(self, disposition, end):
        over = (*STARTED, reassessed("COURT", disposition=disposition), end)
        pipe = replace(LEAK, kind="PIPE", severity=Severity.URGENT, disposition=Disposition.HANDLE)
        for alone in (pipe, replace(pipe, confidence=0.1, unread=True, plain=pipe)):
            given(severity, *over).when(Reread(PETITION, T0, DISTRICT, LEAK, alone, 4, 1)).then_nothing()

    def test_what_was_turned_away_as_the_danger_that_they_tell_of_stays_so(self, disposition, end):
        known = (*STARTED, reassessed("GAS", "critical", disposition=disposition, hand_off=("119",)), end)
        given(severity, *known).when(Reread(PETITION, T0, DISTRICT, LEAK, LEAK, 4, 1)).then_nothing()

    def test_what_was_opened_again_and_closed_by_a_person_stays_closed(self, disposition, end):
        again = (*STARTED, reassessed("COURT", disposition=disposition), end, reopened(2, "person"))
        handled = (*again, routed(round=2), accepted(dispatch(8)), resolved(dispatch(8), round=2))
        over = (*handled, feedback_requested(2), closed("by_person", round=2))
        given(severity, *over).when(Reread(PETITION, T0, DISTRICT, LEAK, LEAK, 4, 1)).then_nothing()

    def test_who_must_know_is_told_and_it_is_opened_again(self, disposition, end):
        past = (*STARTED, reassessed("COURT", disposition=disposition), end, DANGER)
        [told] = given(router, *past).when_heard().then(like(HandOffOrdered, to=("119",)))
        for heard in (past, (*past, told)):
            given(feedback, *heard).when_heard(len(past)).then(
                like(PetitionReopened, round=2, cause="danger", route_by=T0 + timedelta(minutes=3))
            )
        [placed] = given(router, *past, told, AGAIN).when_heard().then(
            dispatched(unit="D", department="D-GAS", severity=Severity.CRITICAL, round=2)
        )  # fmt: skip
        assert "history" not in floors_of(placed)
        assert fold_life(recorded(*past, told, AGAIN, placed)).status is Status.ROUTED
        given(feedback, *past, AGAIN).when_heard(len(past)).then_nothing()

    def test_a_danger_that_was_read_before_stays_turned_away(self, disposition, end):
        known = (*STARTED, DANGER, reassessed("LAMP", disposition=disposition), end)
        given(router, *known).when_heard(5).then_nothing()
        given(feedback, *known).when_heard(5).then_nothing()


@pytest.mark.parametrize("outcome", ["solved", "by_person"])
def test_what_the_resident_or_a_person_closed_stays_closed(outcome):
    over = (*DONE, closed(outcome))
    given(severity, *over).when(Reread(PETITION, T0, DISTRICT, LEAK, LEAK, 4, 1)).then_nothing()
    given(feedback, *over, DANGER).when_heard().then_nothing()
    given(router, *over, DANGER).when_heard().then_nothing()


GRAVE = (filed(), assessed("GAS", "critical"), routed(severity="critical"))
KNOWN = pytest.mark.parametrize(
    "done",
    [(*GRAVE, accepted(dispatch(3)), resolved(dispatch(3))), (*GRAVE, linked(), done(FOR_ALL, root=ROOT))],
    ids=["handled", "repeat"],
)


@KNOWN
def test_a_danger_that_was_known_when_it_was_reported_done_was_seen_to(done):
    given(feedback, *done, reassessed("GAS", "critical")).when_heard().then_nothing()
    lowered = (*done, reassessed("GAS", "routine"))
    given(feedback, *lowered, reassessed("GAS", "critical")).when_heard().then(like(PetitionReopened, cause="danger"))


@KNOWN
def test_a_danger_told_of_since_is_told_and_opened_again_at_once(done):
    past = (*done, feedback_requested(), DANGER)
    [told] = given(router, *past).when_heard().then(like(HandOffOrdered, to=("119",)))
    for heard in ((*past,), (*past, told)):
        given(feedback, *heard).when_heard(len(past)).then(like(PetitionReopened, round=2, cause="danger"))
    [_] = given(router, *past, told, AGAIN).when_heard().then(dispatched(severity=Severity.CRITICAL, round=2))
    given(router, *past, told).when_heard(len(past)).then_nothing()


def test_its_resident_is_asked_about_what_became_of_the_danger():
    here = dispatch(len(WHOLE) + 3)
    past = (*WHOLE, DANGER, AGAIN, routed("district", "D", round=2), accepted(here), resolved(here, round=2))
    given(feedback, *past).when_heard().then(like(type(feedback_requested()), round=2))
    answer = TakeFeedback(PETITION, T0, DISTRICT, True, True, True, None, "s-1")
    assert given(feedback, *past, feedback_requested(2)).when(answer).said


def test_a_first_reading_that_comes_late_opens_nothing_that_was_handled_as_a_danger():
    unread = (filed(kind="GAS"), routed("district", "D", "D-GAS", kind="GAS", severity="critical", rule="unassessed"))
    done = (*unread, accepted(dispatch(2)), resolved(dispatch(2)), feedback_requested())
    given(feedback, *done, assessed("GAS", "critical")).when_heard().then_nothing()
    mild = (filed(), routed(rule="unassessed"), accepted(dispatch(2)), resolved(dispatch(2)))
    given(feedback, *mild, assessed("GAS", "critical")).when_heard().then(like(PetitionReopened, cause="danger"))
