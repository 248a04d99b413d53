"""拆分: what a person, its size or want of power has raised does not begin at the bottom again because it is split."""

from dataclasses import replace

import pytest

from intake.decider import FilePetition, also
from intake.rejections_of_parts import BeingPlaced
from intake.splitting import Split
from schemas.events.router import Floor
from schemas.policy import Policy, ScaleRule, SeverityRule
from schemas.words import Channel, FloorName, Severity
from tests.given import DISTRICT, PETITION, T0, dispatch, given, intake, later, recorded, router
from tests.past import (
    PARTS,
    accepted,
    assessed,
    dispatched,
    filed,
    floors_of,
    reassessed,
    returned,
    routed,
    supplemented,
)

SIZES = {"grid": ScaleRule(households=50), "community": ScaleRule(households=300)}
SEVERE = {**DISTRICT.bundle.severities, Severity.URGENT: SeverityRule(floor="street")}
POLICY = Policy(1, DISTRICT.bundle.model_copy(update={"scale": SIZES, "severities": SEVERE}))
NEW = [FilePetition(one, T0, later(minutes=3), 1, Channel.HOTLINE, "楼道灯") for one in PARTS]
SPLIT = Split(PETITION, T0, NEW, POLICY)
ROUTED = (filed(), assessed(), routed())
UP, DOWN = routed("street", "SA", floors={"authority": "grid"}, rule="moved"), routed(rule="moved")
BEYOND = returned(dispatch(3), "beyond_power")


def placed(*past):
    """The same, and where the router puts it when it hears the newest."""
    return (*past, *given(router, *past, policy=POLICY).when_heard().said)


def by(scale: str, tier: str = "street", unit: str = "SA", *, authority: str = "grid", rule: str = "assessed"):
    """A dispatch for which this floor and that of its kind asked."""
    return routed(tier, unit, floors={"authority": authority, "scale": scale}, rule=rule)


def least(*past, kind: str | None = None) -> Floor | None:
    """The floor with which each part begins when this is split."""
    command = replace(SPLIT, parts=[replace(one, kind=kind) for one in NEW])
    state = intake.decider.fold(recorded(*past))
    assert intake.decider.decide(state, command)
    [floor] = {one.history for one in also(state, command)}
    return floor


def raised(tier: str, version: int) -> Floor:
    return Floor(floor=FloorName.HISTORY, tier=tier, reason=f"inherited:{dispatch(version)}")


class TestNoLower:
    def test_than_a_person_moved_it(self):
        assert least(*ROUTED, UP) == raised("street", 4)

    def test_also_once_it_was_placed_anew_there(self):
        stands = Floor(floor=FloorName.HISTORY, tier="street", reason=f"stands:{dispatch(4)}")
        again = UP.model_copy(update={"rule": "transferred", "floors": (*UP.floors, stands)})
        assert least(*ROUTED, UP, again) == raised("street", 5)

    def test_than_as_many_households_ask(self):
        past = placed(filed(households=80), assessed())
        assert least(*past) == raised("community", 3)

    def test_than_who_has_the_power(self):
        assert least(*ROUTED, accepted(dispatch(3)), BEYOND, by("community", "community", "SA1")) == (
            raised("community", 6)
        )

    def test_than_the_severity_asks_that_a_person_gave_it(self):
        urgent = routed("street", "SA", floors={"severity": "street", "authority": "grid"}, severity="urgent")
        assert least(*ROUTED, reassessed("LAMP", "urgent"), urgent) == raised("street", 5)
        assert least(filed(), assessed("LAMP", "urgent"), urgent) is None

    def test_than_the_kind_asks_that_a_person_gave_it_unless_they_give_the_part_its_own(self):
        past = placed(*ROUTED, reassessed("STALL"))
        assert least(*past) == raised("street", 5)
        assert least(*past, kind="LAMP") is None

    @pytest.mark.parametrize(
        ("reading", "tier"),
        [
            (reassessed("STALL"), "street"),
            (reassessed("LAMP", "urgent"), "street"),
            (reassessed(households=80), "community"),
        ],
        ids=["kind", "severity", "households"],
    )
    def test_than_a_reading_asks_that_nobody_has_heard_of_yet(self, reading, tier):
        assert least(*ROUTED, reading) == raised(tier, 3)
        assert least(*ROUTED, reassessed("STALL"), reading, reassessed("LAMP")) == (
            raised(tier, 3) if tier == "community" else None
        )

    def test_than_the_kind_asks_that_a_person_gave_it_where_it_stands_so_high_already(self):
        several = (filed(), assessed(), routed("street", "SA", floors={"authority": "grid", "scope": "street"}))
        past = (*several, reassessed("NOISE"))
        given(router, *past).when_heard().then_nothing()
        assert least(*past) == raised("community", 3)
        assert least(*past, kind="LAMP") is None

    def test_than_a_reading_asks_that_came_after_it_was_moved_down(self):
        assert least(*ROUTED, routed("street", "SA"), DOWN, reassessed("STALL")) == raised("street", 5)

    def test_than_it_has_climbed_when_that_is_higher(self):
        missed = Floor(floor=FloorName.HISTORY, tier="street", reason=f"accept:{dispatch(3)}:{dispatch(3)}")
        late = by("community").model_copy(update={"rule": "escalated"})
        late = late.model_copy(update={"floors": (*late.floors, missed)})
        assert least(*ROUTED, late) == missed


class TestFree:
    def test_of_what_its_kind_and_place_alone_asked_for(self):
        assert least(*placed(filed(), assessed("STALL"))) is None

    def test_of_its_kind_where_a_person_only_said_how_many_it_touches(self):
        past = placed(*placed(filed(), assessed("STALL")), reassessed("STALL", households=80))
        assert least(*past, by("community", authority="street")) == raised("community", 5)

    def test_of_what_a_machine_has_read_in_what_was_added(self):
        assert least(*ROUTED, supplemented(), assessed("STALL", "urgent")) is None

    def test_moved_down_by_a_person(self):
        assert least(*ROUTED, UP, DOWN) is None
        down = routed("community", "SA1", floors={"scale": "street"}, rule="moved")
        assert least(*ROUTED, by("street"), down) == raised("community", 5)

    def test_moved_up_and_then_placed_anew_by_the_policy(self):
        assert least(*ROUTED, UP, routed(rule="policy")) is None

    def test_moved_where_its_floors_had_it_already(self):
        past = (*ROUTED, routed("street", "SB", floors={"authority": "street"}, rule="moved"))
        assert least(*past) is None

    def test_not_before_it_has_been_placed_for_the_first_time(self):
        given(intake, filed(households=80), assessed()).when(SPLIT).refused_with(BeingPlaced)

    @pytest.mark.parametrize("gone", ["moved", "assessed"])
    def test_a_tier_that_the_ladder_has_no_more_counts_as_the_top(self, gone):
        old = routed("village", "SA", floors={"authority": "grid", "scale": "village"}, rule=gone)
        assert least(*ROUTED, old) == raised("district", 4)


def test_a_part_goes_there_and_its_floor_says_so():
    part = filed("SB11", split_from=PETITION).model_copy(update={"history": raised("community", 9)})
    [event] = given(router, part, assessed()).when_heard().then(dispatched(tier="community", unit="SB1"))
    assert floors_of(event)["history"] == ("community", f"inherited:{dispatch(9)}")
