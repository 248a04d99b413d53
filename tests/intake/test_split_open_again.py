"""拆分: what was answered with its parts is not closed while one of them is open again; it waits for that one anew."""

from dataclasses import replace

import pytest

from feedback.commands import Close, CloseUnreached, NoteReopened, TakeFeedback
from feedback.decider import also
from feedback.lookups import for_batch
from feedback.reactions import on_petition_reopened
from feedback.rejections import IsSplit as AnsweredByItsParts
from intake.decider import Supplement
from intake.rejections_of_parts import IsSplit
from router.commands import FinishPart, MovePetition
from router.policy import routing_policy
from router.rejections_of_links import IsSplit as HandledByItsParts
from router.stands import Stand
from schemas.events.feedback import PART, FeedbackRequested, PartReopened, PetitionReopened
from schemas.events.router import PartFinished, ResolutionReported
from schemas.life import Link, fold_life
from schemas.words import LinkType, Severity, Status
from severity.decider import Reassess
from severity.rejections import IsSplit as ReadByItsParts
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
)
from tests.intake.test_splits import ground
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
    linked,
    part_finished,
    part_reopened,
    reassessed,
    referred,
    reopened,
    resolved,
    routed,
    split,
    unlinked,
    withdrawn,
)

A, B = PARTS
STREET, GRID = (f"{A}:3", "street", "SA"), (f"{B}:3", "grid", "SA11")
STARTED = (filed(), assessed(), routed(), split(), part_finished(A, stand=STREET), part_finished(B, stand=GRID))
ANSWERED = (*STARTED, resolved(GRID[0]).model_copy(update={"tier": "grid", "unit": "SA11", "part": B}))
ASKED = (*ANSWERED, feedback_requested())
AGAIN = PetitionReopened(at=T0, round=2, cause=PART)
WAITS = (*ASKED, AGAIN, part_reopened(A))
NOTE = NoteReopened(PETITION, T0, A, 2)
NOT_SOLVED = TakeFeedback(PETITION, T0, DISTRICT, True, False, None, None, "s-1")


def finish(part, *, round: int, stand: tuple[str, str, str]) -> FinishPart:
    return FinishPart(PETITION, T0, part, round, "done", "线路也换了", Stand(*stand), routing_policy(DISTRICT))


@pytest.mark.parametrize("past", [ANSWERED, ASKED], ids=["before it is asked about", "while it is asked about"])
def test_it_waits_for_its_part_again(past):
    given(feedback, *past).when(NOTE).then(
        like(PetitionReopened, round=2, cause="part", route_by=None), like(PartReopened, part=A, round=2)
    )


