"""并案: what follows another goes its own way where it must not be answered with it; the time of its round is not given
twice, and nobody is shown as having it meanwhile."""

import pytest

from intake import rejections_of_links as refuse
from intake.decider import Supplement, Withdraw, also
from intake.linking import LetGo, Link, TakeDuplicate, Unlink
from router.commands import Accept, Resolve, ResolveDuplicate, Resume
from router.following import also as also_resolved
from router.policy import routing_policy
from router.rejections_of_delays import NotOnHold
from router.stands import Stand
from schemas.events.intake import DuplicateLinked, DuplicateUnlinked, PetitionSupplemented
from schemas.events.router import DispatchAccepted, HandOffOrdered, PetitionHeld, PetitionResumed, ResolutionReported
from schemas.events.severity import SeverityReassessed
from schemas.life import Link as LinkOf
from schemas.life import fold_life
from schemas.sealed import Sealed
from schemas.words import LinkType, Result, Severity, Status
from severity.decider import Reassess
from tests.given import DISTRICT, PETITION, T0, dispatch, given, intake, later, like, recorded, router, severity
from tests.past import (
    REPEAT,
    ROOT,
    accepted,
    assessed,
    claimed,
    closed,
    dispatched,
    escalated,
    filed,
    floors_of,
    followed,
    linked,
    missed,
    reassessed,
    reopened,
    resolved,
    routed,
    split,
    supplemented,
    unlinked,
    withdrawn,
)

POLICY, UNITS = routing_policy(DISTRICT), DISTRICT.jurisdiction
ROUTED = (filed(), assessed(), routed())
FOLLOWS = (*ROUTED, supplemented(), linked())
DANGER = assessed("GAS", "critical", disposition="hand_off", hand_off=("119",)).model_copy(update={"supplement": 1})
PARTED = (*FOLLOWS, DANGER, routed("district", "D", "D-GAS", kind="GAS", severity="critical", rule="supplemented"))


def done_by(unit: str, department: str | None = None) -> ResolveDuplicate:
    """The root is reported done by this one."""
    stand = Stand(f"{ROOT}:3", "community", unit, "SA11", department)
    said = Resolve(ROOT, T0, POLICY, None, Result.DONE, "已修好")
    return ResolveDuplicate(PETITION, T0, ROOT, stand, (unit, department), said)


class TestADangerReadAfterTheLink:
    def test_it_is_placed_for_itself_at_once(self):
        given(router, *FOLLOWS, DANGER).when_heard().then(
            dispatched(unit="D", department="D-GAS", severity=Severity.CRITICAL, rule="supplemented"),
            like(HandOffOrdered, to=("119",)),
        )

    def test_what_is_no_graver_than_when_it_was_linked_follows_on(self):
        given(router, filed(), assessed("PIPE", "urgent"), linked()).when_heard(version=2).then_nothing()
        clearer = assessed("LAMP", disposition="ask")
        given(router, *FOLLOWS, clearer).when_heard().then_nothing()

    def test_done_before_the_router_has_heard_of_it_it_is_placed_and_not_answered(self):
        said = given(router, *FOLLOWS, DANGER).when(done_by("SA1")).then(dispatched(unit="D", rule="unlinked"))
        given(router, *FOLLOWS, DANGER, *said).when_heard(version=6).then(like(HandOffOrdered, to=("119",)))

    def test_then_it_lives_for_itself(self):
        assert fold_life(recorded(*PARTED)).status is Status.ROUTED
        given(router, *PARTED).when(done_by("SA1")).then_nothing()
        given(intake, *PARTED).when(Supplement(PETITION, T0, "味道更大了")).then(like(PetitionSupplemented))
        lower = Reassess(PETITION, T0, "LAMP", Severity.ROUTINE, None, "x", DISTRICT)
        given(severity, *PARTED).when(lower).then(like(SeverityReassessed))

    def test_its_root_lets_it_go_when_somebody_unlinks_them_be_it_over_or_not(self):
        unlink = Unlink(PETITION, T0, later(minutes=3))
        for past in (PARTED, (*PARTED, accepted(dispatch(7)), resolved(dispatch(7)), closed())):
            [said] = given(intake, *past).when(unlink).then(like(DuplicateUnlinked, root=ROOT, route_by=None))
            assert also(intake.decider.fold(recorded(*past)), unlink) == [LetGo(ROOT, T0, PETITION)]
            after = (*past, said)
            assert fold_life(recorded(*after)).links == ()
            assert fold_life(recorded(*after)).status is fold_life(recorded(*past)).status
            given(router, *after).when_heard().then_nothing()

    def test_before_that_it_follows_nobody_else(self):
        given(intake, *PARTED).when(Link(PETITION, T0, REPEAT, UNITS)).refused_with(refuse.FollowsAnother, root=ROOT)

    def test_taken_back_its_root_lets_it_go_too(self):
        mild = (*PARTED, reassessed())
        command = Withdraw(PETITION, T0, "x", T0)
        assert also(intake.decider.fold(recorded(*mild)), command) == [LetGo(ROOT, T0, PETITION)]
        assert fold_life(recorded(*mild, withdrawn())).links == ()


