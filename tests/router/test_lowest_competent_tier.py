"""Rule 1: the lowest tier that every floor allows; every floor stands in the event with its reason."""

import pytest

from router.commands import RouteAssessed
from router.policy import routing_policy
from schemas.events.router import PetitionRouted
from schemas.events.staffing import NobodyOnDuty
from schemas.policy import Policy
from schemas.words import Mode, Severity
from tests.given import DISTRICT, PETITION, T0, dispatch, given, later, like, router
from tests.past import (
    accepted,
    assessed,
    closed,
    declined,
    dispatched,
    escalated,
    filed,
    floors_of,
    placed,
    reassessed,
    referred,
    reopened,
    resolved,
    routed,
)


def test_a_small_matter_stays_in_the_grid():
    [event] = (
        given(router, filed("SA11"), assessed("LAMP"))
        .when_heard()
        .then(dispatched(tier="grid", unit="SA11", department=None, mode=Mode.ASSIGNED, round=1, rule="assessed"))
    )
    assert floors_of(event) == {"authority": ("grid", "kind:LAMP"), "scope": ("grid", "place:SA11")}


def test_a_departments_matter_is_never_pushed_down_to_the_grid():
    [event] = (
        given(router, filed("SA11"), assessed("STALL"))
        .when_heard()
        .then(dispatched(tier="street", unit="SA", department="SA-CITY"))
    )
    assert floors_of(event)["authority"] == ("street", "kind:STALL:enforcement")


def test_the_office_with_the_power_stands_at_the_unit_that_contains_the_place():
    given(router, filed("SB11"), assessed("STALL")).when_heard().then(dispatched(unit="SB", department="SB-CITY"))
    given(router, filed("SB11"), assessed("PIPE")).when_heard().then(dispatched(unit="D", department="D-WATER"))


def test_severity_is_a_floor_of_its_own():
    [event] = (
        given(router, filed("SA11"), assessed("LAMP", "critical"))
        .when_heard()
        .then(dispatched(tier="street", unit="SA", severity=Severity.CRITICAL))
    )
    assert floors_of(event)["severity"] == ("street", "severity:critical")


def test_urgent_alone_lifts_nothing():
    given(router, filed("SA11"), assessed("LAMP", "urgent")).when_heard().then(dispatched(tier="grid", unit="SA11"))


def test_a_kind_that_is_not_known_sets_no_floor():
    [event] = given(router, filed("SA11"), assessed(None)).when_heard().then(dispatched(tier="grid", unit="SA11"))
    assert floors_of(event) == {"scope": ("grid", "place:SA11")}


@pytest.mark.parametrize("kind", [None, *DISTRICT.kinds])
@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("place", [None, "SA11", "SA1", "SA", "D"])
def test_the_tier_is_the_highest_floor_and_the_event_alone_says_why(kind, severity, place):
    [event] = given(router, filed(place), assessed(kind, severity)).when_heard().then(dispatched())
    assert event.tier == DISTRICT.jurisdiction.ladder.highest([floor.tier for floor in event.floors])
    assert all(floor.reason for floor in event.floors)


def test_what_missed_is_followed_one_tier_higher_with_the_miss_as_the_reason():
    past = (filed("SA11"), assessed("LAMP"), routed("grid", "SA11"), escalated(dispatch(3), f"accept:{dispatch(3)}"))
    [event] = given(router, *past).when_heard().then(dispatched(tier="community", unit="SA1", rule="escalated"))
    assert floors_of(event)["history"] == ("community", f"accept:{dispatch(3)}:{dispatch(3)}")


def test_what_was_not_solved_is_followed_one_tier_higher():
    past = (filed("SA11"), assessed("LAMP"), routed("grid", "SA11"), accepted(dispatch(3)), resolved(dispatch(3)))
    [event] = given(router, *past, reopened(2)).when_heard().then(dispatched(tier="community", unit="SA1", round=2))
    assert floors_of(event)["history"] == ("community", f"not_solved:{dispatch(3)}")


def test_reported_done_in_vain_twice_it_goes_to_the_top():
    first = (filed("SA11"), assessed("LAMP"), routed("grid", "SA11"), accepted(dispatch(3)), resolved(dispatch(3)))
    second = (routed("community", "SA1", round=2), accepted(dispatch(7)), resolved(dispatch(7), round=2))
    past = (*first, reopened(2), *second, reopened(3, "false_closure"))
    [event] = given(router, *past).when_heard().then(dispatched(tier="district", unit="D", round=3))
    assert floors_of(event)["history"] == ("district", "done_in_vain:2")


def test_not_solved_is_about_the_dispatch_that_was_reported_done_and_not_a_later_one():
    climbed = (escalated(dispatch(3)), routed("community", "SA1", rule="escalated"))
    past = (filed("SA11"), assessed("LAMP"), routed("grid", "SA11"), accepted(dispatch(3)), *climbed)
    [event] = (
        given(router, *past, resolved(dispatch(3)), reopened(2))
        .when_heard()
        .then(dispatched(tier="community", unit="SA1", round=2))
    )
    assert floors_of(event)["history"] == ("community", f"not_solved:{dispatch(3)}")


def test_what_was_reported_done_in_an_earlier_round_is_not_blamed_for_a_later_one():
    done = (filed("SA11"), assessed("LAMP"), routed("grid", "SA11"), accepted(dispatch(3)), resolved(dispatch(3)))
    again = (reopened(2), routed("community", "SA1", round=2), referred(), reopened(3, "person"))
    [event] = given(router, *done, *again).when_heard().then(dispatched(tier="community", unit="SA1", round=3))
    assert floors_of(event)["history"] == ("community", f"stands:{dispatch(7)}")