def test_what_the_part_tells_it_comes_with_the_part():
    part = (filed(split_from=ROOT), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
    state = feedback.decider.fold(recorded(*part, feedback_requested()))
    assert list(also(state, NOT_SOLVED)) == [NoteReopened(ROOT, T0, PETITION, 2)]


def test_nobody_closes_it_meanwhile():
    for command in (NOT_SOLVED, replace(NOT_SOLVED, solved=True), Close(PETITION, T0, DISTRICT, "x", "s-1")):
        given(feedback, *WAITS).when(command).refused_with(AnsweredByItsParts, parts=PARTS)
    given(feedback, *WAITS).when(CloseUnreached(PETITION, T0, DISTRICT, 1, later(hours=72))).then_nothing()
    given(feedback, *WAITS).when_heard(version=7).then_nothing()
    given(escalation, *WAITS).when_heard(version=9, now=later(days=9)).then_nothing()


def test_it_stands_as_what_is_split():
    life = fold_life(recorded(*WAITS))
    assert (life.status, life.round, life.due_at) == (Status.SPLIT, 2, None)
    assert not [one for one in life.deadlines if one.state == "open"]
    move = MovePetition(PETITION, T0, routing_policy(DISTRICT), "SA2", None, "x")
    given(router, *WAITS).when(move).refused_with(HandledByItsParts, parts=PARTS)
    given(intake, *WAITS).when(Supplement(PETITION, T0, "还是不亮")).refused_with(IsSplit, parts=PARTS)
    command = Reassess(PETITION, T0, "NOISE", None, None, "x", DISTRICT)
    given(severity, *WAITS).when(command).refused_with(ReadByItsParts, parts=PARTS)


def test_nobody_gets_it_to_handle():
    given(router, *WAITS).when_heard(version=9).then_nothing()


def test_it_is_resolved_again_with_that_part_and_its_resident_is_asked_again():
    [_, done] = (
        given(router, *WAITS)
        .when(finish(A, round=2, stand=(f"{A}:9", "district", "D")))
        .then(like(PartFinished, part=A, round=2), like(ResolutionReported, round=2, result="done", part=A))
    )
    over = (*WAITS, part_finished(A, round=2, stand=(f"{A}:9", "district", "D")), done)
    given(feedback, *over).when_heard().then(like(FeedbackRequested, round=2))


def test_of_several_parts_that_are_open_again_the_last_one_resolves_it():
    both = (*WAITS, part_reopened(B))
    given(feedback, *WAITS).when(NoteReopened(PETITION, T0, B, 2)).then(like(PartReopened, part=B))
    given(router, *both).when(finish(A, round=2, stand=STREET)).then(like(PartFinished, part=A))


def test_not_solved_for_itself_after_that_it_climbs_above_the_highest_of_its_parts_as_the_first_time():
    done = resolved(STREET[0], round=2).model_copy(update={"tier": "street", "unit": "SA", "part": A})
    past = (*WAITS, part_finished(A, round=2, stand=STREET), done, feedback_requested(2), reopened(3))
    [placed] = given(router, *past).when_heard().then(dispatched(tier="district", round=3, rule="reopened"))
    assert placed.floors[-1].reason == f"not_solved:{STREET[0]}"


def test_what_was_answered_already_stays_so():
    given(feedback, *ASKED, closed()).when(NOTE).then_nothing()
    given(feedback, *ASKED, reopened(), routed(round=2)).when(NOTE).then_nothing()
    given(feedback, *ASKED, reopened()).when(NOTE).then_nothing()


def test_what_is_critical_has_a_person_to_answer_it_and_waits_for_nobody():
    grave = reassessed("GAS", Severity.CRITICAL)
    given(feedback, *STARTED, grave, ANSWERED[-1]).when(NOTE).then_nothing()


async def test_of_a_part_that_is_opened_again_as_a_danger_it_hears_from_feedback():
    for part, told in ((filed(split_from=ROOT), [NoteReopened(ROOT, later(hours=1), PETITION, 2)]), (filed(), [])):
        stream = recorded(part, withdrawn(), reassessed("GAS", "critical"), reopened(2, "danger"))
        assert on_petition_reopened(stream[3], await for_batch(stream, ground(stream))) == told
    by_a_person = recorded(filed(split_from=ROOT), withdrawn(), reopened(2, "person"))
    heard = await for_batch(by_a_person, ground(by_a_person))
    assert on_petition_reopened(by_a_person[2], heard) == []  # who opened it has told the whole


async def test_what_is_over_again_by_the_time_it_is_heard_of_is_waited_for_by_nobody():
    again = (filed(split_from=ROOT), withdrawn(), reassessed("GAS", "critical"), reopened(2, "danger"), routed(round=2))
    for over in (resolved(dispatch(5), round=2), referred(), declined(), withdrawn()):
        stream = recorded(*again, over)
        assert on_petition_reopened(stream[3], await for_batch(stream[:4], ground(stream))) == []


def test_resolved_with_its_parts_before_the_router_hears_that_it_waited_for_one_it_is_nobodys_to_handle():
    done = resolved(STREET[0], round=2).model_copy(update={"tier": "street", "unit": "SA", "part": A})
    past = (*WAITS, part_finished(A, round=2, stand=STREET), done)
    given(router, *past).when_heard(version=9).then_nothing()


def test_nobody_was_asked_where_a_part_was_faster():
    [asked] = [one for one in fold_life(recorded(*WAITS)).deadlines if one.name == "feedback:1"]
    assert asked.state == "lapsed"


def test_linked_to_what_it_was_split_from_it_stays_a_part_of_that():
    """The whole is a petition of its own again, and a part repeats it; both links are told, and end for themselves."""
    part, follows = filed(split_from=ROOT), (assessed(), routed(), linked())
    from_it, root = Link(ROOT, LinkType.SPLIT_FROM), Link(ROOT, LinkType.ROOT)
    assert fold_life(recorded(part, *follows)).links == (from_it, root)
    assert fold_life(recorded(part, *follows, unlinked())).links == (from_it,)
    assert fold_life(recorded(part, *follows, withdrawn())).links == (from_it,)
    again = (*ASKED, reopened(), routed(round=2), linked(root=PETITION, duplicate=A))
    parts = (Link(A, LinkType.PART), Link(B, LinkType.PART))
    assert fold_life(recorded(*again)).links == (*parts, Link(A, LinkType.DUPLICATE))
    assert fold_life(recorded(*again, unlinked(root=PETITION, duplicate=A))).links == parts
