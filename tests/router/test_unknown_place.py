"""Rule 2: an unknown place sets no floor; the lowest unit sure to contain it gets a desk's task, and no higher tier."""

import pytest

from router import rejections as refuse
from router.commands import Place, Return
from router.policy import routing_policy
from schemas.events.router import DispatchReturned, PetitionPlaced
from schemas.words import ReturnReason
from tests.given import DISTRICT, PETITION, dispatch, given, later, like, router
from tests.past import (
    accepted,
    assessed,
    closed,
    dispatched,
    escalated,
    filed,
    floors_of,
    placed,
    reassessed,
    reopened,
    resolved,
    routed,
)


def place(unit: str) -> Place:
    return Place(PETITION, later(hours=1), routing_policy(DISTRICT), unit)


def test_without_a_place_the_district_desk_has_it_at_the_tier_the_known_floors_ask():
    [event] = given(router, filed(None), assessed("LAMP")).when_heard().then(dispatched(tier="grid", unit="D"))
    assert set(floors_of(event)) == {"authority"}


def test_a_place_known_only_roughly_is_a_matter_of_that_units_desk():
    given(router, filed("SA"), assessed("LAMP")).when_heard().then(dispatched(tier="grid", unit="SA"))
    given(router, filed("SA1"), assessed("NOISE")).when_heard().then(dispatched(tier="community", unit="SA1"))


def test_the_desk_has_it_anew_when_a_later_reading_asks_for_its_own_tier():
    past = (filed("SA1"), assessed("LAMP"), routed("grid", "SA1"), accepted(dispatch(3)), reassessed("NOISE"))
    [event] = given(router, *past).when_heard().then(dispatched(tier="community", unit="SA1"))
    assert floors_of(event)["authority"][0] == "community"


def test_the_desk_keeps_it_when_a_later_reading_asks_for_no_more():
    past = (filed("SA1"), assessed("NOISE"), routed("community", "SA1", kind="NOISE"), reassessed("LAMP"))
    given(router, *past).when_heard().then_nothing()


def test_the_desk_places_it_by_hand_and_it_goes_down_there():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"))
    _, event = (
        given(router, *past)
        .when(place("SA11"))
        .then(like(PetitionPlaced, unit="SA11"), dispatched(tier="grid", unit="SA11", rule="placed"))
    )
    assert floors_of(event)["scope"] == ("grid", "place:SA11")


def test_placing_keeps_the_rounds_deadline():
    past = (filed(None), assessed("LAMP"), routed("grid", "D", resolve_by=later(hours=48)))
    given(router, *past).when(place("SA11")).then(
        like(PetitionPlaced), dispatched(resolve_by=later(hours=48), accept_by=later(hours=9))
    )


def test_placing_does_not_start_anew_with_who_has_it_already():
    past = (filed(None), assessed("PIPE"), routed("district", "D", "D-WATER", kind="PIPE"), accepted(dispatch(3)))
    given(router, *past).when(place("SA11")).then(like(PetitionPlaced, unit="SA11"))


def test_placing_takes_nothing_from_whom_a_person_moved_it_to():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), routed("community", "SB1", rule="moved"))
    given(router, *past, accepted(dispatch(4))).when(place("SA11")).then(like(PetitionPlaced, unit="SA11"))


def test_what_climbed_after_a_move_is_placed_again():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), routed("grid", "SB11", rule="moved"))
    climbed = (escalated(dispatch(4)), routed("community", "SB1", rule="escalated"))
    given(router, *past, *climbed).when(place("SA11")).then(like(PetitionPlaced), dispatched(unit="SA1"))


def test_but_whom_it_complains_about_does_not_keep_it():
    past = (filed(None, about="SB1"), assessed("LAMP"), routed("grid", "D"), routed("grid", "SB1", rule="moved"))
    given(router, *past).when(place("SA11")).then(like(PetitionPlaced), dispatched(unit="SA11"))


def test_placing_where_it_lies_already_changes_nothing():
    given(router, filed("SA11"), assessed("LAMP"), routed()).when(place("SA11")).then_nothing()


def test_the_desks_escalation_by_hand_counts_from_the_tier_and_not_from_the_desk():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), escalated(dispatch(3)))
    given(router, *past).when_heard().then(dispatched(tier="community", unit="D"))


def test_what_the_top_that_had_to_place_it_did_not_solve_climbs_from_its_tier():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), accepted(dispatch(3)), resolved(dispatch(3)))
    given(router, *past, reopened()).when_heard().then(dispatched(tier="community", unit="D", round=2))


@pytest.mark.parametrize(("desk", "tier", "above"), [("SA1", "street", "SA"), ("SA", "district", "D")])
def test_what_a_desk_below_the_top_did_not_solve_never_comes_back_to_it(desk, tier, above):
    past = (filed(desk), assessed("LAMP"), routed("grid", desk), accepted(dispatch(3)), resolved(dispatch(3)))
    [event] = given(router, *past, reopened()).when_heard().then(dispatched(tier=tier, unit=above, round=2))
    assert floors_of(event)["history"] == (tier, f"not_solved:{dispatch(3)}")


def test_whom_it_was_passed_on_to_had_it_and_it_climbs_from_there():
    past = (filed("SA"), assessed("LAMP"), routed("grid", "SA"))
    passed = (*past, routed("grid", "SA", "SA-CITY", rule="transferred"))
    given(router, *passed, escalated(dispatch(4))).when_heard().then(dispatched(tier="district", unit="D"))
    top = (filed(None), assessed("LAMP"), routed("grid", "D"), routed("grid", "D", "D-CITY", rule="transferred"))
    done = (*top, accepted(dispatch(4)), resolved(dispatch(4)))
    given(router, *done, reopened()).when_heard().then(dispatched(tier="district", unit="D", round=2))
    back = Return(PETITION, later(hours=1), routing_policy(DISTRICT), None, ReturnReason.BEYOND_POWER, None)
    given(router, *top).when(back).then(like(DispatchReturned), dispatched(tier="district", unit="D"))


def test_what_is_beyond_a_placing_desks_power_needs_more_than_the_desk_has():
    past = (filed("SA1"), assessed("LAMP"), routed("grid", "SA1"))
    back = Return(PETITION, later(hours=1), routing_policy(DISTRICT), None, ReturnReason.BEYOND_POWER, None)
    given(router, *past).when(back).then(like(DispatchReturned), dispatched(tier="street", unit="SA"))


def test_once_placed_it_is_no_placing_desks_matter_any_more():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), placed("SA21"), routed("grid", "SA2", rule="placed"))
    given(router, *past, escalated(dispatch(5))).when_heard().then(dispatched(tier="street", unit="SA"))


def test_a_unit_must_exist_to_be_a_place():
    given(router, filed(None), assessed("LAMP"), routed("grid", "D")).when(place("nowhere")).refused_with(
        refuse.UnknownUnit, unit="nowhere"
    )


def test_only_an_open_petition_is_placed():
    past = (filed(None), assessed("LAMP"))
    given(router, *past).when(place("SA11")).refused_with(refuse.NotRouted)
    done = (*past, routed("grid", "D"), accepted(dispatch(3)), resolved(dispatch(3)))
    given(router, *done).when(place("SA11")).refused_with(refuse.AlreadyResolved)
    given(router, *done, closed()).when(place("SA11")).refused_with(refuse.PetitionEnded)
