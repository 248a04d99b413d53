"""The working calendar: what the file says, and what the country's published plan of public holidays adds."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta

from schemas.policy import Calendar, Kind, Plan, SeverityRule
from schemas.words import Clock
from services.chassis.policy_fields import validated
from services.chassis.policy_rows import BundleError, Row

_PLANNED_YEARLY = frozenset({"CN"})
"""Countries that announce the days off and the make-up days (调休) of one year at a time, late in the year before.

A year without make-up days is one whose plan was not published yet: every plan since 2001 has some.
"""
_YEARS = range(2001, 2101)
_FARTHEST_DAYS = 2 * 365
_CALENDAR_DAYS_PER_WORKING_DAY = 7 / 5


def read_calendar(row: Row, plans: Row | None, errors: list[BundleError]) -> Calendar | None:
    """The calendar with every day off and make-up day of its `country` and `years`. A year that has a plan of its own
    follows that instead, whatever is known of the country; days of the calendar that are written out by hand win."""
    country = row.text("country")
    written = validated(Calendar, row.without("country"), errors)
    planned = _plans(plans, errors) if plans else {}
    if written is None or planned is None:
        return None
    found = _errors(row, written, country)
    errors.extend(found)
    if found:
        return None
    public = (set(), set()) if country is None else _public_days(country, written.years - planned.keys())
    if public is None:
        zh = f"没有“{country}”的节假日数据"
        errors.append(row.error("country", f"no public holidays are known for '{country}'", zh))
        return None
    off, make_up = public
    known = {day.year for day in make_up} if country in _PLANNED_YEARLY else written.years
    off |= {day for plan in planned.values() for day in plan.off}
    make_up |= {day for plan in planned.values() for day in plan.make_up}
    return written.model_copy(
        update={
            "off": frozenset(off - written.make_up | written.off),
            "make_up": frozenset(make_up - written.off | written.make_up),
            "years": frozenset(known | planned.keys()),
            "sources": written.sources or tuple(f"{year}: {plan.source}" for year, plan in sorted(planned.items())),
        }
    )


def _plans(row: Row, errors: list[BundleError]) -> Mapping[int, Plan] | None:
    """The plans by year; None where one cannot be used."""
    plans, before = {}, len(errors)
    for name in row.values:
        if not name.isdecimal() or int(name) not in _YEARS:
            errors.append(row.error(name, "is not a year from 2001 to 2100", "不在 2001 至 2100 年之间"))
            continue
        own = row.row(name, errors)
        plan = validated(Plan, own, errors) if own else None
        if own is None or plan is None:
            continue
        plans[int(name)] = plan
        for day in sorted(plan.off & plan.make_up):
            errors.append(own.error("make_up", f"{day} is also under `off`", f"{day} 同时列在 off 中"))
        for day in sorted(day for day in plan.off | plan.make_up if day.year != int(name)):
            errors.append(own.error("off", f"{day} is a day of another year", f"{day} 不是该年的日期"))
    return plans if len(errors) == before else None


def check_reach(
    calendar: Calendar, kinds: Collection[tuple[Row, Kind]], rules: Collection[SeverityRule]
) -> Iterator[BundleError]:
    """Deadlines in working hours that lie years away: the working day is too short for them."""
    day = datetime.combine(date.min, calendar.closes) - datetime.combine(date.min, calendar.opens)
    everywhere = any(rule.clock is Clock.WORKING for rule in rules)
    for row, kind in kinds:
        if not everywhere and kind.clock is not Clock.WORKING:
            continue
        for field, hours in (("accept_hours", kind.accept_hours), ("resolve_hours", kind.resolve_hours)):
            days = timedelta(hours=hours) / day * _CALENDAR_DAYS_PER_WORKING_DAY
            if days > _FARTHEST_DAYS:
                opens = f"{calendar.opens:%H:%M:%S}–{calendar.closes:%H:%M:%S}"
                en = f"{hours:g} working hours are {days:.0f} days when a working day is {opens}; at most two years"
                yield row.error(
                    field, en, f"每个工作日为 {opens} 时，{hours:g} 工作小时约合 {days:.0f} 天，不能超过两年"
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
    for name in ("opens", "closes"):
        if getattr(written, name).tzinfo is not None:
            en = "is local to the bundle's time zone: write it without an offset"
            found.append(row.error(name, en, "为辖区时区的当地时间，请勿写时差"))
    if not found and not written.opens < written.closes:
        found.append(row.error("closes", "must be later than `opens`", "必须晚于 opens"))
    for day in sorted(written.off & written.make_up):
        found.append(row.error("make_up", f"{day} is also under `off`", f"{day} 同时列在 off 中"))
    for year in sorted(year for year in written.years if year not in _YEARS):
        found.append(row.error("years", f"{year} is not a year from 2001 to 2100", f"{year} 不在 2001 至 2100 年之间"))
    if country is not None and not written.years:
        found.append(row.error("years", "say which years the calendar of the country is for", "请写明日历适用的年份"))
    return found
