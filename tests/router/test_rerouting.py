"""重派: what stands where an earlier policy put it goes, when a person asks, where the one in force would have it."""

from typing import Any

import pytest

from router.commands import Reroute
from router.policy import routing_policy
from router.rerouting import Verdict, foresee
from schemas.events.router import DispatchTransferred, NobodyOnDuty, PetitionHeld, PetitionRouted
from schemas.places import Location
from schemas.policy import Policy, ScaleRule
from schemas.sealed import Sealed
from schemas.words import Mode, Whereabouts
from tests.given import DISTRICT, PETITION, Given, dispatch, given, later, like, recorded, router
from tests.past import (
    accepted,
    assessed,
    claimed,
    dispatched,
    escalated,
    filed,
    floors_of,
    linked,
    reassessed,
    reopened,
    resolved,
    returned,
    routed,
    withdrawn,
)

LAMP = (filed(), assessed("LAMP"), routed())
NOISE = (filed(), assessed("NOISE"), routed("community", "SA1", kind="NOISE"))


def kind(code: str, **facts: Any) -> Policy:
    """The next version, in which one kind is otherwise."""
    kinds = (one.model_copy(update=facts) if one.code == code else one for one in DISTRICT.bundle.kinds)
    return Policy(2, DISTRICT.bundle.model_copy(update={"kinds": tuple(kinds)}))


HIGHER, LOWER = kind("LAMP", tier="community"), kind("NOISE", tier="grid")


def anew(policy: Policy, **at: Any) -> Reroute:
    return Reroute(PETITION, later(**at or {"hours": 1}), routing_policy(policy), "新规则施行")


def verdict(*past: Any, policy: Policy = HIGHER) -> Verdict:
    return foresee(router.decider.fold(recorded(*past)), anew(policy)).verdict


def on(*past: Any, policy: Policy = HIGHER) -> Given:
    return given(router, *past, policy=policy)


def test_what_a_new_floor_lifts_goes_up_in_the_name_of_the_rule_and_with_the_reason():
    [event] = (
        on(*LAMP)
        .when(anew(HIGHER))
        .then(dispatched(tier="community", unit="SA1", rule="policy", policy=2, reason="新规则施行", round=1))
    )
    assert floors_of(event)["authority"] == ("community", "kind:LAMP")


def test_what_a_lower_floor_frees_goes_down():
    [event] = on(*NOISE).when(anew(LOWER)).then(dispatched(tier="grid", unit="SA11", rule="policy"))
    assert "history" not in floors_of(event)


def test_a_power_that_moved_takes_it_to_the_other_office():
    policy = kind("STALL", power="water", tier="district")
    past = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"))
    on(*past).when(anew(policy)).then(dispatched(tier="district", unit="D", department="D-WATER"))


def test_a_grid_that_was_drawn_anew_takes_it_to_its_other_community():
    units = (one.model_copy(update={"parent": "SA2"}) if one.code == "SA11" else one for one in DISTRICT.bundle.units)
    policy = Policy(2, DISTRICT.bundle.model_copy(update={"units": tuple(units)}))
    on(*NOISE).when(anew(policy)).then(dispatched(tier="community", unit="SA2"))


def test_a_grid_that_is_gone_leaves_it_with_the_unit_that_has_it():
    units = tuple(one for one in DISTRICT.bundle.units if one.code != "SA11")
    policy = Policy(2, kind("NOISE", tier="street").bundle.model_copy(update={"units": units}))
    on(*NOISE).when(anew(policy)).then(dispatched(tier="street", unit="SA"))


def test_what_a_person_took_elsewhere_climbs_there_and_stays_there():
    away = (*LAMP, routed("grid", "SB11", rule="moved"), routed("grid", "SB11", rule="supplemented"))
    escalation = routed("community", "SB1", rule="escalated")
    climbed = escalation.model_copy(update={"floors": (_history("person", "community"),)})
    on(*away, climbed).when(anew(kind("LAMP", tier="street"))).then(dispatched(tier="street", unit="SB"))


def test_what_touches_two_grids_stays_with_their_community_though_a_person_once_sent_it_up():
    two = Location(where=Whereabouts.IN_SEVERAL, unit="SA1", units=("SA11", "SA12"))
    placed = (filed(None, location=two), assessed(), routed("community", "SA1"))
    past = (*placed, routed("street", "SA", rule="moved"), routed("district", "D", rule="supplemented"))
    [event] = on(*past).when(anew(kind("LAMP"))).then(dispatched(tier="community", unit="SA1"))
    assert floors_of(event)["scope"] == ("community", "touches:SA11,SA12")


def test_new_limits_count_for_what_was_told_at_filing():
    policy = Policy(2, DISTRICT.bundle.model_copy(update={"scale": {"grid": ScaleRule(households=5)}}))
    on(filed(households=6), *LAMP[1:]).when(anew(policy)).then(dispatched(tier="community", unit="SA1"))


def test_the_rounds_time_stands_as_in_a_transfer():
    past = (*LAMP[:2], routed(resolve_by=later(hours=30)))
    on(*past).when(anew(HIGHER)).then(dispatched(resolve_by=later(hours=30), overdue=False))
    on(*past).when(anew(HIGHER, hours=40)).then(dispatched(resolve_by=later(hours=64), overdue=True))


def test_under_the_policy_that_placed_it_nothing_happens():
    for past in (LAMP, NOISE, (*LAMP, accepted(dispatch(3)))):
        on(*past).when(anew(DISTRICT)).then_nothing()
        assert verdict(*past, policy=DISTRICT) is Verdict.STAYS


