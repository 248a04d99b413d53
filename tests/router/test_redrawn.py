"""A map that is drawn anew under petitions under way: what was decided stays, and nobody is left without a unit."""

import pytest

from escalation.decider import NoticeMisses
from router import rejections as refuse
from router.commands import Accept, Claim, Place, Resolve, Return
from router.policy import routing_policy
from router.rejections_of_claims import NotPutBefore
from schemas.events.escalation import DeadlineMissed, PetitionEscalated, SupervisionOrdered
from schemas.events.router import (
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    PetitionPlaced,
    ResolutionReported,
)
from schemas.jurisdiction import Jurisdiction
from schemas.policy import Policy, PolicyBundle
from schemas.words import Result, ReturnReason
from tests.given import DISTRICT, PETITION, dispatch, escalation, given, later, like, router
from tests.past import (
    accepted,
    assessed,
    dispatched,
    escalated,
    filed,
    floors_of,
    reassessed,
    reopened,
    resolved,
    routed,
)


def without(*codes: str) -> PolicyBundle:
    """The district redrawn without these units."""
    units = tuple(unit for unit in DISTRICT.bundle.units if unit.code not in codes)
    return DISTRICT.bundle.model_copy(update={"units": units})


def renamed(street: str, now: str) -> PolicyBundle:
    """The district in which a street and all in it have other codes."""
    codes = {unit.code: unit.code.replace(street, now) for unit in DISTRICT.bundle.units}
    units = tuple(
        unit.model_copy(update={"code": codes[unit.code], "parent": unit.parent and codes[unit.parent]})
        for unit in DISTRICT.bundle.units
    )
    return DISTRICT.bundle.model_copy(update={"units": units})


NO_GRID = Policy(2, without("SA11"), DISTRICT)
NO_COMMUNITY = Policy(2, without("SA1", "SA11", "SA12", "SA1P"), DISTRICT)
RENAMED = Policy(2, renamed("SA", "SC"), DISTRICT)
IN_ITS_GRID = (filed("SA11"), assessed("LAMP"), routed())
NOW = later(hours=1)


def test_a_unit_that_is_gone_leaves_its_matters_to_the_nearest_above_that_is_left():
    assert NO_GRID.jurisdiction.heirs == {"SA11": "SA1"}
    assert NO_COMMUNITY.jurisdiction.heirs == dict.fromkeys(("SA1", "SA11", "SA12", "SA1P"), "SA")


def test_the_area_of_a_unit_has_what_lay_in_it_on_an_earlier_map():
    assert NO_COMMUNITY.jurisdiction.area("SA") == ["SA", "SA2", "SA21", "SA1", "SA11", "SA12", "SA1P"]
    assert DISTRICT.jurisdiction.area("SA2") == ["SA2", "SA21"]


def test_an_area_is_found_without_a_look_at_the_units_elsewhere(monkeypatch: pytest.MonkeyPatch):
    looks = []
    monkeypatch.setattr(Jurisdiction, "chain", lambda _, code: looks.append(code) or [])
    assert (DISTRICT.jurisdiction.area("SA1"), looks) == (["SA1", "SA11", "SA12", "SA1P"], [])


def test_what_is_gone_twice_over_has_the_heir_of_its_heir():
    again = Policy(3, NO_COMMUNITY.bundle, NO_GRID)
    assert again.jurisdiction.heirs["SA11"] == "SA"


def test_what_comes_back_has_no_heir():
    assert Policy(3, DISTRICT.bundle, NO_COMMUNITY).jurisdiction.heirs == {}


def test_another_district_altogether_leaves_everything_to_its_top():
    bundle = DISTRICT.bundle
    renamed = tuple(
        unit.model_copy(update={"code": f"X{unit.code}", "parent": unit.parent and f"X{unit.parent}"})
        for unit in bundle.units
    )
    other = Policy(2, bundle.model_copy(update={"units": renamed, "departments": ()}), DISTRICT)
    assert set(other.jurisdiction.heirs.values()) == {"XD"}


@pytest.mark.parametrize(("policy", "unit"), [(NO_GRID, "SA1"), (NO_COMMUNITY, "SA")])
def test_the_next_dispatch_goes_to_the_heir_and_not_to_the_top(policy: Policy, unit: str):
    past = (*IN_ITS_GRID, reassessed("LAMP", "urgent"))
    [event] = given(router, *past, policy=policy).when_heard().then(dispatched(tier="grid", unit=unit))
    assert floors_of(event)["scope"] == ("grid", "place:SA11")


