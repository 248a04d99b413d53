"""难易: what touches more than a tier's limits goes to the tier above; what nobody knows sets no floor."""

import pytest

from schemas.events.router import Floor
from schemas.policy import Policy, ScaleRule
from schemas.words import FloorName
from tests.given import DISTRICT, Given, dispatch, given, router
from tests.past import (
    accepted,
    assessed,
    dispatched,
    filed,
    floors_of,
    reassessed,
    returned,
    routed,
    summoned,
)

SCALE = {
    "grid": ScaleRule(households=50, money=5_000, joint=1),
    "community": ScaleRule(households=300, money=50_000),
    "street": ScaleRule(households=3_000),
}
POLICY = Policy(1, DISTRICT.bundle.model_copy(update={"scale": SCALE}))


def after(*past) -> Given:
    return given(router, *past, policy=POLICY)


@pytest.mark.parametrize(
    ("told", "tier", "unit", "reason"),
    [
        ({"households": 51}, "community", "SA1", "households:51>50"),
        ({"households": 320}, "street", "SA", "households:320>300"),
        ({"households": 3_001}, "district", "D", "households:3001>3000"),
        ({"money": 5_001}, "community", "SA1", "money:5001>5000"),
        ({"money": 9_000_000}, "street", "SA", "money:9000000>50000"),  # the street has no limit for money
    ],
)
def test_what_is_beyond_a_tiers_limit_goes_to_the_lowest_that_it_fits(told, tier, unit, reason):
    [event] = after(filed(**told), assessed()).when_heard().then(dispatched(tier=tier, unit=unit))
    assert floors_of(event)["scale"] == (tier, reason)


@pytest.mark.parametrize("told", [{}, {"households": 50}, {"money": 5_000}, {"households": 0, "money": 0}])
def test_what_is_not_known_or_within_the_limits_sets_no_floor(told):
    [event] = after(filed(**told), assessed()).when_heard().then(dispatched(tier="grid", unit="SA11"))
    assert "scale" not in floors_of(event)


def test_every_size_sets_a_floor_of_its_own():
    [event] = after(filed(households=320, money=5_001), assessed()).when_heard().then(dispatched(tier="street"))
    found = [(one.tier, one.reason) for one in event.floors if one.floor == "scale"]
    assert found == [("street", "households:320>300"), ("community", "money:5001>5000")]


def test_a_policy_without_limits_asks_nothing():
    given(router, filed(households=10_000_000), assessed()).when_heard().then(dispatched(tier="grid"))


def test_a_person_who_corrects_the_size_lets_it_go_up():
    past = (filed(households=10), assessed(), routed(), reassessed(households=320))
    [event] = after(*past).when_heard().then(dispatched(tier="street", rule="reassessed"))
    assert floors_of(event)["scale"] == ("street", "households:320>300")


def test_a_size_corrected_downwards_moves_nothing_by_itself():
    past = (filed(households=320), assessed(), routed("street", "SA"), reassessed(households=10))
    after(*past).when_heard().then_nothing()


def test_a_size_that_was_wrong_is_not_remembered():
    begun = (filed(households=51), assessed())
    past = (*begun, *after(*begun).when_heard().said, reassessed("LAMP", "urgent", households=10))
    [event] = after(*past).when_heard().then(dispatched(tier="community", unit="SA1"))
    assert "scale" not in floors_of(event)


def test_a_reading_without_sizes_leaves_those_that_were_told():
    past = (filed(households=320), reassessed(), assessed("NOISE"))
    after(*past).when_heard().then(dispatched(tier="street", unit="SA"))


def test_departments_called_to_help_count_when_it_is_dispatched_anew():
    called = (filed(), assessed("NOISE"), routed("community", "SA1", kind="NOISE"), accepted(dispatch(3)))
    one = (*called, summoned(dispatch(3), "D-WATER"), reassessed("NOISE", "urgent"))
    [event] = after(*one).when_heard().then(dispatched(tier="community"))
    assert "scale" not in floors_of(event)
    two = (*called, summoned(dispatch(3), "D-WATER", "D-GAS"), reassessed("NOISE", "urgent"))
    [event] = after(*two).when_heard().then(dispatched(tier="community"))
    assert floors_of(event)["scale"] == ("community", "joint:2>1")


def test_what_was_beyond_somebodys_power_is_remembered_beside_the_limits():
    past = (filed(households=51), assessed(), routed("community", "SA1"), returned(dispatch(3), "beyond_power"))
    floor = Floor(floor=FloorName.SCALE, tier="street", reason=f"beyond_power:{dispatch(3)}")
    given_back = routed("street", "SA", rule="returned").model_copy(update={"floors": (floor,)})
    [event] = after(*past, given_back, reassessed("LAMP", "urgent")).when_heard().then(dispatched(tier="street"))
    found = [(one.tier, one.reason) for one in event.floors if one.floor == "scale"]
    assert found == [("community", "households:51>50"), ("street", f"beyond_power:{dispatch(3)}")]
