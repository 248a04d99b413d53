"""The working calendar of a bundle: the country's published plans, and days written out by hand."""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

from holidays import country_holidays

from services.chassis.policy_files import read_bundle
from tests.architecture.tree import ROOT

BundleWith = Callable[..., Path]
Complaints = Callable[[dict[str, str | bytes | None]], list[str]]

DISTRICT = "name: 小区\nladder: [grid, street]\ncalendar:\n"


def days(year: int, *month_days: tuple[int, int]) -> set[date]:
    return {date(year, month, day) for month, day in month_days}


def weekdays_off(off: frozenset[date]) -> set[date]:
    return {day for day in off if day.weekday() < 5}


def test_2026_follows_the_plan_of_the_state_council(bundle_with: BundleWith):
    """General Office of the State Council, 4 November 2025."""
    calendar = read_bundle(
        bundle_with({"district.yaml": DISTRICT + '  {country: CN, years: [2026], opens: "08:30", closes: "17:30"}\n'})
    ).calendar
    assert weekdays_off(calendar.off) == days(
        2026,
        *[(1, 1), (1, 2)],
        *[(2, 16), (2, 17), (2, 18), (2, 19), (2, 20), (2, 23)],
        *[(4, 6)],
        *[(5, 1), (5, 4), (5, 5)],
        *[(6, 19)],
        *[(9, 25)],
        *[(10, 1), (10, 2), (10, 5), (10, 6), (10, 7)],
    )
    assert calendar.make_up == days(2026, (1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))
    assert (calendar.opens, calendar.closes, calendar.years) == (time(8, 30), time(17, 30), {2026})


def test_2025_has_its_make_up_days(bundle_with: BundleWith):
    calendar = read_bundle(bundle_with({"district.yaml": DISTRICT + "  {country: CN, years: [2025]}\n"})).calendar
    assert calendar.make_up == days(2025, (1, 26), (2, 8), (4, 27), (9, 28), (10, 11))


def test_a_year_without_a_published_plan_is_not_a_known_year(bundle_with: BundleWith):
    calendar = read_bundle(bundle_with({"district.yaml": DISTRICT + "  {country: CN, years: [2026, 2099]}\n"})).calendar
    assert calendar.years == {2026}
    assert date(2099, 10, 1) in calendar.off, "what the law fixes is still the best guess"


def test_a_country_that_moves_no_days_is_known_for_every_year(bundle_with: BundleWith):
    calendar = read_bundle(bundle_with({"district.yaml": DISTRICT + "  {country: NZ, years: [2030]}\n"})).calendar
    assert (calendar.years, calendar.make_up) == ({2030}, frozenset())
    assert date(2030, 12, 25) in calendar.off


def test_days_written_by_hand_win(bundle_with: BundleWith):
    own = "  country: CN\n  years: [2026]\n  off: [2026-05-09, 2026-08-03]\n  make_up: [2026-05-05]\n"
    calendar = read_bundle(bundle_with({"district.yaml": DISTRICT + own})).calendar
    assert days(2026, (5, 9), (8, 3), (5, 4)) <= calendar.off
    assert date(2026, 5, 5) not in calendar.off
    assert date(2026, 5, 5) in calendar.make_up
    assert date(2026, 5, 9) not in calendar.make_up


PLAN = "2027:\n  source: 假日办〔2026〕1号\n  off: [2027-01-01, 2027-10-01]\n  make_up: [2027-01-03]\n"


def test_the_plans_of_the_sample_say_of_every_day_what_the_library_says():
    """Two sources that were typed by different hands; weekends are no working days in either."""
    calendar = read_bundle(ROOT / "deploy" / "districts" / "ganjingzi").calendar
    public = country_holidays("CN", years=[2025, 2026])
    assert weekdays_off(calendar.off - {day for day in calendar.off if day.year == 2027}) == weekdays_off(
        frozenset(day for day in public if day.year < 2027)
    )
    assert calendar.make_up == {day for day in public.weekend_workdays if day.year in (2025, 2026)}
    assert calendar.years == {2025, 2026}
    assert [source.partition("〕")[0] for source in calendar.sources] == [
        "2025: 国办发明电〔2024",
        "2026: 国办发明电〔2025",
    ]


