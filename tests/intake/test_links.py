"""并案: a repeat follows its root; each end of the link by its own rules, and what the other services make of it."""

import pytest

from escalation.decider import AnswerSupervision
from intake import rejections as over
from intake import rejections_of_links as refuse
from intake.decider import Supplement, Urge, Withdraw, also
from intake.linking import MOST_DUPLICATES, LetGo, Link, TakeDuplicate, Unlink
from router import rejections_of_links as router_refuses
from router.commands import Accept, Resolve, ResolveDuplicate
from router.following import also as also_resolved
from router.policy import routing_policy
from router.stands import Stand
from schemas.dispatches import DispatchWithdrawn
from schemas.events.escalation import SupervisionAnswered, SupervisionOrdered
from schemas.events.intake import DuplicateLinked, DuplicateUnlinked, PetitionWithdrawn
from schemas.events.router import HandOffOrdered, ResolutionReported
from schemas.events.severity import SeverityReassessed
from schemas.life import Link as LinkOf
from schemas.life import fold_life
from schemas.sealed import Sealed
from schemas.words import Disposition, LinkType, Result, Severity, Status
from severity import rejections as severity_refuses
from severity.decider import Reassess
from tests.given import (
    DISTRICT,
    PETITION,
    T0,
    dispatch,
    escalation,
    feedback,
    given,
    intake,
    later,
    like,
    recorded,
    router,
    severity,
)  # fmt: skip
from tests.news import says, told
from tests.past import (
    REPEAT,
    ROOT,
    accepted,
    assessed,
    closed,
    dispatched,
    feedback_requested,
    filed,
    followed,
    hand_off_confirmed,
    hand_off_ordered,
    linked,
    reopened,
    resolved,
    routed,
    unlinked,
    withdrawn,
)  # fmt: skip

ROUTED = (filed(), assessed(), routed())
HANDLED = (*ROUTED, accepted(dispatch(3)))
DONE = (*HANDLED, resolved(dispatch(3)))
POLICY, UNITS = routing_policy(DISTRICT), DISTRICT.jurisdiction
LINK = Link(PETITION, T0, ROOT, UNITS)
UNLINK = Unlink(PETITION, T0, later(minutes=3))
TAKE = TakeDuplicate(PETITION, T0, REPEAT, Severity.ROUTINE, None, UNITS)


class TestTheRepeat:
    def test_it_follows_the_one_that_is_named(self):
        given(intake, *ROUTED).when(LINK).then(like(DuplicateLinked, root=ROOT, duplicate=PETITION))
        given(intake, *ROUTED, linked()).when(LINK).then_nothing()

    def test_it_follows_one_and_is_followed_by_nobody(self):
        another = Link(PETITION, T0, REPEAT, UNITS)
        given(intake, *ROUTED, linked()).when(another).refused_with(refuse.FollowsAnother, root=ROOT)
        given(intake, *ROUTED, followed()).when(LINK).refused_with(refuse.OthersFollow, number=1)

    def test_it_does_not_follow_what_follows_it_nor_itself(self):
        back = Link(PETITION, T0, REPEAT, UNITS)
        given(intake, *ROUTED, followed()).when(back).refused_with(refuse.LinkedTheOtherWay, duplicate=REPEAT)
        given(intake, *ROUTED).when(Link(PETITION, T0, PETITION, UNITS)).refused_with(refuse.LinksToItself)

    def test_it_was_read_and_is_neither_done_nor_over(self):
        given(intake, filed()).when(LINK).refused_with(refuse.NotReadYet)
        given(intake, *DONE).when(LINK).refused_with(over.AlreadyResolved)
        given(intake, *ROUTED, withdrawn()).when(LINK).refused_with(over.PetitionEnded)

    def test_what_is_learnt_or_wanted_of_it_is_asked_of_its_root(self):
        for command in (Supplement(PETITION, T0, "还是不亮"), Urge(PETITION, T0)):
            given(intake, *ROUTED, linked()).when(command).refused_with(refuse.FollowsAnother, root=ROOT)

    def test_it_can_still_be_taken_back_and_its_root_lets_it_go(self):
        command = Withdraw(PETITION, T0, "已自行解决", T0)
        given(intake, *ROUTED, linked()).when(command).then(like(PetitionWithdrawn))
        state = intake.decider.fold(recorded(*ROUTED, linked()))
        assert also(state, command) == [LetGo(ROOT, T0, PETITION)]

    def test_unlinked_it_is_due_to_be_routed(self):
        given(intake, *ROUTED, linked()).when(UNLINK).then(
            like(DuplicateUnlinked, root=ROOT, route_by=later(minutes=3))
        )
        given(intake, *ROUTED).when(UNLINK).refused_with(refuse.NotLinked)
        given(intake, *ROUTED, linked(), unlinked()).when(UNLINK).refused_with(refuse.NotLinked)