def test_a_desk_that_stands_in_is_no_placing_desk_for_a_place_that_is_gone():
    units = NO_GRID.jurisdiction
    assert units.is_placing_desk("grid", "SA1", "SA11")
    assert not units.is_placing_desk("community", "SA", "SA11")


def test_a_miss_still_climbs_one_tier_and_finds_somebody():
    due = later(hours=9)
    said = given(escalation, *IN_ITS_GRID, policy=NO_GRID).when(NoticeMisses(PETITION, due, NO_GRID))
    said.then(like(DeadlineMissed), like(PetitionEscalated, dispatch=dispatch(3)))
    climbed = (*IN_ITS_GRID, escalated(dispatch(3)))
    given(router, *climbed, policy=NO_GRID).when_heard().then(dispatched(tier="community", unit="SA1"))


@pytest.mark.parametrize(("place", "desk", "policy"), [("SA1", "SA1", NO_COMMUNITY), ("SA", "SA", RENAMED)])
def test_a_desk_that_only_had_to_place_it_raises_nothing_by_its_miss_when_it_is_gone(
    place: str, desk: str, policy: Policy
):
    past = (filed(place), assessed("LAMP"), routed("grid", desk))
    said = given(escalation, *past, policy=policy).when(NoticeMisses(PETITION, later(hours=9), policy))
    said.then(like(DeadlineMissed), like(SupervisionOrdered, unit=desk, superior=policy.jurisdiction.heirs[desk]))
    again = Policy(3, policy.bundle, policy)
    assert again.jurisdiction.is_placing_desk("grid", desk, place)


def test_what_a_desk_that_is_gone_did_not_solve_goes_above_where_it_stood():
    past = (filed("SA"), assessed("LAMP"), routed("grid", "SA"), accepted(dispatch(3)), resolved(dispatch(3)))
    given(router, *past, reopened(), policy=RENAMED).when_heard().then(dispatched(tier="district", unit="D"))


def test_who_had_it_may_still_take_it_and_do_it():
    given(router, *IN_ITS_GRID, policy=NO_GRID).when(Accept(PETITION, NOW, None)).then(like(DispatchAccepted))
    done = Resolve(PETITION, NOW, routing_policy(NO_GRID), None, Result.DONE, "已更换声控灯")
    past = (*IN_ITS_GRID, accepted(dispatch(3)))
    given(router, *past, policy=NO_GRID).when(done).then(like(ResolutionReported))


def test_given_back_it_goes_to_the_heir():
    back = Return(PETITION, NOW, routing_policy(NO_GRID), None, ReturnReason.NOT_MINE, None)
    said = given(router, *IN_ITS_GRID, policy=NO_GRID).when(back)
    said.then(like(DispatchReturned), dispatched(tier="grid", unit="SA1"))


def test_the_heirs_desk_places_it_on_the_new_map():
    place = Place(PETITION, NOW, routing_policy(NO_GRID), "SA12")
    said = given(router, *IN_ITS_GRID, policy=NO_GRID).when(place)
    said.then(like(PetitionPlaced, unit="SA12"), dispatched(tier="grid", unit="SA12"))


def test_what_was_put_before_a_unit_that_is_gone_can_be_claimed_around_it():
    past = (filed("SA1"), assessed("BENCH"), routed("community", "SA1", kind="BENCH", mode="open"))

    def claim(unit: str | None) -> Claim:
        return Claim(PETITION, NOW, routing_policy(NO_COMMUNITY), None, unit, None, "s-1")

    given(router, *past, policy=NO_COMMUNITY).when(claim("SA2")).then(like(DispatchClaimed, unit="SA2"))
    given(router, *past, policy=NO_COMMUNITY).when(claim("SB1")).refused_with(NotPutBefore)
    given(router, *past, policy=NO_COMMUNITY).when(claim(None)).refused_with(refuse.UnknownUnit)


def test_a_superior_of_a_unit_that_is_gone_is_its_heir():
    past = (filed("SA1"), assessed("LAMP"), routed("grid", "SA", accept_hours=1))
    said = given(escalation, *past, policy=NO_COMMUNITY).when(NoticeMisses(PETITION, later(hours=2), NO_COMMUNITY))
    said.then(like(DeadlineMissed), like(SupervisionOrdered, unit="SA", superior="D"))
    top = (filed("SA11"), assessed("LAMP", "critical"), routed("district", "SA11", accept_hours=1))
    said = given(escalation, *top, policy=NO_COMMUNITY).when(NoticeMisses(PETITION, later(hours=2), NO_COMMUNITY))
    said.then(like(DeadlineMissed), like(SupervisionOrdered, unit="SA11", superior="SA"))
