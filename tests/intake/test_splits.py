"""拆分: the whole, its parts, and what the services make of both; each by its own rules."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from escalation.decider import Escalate
from escalation.rejections import NoTierAbove
from feedback.commands import NoteReopened, Reopen, TakeFeedback
from feedback.decider import also as also_reopened
from intake import rejections as over
from intake import rejections_of_links as links
from intake import rejections_of_parts as refuse
from intake.decider import FilePetition, Supplement, Urge, Withdraw, also
from intake.linking import Link, TakeDuplicate, Unlink
from intake.splitting import Split
from router import rejections_of_links as router_refuses
from router.commands import Accept, FinishPart, Resolve, ResolveDuplicate
from router.following import also as also_resolved
from router.lookups import for_batch
from router.policy import routing_policy
from router.reactions import on_part_over
from router.stands import Stand
from schemas.dispatches import DispatchWithdrawn
from schemas.events.feedback import PartReopened
from schemas.events.intake import PetitionFiled, PetitionSplit, PetitionUrged
from schemas.events.router import DispatchAccepted, HandOffOrdered, PartFinished, ResolutionReported
from schemas.events.severity import SeverityReassessed
from schemas.life import Link as LinkOf
from schemas.life import fold_life
from schemas.words import Channel, LinkType, Result, Severity, Status
from services.chassis.service import Ground
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
    PARTS,
    REPEAT,
    ROOT,
    accepted,
    assessed,
    declined,
    dispatched,
    feedback_requested,
    filed,
    followed,
    hand_off_ordered,
    linked,
    part_finished,
    part_reopened,
    referred,
    reopened,
    resolved,
    routed,
    split,
    withdrawn,
)  # fmt: skip

WHOLE = ROOT
ROUTED = (filed(), assessed(), routed())
HANDLED = (*ROUTED, accepted(dispatch(3)))
A, B = PARTS
STREET = (f"{A}:3", "street", "SA")
GRID = (f"{B}:3", "grid", "SA11")


def new(part: UUID) -> FilePetition:
    return FilePetition(part, T0, later(minutes=3), 1, Channel.HOTLINE, "门口占道经营", split_from=PETITION)


SPLIT = Split(PETITION, T0, [new(A), new(B)], DISTRICT)


def finish(part: UUID = B, outcome: str = "done", *, round: int = 1, stand: tuple[str, str, str] = GRID) -> FinishPart:
    return FinishPart(PETITION, T0, part, round, outcome, "已修好", Stand(*stand), routing_policy(DISTRICT))


class TestTheWhole:
    def test_it_becomes_its_parts_which_are_filed_with_it(self):
        given(intake, *HANDLED).when(SPLIT).then(like(PetitionSplit, parts=PARTS))
        state = intake.decider.fold(recorded(*HANDLED))
        assert also(state, SPLIT) == [new(A), new(B)]
        [part] = intake.decider.decide(intake.decider.initial, new(A))
        assert (type(part), part.split_from) == (PetitionFiled, PETITION)

    def test_it_was_read_and_is_neither_done_nor_over(self):
        given(intake, filed()).when(SPLIT).refused_with(refuse.NotRead)
        given(intake, *HANDLED, resolved(dispatch(3))).when(SPLIT).refused_with(over.AlreadyResolved)
        given(intake, *ROUTED, withdrawn()).when(SPLIT).refused_with(over.PetitionEnded)

    def test_it_follows_nobody_and_nobody_follows_it(self):
        given(intake, *ROUTED, linked()).when(SPLIT).refused_with(links.FollowsAnother, root=ROOT)
        given(intake, *ROUTED, followed()).when(SPLIT).refused_with(links.OthersFollow, number=1)

    def test_an_emergency_stays_whole(self):
        grave = (filed(), assessed("GAS", "critical"), routed(severity="critical"))
        given(intake, *grave).when(SPLIT).refused_with(refuse.CriticalStaysWhole)

    def test_no_part_of_a_part(self):
        past = (filed(split_from=WHOLE), assessed(), routed())
        given(intake, *past).when(SPLIT).refused_with(refuse.IsAPart, whole=WHOLE)

    @pytest.mark.parametrize(
        "command",
        [
            SPLIT,
            Supplement(PETITION, T0, "还是不亮"),
            Urge(PETITION, T0),
            Withdraw(PETITION, T0, "x", T0),
            Link(PETITION, T0, ROOT, DISTRICT.jurisdiction),
            Unlink(PETITION, T0, T0),
        ],
        ids=lambda command: type(command).__name__,
    )
    def test_what_is_wanted_of_it_is_asked_of_its_parts(self, command):
        given(intake, *ROUTED, split()).when(command).refused_with(refuse.IsSplit, parts=PARTS)

    def test_nobody_follows_it_but_one_of_its_parts(self):
        take = TakeDuplicate(PETITION, T0, REPEAT, Severity.ROUTINE, None, DISTRICT.jurisdiction)
        given(intake, *ROUTED, split()).when(take).refused_with(refuse.RootIsSplit, parts=PARTS)

    def test_opened_again_it_can_be_split_again(self):
        again = (*ROUTED, split(), part_finished(A), part_finished(B), done(), feedback_requested(), reopened())
        given(intake, *again, routed(round=2, rule="reopened")).when(SPLIT).then(like(PetitionSplit))


def done(dispatch: str = GRID[0], tier: str = "grid", unit: str = "SA11") -> ResolutionReported:
    return resolved(dispatch).model_copy(update={"tier": tier, "unit": unit, "part": B})


class TestWhatBecomesOfIt:
    def test_nobody_handles_it_nothing_of_it_is_due_and_it_names_its_parts(self):
        life = fold_life(recorded(*HANDLED, split(at=later(hours=1))))
        assert (life.status, life.due_at, life.responsible) == (Status.SPLIT, None, None)
        assert life.links == (LinkOf(A, LinkType.PART), LinkOf(B, LinkType.PART))
        assert {one.state.value for one in life.deadlines} == {"met", "lapsed"}
        given(escalation, *HANDLED, split()).when_heard(now=later(days=9)).then_nothing()
        given(router, *HANDLED, split()).when(Accept(PETITION, T0, None)).refused_with(
            router_refuses.IsSplit, parts=PARTS
        )
        command = Reassess(PETITION, T0, "NOISE", None, None, "x", DISTRICT)
        given(severity, *HANDLED, split()).when(command).refused_with(severity_refuses.IsSplit, parts=PARTS)

    def test_a_part_names_it(self):
        assert fold_life(recorded(filed(split_from=WHOLE))).links == (LinkOf(WHOLE, LinkType.SPLIT_FROM),)

    def test_who_had_it_hears_so(self):
        says(told(*HANDLED, split()), (DispatchWithdrawn, "SA11", {"reason": "split", "replaced_by": None}))

    def test_late_news_routes_nothing_that_was_split(self):
        given(router, filed(), assessed(), split()).when_heard(version=2).then_nothing()
        again = (*HANDLED, resolved(dispatch(3)), feedback_requested(), reopened(), split())
        given(router, *again).when_heard(version=7).then_nothing()

    def test_a_danger_that_is_read_late_is_placed_for_itself_and_no_part_counts_any_more(self):
        danger = assessed("GAS", "critical", disposition="hand_off", hand_off=("119",))
        past = (*ROUTED, split(), danger)
        [placed, _] = (
            given(router, *past)
            .when_heard()
            .then(dispatched(severity=Severity.CRITICAL, rule="assessed"), like(HandOffOrdered, to=("119",)))
        )
        given(router, *past, placed).when(finish()).then_nothing()
        given(router, *past, placed).when(Accept(PETITION, T0, None)).then(like(DispatchAccepted))
        given(intake, *past, placed).when(Urge(PETITION, T0)).then(like(PetitionUrged))
        given(feedback, *past, placed).when(NoteReopened(PETITION, T0, A, 2)).then_nothing()
        command = Reassess(PETITION, T0, None, Severity.URGENT, None, "x", DISTRICT)
        given(severity, *past, placed).when(command).then(like(SeverityReassessed))
        assert fold_life(recorded(*past, placed)).status is Status.ROUTED
        [missed, climbs] = given(escalation, *past, placed).when_heard(now=placed.accept_by + timedelta(seconds=1)).said
        assert (missed.deadline, climbs.cause) == (f"accept:{dispatch(6)}",) * 2
        given(escalation, *past, placed).when(Escalate(PETITION, T0, DISTRICT, "x")).refused_with(NoTierAbove)

    def test_what_is_read_late_and_no_danger_leaves_it_split(self):
        given(router, *ROUTED, split(), assessed("LAMP", "urgent")).when_heard().then_nothing()

    def test_a_hand_off_that_was_ordered_stays_due(self):
        past = (*ROUTED, hand_off_ordered("119"), split())
        [missed, asked] = given(escalation, *past).when_heard(now=later(minutes=16)).said
        assert (missed.deadline, asked.cause) == ("hand_off", "hand_off")


class TestRollingUp:
    SPLIT_UP = (*HANDLED, split())

    def test_it_waits_for_its_last_part(self):
        given(router, *self.SPLIT_UP).when(finish(A, stand=STREET)).then(
            like(PartFinished, part=A, round=1, outcome="done", text="已修好", dispatch=STREET[0], tier="street")
        )

    def test_the_last_part_resolves_it(self):
        past = (*self.SPLIT_UP, part_finished(A, stand=STREET))
        given(router, *past).when(finish()).then(
            like(PartFinished, part=B),
            like(
                ResolutionReported, round=1, result="done", text="", part=B, dispatch=GRID[0], tier="grid",
                answer_by=later(hours=72),
            ),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("first", "last", "result"),
        [
            ("done", "done", "done"),
            ("done", "withdrawn", "partly_done"),
            ("partly_done", "partly_done", "partly_done"),
            ("not_possible", "explained", "explained"),
            ("withdrawn", "referred", "explained"),
        ],
    )
    def test_what_came_of_it_is_what_came_of_its_parts(self, first, last, result):
        past = (*self.SPLIT_UP, part_finished(A, first))
        [_, whole] = given(router, *past).when(finish(B, last)).said
        assert whole.result == result

    def test_ended_without_a_dispatch_it_names_the_one_that_another_part_was_done_by(self):
        nothing = replace(finish(B, "withdrawn"), text=None, stand=Stand())
        [_, whole] = given(router, *self.SPLIT_UP, part_finished(A, stand=STREET)).when(nothing).said
        assert (whole.dispatch, whole.tier, whole.unit) == STREET
        [_, whole] = given(router, *self.SPLIT_UP, part_finished(A, "declined")).when(nothing).said
        assert (whole.dispatch, whole.tier, whole.result) == ("", None, "explained")

    def test_a_part_counts_once_and_only_while_it_waits_for_it(self):
        given(router, *self.SPLIT_UP, part_finished(B)).when(finish()).then_nothing()
        given(router, *self.SPLIT_UP).when(finish(REPEAT)).then_nothing()
        over = (*self.SPLIT_UP, part_finished(A), part_finished(B), done())
        given(router, *over).when(finish()).then_nothing()
        given(router, *over, feedback_requested(), reopened()).when(finish()).then_nothing()

    def test_a_part_that_is_open_again_is_waited_for_again(self):
        past = (*self.SPLIT_UP, part_finished(A), part_reopened(A))
        given(router, *past).when(finish(B)).then(like(PartFinished, part=B))
        given(router, *past, part_finished(B)).when(finish(A, round=2)).then(
            like(PartFinished, part=A, round=2), like(ResolutionReported)
        )

    def test_late_news_of_the_round_before_finishes_no_part(self):
        past = (*self.SPLIT_UP, part_finished(A), part_reopened(B))
        given(router, *past).when(finish(B, round=1)).then_nothing()

    def test_its_resident_is_asked_once_for_the_whole(self):
        past = (*self.SPLIT_UP, part_finished(A), part_finished(B), done())
        assert fold_life(recorded(*past)).status is Status.RESOLVED
        given(feedback, *past).when_heard().then(like(type(feedback_requested())))
        given(feedback, *past, feedback_requested()).when_heard(version=8).then_nothing()

    @pytest.mark.parametrize(("first", "tier"), [(STREET, "district"), (None, "community")])
    def test_not_solved_it_climbs_above_the_highest_of_its_parts(self, first, tier):
        over = (*self.SPLIT_UP, part_finished(A, stand=first), part_finished(B, stand=GRID), done())
        given(router, *over, feedback_requested(), reopened()).when_heard().then(
            dispatched(tier=tier, round=2, rule="reopened")
        )

    def test_not_solved_though_nothing_was_done_it_stands_where_it_stood(self):
        over = (*self.SPLIT_UP, part_finished(A, "withdrawn"), part_finished(B, "withdrawn"), done("", "", ""))
        given(router, *over, feedback_requested(), reopened()).when_heard().then(
            dispatched(tier="grid", unit="SA11", round=2, rule="reopened")
        )


class TestAPart:
    PART = (filed(split_from=WHOLE), assessed(), routed(), accepted(dispatch(3)))
    RESOLVE = Resolve(PETITION, T0, routing_policy(DISTRICT), None, Result.DONE, "已修好")

    def test_reported_done_it_finishes_itself_for_the_whole(self):
        state = router.decider.fold(recorded(*self.PART))
        stand = Stand(dispatch(3), "grid", "SA11", "SA11")
        assert also_resolved(state, self.RESOLVE) == [
            FinishPart(WHOLE, T0, PETITION, 1, "done", "已修好", stand, self.RESOLVE.policy)
        ]

    def test_reported_done_with_its_root_it_does_so_too(self):
        state = router.decider.fold(recorded(*self.PART, linked(root=REPEAT)))
        stand = Stand(f"{REPEAT}:3", "street", "SA")
        resolve = replace(self.RESOLVE, petition=REPEAT)
        done_for_the_root = ResolveDuplicate(PETITION, T0, REPEAT, stand, ("SA", None), resolve)
        [asked] = also_resolved(state, done_for_the_root)
        assert (asked.petition, asked.part, asked.stand) == (WHOLE, PETITION, stand)

    def test_placed_for_itself_instead_it_finishes_nothing(self):
        about = filed(split_from=WHOLE, about="SB")
        state = router.decider.fold(recorded(about, *self.PART[1:], linked(root=REPEAT)))
        stand = Stand(f"{REPEAT}:3", "street", "SB")
        assert also_resolved(state, ResolveDuplicate(PETITION, T0, REPEAT, stand, ("SB", None), self.RESOLVE)) == ()

    @pytest.mark.parametrize(
        ("end", "outcome"), [(withdrawn(), "withdrawn"), (referred(), "referred"), (declined(), "declined")]
    )
    async def test_ended_otherwise_the_router_hears_so(self, end, outcome):
        stream = recorded(*self.PART, end, reopened(2, "person"), end)
        for heard, round in ((stream[4], 1), (stream[6], 2)):
            [asked] = on_part_over(heard, await for_batch([heard], ground(stream)))
            assert (asked.petition, asked.part, asked.round, asked.outcome) == (WHOLE, PETITION, round, outcome)
            assert (asked.text, asked.stand) == (None, Stand())

    async def test_what_came_in_for_itself_finishes_nothing(self):
        stream = recorded(*HANDLED, withdrawn())
        assert on_part_over(stream[-1], await for_batch([stream[-1]], ground(stream))) == []

    @pytest.mark.parametrize(
        ("command", "opens"),
        [
            (Reopen(PETITION, T0, DISTRICT, "x", "s-1"), True),
            (TakeFeedback(PETITION, T0, DISTRICT, True, False, None, None, "s-1"), True),
            (TakeFeedback(PETITION, T0, DISTRICT, True, None, None, None, "s-1", contacted=False), True),
            (TakeFeedback(PETITION, T0, DISTRICT, True, True, None, None, "s-1"), False),
            (TakeFeedback(PETITION, T0, DISTRICT, False, None, None, None, "s-1"), False),
        ],
    )
    def test_opened_again_it_says_so_to_the_whole(self, command, opens):
        past = (*self.PART, resolved(dispatch(3)), feedback_requested())
        asked = also_reopened(feedback.decider.fold(recorded(*past)), command)
        assert list(asked) == ([NoteReopened(WHOLE, T0, PETITION, 2)] if opens else [])

    def test_the_whole_notes_it_while_it_waits(self):
        note = NoteReopened(PETITION, T0, A, 2)
        given(feedback, *HANDLED, split()).when(note).then(like(PartReopened, part=A, round=2))
        given(feedback, *HANDLED, split(), part_reopened(A)).when(note).then_nothing()
        given(feedback, *HANDLED, split()).when(NoteReopened(PETITION, T0, REPEAT, 2)).then_nothing()


def ground(stream) -> Ground:
    async def load(petitions):
        return dict.fromkeys(petitions, stream)

    return Ground(later(hours=1), DISTRICT, None, load)


@pytest.mark.parametrize("service", [intake, severity, router, escalation, feedback])
def test_every_service_folds_the_whole_and_its_parts(service):
    service.decider.fold(recorded(*ROUTED, split(), part_finished(A), part_reopened(A)))
    service.decider.fold(recorded(part_finished(A), part_reopened(A), split()))
