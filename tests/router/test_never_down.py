"""Rule 3: never down by a message, only by a named person with a reason; late and repeated news changes nothing."""

from datetime import datetime, timedelta

import pytest

from router import rejections as refuse
from router.commands import MovePetition, Place
from router.policy import routing_policy
from schemas.events.router import HandOffOrdered, PetitionPlaced
from schemas.events.severity import SeverityAssessed
from schemas.policy import Policy
from tests.given import DISTRICT, PETITION, T0, Given, dispatch, given, later, like, router
from tests.past import (
    accepted,
    assessed,
    closed,
    declined,
    dispatched,
    escalated,
    filed,
    floors_of,
    missed,
    reassessed,
    referred,
    reopened,
    resolved,
    routed,
    supplemented,
    withdrawn,
)


def move(
    unit: str | None = None, department: str | None = None, now: datetime = T0, policy: Policy = DISTRICT
) -> MovePetition:
    return MovePetition(PETITION, now, routing_policy(policy), unit, department, "居民实际在该处")


def routing(*past, kind="LAMP", severity="routine", **facts) -> Given:
    return given(router, filed(), assessed(kind, severity), routed(kind=kind, severity=severity, **facts), *past)


def test_a_milder_reassessment_never_moves_it_down():
    past = reassessed("LAMP", "routine")
    routing(past, kind="STALL", severity="critical", tier="street", unit="SA").when_heard().then_nothing()


def test_a_kind_of_a_lower_tier_stays_where_it_stands_and_says_so():
    [event] = (
        routing(reassessed("LAMP"), kind="PIPE", tier="district", unit="D", department="D-WATER")
        .when_heard()
        .then(dispatched(tier="district", unit="D", department=None))
    )
    assert floors_of(event)["history"] == ("district", f"stands:{dispatch(3)}")


def test_a_graver_reassessment_moves_it_up():
    routing(reassessed("LAMP", "critical")).when_heard().then(dispatched(tier="street", unit="SA", rule="reassessed"))


def added(kind: str, severity: str = "routine") -> SeverityAssessed:
    return assessed(kind, severity).model_copy(update={"supplement": 1})


def test_what_was_added_moves_it_up_where_it_asks_for_more_and_never_down():
    at_the_grid = (filed(), assessed("LAMP"), routed(), accepted(dispatch(3)), supplemented())
    given(router, *at_the_grid, added("LAMP", "critical")).when_heard().then(
        dispatched(tier="street", unit="SA", rule="supplemented")
    )
    given(router, *at_the_grid, added("STALL")).when_heard().then(
        dispatched(tier="street", department="SA-CITY", rule="supplemented")
    )
    at_the_street = (filed(), assessed(None), routed("street", "SA", kind=None), supplemented())
    given(router, *at_the_street, added("LAMP")).when_heard().then_nothing()


def test_what_was_added_to_what_is_done_moves_nothing_and_tells_who_must_know():
    done = (filed(), assessed("LAMP"), routed(), accepted(dispatch(3)), supplemented(), resolved(dispatch(3)))
    danger = assessed("GAS", "critical", disposition="hand_off", hand_off=("119",))
    given(router, *done, danger.model_copy(update={"supplement": 1})).when_heard().then(
        like(HandOffOrdered, to=("119",))
    )


def test_a_reassessment_that_asks_for_nothing_else_is_silent():
    routing(reassessed("LAMP")).when_heard().then_nothing()
    routing(reassessed("NOISE"), tier="community", unit="SA1").when_heard().then_nothing()


def test_a_named_person_moves_it_down_and_says_why():
    [event] = (
        routing(kind="NOISE", tier="community", unit="SA1")
        .when(move("SA12"))
        .then(dispatched(tier="grid", unit="SA12", department=None, rule="moved", reason="居民实际在该处"))
    )
    assert event.tier == "grid"