def test_a_plan_that_is_written_out_makes_its_year_known(bundle_with: BundleWith):
    files = {"district.yaml": DISTRICT + "  {country: CN, years: [2026, 2027]}\n", "calendar.yaml": PLAN}
    calendar = read_bundle(bundle_with(files)).calendar
    assert calendar.years == {2026, 2027}
    assert {day for day in calendar.off if day.year == 2027} == days(2027, (1, 1), (10, 1))
    assert date(2027, 1, 3) in calendar.make_up
    assert calendar.sources == ("2027: 假日办〔2026〕1号",)


def test_plans_need_no_country_and_no_other_word_of_the_calendar(bundle_with: BundleWith):
    calendar = read_bundle(bundle_with({"calendar.yaml": PLAN})).calendar
    assert (calendar.years, calendar.off) == ({2027}, days(2027, (1, 1), (10, 1)))


def test_what_makes_no_sense_in_a_plan_is_said_by_line(complaints: Complaints):
    wrong = "2027:\n  source: x\n  off: [2027-01-03, 2026-12-31]\n  make_up: [2027-01-03]\nnext: {source: x}\n"
    assert complaints({"calendar.yaml": wrong + "2028: {off: []}\n"}) == [
        "calendar.yaml:3: off: 2026-12-31 is a day of another year",
        "calendar.yaml:4: make_up: 2027-01-03 is also under `off`",
        "calendar.yaml:5: next: is not a year from 2001 to 2100",
        "calendar.yaml:6: source: is missing",
    ]


def test_a_calendar_needs_no_country(bundle_with: BundleWith):
    calendar = read_bundle(bundle_with({"district.yaml": DISTRICT + "  {years: [2026], off: [2026-01-01]}\n"})).calendar
    assert (calendar.off, calendar.years) == (days(2026, (1, 1)), {2026})


def test_what_makes_no_sense_is_said_by_line(complaints: Complaints):
    hours = "  country: CN\n  opens: '17:00'\n  closes: '09:00'\n"
    wrong = hours + "  years: [26]\n  off: [2026-01-05]\n  make_up: [2026-01-05]\n"
    assert complaints({"district.yaml": DISTRICT + wrong}) == [
        "district.yaml:6: closes: must be later than `opens`",
        "district.yaml:7: years: 26 is not a year from 2001 to 2100",
        "district.yaml:9: make_up: 2026-01-05 is also under `off`",
    ]


def test_a_country_needs_data_and_years(complaints: Complaints):
    assert complaints({"district.yaml": DISTRICT + "  {country: Narnia, years: [2026]}\n"}) == [
        "district.yaml:4: country: no public holidays are known for 'Narnia'"
    ]
    assert complaints({"district.yaml": DISTRICT + "  {country: CN}\n"}) == [
        "district.yaml:4: years: say which years the calendar of the country is for"
    ]


def test_times_and_dates_are_read_strictly(complaints: Complaints):
    assert complaints({"district.yaml": DISTRICT + "  opens: early\n  off: [2026-13-01]\n  years: [soon]\n"}) == [
        "district.yaml:4: opens: 'early' is not a time like 09:00",
        "district.yaml:5: off.0: '2026-13-01' is not a date like 2026-02-14",
        "district.yaml:6: years.0: 'soon' is not a whole number",
    ]


def test_working_hours_that_reach_past_two_years_are_refused(bundle_with: BundleWith, complaints: Complaints):
    kinds = "code,name,tier,clock,accept_hours,resolve_hours\nLAMP,灯不亮,grid,{},8,1000\n"
    short = DISTRICT + '  {opens: "09:00", closes: "10:00"}\n'
    message = (
        "resolve_hours: 1000 working hours are 1400 days when a working day is 09:00:00–10:00:00; at most two years"
    )
    assert complaints({"district.yaml": short, "kinds.csv": kinds.format("working")}) == [f"kinds.csv:2: {message}"]
    everywhere = short + "severities: {urgent: {clock: working}}\n"
    assert complaints({"district.yaml": everywhere, "kinds.csv": kinds.format("natural")}) == [
        f"kinds.csv:2: {message}"
    ]
    assert read_bundle(bundle_with({"district.yaml": short, "kinds.csv": kinds.format("natural")})).kinds


def test_opening_hours_are_local(complaints: Complaints):
    assert complaints({"district.yaml": DISTRICT + '  {opens: "09:00+08:00", closes: "17:00"}\n'}) == [
        "district.yaml:4: opens: is local to the bundle's time zone: write it without an offset"
    ]
