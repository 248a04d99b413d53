"""拆分: what has climbed does not begin at the bottom again because it is split; its parts climb on from there."""

import pytest

from intake.decider import FilePetition, also
from intake.rejections_of_parts import BeingPlaced
from intake.splitting import Split
from router.commands import Reroute
from router.policy import routing_policy
from router.rerouting import Verdict, foresee
from schemas.events.intake import PetitionFiled, PetitionSplit
from schemas.events.router import Floor
from schemas.words import Channel, FloorName
from tests.given import DISTRICT, PETITION, T0, dispatch, given, intake, later, like, recorded, router
from tests.past import (
    PARTS,
    ROOT,
    accepted,
    assessed,
    dispatched,
    escalated,
    filed,
    floors_of,
    missed,
    reopened,
    resolved,
    routed,
)

ROUTED = (filed(), assessed(), routed())
IN_VAIN = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)), reopened())
NEW = [FilePetition(one, T0, later(minutes=3), 1, Channel.HOTLINE, "灯") for one in PARTS]
SPLIT = Split(PETITION, T0, NEW, DISTRICT)


def above(tier: str, reason: str) -> Floor:
    return Floor(floor=FloorName.HISTORY, tier=tier, reason=reason)


def climbed(floor: Floor, *, round: int = 2, rule: str = "reopened"):
    """A dispatch that this floor made."""
    at_work = {"grid": "SA11", "community": "SA1", "street": "SA", "district": "D"}
    placed = routed(floor.tier, at_work[floor.tier], round=round, rule=rule)
    return placed.model_copy(update={"floors": (*placed.floors, floor)})


def parts_of(*past) -> list[PetitionFiled]:
    """What is filed when this is split."""
    given(intake, *past).when(SPLIT).then(like(PetitionSplit))
    state = intake.decider.fold(recorded(*past))
    return [event for one in also(state, SPLIT) for event in intake.decider.decide(intake.decider.initial, one)]


class TestWhatItsPartsHaveFromIt:
    def test_what_never_climbed_leaves_them_free(self):
        assert {(one.history, one.unsolved) for one in parts_of(*ROUTED)} == {(None, 0)}

    def test_not_solved_they_have_its_floor(self):
        floor = above("community", f"not_solved:{dispatch(3)}")
        assert [(one.history, one.unsolved) for one in parts_of(*IN_VAIN, climbed(floor))] == [(floor, 1)] * 2

    def test_missed_they_have_its_floor_too(self):
        floor = above("community", f"accept:{dispatch(3)}:{dispatch(3)}")
        late = (missed(f"accept:{dispatch(3)}", later(hours=8)), escalated(dispatch(3), f"accept:{dispatch(3)}"))
        past = (*ROUTED, *late, climbed(floor, round=1, rule="escalated"))
        assert [(one.history, one.unsolved) for one in parts_of(*past)] == [(floor, 0)] * 2

    def test_what_only_stands_where_it_was_is_no_floor_of_theirs(self):
        stands = climbed(above("community", f"stands:{dispatch(3)}"), round=1, rule="reassessed")
        assert {one.history for one in parts_of(*ROUTED, stands)} == {None}

    def test_moved_down_by_a_person_it_leaves_them_free(self):
        floor = above("community", f"not_solved:{dispatch(3)}")
        assert {one.history for one in parts_of(*IN_VAIN, climbed(floor), routed(round=2, rule="moved"))} == {None}

    @pytest.mark.parametrize("climbs", [IN_VAIN, (*ROUTED, escalated(dispatch(3)))], ids=["reopened", "escalated"])
    def test_while_it_climbs_and_nobody_knows_how_high_it_is_not_split(self, climbs):
        given(intake, *climbs).when(SPLIT).refused_with(BeingPlaced)

    def test_an_escalation_of_what_was_placed_since_keeps_nothing_from_being_split(self):
        placed = routed("community", "SA1", rule="placed")
        given(intake, *ROUTED, placed, escalated(dispatch(3))).when(SPLIT).then(like(PetitionSplit))


class TestWhereTheyGo:
    FLOOR = above("community", f"not_solved:{ROOT}:9")
    PART = filed(split_from=ROOT).model_copy(update={"history": FLOOR, "unsolved": 1})

    def test_no_lower_than_that_and_its_floor_stands_in_the_event(self):
        [event] = given(router, self.PART, assessed()).when_heard().then(dispatched(tier="community", unit="SA1"))
        assert floors_of(event)["history"] == ("community", f"not_solved:{ROOT}:9")

    def test_not_read_in_time_no_lower_either(self):
        late = missed("assess", later(minutes=3))
        given(router, self.PART, late).when_heard().then(dispatched(unit="SA1", rule="unassessed"))

    def test_another_policy_does_not_take_it_down(self):
        placed = given(router, self.PART, assessed()).when_heard().said
        state = router.decider.fold(recorded(self.PART, assessed(), *placed))
        reroute = Reroute(PETITION, T0, routing_policy(DISTRICT), "新规则施行")
        assert foresee(state, reroute).verdict is Verdict.STAYS

    def test_not_solved_again_it_is_the_second_time_for_whoever_asks(self):
        [placed] = given(router, self.PART, assessed()).when_heard().said
        past = (self.PART, assessed(), placed, accepted(dispatch(3)), resolved(dispatch(3)), reopened())
        [event] = given(router, *past).when_heard().then(dispatched(tier="district", round=2))
        assert floors_of(event)["history"] == ("district", "done_in_vain:2")
