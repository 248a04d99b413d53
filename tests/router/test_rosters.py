"""Nobody on duty → up: who could have it at the moment of the decision is known from roster and absences."""

from datetime import date

import pytest

from router import rejections as refuse
from router.commands import MovePetition, Reroute, Return
from router.policy import routing_policy
from router.rerouting import Verdict, foresee
from schemas.events.router import DispatchReturned
from schemas.events.staffing import NobodyOnDuty
from schemas.policy import Policy
from schemas.roster import Absence, Nobody, Posting
from schemas.words import ReturnReason
from tests.given import DISTRICT, PETITION, T0, dispatch, given, later, like, recorded, router
from tests.past import accepted, assessed, dispatched, escalated, filed, reassessed, routed

TODAY = date(2026, 11, 23)
ABSENT = (Absence(staff="w-1", since=TODAY, until=TODAY),)


def policy(*units: str, absences: tuple[Absence, ...] = (), until: date | None = None) -> Policy:
    """The district where w-1 alone works for these units and offices."""
    roster = tuple(Posting(unit=unit, staff="w-1", since=date(2026, 1, 1), until=until) for unit in units)
    return Policy(1, DISTRICT.bundle.model_copy(update={"roster": roster, "absences": absences}))


def test_a_roster_with_somebody_on_duty_decides_whatever_the_staff_is():
    given(router, filed("SA21"), assessed(), policy=policy("SA21")).when_heard().then(dispatched(unit="SA21"))


def test_a_unit_whose_people_are_all_absent_today_is_skipped_upwards_and_why_is_said():
    absent = policy("SA11", absences=ABSENT)
    given(router, filed("SA11"), assessed(), policy=absent).when_heard().then(
        like(NobodyOnDuty, unit="SA11", department=None, cause=Nobody.ALL_ABSENT), dispatched(tier="grid", unit="SA1")
    )
    tomorrow = given(router, filed("SA11"), assessed(), policy=absent).when_heard(now=later(days=1))
    tomorrow.then(dispatched(unit="SA11"))


def test_a_unit_whose_posting_terms_are_over_is_skipped_upwards_and_why_is_said():
    ended = policy("SA11", until=date(2026, 11, 22))
    given(router, filed("SA11"), assessed(), policy=ended).when_heard().then(
        like(NobodyOnDuty, unit="SA11", cause=Nobody.NOBODY_POSTED), dispatched(unit="SA1")
    )


def test_without_a_roster_the_staff_decides():
    given(router, filed("SA21"), assessed(), policy=policy("SB11")).when_heard().then(
        like(NobodyOnDuty, unit="SA21", cause=Nobody.NO_STAFF), dispatched(unit="SA2")
    )


def test_the_top_is_asked_though_nobody_is_there():
    absent = policy("D", absences=ABSENT)
    given(router, filed(None), assessed(), policy=absent).when_heard().then(dispatched(unit="D"))


def test_an_office_with_nobody_on_duty_is_passed_over_for_the_next_with_the_power():
    absent = policy("SA-CITY", absences=ABSENT)
    given(router, filed(), assessed("STALL"), policy=absent).when_heard().then(
        like(NobodyOnDuty, unit="SA", department="SA-CITY", cause=Nobody.ALL_ABSENT),
        dispatched(tier="street", unit="D", department="D-CITY"),
    )


def test_where_no_office_with_the_power_has_anybody_the_lowest_desk_has_it():
    absent = policy("SA-CITY", "D-CITY", absences=ABSENT)
    given(router, filed(), assessed("STALL"), policy=absent).when_heard().then(
        like(NobodyOnDuty, department="SA-CITY"),
        like(NobodyOnDuty, department="D-CITY"),
        dispatched(unit="SA", department=None),
    )


def test_an_escalation_meets_the_absences_of_its_own_day():
    climbs = (filed(), assessed(), routed(), escalated(dispatch(3)))
    given(router, *climbs, policy=policy("SA1", absences=ABSENT)).when_heard().then(
        like(NobodyOnDuty, unit="SA1"), dispatched(tier="community", unit="SA")
    )


