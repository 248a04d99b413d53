"""值守名册: who is on duty where, by terms of posting, absences and the day in the district."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.policy import PolicyBundle
from schemas.roster import Absence, Nobody, Posting, Rosters
from services.chassis.policy_diff import Difference, differences
from services.chassis.policy_files import check_bundle, read_bundle
from tests.policy.test_errors_by_line import Complaints
from tests.policy.test_reading import BundleWith

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
YESTERDAY, TODAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24)
ROSTER = "unit,staff,since,until\nD1,w-1,2026-01-01,2026-12-31\nD1,w-2,2026-01-01,\n"


def posted(staff: str, unit: str = "D1", since: date = YESTERDAY, until: date | None = None) -> Posting:
    return Posting(unit=unit, staff=staff, since=since, until=until)


def away(staff: str, substitute: str | None = None, since: date = TODAY, until: date | None = TODAY) -> Absence:
    return Absence(staff=staff, since=since, until=until, substitute=substitute)


def rosters(*rows: Posting | Absence) -> Rosters:
    postings = [one for one in rows if isinstance(one, Posting)]
    return Rosters(postings, [one for one in rows if isinstance(one, Absence)], ZoneInfo("Asia/Shanghai"))


def on_duty(*rows: Posting | Absence, unit: str = "D1", now: datetime = NOON) -> set[str]:
    return set(rosters(*rows).on_duty(unit, now))


def test_a_posting_counts_from_its_first_day_to_its_last():
    assert on_duty(posted("w-1", since=TODAY, until=TODAY)) == {"w-1"}
    assert on_duty(posted("w-1", until=YESTERDAY), posted("w-2", since=TOMORROW)) == set()
    assert on_duty(posted("w-1", unit="D2")) == set()


def test_days_are_those_of_the_district():
    late_in_china, early_in_china = datetime(2026, 11, 23, 15, 59, tzinfo=UTC), datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert on_duty(posted("w-1", until=TODAY), now=late_in_china) == {"w-1"}
    assert on_duty(posted("w-1", until=TODAY), now=early_in_china) == set()


def test_who_is_absent_is_not_on_duty():
    assert on_duty(posted("w-1"), posted("w-2"), away("w-1")) == {"w-2"}
    assert on_duty(posted("w-1"), away("w-1", since=TOMORROW, until=None)) == {"w-1"}


def test_a_substitute_stands_in_where_the_absent_one_works():
    assert on_duty(posted("w-1"), posted("w-2", unit="D2"), away("w-1", "w-2")) == {"w-2"}


@pytest.mark.parametrize("hindered", [away("w-2"), away("w-2", "w-3")])
def test_a_substitute_who_is_absent_too_stands_in_for_nobody(hindered: Absence):
    rows = (posted("w-1"), posted("w-2", unit="D2"), posted("w-3", unit="D2"), away("w-1", "w-2"), hindered)
    assert on_duty(*rows) == set()


def test_a_substitute_whose_own_posting_is_over_stands_in_for_nobody():
    assert on_duty(posted("w-1"), posted("w-2", "D2", until=YESTERDAY), away("w-1", "w-2")) == set()


def test_why_nobody_is_there_is_known():
    assert rosters(posted("w-1")).nobody("D1", NOON) is None
    assert rosters(posted("w-1"), away("w-1")).nobody("D1", NOON) is Nobody.ALL_ABSENT
    assert rosters(posted("w-1", until=YESTERDAY), away("w-1")).nobody("D1", NOON) is Nobody.NOBODY_POSTED


def test_where_there_is_no_roster_whoever_says_so_works_there():
    assert rosters().works_for("D1", "w-9", NOON)
    assert not rosters(posted("w-1")).works_for("D1", "w-9", NOON)
    assert rosters(posted("w-1")).works_for("D1", "w-1", NOON)


def test_who_is_posted_elsewhere_speaks_for_no_receiver_without_a_roster():
    assert rosters(posted("w-1")).is_of("D1", "w-1", NOON)
    assert not rosters(posted("w-1"), away("w-1")).is_of("D1", "w-1", NOON)
    assert not rosters(posted("w-1"), posted("w-2", unit="D2")).is_of("D1", "w-2", NOON)
    assert not rosters(posted("w-1")).is_of("D2", "w-1", NOON)
    assert rosters(posted("w-1", until=YESTERDAY)).is_of("D2", "w-1", NOON)
    assert rosters(posted("w-1")).is_of("D2", "w-9", NOON), "of whom no roster knows, nobody says otherwise"


def test_a_roster_is_read_from_its_tables(bundle_with: BundleWith):
    absences = "staff,since,until,substitute\nw-1,2026-11-23,2026-11-27,w-2\n"
    bundle = read_bundle(bundle_with({"roster.csv": ROSTER, "absences.csv": absences}))
    first, second = bundle.roster
    assert (first.unit, first.staff, first.since, first.until) == ("D1", "w-1", date(2026, 1, 1), date(2026, 12, 31))
    assert second.until is None
    assert bundle.absences == (away("w-1", "w-2", until=date(2026, 11, 27)),)
    assert check_bundle(bundle) == bundle


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("D9,w-3,2026-01-01,", "roster.csv:4: unit: there is no unit or department 'D9'"),
        ("D1,w-3,2026-02-01,2026-01-31", "roster.csv:4: until: 2026-01-31 is before 2026-02-01"),
        ("D1,w-3,soon,", "roster.csv:4: since: 'soon' is not a date like 2026-02-14"),
        ("D1,,2026-01-01,", "roster.csv:4: staff: is missing"),
    ],
)
def test_what_is_wrong_in_a_roster_is_told_by_line(complaints: Complaints, row: str, complaint: str):
    assert complaints({"roster.csv": f"{ROSTER}{row}\n"}) == [complaint]


def test_an_office_may_have_a_roster(bundle_with: BundleWith):
    bundle = read_bundle(bundle_with({"roster.csv": f"{ROSTER}D-WATER,w-3,2026-01-01,\n"}))
    assert bundle.roster[-1].unit == "D-WATER"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("w-9,2026-11-23,,", "absences.csv:2: staff: 'w-9' is on no roster"),
        ("w-1,2026-11-23,,w-9", "absences.csv:2: substitute: 'w-9' is on no roster"),
        ("w-1,2026-11-23,,w-1", "absences.csv:2: substitute: stands in for themselves"),
        ("w-1,2026-11-23,2026-11-22,", "absences.csv:2: until: 2026-11-22 is before 2026-11-23"),
    ],
)
def test_what_is_wrong_with_an_absence_is_told_by_line(complaints: Complaints, row: str, complaint: str):
    absences = f"staff,since,until,substitute\n{row}\n"
    assert complaints({"roster.csv": ROSTER, "absences.csv": absences}) == [complaint]


def test_a_change_of_a_roster_is_told_by_receiver_person_and_day(bundle_with: BundleWith):
    before = read_bundle(bundle_with({"roster.csv": ROSTER}))
    after: PolicyBundle = before.model_copy(update={"roster": (*before.roster[:1], posted("w-3", since=TODAY))})
    assert [one.where for one in differences(before, after)] == ["roster/D1 w-2 2026-01-01", "roster/D1 w-3 2026-11-23"]
    ended: dict[str, Any] = {"roster": (before.roster[0].model_copy(update={"until": TODAY}), before.roster[1])}
    [change] = differences(before, before.model_copy(update=ended))
    assert change == Difference("roster/D1 w-1 2026-01-01/until", "2026-12-31", "2026-11-23")