class TestTheRoot:
    def test_it_knows_who_follows_it(self):
        given(intake, *HANDLED).when(TAKE).then(like(DuplicateLinked, root=PETITION, duplicate=REPEAT))
        given(intake, *HANDLED, followed()).when(LetGo(PETITION, T0, REPEAT)).then(
            like(DuplicateUnlinked, root=PETITION, duplicate=REPEAT, route_by=None)
        )
        given(intake, *HANDLED).when(LetGo(PETITION, T0, REPEAT)).then_nothing()

    def test_what_asks_to_follow_it_is_its_root_already(self):
        back = TakeDuplicate(PETITION, T0, ROOT, Severity.ROUTINE, None, UNITS)
        given(intake, *ROUTED, linked()).when(back).refused_with(refuse.LinkedTheOtherWay, duplicate=PETITION)

    def test_no_chains(self):
        given(intake, *ROUTED, linked()).when(TAKE).refused_with(refuse.RootFollowsAnother, root=ROOT)

    def test_somebody_works_on_it(self):
        given(intake, filed()).when(TAKE).refused_with(refuse.NotReadYet)
        for end in ((resolved(dispatch(3)),), (withdrawn(),)):
            given(intake, *HANDLED, *end).when(TAKE).refused_with(refuse.RootIsOver)

    def test_no_emergency_disappears_behind_it(self):
        grave = TakeDuplicate(PETITION, T0, REPEAT, Severity.CRITICAL, None, UNITS)
        given(intake, *HANDLED).when(grave).refused_with(refuse.GraverThanRoot, root=Severity.ROUTINE)

    def test_no_more_follow_it_than_one_append_answers(self):
        many = [
            linked(root=PETITION, duplicate=type(REPEAT)(int=REPEAT.int + 1 + one)) for one in range(MOST_DUPLICATES)
        ]
        given(intake, *HANDLED, *many).when(TAKE).refused_with(refuse.TooManyFollow, most=MOST_DUPLICATES)

    def test_it_does_not_end_while_others_wait_for_its_answer(self):
        given(intake, *HANDLED, followed()).when(Withdraw(PETITION, T0, "x", T0)).refused_with(
            refuse.OthersFollow, number=1
        )
        for away in (Disposition.REFER, Disposition.DECLINE):
            command = Reassess(PETITION, T0, "COURT", None, away, "x", DISTRICT)
            given(severity, *HANDLED, followed()).when(command).refused_with(severity_refuses.OthersFollow, number=1)

    def test_it_is_not_lowered_while_one_that_may_be_as_grave_follows_it(self):
        grave = (filed(), assessed("GAS", "critical"), routed(severity="critical"), followed())
        lower = Reassess(PETITION, T0, None, Severity.ROUTINE, None, "x", DISTRICT)
        given(severity, *grave).when(lower).refused_with(severity_refuses.OthersFollow, number=1)
        given(severity, *grave[:3]).when(lower).then(like(SeverityReassessed, severity=Severity.ROUTINE))

    def test_once_it_is_resolved_the_link_is_history(self):
        again = (*HANDLED, followed(), resolved(dispatch(3)), reopened())
        given(intake, *again).when(Withdraw(PETITION, T0, "x", T0)).then(like(PetitionWithdrawn))


