"""A ladder is data: a county of villages and a city with micro-grids are routed without a line of code."""

import pytest

from schemas.events.router import HandOffOrdered
from schemas.events.staffing import NobodyOnDuty
from schemas.policy import Policy
from services.chassis.policy_files import read_bundle
from tests.architecture.tree import ROOT
from tests.given import dispatch, given, like, router
from tests.past import assessed, dispatched, escalated, filed

FIVE_TIERS = ROOT / "tests" / "policy" / "ladders" / "five_tiers.yaml"
VILLAGE = ROOT / "deploy" / "districts" / "shiqiao.yaml"


@pytest.fixture(scope="module")
def village() -> Policy:
    return Policy(1, read_bundle(VILLAGE))


@pytest.fixture(scope="module")
def five_tiers() -> Policy:
    return Policy(1, read_bundle(FIVE_TIERS))


def climb(policy: Policy, place: str, kind: str) -> list[str]:
    """The units that a petition goes through when every dispatch is escalated."""
    past = [filed(place), assessed(kind)]
    units: list[str] = []
    [first] = given(router, *past, policy=policy).when_heard().then(dispatched())
    past.append(first)
    while past[-1].unit not in units:
        units.append(past[-1].unit)
        past.append(escalated(dispatch(len(past))))
        [higher] = given(router, *past, policy=policy).when_heard().then(dispatched())
        past.append(higher)
    return units


def test_a_village_matter_climbs_from_cell_to_county(village):
    assert climb(village, "SQ010101", "LIGHT") == ["SQ010101", "SQ0101", "SQ01", "SQ"]


def test_a_road_starts_at_the_townships_office(village):
    given(router, filed("SQ010201"), assessed("ROAD"), policy=village).when_heard().then(
        dispatched(tier="township", unit="SQ01", department="SQ01-ROADS")
    )


def test_a_cell_without_anybody_is_skipped(village):
    given(router, filed("SQ020101"), assessed("LIGHT"), policy=village).when_heard().then(
        like(NobodyOnDuty, unit="SQ020101"), dispatched(tier="cell", unit="SQ0201")
    )


def test_poisoned_water_is_handed_off_in_the_county_too(village):
    well = assessed("WELL", "critical", hand_off=("县供水站",))
    given(router, filed("SQ010101"), well, policy=village).when_heard().then(
        dispatched(tier="county", unit="SQ", department="SQ-WATER"), like(HandOffOrdered, to=("县供水站",))
    )


def test_a_micro_grids_matter_climbs_all_five_rungs(five_tiers):
    assert climb(five_tiers, "WH1A01-1", "LAMP") == ["WH1A01-1", "WH1A01", "WH1A", "WH1", "WH"]


def test_an_office_may_stand_at_a_street_and_at_the_district(five_tiers):
    past = (filed("WH1A01-2"), assessed("STALL"))
    [first] = given(router, *past, policy=five_tiers).when_heard().then(dispatched(unit="WH1", department="WH1-CITY"))
    given(router, *past, first, escalated(dispatch(3)), policy=five_tiers).when_heard().then(
        dispatched(unit="WH", department="WH-CITY")
    )
