"""A named person may send the current dispatch one tier up."""

from escalation import rejections as refuse
from escalation.decider import Escalate, NoticeMisses
from schemas.events.escalation import DeadlineMissed, PetitionEscalated
from tests.given import DISTRICT, PETITION, dispatch, escalation, given, later, like, recorded
from tests.past import (
    accepted,
    assessed,
    closed,
    escalated,
    filed,
    linked,
    referred,
    reopened,
    resolved,
    routed,
    unlinked,
)

ROUTED = (filed(), assessed(), routed())


def escalate(which: str | None = None) -> Escalate:
    return Escalate(PETITION, later(hours=1), DISTRICT, "涉及两个社区", which)


def test_the_current_dispatch_goes_up_with_the_persons_reason():
    given(escalation, *ROUTED).when(escalate()).then(
        like(PetitionEscalated, dispatch=dispatch(3), cause="person", reason="涉及两个社区")
    )
    given(escalation, *ROUTED, accepted(dispatch(3))).when(escalate(dispatch(3))).then(like(PetitionEscalated))


def test_a_dispatch_climbs_once_by_hand_or_by_a_miss():
    gone = (*ROUTED, escalated(dispatch(3)))
    given(escalation, *gone).when(escalate()).refused_with(refuse.AlreadyEscalated, current=dispatch(3))
    given(escalation, *gone).when(NoticeMisses(PETITION, later(hours=9), DISTRICT)).then(like(DeadlineMissed))


def test_asked_for_twice_it_climbs_one_tier_however_fast_the_router_was():
    climbed = (*ROUTED, escalated(dispatch(3)), routed("community", "SA1", rule="escalated", at=later(hours=1)))
    again = Escalate(PETITION, later(hours=1, seconds=59), DISTRICT, "涉及两个社区")
    given(escalation, *climbed).when(again).refused_with(refuse.AlreadyEscalated, current=dispatch(5))
    given(escalation, *climbed).when(escalate(dispatch(3))).refused_with(refuse.AlreadyEscalated, current=dispatch(5))
    given(escalation, *climbed).when(escalate(dispatch(5))).then(like(PetitionEscalated, dispatch=dispatch(5)))
    after_a_minute = Escalate(PETITION, later(hours=1, seconds=60), DISTRICT, "涉及两个社区")
    given(escalation, *climbed).when(after_a_minute).then(like(PetitionEscalated, dispatch=dispatch(5)))


def test_what_came_to_its_receiver_by_itself_may_climb_at_once():
    moved = (*ROUTED, routed("community", "SB1", rule="moved", at=later(hours=1)))
    given(escalation, *moved).when(escalate()).then(like(PetitionEscalated, dispatch=dispatch(4)))
    given(escalation, filed(), assessed(), routed(at=later(hours=1))).when(escalate()).then(like(PetitionEscalated))


def test_a_dispatch_that_was_replaced_does_not_climb():
    replaced = (*ROUTED, routed("community", "SB1", rule="moved"))
    given(escalation, *replaced).when(escalate(dispatch(3))).refused_with(refuse.AlreadyEscalated, current=dispatch(4))


def test_above_the_top_there_is_nothing():
    top = (filed(), assessed("PIPE"), routed("district", "D"))
    given(escalation, *top).when(escalate()).refused_with(refuse.NoTierAbove)


def test_the_top_unit_has_nothing_above_it_whatever_the_tier_of_the_dispatch():
    for past in ((filed("SA21"), assessed("LAMP"), routed("grid", "D")), (filed(), assessed(), routed("street", "D"))):
        given(escalation, *past).when(escalate()).refused_with(refuse.NoTierAbove)


def test_a_desk_that_has_to_place_it_does_so_and_sends_nothing_up():
    for place, desk in ((None, "D"), ("SA", "SA")):
        past = (filed(place), assessed("LAMP"), routed("grid", desk))
        given(escalation, *past).when(escalate()).refused_with(refuse.NoTierAbove)
    stands_in = (filed("SA21"), assessed("LAMP"), routed("grid", "SA2"))
    given(escalation, *stands_in).when(escalate()).then(like(PetitionEscalated))


def test_only_what_is_being_handled_can_climb():
    done = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)))
    away = (*ROUTED, referred(), reopened())
    for past in ((filed(), assessed()), done, (*done, closed()), (*done, closed(), reopened()), away):
        given(escalation, *past).when(escalate()).refused_with(refuse.NothingToEscalate)


def test_what_was_placed_for_itself_and_then_unlinked_can_climb_as_before():
    alone = (*ROUTED, linked(), routed("community", "SA1", rule="supplemented"), unlinked())
    given(escalation, *alone).when(escalate()).then(like(PetitionEscalated, dispatch=dispatch(5)))
    out = (*ROUTED, linked(), unlinked(route_by=later(hours=1)))
    given(escalation, *out).when(escalate()).refused_with(refuse.NothingToEscalate)


def test_unlinked_when_it_is_over_nothing_of_it_is_supervised_again():
    over = (*ROUTED, linked(), routed("community", "SA1", rule="supplemented"), closed())
    assert escalation.decider.fold(recorded(*over, unlinked())).ended
