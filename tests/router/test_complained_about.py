"""Rule 5: never to the unit or department that the petition complains about, nor to one that answers to it."""

from typing import Any

import pytest

from router import rejections as refuse
from router.commands import MovePetition, Place
from router.policy import routing_policy
from schemas.events.router import PetitionPlaced, PetitionRouted
from schemas.policy import Policy
from services.chassis.deciding import Rejected
from tests.given import DISTRICT, PETITION, T0, dispatch, given, like, recorded, router
from tests.past import (
    accepted,
    assessed,
    dispatched,
    escalated,
    filed,
    floors_of,
    missed,
    reassessed,
    reopened,
    resolved,
    routed,
)


def move(unit: str | None = None, department: str | None = None) -> MovePetition:
    return MovePetition(PETITION, T0, routing_policy(DISTRICT), unit, department, "转办")


def test_the_unit_complained_about_is_passed_over():
    given(router, filed("SA11", about="SA11"), assessed("LAMP")).when_heard().then(dispatched(tier="grid", unit="SA1"))


def test_what_answers_to_the_unit_is_passed_over_too():
    given(router, filed("SA11", about="SA1"), assessed("LAMP")).when_heard().then(dispatched(tier="grid", unit="SA"))
    given(router, filed("SA11", about="SA"), assessed("STALL")).when_heard().then(
        dispatched(tier="street", unit="D", department="D-CITY")
    )


def test_a_unit_elsewhere_changes_nothing():
    given(router, filed("SA11", about="SB"), assessed("LAMP")).when_heard().then(dispatched(unit="SA11"))


def test_the_department_complained_about_does_not_get_it_but_the_one_above_it_with_the_power():
    given(router, filed("SA11", about="SA-CITY"), assessed("STALL")).when_heard().then(
        dispatched(tier="street", unit="D", department="D-CITY")
    )
    given(router, filed("SA11", about="D-WATER"), assessed("PIPE")).when_heard().then(
        dispatched(tier="district", unit="D", department=None)
    )


def test_what_is_about_the_top_is_handled_by_whoever_else_has_the_place():
    given(router, filed("SA11", about="D"), assessed("LAMP")).when_heard().then(dispatched(tier="grid", unit="SA11"))
    critical = (filed("SA11", about="D"), assessed("POISON", "critical"))
    given(router, *critical).when_heard().then(dispatched(tier="street", unit="SA"))
    climbed = (*critical, routed("street", "SA", severity="critical"), escalated(dispatch(3)))
    given(router, *climbed).when_heard().then(dispatched(tier="district", unit="SA"))
    nobody_in_the_street = [
        unit.model_copy(update={"staff": 0}) if unit.code in ("SA", "SA1") else unit for unit in DISTRICT.bundle.units
    ]
    policy = Policy(2, DISTRICT.bundle.model_copy(update={"units": tuple(nobody_in_the_street)}))
    *_, event = given(router, *critical, policy=policy).when_heard().said
    assert (event.tier, event.unit) == ("street", "SA11")


def test_an_office_of_the_top_is_not_the_top():
    given(router, filed("SA11", about="D"), assessed("GAS", "critical")).when_heard().then(
        dispatched(unit="D", department="D-GAS")
    )
    given(router, filed("SA11", about="D"), assessed(), routed()).when(move(department="D-CITY")).then(
        dispatched(unit="D", department="D-CITY")
    )


def test_the_office_that_has_it_keeps_it_when_only_the_top_stands_as_high():
    past = (filed("SA11", about="D"), assessed("GAS", "critical"), routed("district", "D", "D-GAS", kind="GAS"))
    given(router, *past, reassessed("LAMP", "critical")).when_heard().then(
        dispatched(tier="district", unit="D", department="D-GAS")
    )


def test_only_where_nobody_else_is_known_the_top_has_what_is_about_it_and_the_event_says_so():
    [event] = (
        given(router, filed(None, about="D"), assessed("LAMP"))
        .when_heard()
        .then(dispatched(tier="grid", unit="D", department=None))
    )
    assert floors_of(event)["scope"] == ("grid", "only_the_top:D")
    given(router, filed(None, about="D"), assessed(), event).when(
        Place(PETITION, T0, routing_policy(DISTRICT), "SA11")
    ).then(like(PetitionPlaced), dispatched(tier="grid", unit="SA11"))


def test_nobody_moves_it_to_the_top_that_it_is_about():
    past = (filed("SA11", about="D"), assessed("LAMP"), routed())
    given(router, *past).when(move("D")).refused_with(refuse.ComplainedAbout)
    pipe = (filed("SA11", about="D"), assessed("PIPE"), routed("district", "D", "D-WATER", kind="PIPE"))
    given(router, *pipe).when(move("D")).refused_with(refuse.ComplainedAbout)


def named_or_below(about: str, event: Any) -> bool:
    units = DISTRICT.jurisdiction
    return event.department == about or (about in units.units and units.contains(about, event.unit))


ABOUT = pytest.mark.parametrize("about", ["SA11", "SA1", "SA", "SB", "SA-CITY", "SB-CITY", "D-WATER"])
KINDS = pytest.mark.parametrize("kind", ["LAMP", "STALL", "PIPE"])


@ABOUT
@KINDS
def test_neither_reading_nor_escalation_nor_silence_brings_it_there(about, kind):
    past = [filed("SA11", about=about, kind=kind), assessed(kind)]
    [first] = given(router, *past).when_heard().then(dispatched())
    [unassessed] = given(router, past[0], missed("assess", T0)).when_heard().then(dispatched())
    [higher] = given(router, *past, first, escalated(dispatch(3))).when_heard().then(dispatched())
    done = (first, accepted(dispatch(3)), resolved(dispatch(3)), reopened(2))
    [again] = given(router, *past, *done).when_heard().then(dispatched())
    assert not [event for event in (first, unassessed, higher, again) if named_or_below(about, event)]


@ABOUT
@KINDS
@pytest.mark.parametrize("unit", sorted(DISTRICT.jurisdiction.units))
def test_neither_place_nor_move_nor_what_follows_brings_it_there(about, kind, unit):
    past = (filed(None, about=about), assessed(kind), routed(unit="D", kind=kind))
    state = router.decider.fold(recorded(*past))
    for command in (Place(PETITION, T0, routing_policy(DISTRICT), unit), move(unit), move(department="SA-CITY")):
        try:
            said = router.decider.decide(state, command)
        except Rejected:
            continue
        name = dispatch(len(past) + len(said))
        for news in (escalated(name), reassessed("STALL"), reassessed("PIPE")):
            then = given(router, *past, *said, news).when_heard().said
            routes = [event for event in (*said, *then) if isinstance(event, PetitionRouted)]
            assert not [event for event in routes if named_or_below(about, event)]


def test_a_person_cannot_move_it_there_either():
    about_a_street = (filed("SB11", about="SA"), assessed("LAMP"), routed(unit="SB11"))
    for target in (move("SA"), move("SA12"), move(department="SA-CITY")):
        given(router, *about_a_street).when(target).refused_with(refuse.ComplainedAbout)
    given(router, *about_a_street).when(move("SB")).then(dispatched(unit="SB"))


def test_a_move_to_the_unit_leaves_out_the_department_complained_about():
    past = (filed("SB11", about="SA-CITY"), assessed("STALL"), routed("street", "SB", "SB-CITY", kind="STALL"))
    given(router, *past).when(move(department="SA-CITY")).refused_with(refuse.ComplainedAbout)
    given(router, *past).when(move("SA")).then(dispatched(unit="SA", department=None))