class TestWhatBecomesOfIt:
    def test_nobody_handles_it_nothing_of_it_is_due_and_it_shows_whom_it_follows(self):
        life = fold_life(recorded(*HANDLED, linked(at=later(hours=1))))
        assert (life.status, life.due_at, life.responsible) == (Status.LINKED, None, None)
        assert life.links == (LinkOf(ROOT, LinkType.ROOT),)
        assert {one.state.value for one in life.deadlines} == {"met", "lapsed"}
        given(router, *HANDLED, linked()).when(Accept(PETITION, T0, None)).refused_with(router_refuses.FollowsAnother)
        given(escalation, *HANDLED, linked()).when_heard(now=later(days=9)).then_nothing()
        command = Reassess(PETITION, T0, "NOISE", None, None, "x", DISTRICT)
        given(severity, *HANDLED, linked()).when(command).refused_with(severity_refuses.FollowsAnother, root=ROOT)

    def test_who_had_it_hears_so_and_the_roots_receiver_goes_on(self):
        says(told(*HANDLED, linked()), (DispatchWithdrawn, "SA11", {"reason": "linked", "replaced_by": None}))
        says(told(*HANDLED, followed()))
        assert fold_life(recorded(*HANDLED, followed())).links == (LinkOf(REPEAT, LinkType.DUPLICATE),)

    def test_a_danger_that_the_router_hears_of_late_is_told_to_who_must_know(self):
        danger = assessed("GAS", "critical", disposition="hand_off", hand_off=("119",))
        given(router, filed(), danger, linked()).when_heard(version=2).then(like(HandOffOrdered, to=("119",)))

    def test_a_hand_off_stays_due_and_once_everybody_was_told_an_answer_is_enough(self):
        grave = (filed(), assessed("GAS", "critical"), routed(severity="critical"), hand_off_ordered("119"), linked())
        due = later(minutes=15)
        [missed, asked] = given(escalation, *grave).when_heard(now=later(minutes=16)).said
        assert (missed.deadline, missed.due_at, asked.cause) == ("hand_off", due, "hand_off")
        answer = AnswerSupervision(PETITION, later(hours=1), DISTRICT, "已告知")
        again = like(SupervisionOrdered, cause="hand_off")
        given(escalation, *grave, missed, asked).when(answer).then(like(SupervisionAnswered), again)
        told_all = hand_off_confirmed("119", at=later(minutes=50))
        given(escalation, *grave, missed, asked, told_all).when(answer).then(like(SupervisionAnswered))

    def test_unlinked_it_is_routed_as_if_new_and_not_below_where_it_stood(self):
        out = unlinked(at=later(hours=1), route_by=later(hours=2))
        given(router, *ROUTED, linked(), out).when_heard().then(
            dispatched(unit="SA11", rule="unlinked", round=1, resolve_by=later(hours=48))
        )
        climbed = (*ROUTED, routed("street", "SA", rule="escalated"), linked(), out)
        given(router, *climbed).when_heard().then(dispatched(tier="street", unit="SA", rule="unlinked"))
        life = fold_life(recorded(*ROUTED, linked(), out))
        assert (life.status, life.due_at, life.links) == (Status.ASSESSED, later(hours=2), ())

    def test_taken_back_before_it_was_routed_for_itself_it_can_be_opened_again(self):
        out = unlinked(route_by=later(minutes=3))
        past = (*ROUTED, linked(), out, withdrawn(), reopened(2, "person"))
        given(router, *past).when_heard().then(dispatched(unit="SA11", round=2, rule="reopened"))
        given(router, *past).when_heard(version=5).then_nothing()

    def test_its_root_goes_on_as_before(self):
        out = unlinked(root=PETITION, duplicate=REPEAT)
        given(router, *HANDLED, followed(), out).when_heard().then_nothing()

    def test_late_news_routes_nothing_that_follows(self):
        given(router, filed(), assessed(), linked()).when_heard(version=2).then_nothing()
        twice = (*ROUTED, linked(), unlinked(), linked())
        given(router, *twice).when_heard(version=5).then_nothing()


class TestTheAnswer:
    DONE_BY = f"{ROOT}:3"
    STAND = Stand(DONE_BY, "community", "SA1", "SA11")

    def answer(self) -> ResolveDuplicate:
        said = Resolve(ROOT, T0, POLICY, None, Result.DONE, "已修好")
        return ResolveDuplicate(PETITION, T0, ROOT, self.STAND, ("SA1", None), said)

    def test_what_is_done_for_the_root_is_done_for_all_that_follow(self):
        command = Resolve(PETITION, T0, POLICY, None, Result.DONE, "已修好")
        state = router.decider.fold(recorded(*HANDLED, followed()))
        [told] = also_resolved(state, command)
        assert told == ResolveDuplicate(REPEAT, T0, PETITION, state.responsible, ("SA11", None), command)
        second = (*HANDLED, followed(), resolved(dispatch(3)), reopened(), routed(round=2))
        assert not also_resolved(router.decider.fold(recorded(*second)), command)

    def test_the_repeat_is_resolved_in_the_same_words_and_its_resident_is_asked(self):
        [said] = (
            given(router, *ROUTED, linked())
            .when(self.answer())
            .then(like(ResolutionReported, dispatch=self.DONE_BY, root=ROOT, text="已修好", round=1, unit="SA1"))
        )
        past = (*ROUTED, linked(), said)
        assert fold_life(recorded(*past)).status is Status.RESOLVED
        [asked] = given(feedback, *past).when_heard().said
        assert type(asked).__name__ == "FeedbackRequested"

    def test_what_follows_it_no_more_is_not_answered(self):
        given(router, *ROUTED, linked(), unlinked()).when(self.answer()).then_nothing()

    def test_not_solved_it_is_opened_for_itself_one_tier_above_who_did_it(self):
        said = ResolutionReported(
            at=T0, dispatch=self.DONE_BY, round=1, result="done", text=Sealed.of("已修好"), root=ROOT,
            tier="community", unit="SA1",
        )  # fmt: skip
        past = (*ROUTED, linked(), said, feedback_requested(), reopened())
        given(router, *past).when_heard().then(dispatched(tier="street", unit="SA", round=2, rule="reopened"))

    def test_it_closes_by_its_own_residents_word(self):
        said = ResolutionReported(
            at=T0, dispatch=self.DONE_BY, round=1, result="done", text=Sealed.of("已修好"), root=ROOT
        )
        life = fold_life(recorded(*ROUTED, linked(), said, feedback_requested(), closed()))
        assert life.status is Status.CLOSED


@pytest.mark.parametrize("service", [intake, severity, router, escalation, feedback])
def test_every_service_folds_both_ends(service):
    service.decider.fold(recorded(*ROUTED, linked(), unlinked(), followed()))
