"""值守名册: who works for which unit or department and how long, and who is away. Ids of staff, never names."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from schemas.jurisdiction import Data

StaffId = Annotated[str, Field(min_length=1, max_length=100)]


class _Term(Data):
    staff: StaffId
    since: date
    until: date | None = None

    def runs_on(self, day: date) -> bool:
        """Whether the day lies in it; its first and its last day do."""
        return self.since <= day and (self.until is None or day <= self.until)


class Posting(_Term):
    """任期: somebody works for a unit or a department, given by its code, from one day to another."""

    unit: str


class Absence(_Term):
    """缺勤: somebody is away from one day to another; the substitute 顶岗 stands in meanwhile."""

    substitute: StaffId | None = None


class Nobody(StrEnum):
    """Why a receiver has nobody on duty."""

    NO_STAFF = "no_staff"
    """It has no roster, and a staff of 0."""
    NOBODY_POSTED = "nobody_posted"
    """No posting on its roster has begun and not ended."""
    ALL_ABSENT = "all_absent"
    """All who are posted there are away, and so is whoever stands in for them."""


class Rosters:
    """All postings and absences. A receiver that no posting names has no roster, and nothing is known of its staff."""

    def __init__(self, postings: Iterable[Posting], absences: Iterable[Absence], zone: ZoneInfo) -> None:
        self._zone = zone
        self._postings: dict[str, list[Posting]] = defaultdict(list)
        self._terms: dict[str, list[Posting]] = defaultdict(list)
        self._absences: dict[str, list[Absence]] = defaultdict(list)
        for posting in postings:
            self._postings[posting.unit].append(posting)
            self._terms[posting.staff].append(posting)
        for absence in absences:
            self._absences[absence.staff].append(absence)

    def __contains__(self, receiver: str) -> bool:
        return receiver in self._postings

    def on_duty(self, receiver: str, now: datetime) -> frozenset[str]:
        """Who is there on the day of `now`, by the district's clock: the posted who are not away, and who stands in for
        the others, if posted anywhere and not away."""
        day = self._day(now)
        there, stand_ins = set(), set()
        for staff in self._posted(receiver, day):
            absences = self._absent(staff, day)
            stand_ins |= {one.substitute for one in absences if one.substitute}
            if not absences:
                there.add(staff)
        return frozenset(there | {one for one in stand_ins if self._is_free(one, day)})

    def nobody(self, receiver: str, now: datetime) -> Nobody | None:
        """Why nobody on its roster is on duty; None when somebody is."""
        if self.on_duty(receiver, now):
            return None
        return Nobody.ALL_ABSENT if self._posted(receiver, self._day(now)) else Nobody.NOBODY_POSTED

    def works_for(self, receiver: str, staff: str, now: datetime) -> bool:
        """Whether this person is on duty there; where there is no roster, whoever says so is believed."""
        return receiver not in self or staff in self.on_duty(receiver, now)

    def is_of(self, receiver: str, staff: str, now: datetime) -> bool:
        """Whether this person may speak for it as one of its own: on duty there; where there is no roster, posted
        nowhere else on that day."""
        posted_elsewhere = any(one.runs_on(self._day(now)) for one in self._terms.get(staff, ()))
        return staff in self.on_duty(receiver, now) if receiver in self else not posted_elsewhere

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _posted(self, receiver: str, day: date) -> list[str]:
        return [one.staff for one in self._postings.get(receiver, ()) if one.runs_on(day)]

    def _absent(self, staff: str, day: date) -> list[Absence]:
        return [one for one in self._absences.get(staff, ()) if one.runs_on(day)]

    def _is_free(self, staff: str, day: date) -> bool:
        posted = any(one.runs_on(day) for one in self._terms.get(staff, ()))
        return posted and not self._absent(staff, day)