def test_what_was_moved_elsewhere_climbs_there():
    moved = routed("community", "SB1", rule="moved")
    routing(moved, escalated(dispatch(4))).when_heard().then(dispatched(tier="street", unit="SB"))
    routing(moved, reassessed("STALL")).when_heard().then(dispatched(unit="SB", department="SB-CITY"))
    done = (accepted(dispatch(4)), resolved(dispatch(4)), reopened(2))
    routing(moved, *done).when_heard().then(dispatched(tier="street", unit="SB", round=2))


def test_what_was_moved_without_a_known_place_climbs_where_it_was_moved():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), routed("grid", "SB11", rule="moved"))
    given(router, *past, escalated(dispatch(4))).when_heard().then(dispatched(tier="community", unit="SB1"))


def test_what_was_moved_within_its_own_area_still_climbs_from_its_place():
    past = (filed("SA11"), assessed("LAMP"), routed(), routed("community", "SA1", rule="moved"))
    given(router, *past, escalated(dispatch(4))).when_heard().then(dispatched(tier="street", unit="SA"))


def test_a_departments_matter_is_moved_no_lower_than_its_power():
    stall = routing(kind="STALL", tier="street", unit="SA", department="SA-CITY")
    for unit in ("SA1", "SB11"):
        stall.when(move(unit)).refused_with(refuse.BelowAuthority, kind="STALL", tier="street")
    pipe = routing(kind="PIPE", tier="district", unit="D", department="D-WATER")
    pipe.when(move(department="SB-CITY")).refused_with(refuse.BelowAuthority, kind="PIPE", tier="district")
    routing(reassessed("LAMP"), kind="STALL", tier="street", unit="SA").when(move("SA12")).then(dispatched(unit="SA12"))


def test_nothing_is_moved_to_who_has_no_power_or_is_not_there():
    routing().when(move("SA1P")).refused_with(refuse.PartnerWithoutPower, unit="SA1P")
    routing().when(move("SA21")).refused_with(refuse.NobodyThere, unit="SA21")
    empty = [unit.model_copy(update={"staff": 0}) for unit in DISTRICT.bundle.units]
    nobody = Policy(1, DISTRICT.bundle.model_copy(update={"units": tuple(empty)}))
    routing().when(move("SB", policy=nobody)).refused_with(refuse.NobodyThere, unit="SB")
    routing().when(move(department="SB-CITY", policy=nobody)).then(dispatched(unit="SB", department="SB-CITY"))
    routing().when(move("D", policy=nobody)).then(dispatched(unit="D"))


def test_a_named_person_moves_it_to_a_department():
    routing().when(move(department="SB-CITY")).then(
        dispatched(tier="street", unit="SB", department="SB-CITY", rule="moved")
    )


def test_a_move_to_a_unit_finds_the_office_there():
    routing(kind="STALL", tier="street", unit="SA", department="SA-CITY").when(move("SB")).then(
        dispatched(unit="SB", department="SB-CITY")
    )


def test_what_a_move_cannot_mean_is_refused():
    routing().when(move("nowhere")).refused_with(refuse.UnknownUnit, unit="nowhere")
    routing().when(move(department="nobody")).refused_with(refuse.UnknownDepartment, department="nobody")
    routing().when(move("SA11")).refused_with(refuse.NothingMoves)
    given(router, filed()).when(move("SA12")).refused_with(refuse.NotRouted)
    routing(accepted(dispatch(3)), resolved(dispatch(3))).when(move("SA12")).refused_with(refuse.AlreadyResolved)
    routing(closed("by_person")).when(move("SA12")).refused_with(refuse.PetitionEnded)


def test_a_reading_that_a_newer_one_replaced_is_late_news():
    past = (filed(), assessed("LAMP", "critical", hand_off=("119",)), reassessed("LAMP", "routine"))
    given(router, *past).when_heard(2).then_nothing()
    given(router, *past).when_heard(3).then(dispatched(tier="grid", unit="SA11", rule="reassessed"))


def test_a_reading_from_before_a_move_moves_nothing_and_still_tells_who_must_be_told():
    grave = reassessed("GAS", "critical", hand_off=("119",))
    moved = routed("district", "D", "D-CITY", kind="GAS", severity="critical", rule="moved")
    routing(reassessed("STALL"), routed("community", "SB1", kind="STALL", rule="moved")).when_heard(4).then_nothing()
    routing(grave, moved).when_heard(4).then(like(HandOffOrdered, to=("119",)))


