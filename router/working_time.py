"""Counting hours to a deadline, on every hour or on working hours only."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.policy import Calendar
from schemas.words import Clock

MOST_DAYS = 1_100
"""Days looked at for one deadline. An import refuses what reaches so far; a plan of days off alone may still do it."""
REACH_BACK = timedelta(days=3)
"""How far before its year a plan of days off has moved days so far: the one of 2019 had 29 December be worked."""


@dataclass(frozen=True, slots=True)
class Due:
    """A moment in UTC. `provisional`: it was counted on working days whose plan may still change."""

    at: datetime
    provisional: bool


class OpenHours(NamedTuple):
    """When a working day begins and ends, in UTC."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class WorkingTime:
    """Hours counted on one calendar in one time zone."""

    calendar: Calendar
    zone: ZoneInfo
    _days: dict[date, OpenHours | None] = field(default_factory=dict, compare=False)
    """Days looked at before: the same few are asked for again and again."""

    def after(self, start: datetime, hours: float, clock: Clock) -> Due:
        """`hours` after `start`. Working hours pause outside opening hours and on days off; nothing is
        due later than MOST_DAYS."""
        if clock is Clock.NATURAL:
            return Due(start + timedelta(hours=hours), provisional=False)
        left = timedelta(hours=hours)
        start, first = start.astimezone(UTC), start.astimezone(self.zone).date()
        for day in (first + timedelta(days=number) for number in range(MOST_DAYS)):
            if (open_hours := self._on(day)) is not None:
                begin = max(start, open_hours.opens)
                if left <= open_hours.closes - begin:
                    return Due(begin + left, provisional=not (self._is_sure(first) and self._is_sure(day)))
                left -= max(open_hours.closes - begin, timedelta(0))
        return Due(start + timedelta(days=MOST_DAYS), provisional=True)

    def between(self, start: datetime, end: datetime, clock: Clock) -> float:
        """How many hours are counted from `start` to `end`: `after` the start they lead to the end again."""
        if clock is Clock.NATURAL:
            return max(end - start, timedelta(0)) / timedelta(hours=1)
        total = timedelta(0)
        first, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        for day in (first + timedelta(days=number) for number in range((last - first).days + 1)):
            if (open_hours := self._on(day)) is not None:
                total += max(min(end, open_hours.closes) - max(start, open_hours.opens), timedelta(0))
        return total / timedelta(hours=1)

    def _on(self, day: date) -> OpenHours | None:
        if day not in self._days:
            self._days[day] = self._hours_of(day) if self._is_working(day) else None
        return self._days[day]

    def _hours_of(self, day: date) -> OpenHours:
        opens = datetime.combine(day, self.calendar.opens, self.zone).astimezone(UTC)
        return OpenHours(opens, datetime.combine(day, self.calendar.closes, self.zone).astimezone(UTC))

    def _is_sure(self, day: date) -> bool:
        """Whether no plan that is still to come can change it: a year's plan may reach into the days before it."""
        years = self.calendar.years
        return day.year in years and (day + REACH_BACK).year in years

    def _is_working(self, day: date) -> bool:
        if day in self.calendar.make_up:
            return True
        return day.weekday() < 5 and day not in self.calendar.off
