"""The working calendar: what the file says, and what the country's published plan of public holidays adds."""

from collections.abc import Collection
from datetime import date

from schemas.policy import Calendar
from services.chassis.policy_fields import validated
from services.chassis.policy_rows import BundleError, Row

_PLANNED_YEARLY = frozenset({"CN"})
"""Countries that announce the days off and the make-up days (调休) of one year at a time, late in the year before.

A year without make-up days is one whose plan was not published yet: every plan since 2001 has some.
"""
_YEARS = range(2001, 2101)


def read_calendar(row: Row, errors: list[BundleError]) -> Calendar | None:
    """The calendar with every day off and make-up day of its `country` and `years`; days written out by hand win."""
    country = row.text("country")
    written = validated(Calendar, row.without("country"), errors)
    if written is None:
        return None
    found = _errors(row, written, country)
    errors.extend(found)
    if found or country is None:
        return None if found else written
    public = _public_days(country, written.years)
    if public is None:
        zh = f"没有“{country}”的节假日数据"
        errors.append(row.error("country", f"no public holidays are known for '{country}'", zh))
        return None
    off, make_up = public
    known = {day.year for day in make_up} if country in _PLANNED_YEARLY else written.years
    return written.model_copy(
        update={
            "off": frozenset(off - written.make_up | written.off),
            "make_up": frozenset(make_up - written.off | written.make_up),
            "years": frozenset(known),
        }
    )


def _public_days(country: str, years: Collection[int]) -> tuple[set[date], set[date]] | None:
    """Days off and make-up days in these years; None for a country without data.

    A year's plan may make working days of the December before, so the years after are asked too.
    """
    from holidays import country_holidays  # brings every country of the world: only an import should pay

    try:
        public = country_holidays(country, years={year + more for year in years for more in (0, 1)})
    except NotImplementedError:
        return None
    off = {day for day in public if day.year in years}
    return off, {day for day in public.weekend_workdays if day.year in years}


def _errors(row: Row, written: Calendar, country: str | None) -> list[BundleError]:
    found = []
    if not written.opens < written.closes:
        found.append(row.error("closes", "must be later than `opens`", "必须晚于 opens"))
    for day in sorted(written.off & written.make_up):
        found.append(row.error("make_up", f"{day} is also under `off`", f"{day} 同时列在 off 中"))
    for year in sorted(year for year in written.years if year not in _YEARS):
        found.append(row.error("years", f"{year} is not a year from 2001 to 2100", f"{year} 不在 2001 至 2100 年之间"))
    if country is not None and not written.years:
        found.append(row.error("years", "say which years the calendar of the country is for", "请写明日历适用的年份"))
    return found