def test_a_move_of_what_became_critical_shortens_its_time():
    found = reassessed("LAMP", "critical", at=later(hours=1))
    routing(found, resolve_by=later(hours=48)).when(move("SA", now=later(hours=2))).then(
        dispatched(unit="SA", resolve_by=later(hours=26))
    )


def test_what_was_missed_is_overdue_also_by_a_clock_that_is_behind():
    before, after = later(hours=47.99), later(hours=48.01)
    missed_since = missed("resolve:1", later(hours=48), at=after)
    past = (accepted(dispatch(3)), escalated(dispatch(3), at=before), missed_since)
    [event] = (
        routing(*past, resolve_by=later(hours=48)).when_heard(5, now=before).then(dispatched(overdue=True, at=before))
    )
    assert event.resolve_by == after + timedelta(hours=DISTRICT.limits.overdue_hours)


def test_the_escalation_of_a_dispatch_that_was_replaced_is_late_news():
    past = (filed(), assessed(), routed(), escalated(dispatch(3)), routed("community", "SA1", rule="escalated"))
    given(router, *past).when_heard(4).then_nothing()


def test_an_escalation_that_was_not_heard_before_it_was_withdrawn_counts_when_it_is_opened_again():
    opened = reopened(2, "person", at=later(hours=9))
    [event] = (
        routing(escalated(dispatch(3), "accept"), withdrawn(), opened)
        .when_heard()
        .then(dispatched(tier="community", unit="SA1", round=2))
    )
    assert floors_of(event)["history"] == ("community", f"accept:{dispatch(3)}")
    done = (accepted(dispatch(3)), escalated(dispatch(3)), resolved(dispatch(3)))
    [event] = routing(*done, reopened(2)).when_heard().then(dispatched(tier="community"))
    assert floors_of(event)["history"] == ("community", f"not_solved:{dispatch(3)}")


def test_what_was_not_solved_climbs_also_when_it_was_turned_away_before_anybody_heard_so():
    done = (accepted(dispatch(3)), resolved(dispatch(3)))
    for end in (withdrawn(), declined(), referred()):
        [event] = routing(*done, reopened(2), end, reopened(3, "person")).when_heard().then(dispatched(round=3))
        assert (event.tier, floors_of(event)["history"][0]) == ("community", "community"), "once, not the second time"
        [event] = routing(*done, end, reopened(2, "person")).when_heard().then(dispatched(tier="grid", round=2))
        again = (*done, reopened(2), routed(round=2, rule="moved"), end, reopened(3, "person"))
        routing(*again).when_heard().then(dispatched(tier="grid", round=3))


def test_the_escalation_of_what_was_resolved_meanwhile_is_late_news():
    routing(accepted(dispatch(3)), escalated(dispatch(3)), resolved(dispatch(3))).when_heard(5).then_nothing()


def test_a_reopened_round_that_has_its_dispatch_is_late_news():
    past = (accepted(dispatch(3)), resolved(dispatch(3)), reopened(2), routed("community", "SA1", round=2))
    routing(*past).when_heard(6).then_nothing()


def test_a_reopening_that_a_later_one_followed_is_late_news():
    first = (accepted(dispatch(3)), resolved(dispatch(3)), reopened(2))
    second = (routed("community", "SA1", round=2), accepted(dispatch(7)), resolved(dispatch(7), round=2), reopened(3))
    routing(*first, *second).when_heard(6).then_nothing()
    routing(*first, *second).when_heard(10).then(dispatched(tier="district", unit="D", round=3))


@pytest.mark.parametrize("end", [closed(), referred(), declined()])
def test_news_about_a_finished_petition_changes_nothing(end):
    news = (reassessed("PIPE", "critical", hand_off=("119",)), escalated(dispatch(3)), missed("assess", T0))
    for one in news:
        routing(one, end).when_heard(4).then_nothing()
    routing(accepted(dispatch(3)), resolved(dispatch(3)), reopened(2), end).when_heard(6).then_nothing()