def test_a_new_round_never_starts_below_where_the_last_one_stood():
    twice = (escalated(dispatch(3)), routed("community", "SA1"), escalated(dispatch(6)), routed("street", "SA"))
    past = (filed("SA11"), assessed("LAMP"), routed("grid", "SA11"), accepted(dispatch(3)), *twice)
    given(router, *past, resolved(dispatch(3)), reopened(2)).when_heard().then(
        dispatched(tier="street", unit="SA", round=2)
    )


def test_a_desk_that_did_not_know_the_place_is_judged_by_what_it_knew():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), accepted(dispatch(3)))
    done = (placed("SA11"), routed("grid", "SA11", rule="placed"), resolved(dispatch(3)))
    given(router, *past, *done, reopened(2)).when_heard().then(dispatched(tier="community", unit="SA1", round=2))


def test_the_floor_of_an_earlier_miss_stays_a_floor():
    past = (
        filed("SA11"),
        assessed("LAMP"),
        routed("community", "SA1", floors={"authority": "grid", "history": "community"}),
        reassessed("STALL"),
    )
    [event] = given(router, *past).when_heard().then(dispatched(tier="street", unit="SA"))
    assert floors_of(event)["history"][0] == "community"


def test_a_unit_with_nobody_on_duty_is_skipped_upwards_and_said():
    given(router, filed("SA21"), assessed("LAMP")).when_heard().then(
        like(NobodyOnDuty, unit="SA21", round=1), dispatched(tier="grid", unit="SA2")
    )


def test_a_miss_of_the_unit_that_stood_in_climbs_above_that_unit():
    past = (filed("SA21"), assessed("LAMP"), routed("grid", "SA2"), escalated(dispatch(3)))
    given(router, *past).when_heard().then(dispatched(tier="street", unit="SA"))


def test_a_partner_has_no_power_and_gets_no_dispatch():
    given(router, filed("SA1P"), assessed("LAMP")).when_heard().then(dispatched(tier="grid", unit="SA1"))


def test_what_is_referred_or_declined_is_not_routed():
    given(router, filed(), assessed("COURT", disposition="refer")).when_heard().then_nothing()
    given(router, filed(), assessed(None, disposition="decline")).when_heard().then_nothing()


def test_every_dispatch_names_the_policy_that_shaped_it():
    command = RouteAssessed(PETITION, T0, routing_policy(DISTRICT), 2, "assessed")
    [event] = given(router, filed(), assessed("LAMP")).when(command).then(dispatched(policy=DISTRICT.version))
    assert isinstance(event, PetitionRouted)


def test_news_is_dated_by_the_log_and_not_by_what_it_is_about():
    given(router, filed(), assessed("LAMP")).when_heard(now=later(hours=1)).then(
        dispatched(at=later(hours=1), accept_by=later(hours=9))
    )


def test_what_was_turned_away_and_opened_again_climbs_for_nothing():
    away = (filed(), assessed(), routed(), reassessed("COURT", disposition="refer"), referred(), reopened(2, "person"))
    [event] = given(router, *away).when_heard().then(dispatched(tier="community", unit="SA1", kind="COURT", round=2))
    assert "history" not in floors_of(event)
    empty = (filed(), assessed(), routed(), reassessed(disposition="decline"), declined(), reopened(2, "person"))
    given(router, *empty).when_heard().then(dispatched(tier="grid", unit="SA11", round=2))


def test_an_earlier_round_that_was_not_solved_is_no_reason_to_climb_twice():
    once = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)), reopened(2))
    again = routed("community", "SA1", round=2, floors={"authority": "grid", "history": "community"}, rule="reopened")
    away = (*once, again, reassessed("LAMP", "urgent", disposition="refer"), referred(), reopened(3, "person"))
    [event] = given(router, *away).when_heard().then(dispatched(tier="community", unit="SA1", round=3))
    assert not [floor for floor in event.floors if floor.reason.startswith("person:")]


def test_a_person_who_opens_what_was_reported_done_sends_it_one_tier_higher():
    done = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)), closed())
    given(router, *done, reopened(2, "person")).when_heard().then(dispatched(tier="community", unit="SA1", round=2))


def without(*offices: str, empty: tuple[str, ...] = ()) -> Policy:
    """The district without these offices, and with nobody at these desks."""
    units = [unit.model_copy(update={"staff": 0}) if unit.code in empty else unit for unit in DISTRICT.bundle.units]
    left = [office for office in DISTRICT.bundle.departments if office.code not in offices]
    return Policy(2, DISTRICT.bundle.model_copy(update={"units": tuple(units), "departments": tuple(left)}))


def test_where_no_office_has_the_power_the_next_one_above_that_has_it_decides():
    given(router, filed("SA11"), assessed("STALL"), policy=without("SA-CITY")).when_heard().then(
        dispatched(tier="street", unit="D", department="D-CITY")
    )
    nowhere = without("SA-CITY", "D-CITY")
    given(router, filed("SA11"), assessed("STALL"), policy=nowhere).when_heard().then(
        dispatched(tier="street", unit="SA", department=None)
    )


def test_an_office_receives_though_nobody_is_at_its_units_desk():
    given(router, filed("SA11"), assessed("STALL"), policy=without(empty=("SA",))).when_heard().then(
        dispatched(tier="street", unit="SA", department="SA-CITY")
    )
    asked = assessed("STALL", disposition="ask")
    given(router, filed("SA11"), asked, policy=without(empty=("SA",))).when_heard().then(
        like(NobodyOnDuty, unit="SA"), dispatched(tier="street", unit="D", department=None)
    )