class TestAboutWhoHandlesTheRoot:
    def take(self, about: str | None) -> TakeDuplicate:
        return TakeDuplicate(PETITION, T0, REPEAT, Severity.ROUTINE, about, UNITS)

    @pytest.mark.parametrize("about", ["SA11", "SA1", "SA"])
    def test_it_is_not_linked(self, about: str):
        given(intake, *ROUTED).when(self.take(about)).refused_with(refuse.ComplainsAboutItsHandler)
        state = intake.decider.fold(recorded(filed(about=about), assessed(), routed("community", "SA1")))
        [asked] = also(state, Link(PETITION, T0, ROOT, UNITS))
        assert asked == TakeDuplicate(ROOT, T0, PETITION, Severity.ROUTINE, about, UNITS)

    def test_nor_where_an_office_or_who_claimed_it_is_meant(self):
        office = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"))
        given(intake, *office).when(self.take("SA-CITY")).refused_with(refuse.ComplainsAboutItsHandler)
        open_one = (filed(), assessed("BENCH"), routed("community", "SA1", mode="open"), claimed(dispatch(3), "SA1P"))
        given(intake, *open_one).when(self.take("SA1P")).refused_with(refuse.ComplainsAboutItsHandler)

    def test_about_somebody_else_it_is(self):
        for about in (None, "SB1", "D-GAS", "SA12"):
            given(intake, *ROUTED).when(self.take(about)).then(like(DuplicateLinked))

    def test_where_the_root_came_to_them_later_it_is_placed_and_not_answered(self):
        about = (filed(about="SA1"), assessed(), routed("grid", "SA"), linked())
        for unit in ("SA1", "SA11"):
            given(router, *about).when(done_by(unit)).then(dispatched(unit="SA", rule="unlinked"))
        given(router, *about).when(done_by("SB1")).then(like(ResolutionReported, root=ROOT))
        office = (filed(about="SA-CITY"), assessed("STALL"), routed("street", "SA", kind="STALL"), linked())
        given(router, *office).when(done_by("SA", "SA-CITY")).then(dispatched(unit="D", department="D-CITY"))

    def test_who_claimed_the_root_answers_for_it(self):
        past = (filed(), assessed("BENCH"), routed("community", "SA1", mode="open"), claimed(dispatch(3), "SA1P"))
        state = router.decider.fold(recorded(*past, followed()))
        [asked] = also_resolved(state, Resolve(PETITION, T0, POLICY, None, Result.DONE, "已修好"))
        assert (asked.by, asked.stand.unit) == (("SA1P", None), "SA1")
        office = claimed(dispatch(3), "D").model_copy(update={"department": "D-CITY"})
        state = router.decider.fold(recorded(*past[:3], office, followed()))
        [asked] = also_resolved(state, Resolve(PETITION, T0, POLICY, None, Result.DONE, "已修好"))
        assert asked.by == ("D", "D-CITY")


def test_what_climbed_before_the_link_was_heard_is_placed_above_who_missed_it():
    climbed = (*ROUTED, escalated(dispatch(3), "resolve:1"), linked())
    [event] = given(router, *climbed, unlinked(route_by=later(hours=1))).when_heard().then(dispatched(unit="SA1"))
    assert floors_of(event)["history"] == ("community", f"resolve:1:{dispatch(3)}")