def test_a_reading_after_the_resolution_waits_for_the_next_round():
    done = (accepted(dispatch(3)), resolved(dispatch(3)), reassessed("PIPE", at=later(hours=1)))
    routing(*done).when_heard().then_nothing()
    routing(*done, reopened(2)).when_heard().then(dispatched(tier="district", unit="D", department="D-WATER", round=2))
    routing(*done, reopened(2)).when_heard(6).then_nothing()


def test_a_missed_assessment_is_only_about_petitions_without_a_reading():
    given(router, filed(), missed("assess", later(minutes=3)), assessed("LAMP")).when_heard(2).then_nothing()
    routing(missed("assess", later(minutes=3), late=True)).when_heard().then_nothing()
    routing(missed(f"accept:{dispatch(3)}", later(hours=8))).when_heard().then_nothing()


def staffed(code: str) -> Policy:
    """The district after somebody came on duty in this unit."""
    units = [unit.model_copy(update={"staff": 1}) if unit.code == code else unit for unit in DISTRICT.bundle.units]
    return Policy(2, DISTRICT.bundle.model_copy(update={"units": tuple(units)}))


def test_no_message_takes_it_from_the_unit_that_stood_in_for_an_empty_one():
    stood_in = (filed("SA21"), assessed(), routed("grid", "SA2"))
    came_back = staffed("SA21")
    given(router, *stood_in, reassessed("LAMP"), policy=came_back).when_heard().then_nothing()
    [event] = (
        given(router, *stood_in, reassessed("LAMP", "urgent"), policy=came_back)
        .when_heard()
        .then(dispatched(tier="grid", unit="SA2"))
    )
    assert floors_of(event)["history"] == ("grid", f"holds:{dispatch(3)}")


def test_a_person_takes_it_from_the_unit_that_stood_in():
    stood_in = given(router, filed("SA21"), assessed(), routed("grid", "SA2"), policy=staffed("SA21"))
    stood_in.when(move("SA21", policy=staffed("SA21"))).then(dispatched(tier="grid", unit="SA21"))
    stood_in.when(Place(PETITION, T0, routing_policy(staffed("SA21")), "SA11")).then(
        like(PetitionPlaced, unit="SA11"), dispatched(tier="grid", unit="SA11")
    )


def test_a_reading_does_not_undo_a_persons_move():
    moved = routed("district", "D", "D-WATER", kind=None, severity="urgent", rule="moved")
    past = (filed(None), missed("assess", later(minutes=3)), routed("grid", "D", kind=None), moved)
    given(router, *past, assessed("LAMP")).when_heard().then_nothing()
    away = routed("street", "SB", kind="LAMP", rule="moved")
    routing(away, reassessed("STALL")).when_heard().then_nothing()
    routing(away, reassessed("PIPE")).when_heard().then(dispatched(tier="district", department="D-WATER"))


def test_a_graver_reading_after_a_move_shortens_its_time_and_leaves_it_with_whom_it_was_moved_to():
    moved = routed("street", "SB", "SB-CITY", resolve_by=later(hours=48), rule="moved")
    grave = reassessed("LAMP", "critical", hand_off=("119",), at=later(hours=1))
    shortened, _ = (
        routing(moved, grave)
        .when_heard()
        .then(dispatched(unit="SB", department="SB-CITY", resolve_by=later(hours=25)), like(HandOffOrdered))
    )
    routing(moved, grave, shortened, reassessed("POISON", "critical")).when_heard().then_nothing()


def test_a_danger_of_another_kind_takes_it_from_whom_a_person_had_moved_it_to():
    moved = routed("district", "D", "D-WATER", rule="moved")
    leak = assessed("GAS", "critical", disposition="hand_off", hand_off=("119",))
    routing(moved, leak).when_heard().then(dispatched(department="D-GAS"), like(HandOffOrdered, to=("119",)))
