"""Rule 1, scope: the lowest unit that contains every place touched, and what that says of the tier."""

import pytest

from router import rejections as refuse
from router.commands import Place
from router.policy import routing_policy
from schemas.events.router import PetitionPlaced
from schemas.places import Finding, Location
from schemas.words import LocatedBy, Whereabouts
from tests.given import DISTRICT, PETITION, given, later, like, router
from tests.past import assessed, dispatched, filed, floors_of, routed


def touching(*units: str) -> Location:
    found = Finding(by=LocatedBy.ADDRESS, units=units)
    return Location(
        where=Whereabouts.IN_SEVERAL, unit=DISTRICT.jurisdiction.common(units).code, units=units, findings=(found,)
    )


@pytest.mark.parametrize(
    ("units", "tier", "unit"),
    [(("SA11", "SA12"), "community", "SA1"), (("SA11", "SA21"), "street", "SA"), (("SA11", "SB1"), "district", "D")],
)
def test_what_touches_several_units_goes_to_the_lowest_that_contains_them(units: tuple[str, ...], tier: str, unit: str):
    past = (filed(None, location=touching(*units)), assessed("LAMP"))
    [event] = given(router, *past).when_heard().then(dispatched(tier=tier, unit=unit))
    assert floors_of(event)["scope"] == (tier, f"touches:{','.join(units)}")


def test_what_lies_in_one_of_several_is_placed_by_the_desk_around_them_at_no_higher_tier():
    location = touching("SA11", "SA12").model_copy(update={"where": Whereabouts.UNCLEAR})
    [event] = given(router, filed(None, location=location), assessed("LAMP")).when_heard().then(
        dispatched(tier="grid", unit="SA1")
    )  # fmt: skip
    assert floors_of(event)["scope"] == ("grid", "unclear:SA11,SA12")


def test_what_was_found_by_coordinates_goes_before_the_unit_that_was_named():
    found = Finding(by=LocatedBy.COORDINATES, units=("SA12",))
    location = Location(where=Whereabouts.IN_ONE, unit="SA12", findings=(found,))
    [event] = given(router, filed("SA", location=location), assessed("LAMP")).when_heard().then(dispatched(unit="SA12"))
    assert floors_of(event)["scope"] == ("grid", "place:SA12:coordinates")


def test_the_desk_may_say_that_it_touches_several():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"))
    place = Place(PETITION, later(hours=1), routing_policy(DISTRICT), "SA11", ["SA12", "SA1"])
    _, event = (
        given(router, *past)
        .when(place)
        .then(like(PetitionPlaced, unit="SA1", touches=("SA11", "SA12")), dispatched(tier="community", unit="SA1"))
    )
    assert floors_of(event)["scope"] == ("community", "touches:SA11,SA12")


def test_every_unit_that_the_desk_names_must_exist():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"))
    place = Place(PETITION, later(hours=1), routing_policy(DISTRICT), "SA11", ["nowhere"])
    given(router, *past).when(place).refused_with(refuse.UnknownUnit, unit="nowhere")