def test_an_escalation_counts_also_when_the_floors_are_lower_now():
    past = (*NOISE, escalated(dispatch(3)), routed("street", "SA", kind="NOISE", rule="escalated"))
    climbed = past[-1].model_copy(update={"floors": (past[-1].floors[0], _history("person"))})
    on(*past[:-1], climbed).when(anew(LOWER)).then_nothing()
    assert verdict(*past[:-1], climbed, policy=LOWER) is Verdict.STAYS


def test_an_escalation_counts_also_before_the_router_has_heard_of_it():
    [event] = on(*NOISE, escalated(dispatch(3))).when(anew(LOWER)).then(dispatched(tier="street", unit="SA"))
    assert floors_of(event)["history"] == ("street", f"person:{dispatch(3)}")


def test_what_only_kept_it_from_going_down_by_a_message_does_not_count():
    stood = routed("street", "SA", kind="NOISE").model_copy(update={"floors": (_history("stands"),)})
    on(*NOISE[:2], stood).when(anew(LOWER)).then(dispatched(tier="grid", unit="SA11"))


def test_what_climbed_before_it_was_kept_counts_still():
    climbed = routed("community", "SA1").model_copy(update={"floors": (_history("person", "community"),)})
    kept = routed("street", "SA").model_copy(update={"floors": (_history("stands"),)})
    on(*LAMP, climbed, reassessed("LAMP", "urgent"), kept).when(anew(LOWER)).then(
        dispatched(tier="community", unit="SA1")
    )


def test_who_is_on_duty_by_now_gets_what_went_up_for_want_of_anybody():
    units = (one.model_copy(update={"staff": 1}) for one in DISTRICT.bundle.units)
    policy = Policy(2, DISTRICT.bundle.model_copy(update={"units": tuple(units)}))
    on(filed("SA21"), assessed(), routed("grid", "SA2")).when(anew(policy)).then(dispatched(unit="SA21"))
    nobody = like(NobodyOnDuty, unit="SA21")
    staffed = (filed("SA21"), assessed(), routed("grid", "SA21"))
    on(*staffed).when(anew(DISTRICT)).then(nobody, dispatched(tier="grid", unit="SA2"))


def test_what_was_open_to_claim_stays_open_also_where_somebody_claimed_it():
    policy, bench = kind("BENCH", tier="grid"), routed("community", "SA1", kind="BENCH", mode="open")
    past = (filed(), assessed("BENCH"), bench)
    on(*past).when(anew(policy)).then(dispatched(unit="SA11", mode=Mode.OPEN))
    on(*past, claimed(dispatch(3))).when(anew(policy)).then(dispatched(unit="SA11", mode=Mode.OPEN))
    assigned = (*past[:2], routed("community", "SA1", kind="BENCH"))
    on(*assigned).when(anew(policy)).then(dispatched(unit="SA11", mode=Mode.ASSIGNED))


def test_the_first_receiver_answers_for_it_until_another_accepts():
    past = (*LAMP, accepted(dispatch(3)))
    [event] = on(*past).when(anew(HIGHER)).then(dispatched(unit="SA1"))
    assert isinstance(event, PetitionRouted)
    assert router.decider.fold(recorded(*past, event)).responsible.dispatch == dispatch(3)


def test_news_about_the_dispatch_that_it_replaced_moves_nothing():
    [event] = on(*NOISE).when(anew(LOWER)).then(dispatched(unit="SA11"))
    on(*NOISE, event, escalated(dispatch(3))).when_heard().then_nothing()


HELD = PetitionHeld(at=later(), number=1, until=later(days=9), reason=Sealed.of("待拆迁"))
TRANSFERRED = (
    DispatchTransferred(at=later(), dispatch=dispatch(3), unit="SA12", reason=Sealed.of("x")),
    routed("grid", "SA12", rule="transferred"),
)
TWICE = (
    returned(dispatch(3)),
    routed("grid", "SA1", rule="returned"),
    returned(dispatch(5)),
    routed("grid", "SA", rule="returned"),
)


@pytest.mark.parametrize(
    ("since", "left"),
    [
        ((HELD,), Verdict.HELD),
        ((routed("grid", "SB11", rule="moved"),), Verdict.CHOSEN),
        (TRANSFERRED, Verdict.CHOSEN),
        (TWICE[:2], Verdict.CHOSEN),
        (TWICE, Verdict.DECIDED),
        ((resolved(dispatch(3)),), Verdict.RESOLVED),
        ((resolved(dispatch(3)), reopened()), Verdict.NOT_ROUTED),
        ((linked(),), Verdict.LINKED),
        ((withdrawn(),), Verdict.ENDED),
    ],
)
def test_what_a_person_decided_or_nobody_handles_now_is_left_alone(since, left):
    assert verdict(*LAMP, *since) is left
    on(*LAMP, *since).when(anew(HIGHER)).then_nothing()


def test_what_is_not_routed_yet_is_left_to_its_first_dispatch():
    assert verdict(filed(), assessed("LAMP")) is Verdict.NOT_ROUTED


def test_a_kind_that_the_policy_does_not_know_is_no_reason_to_go_down():
    kinds = tuple(one for one in DISTRICT.bundle.kinds if one.code != "NOISE")
    policy = Policy(2, DISTRICT.bundle.model_copy(update={"kinds": kinds}))
    assert verdict(*NOISE, policy=policy) is Verdict.KIND_GONE
    on(*NOISE).when(anew(policy)).then_nothing()


def _history(cause: str, tier: str = "street") -> Any:
    floors = routed(floors={"history": tier}).floors
    return floors[0].model_copy(update={"reason": f"{cause}:{dispatch(3)}"})