def test_what_is_given_back_passes_a_desk_with_nobody_on_duty():
    absent = policy("SA1", absences=ABSENT)
    back = Return(PETITION, T0, routing_policy(absent), None, ReturnReason.NOT_MINE, None)
    given(router, filed(), assessed(), routed(), accepted(dispatch(3)), policy=absent).when(back).then(
        like(DispatchReturned), like(NobodyOnDuty, unit="SA1", cause=Nobody.ALL_ABSENT), dispatched(unit="SA")
    )


def test_a_named_person_takes_up_what_lies_where_nobody_is_on_duty():
    absent, ended = policy("SA11", absences=ABSENT), policy("SA11", until=date(2026, 11, 22))
    up = (like(NobodyOnDuty, unit="SA11"), dispatched(unit="SA1"))
    issued = (filed(), assessed(), routed())
    given(router, *issued, policy=absent).when(anew(absent)).then(*up)
    given(router, *issued, accepted(dispatch(3)), policy=ended).when(anew(ended)).then(*up)


def test_but_nothing_that_was_accepted_from_who_is_only_away():
    absent = policy("SA11", "SA-CITY", absences=ABSENT)
    stall = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"))
    for past in ((filed(), assessed(), routed()), stall):
        work = (*past, accepted(dispatch(3)))
        given(router, *work, policy=absent).when(anew(absent)).then_nothing()
        assert foresee(router.decider.fold(recorded(*work)), anew(absent)).verdict is Verdict.STAYS


def test_what_needs_more_than_who_is_away_goes_there():
    raised = tuple(
        one.model_copy(update={"tier": "community"}) if one.code == "LAMP" else one for one in DISTRICT.bundle.kinds
    )
    absent = policy("SA11", absences=ABSENT)
    higher = Policy(2, absent.bundle.model_copy(update={"kinds": raised}))
    work = (filed(), assessed(), routed(), accepted(dispatch(3)))
    given(router, *work, policy=higher).when(anew(higher)).then(dispatched(tier="community", unit="SA1"))


def anew(roster: Policy) -> Reroute:
    return Reroute(PETITION, T0, routing_policy(roster), "无人在岗")


@pytest.mark.parametrize(("unit", "department"), [("SA2", None), (None, "D-WATER")])
def test_nothing_is_moved_to_where_nobody_is_on_duty(unit: str | None, department: str | None):
    absent = policy("SA2", "D-WATER", absences=ABSENT)
    move = MovePetition(PETITION, T0, routing_policy(absent), unit, department, "在那边")
    outcome = given(router, filed(), assessed("NOISE"), routed("community", "SA1"), policy=absent).when(move)
    outcome.refused_with(refuse.NobodyThere, unit=unit or department)


def test_what_is_moved_to_a_unit_goes_to_its_desk_while_its_office_has_nobody():
    absent = policy("D-WATER", absences=ABSENT)
    move = MovePetition(PETITION, T0, routing_policy(absent), "D", None, "在那边")
    outcome = given(router, filed(), assessed("PIPE"), routed("district", "SA", kind="PIPE"), policy=absent).when(move)
    outcome.then(dispatched(unit="D", department=None))


@pytest.mark.parametrize("heard", [assessed("LAMP"), reassessed("LAMP")])
def test_a_reading_that_is_no_graver_takes_nothing_from_who_is_away_today(heard):
    asked = (filed(), assessed(None, disposition="ask"), routed(kind=None), accepted(dispatch(3)))
    absent = policy("SA11", absences=ABSENT)
    given(router, *asked, heard, policy=absent).when_heard().then_nothing()


def test_what_proves_graver_does_not_wait_for_who_is_away_today():
    past = (filed(), assessed(), routed(), accepted(dispatch(3)), assessed("LAMP", "urgent"))
    given(router, *past, policy=policy("SA11", absences=ABSENT)).when_heard().then(
        like(NobodyOnDuty, unit="SA11"), dispatched(tier="grid", unit="SA1")
    )
