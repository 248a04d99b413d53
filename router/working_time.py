"""Counting hours to a deadline, on every hour or on working hours only."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.policy import Calendar
from schemas.words import Clock


@dataclass(frozen=True, slots=True)
class Due:
    """A moment in UTC. `provisional`: it was counted on working days whose plan may still change."""

    at: datetime
    provisional: bool


@dataclass(frozen=True)
class WorkingTime:
    """Hours counted on one calendar in one time zone."""

    calendar: Calendar
    zone: ZoneInfo

    def after(self, start: datetime, hours: float, clock: Clock) -> Due:
        """`hours` after `start`. Working hours pause outside opening hours and on days off."""
        if clock is Clock.NATURAL:
            return Due(start + timedelta(hours=hours), provisional=False)
        left = timedelta(hours=hours)
        day = start.astimezone(self.zone).date()
        moment = start
        while True:
            opens, closes = self._hours_of(day)
            begin = max(moment, opens)
            if self._is_working(day) and begin < closes:
                if left <= closes - begin:
                    # Until calendars are published as data of their own, every working deadline is provisional.
                    return Due(begin + left, provisional=True)
                left -= closes - begin
            day += timedelta(days=1)

    def _hours_of(self, day: date) -> tuple[datetime, datetime]:
        opens = datetime.combine(day, self.calendar.opens, self.zone).astimezone(UTC)
        return opens, datetime.combine(day, self.calendar.closes, self.zone).astimezone(UTC)

    def _is_working(self, day: date) -> bool:
        if day in self.calendar.make_up:
            return True
        return day.weekday() < 5 and day not in self.calendar.off