class TestReportedDoneInVain:
    """It was linked before the router had heard that it is open again."""

    IN_VAIN = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)), reopened())

    def test_unlinked_it_goes_above_who_reported_it_done(self):
        out = unlinked(route_by=later(hours=1))
        [event] = given(router, *self.IN_VAIN, linked(), out).when_heard().then(dispatched(unit="SA1", round=2))
        assert floors_of(event)["history"] == ("community", f"not_solved:{dispatch(3)}")

    def test_placed_for_itself_or_split_in_vain_it_does_too(self):
        for elsewhere in (linked(), split()):
            danger = assessed("POISON", "critical", disposition="hand_off", hand_off=("120",))
            said = given(router, *self.IN_VAIN, elsewhere, danger).when_heard().said
            assert floors_of(said[0])["history"] == ("community", f"not_solved:{dispatch(3)}")


class TestItsTime:
    def test_linked_and_unlinked_again_it_must_be_resolved_when_it_had_to_be(self):
        out = unlinked(at=later(hours=30), route_by=later(hours=31))
        given(router, *ROUTED, linked(), out).when_heard().then(dispatched(resolve_by=later(hours=48), overdue=False))

    def test_what_had_passed_by_then_gets_what_is_overdue(self):
        out = unlinked(at=later(hours=50), route_by=later(hours=51))
        given(router, *ROUTED, linked(), out).when_heard().then(dispatched(resolve_by=later(hours=74), overdue=True))

    def test_on_hold_it_has_what_was_left(self):
        held = PetitionHeld(at=later(hours=8), number=1, until=later(days=20), reason=Sealed.of("等配件"))
        past = (*ROUTED, accepted(dispatch(3)), held, linked(at=later(days=2)))
        given(router, *past).when(Resume(PETITION, later(days=3), POLICY)).refused_with(NotOnHold)
        late = missed("hold:1", later(days=20))
        given(router, *past[:-1], late, past[-1]).when_heard(version=6).then_nothing()
        out = unlinked(at=later(days=4), route_by=later(days=5))
        given(router, *past, out).when_heard().then(
            like(PetitionResumed, cause="unlinked"), dispatched(resolve_by=later(days=4, hours=40), rule="unlinked")
        )
        answered = given(router, *past).when(done_by("SA1")).said
        again = (*past, *answered, reopened(at=later(days=5)), routed(round=2, at=later(days=5)))
        given(router, *again).when(Accept(PETITION, later(days=5), None)).then(like(DispatchAccepted))


class TestWhatIsShown:
    def test_nobody_has_what_follows_another(self):
        life = fold_life(recorded(*ROUTED, accepted(dispatch(3)), linked()))
        assert (life.unit, life.tier, life.dispatch, life.mode, life.floors) == (None, None, None, None, ())
        again = fold_life(recorded(*ROUTED, linked(), unlinked(), routed("community", "SA1", rule="unlinked")))
        assert (again.unit, again.tier, again.responsible.unit) == ("SA1", "community", "SA1")

    def test_taken_back_it_follows_nobody(self):
        assert fold_life(recorded(*ROUTED, linked(), withdrawn())).links == ()

    def test_what_it_was_answered_with_stays_also_when_it_is_taken_back_later(self):
        said = ResolutionReported(
            at=T0, dispatch=f"{ROOT}:3", round=1, result="done", text=Sealed.of("已修好"), root=ROOT
        )
        later_on = (*ROUTED, linked(), said, reopened(), routed(round=2), withdrawn())
        assert fold_life(recorded(*later_on)).links == (LinkOf(ROOT, LinkType.ROOT),)

    def test_two_that_change_places_show_one_link(self):
        before = (*ROUTED, followed(), accepted(dispatch(3)), resolved(dispatch(3)), reopened(), routed(round=2))
        life = fold_life(recorded(*before, linked(root=REPEAT)))
        assert life.links == (LinkOf(REPEAT, LinkType.ROOT),)
