"""A calendar comes while a petition is on hold: resumed, it has the time that the calendar leaves it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import assume
from hypothesis import given as for_all
from hypothesis import strategies as st

from router.commands import Resume
from router.policy import routing_policy
from schemas.event import Event
from schemas.events.router import ExtensionGranted, PetitionHeld
from schemas.policy import Policy
from schemas.sealed import Sealed
from tests.given import DISTRICT, PETITION, dispatch, given, later, router
from tests.past import accepted, assessed, filed, routed

EVE = later(days=37)
"""30 December 2026, 9:00 in China; nobody knows the plan of 2027 yet."""
TEN_DAYS = [date(2027, 1, 1) + timedelta(days=number) for number in range(10)]
PLANS = st.dictionaries(st.sampled_from(TEN_DAYS), st.booleans(), min_size=1)
"""Days that are off, or are worked."""


def policy_with(plan: dict[date, bool]) -> Policy:
    calendar = DISTRICT.bundle.calendar
    whole = calendar.model_copy(
        update={
            "years": frozenset({2026, 2027}),
            "off": calendar.off | {day for day, worked in plan.items() if not worked},
            "make_up": calendar.make_up | {day for day, worked in plan.items() if worked},
        }
    )
    return Policy(2, DISTRICT.bundle.model_copy(update={"calendar": whole}), DISTRICT)


def taken(policy: Policy, at: datetime) -> Sequence[Event]:
    """A matter that may take 24 working hours."""
    read = (filed(at=at), assessed("STALL", at=at))
    return (*read, *given(router, *read, policy=policy).when_heard(now=at).said, accepted(dispatch(3), at=at))


def held(at: datetime) -> PetitionHeld:
    return PetitionHeld(at=at, number=1, until=later(days=80), reason=Sealed.of("等"))


def resumed(past: Sequence[Event], policy: Policy, at: datetime) -> Event:
    [event] = given(router, *past).when(Resume(PETITION, at, routing_policy(policy))).said
    return event


@for_all(
    plan=PLANS,
    filed_after=st.integers(0, 48),
    held_after=st.floats(0, 150),
    resumed_after=st.floats(0.1, 400),
)
def test_it_is_due_when_it_would_be_had_the_calendar_been_there_from_the_first(
    plan: dict[date, bool], filed_after: int, held_after: float, resumed_after: float
):
    known, filed_at = policy_with(plan), EVE + timedelta(hours=filed_after)
    hold = held(filed_at + timedelta(hours=held_after))
    late, early = taken(DISTRICT, filed_at), taken(known, filed_at)
    assume(hold.at < min(late[2].resolve_by, early[2].resolve_by))
    again = hold.at + timedelta(hours=resumed_after)
    found, wanted = (resumed((*past, hold), known, again) for past in (late, early))
    assert (found.resolve_by, found.provisional) == (wanted.resolve_by, wanted.provisional)
    if late[2].resolve_by != early[2].resolve_by:
        assert found.resolve_near == wanted.resolve_near


def test_new_years_day_is_off_and_takes_no_hour_of_those_that_were_left():
    past = (*taken(DISTRICT, EVE), held(EVE + timedelta(hours=4)))
    assert past[2].resolve_by == later(days=39, hours=8), "Friday, which is New Year's Day"
    off = policy_with({date(2027, 1, 1): False})
    assert resumed(past, DISTRICT, later(days=50)).resolve_by == later(days=52, hours=4)
    assert resumed(past, off, later(days=50)).resolve_by == later(days=52, hours=4), "twenty hours were left"


def test_a_plan_by_which_it_would_have_been_over_before_takes_back_nothing():
    worked = policy_with({date(2027, 1, 2): True, date(2027, 1, 3): True})
    new_year = later(days=39)
    past = (*taken(DISTRICT, new_year), held(new_year + timedelta(days=3, hours=7)))
    assert past[2].resolve_by == later(days=43, hours=8), "Tuesday"
    assert resumed(past, worked, later(days=50)).resolve_by == later(days=51, hours=1), "Monday's last hour and Tuesday"


def test_of_a_moment_that_a_person_gave_no_working_hour_is_lost_either():
    """Friday's eight hours are left, not those of one evening."""
    friday = later(days=11, hours=8)
    given_more = ExtensionGranted(at=later(days=1), round=1, until=friday, reason=Sealed.of("同意"))
    at = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"), accepted(dispatch(3)))
    past = (*at, given_more, held(friday - timedelta(hours=8)))
    [event] = given(router, *past).when(Resume(PETITION, later(days=18, hours=7), routing_policy(DISTRICT))).said
    assert event.resolve_by == later(days=21, hours=7), "one hour on that Friday, seven on Monday"


def test_a_moment_that_a_person_gave_stands_still_by_the_hours_of_the_day():
    """On Saturday no working hour is left of a time that ends on Sunday, and yet a day and a half are."""
    sunday = later(days=6, hours=8)
    given_more = ExtensionGranted(at=later(days=1), round=1, until=sunday, reason=Sealed.of("同意"))
    at = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"), accepted(dispatch(3)))
    past = (*at, given_more, held(sunday - timedelta(hours=36)))
    first = resumed(past, DISTRICT, later(days=10))
    assert first.resolve_by == later(days=10) + timedelta(hours=36)
    again = (*past, first, held(later(days=11)).model_copy(update={"number": 2}))
    assert resumed(again, DISTRICT, later(days=20)).resolve_by == later(days=21, hours=8), "Friday's hours, on Monday"
