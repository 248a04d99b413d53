"""Hours counted to a deadline: natural ones, and working ones on a real calendar with make-up days (调休)."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from router.working_time import MOST_DAYS, WorkingTime
from schemas.policy import Calendar
from schemas.words import Clock
from services.chassis.policy_files import read_bundle

CHINA = ZoneInfo("Asia/Shanghai")
SAMPLE = Path(__file__).parents[2] / "deploy" / "districts" / "ganjingzi"


@cache
def sample() -> WorkingTime:
    bundle = read_bundle(SAMPLE)
    return WorkingTime(bundle.calendar, ZoneInfo(bundle.timezone))


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-11-23 09:00", 2, "2026-11-23 11:00", id="within a day"),
        pytest.param("2026-11-23 09:00", 8, "2026-11-23 17:00", id="exactly one day ends at its close"),
        pytest.param("2026-11-23 16:00", 2, "2026-11-24 10:00", id="over a night"),
        pytest.param("2026-11-23 07:15", 1, "2026-11-23 10:00", id="before opening"),
        pytest.param("2026-11-23 17:00", 1, "2026-11-24 10:00", id="at the close"),
        pytest.param("2026-11-23 23:59", 0.5, "2026-11-24 09:30", id="at night"),
        pytest.param("2026-11-27 16:30", 1, "2026-11-30 09:30", id="over a weekend"),
        pytest.param("2026-11-28 12:00", 1, "2026-11-30 10:00", id="on a Saturday"),
        pytest.param("2026-11-23 09:00", 24, "2026-11-25 17:00", id="three days"),
        pytest.param("2026-09-30 16:00", 2, "2026-10-08 10:00", id="over the National Day holidays"),
        pytest.param("2026-10-09 16:00", 2, "2026-10-10 10:00", id="into a Saturday that is made up for"),
        pytest.param("2026-02-13 16:00", 10, "2026-02-24 10:00", id="made-up Saturday, then the Spring Festival"),
        pytest.param("2026-12-31 16:00", 2, "2027-01-04 10:00", id="into a year of which only the law is known"),
    ],
)
def test_working_hours_pause_when_nobody_works(start, hours, due):
    found = sample().after(china(start), hours, Clock.WORKING)
    assert found.at == china(due)


@pytest.mark.parametrize(
    ("start", "hours", "provisional"),
    [
        pytest.param("2026-10-09 16:00", 2, False, id="in a year whose plan is published"),
        pytest.param("2026-12-28 09:00", 8, False, id="the last day that no plan of the next year has ever changed"),
        pytest.param("2026-12-28 16:00", 2, True, id="a day that the plan of the next year may change"),
        pytest.param("2026-12-25 09:00", 80, True, id="into a year whose plan is not published"),
    ],
)
def test_only_what_a_plan_to_come_may_change_is_provisional(start, hours, provisional):
    assert sample().after(china(start), hours, Clock.WORKING).provisional is provisional


def test_all_of_2026_minute_by_minute():
    """Every start of the year, for several hours, against a clock that only ever asks whether somebody works now."""
    begin = china("2026-01-01 00:00").astimezone(UTC)
    minutes = [begin + timedelta(minutes=number) for number in range(365 * 24 * 60)]
    works = [works_at(minute.astimezone(CHINA)) for minute in minutes]
    assert sum(works) == 248 * 8 * 60, "248 working days, of which six are made up for"
    worked = [minute for minute, working in zip(minutes, works, strict=True) if working]
    time = sample()
    for hours in (1, 24):
        first = 0  # the place in `worked` of the first working minute at or after the start
        for minute, working in zip(minutes, works, strict=True):
            if (last := first + hours * 60 - 1) >= len(worked):
                break  # it ends in the next year
            assert time.after(minute, hours, Clock.WORKING).at == worked[last] + timedelta(minutes=1), (minute, hours)
            first += working


def works_at(minute: datetime) -> bool:
    """By the notice of the State Council for 2026 (国办发明电〔2025〕7号), in this test's own words."""
    day, off = (minute.month, minute.day), False
    for (month, begin), (_, end) in NOT_WORKED:
        off = off or (month, begin) <= day <= (month, end)
    return 9 <= minute.hour < 17 and (day in MADE_UP or not (off or minute.weekday() >= 5))


NOT_WORKED = [
    ((1, 1), (1, 3)), ((2, 15), (2, 23)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((6, 19), (6, 21)), ((9, 25), (9, 27)),
    ((10, 1), (10, 7)),
]  # fmt: skip
MADE_UP = {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)}


def test_natural_hours_never_pause():
    found = sample().after(china("2026-09-30 16:00"), 72, Clock.NATURAL)
    assert found.at == china("2026-10-03 16:00")
    assert not found.provisional


def test_the_answer_is_the_same_whatever_offset_the_start_is_told_in():
    utc = china("2026-11-27 16:30").astimezone(UTC)
    new_york = utc.astimezone(ZoneInfo("America/New_York"))
    assert {sample().after(start, 9, Clock.WORKING).at for start in (utc, new_york)} == {china("2026-12-01 09:30")}


def test_an_evening_in_utc_is_the_next_day_in_china():
    start = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # Monday 6:00 in China
    assert sample().after(start, 1, Clock.WORKING).at == china("2026-11-23 10:00")


def test_a_year_has_no_hour_twice_or_never():
    """China keeps no summer time: a working hour is a working hour all the year round."""
    hours = 8.0
    for month in range(1, 13):
        start = next(
            day
            for day in (datetime(2026, month, number, 9, tzinfo=CHINA) for number in range(8, 29))
            if sample().after(day, 0.01, Clock.WORKING).at.date() == day.astimezone(UTC).date()
        )
        assert sample().after(start, hours, Clock.WORKING).at - start == timedelta(hours=hours)


def test_where_clocks_change_the_opening_hours_stay_local():
    berlin = ZoneInfo("Europe/Berlin")
    working = WorkingTime(Calendar(), berlin)
    friday = datetime(2026, 3, 27, 16, 0, tzinfo=berlin)  # summer time begins on the Sunday
    assert working.after(friday, 2, Clock.WORKING).at == datetime(2026, 3, 30, 10, 0, tzinfo=berlin)


def test_a_day_off_that_is_made_up_for_is_worked():
    day = datetime(2026, 5, 9, tzinfo=CHINA).date()  # a Saturday
    both = Calendar(off=frozenset({day}), make_up=frozenset({day}))
    start = china("2026-05-08 16:00")
    assert WorkingTime(both, CHINA).after(start, 2, Clock.WORKING).at == china("2026-05-09 10:00")


def test_a_deadline_is_never_years_of_counting_away():
    second = WorkingTime(Calendar(opens=time(9), closes=time(9, 0, 1)), CHINA)
    start = china("2026-11-23 09:00")
    assert second.after(start, 87_600, Clock.WORKING).at == start + timedelta(days=MOST_DAYS)
