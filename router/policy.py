"""The routing rules: floors, the unit that is sure to contain the place, the office with the power, the deadlines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from router.delays import Counted
from router.stands import Extent, Returner, Site, Stand
from router.working_time import Due, WorkingTime
from schemas import floors as floors_by
from schemas.deadlines import NEAR
from schemas.events.router import Floor
from schemas.jurisdiction import Unit, UnitSort
from schemas.policy import Kind, Policy
from schemas.roster import Nobody
from schemas.words import Clock, FloorName, Mode, Severity


class Skipped(NamedTuple):
    """A unit, or its department, that should have had a dispatch, and why nobody there could take it."""

    unit: str
    department: str | None
    cause: Nobody

    @property
    def is_absence(self) -> bool:
        """Whether they are only away, and will be back."""
        return self.cause is Nobody.ALL_ABSENT


@dataclass(frozen=True, slots=True)
class Target:
    """Who gets a dispatch, and who had nobody on duty to get it."""

    unit: Unit
    department: str | None
    skipped: tuple[Skipped, ...] = ()

    @property
    def receivers(self) -> tuple[tuple[str, str | None], ...]:
        """Who gets it, and who would have had it with somebody on duty: units, or departments there."""
        passed = [(one.unit, one.department) for one in self.skipped]
        return ((self.unit.code, self.department), *passed)


@dataclass(frozen=True, slots=True)
class DispatchDeadlines:
    """Until when to accept and to resolve."""

    accept_by: datetime
    resolve_by: datetime
    accept_near: datetime
    resolve_near: datetime
    """When four fifths of each are gone."""
    overdue: bool
    provisional: bool


class RoutingPolicy:
    """One policy version as the router reads it."""

    def __init__(self, policy: Policy) -> None:
        self.version = policy.version
        self.policy = policy
        self.ladder = policy.jurisdiction.ladder
        self._time = WorkingTime(policy.calendar, ZoneInfo(policy.bundle.timezone))

    def kind(self, code: str | None) -> Kind | None:
        return self.policy.kinds.get(code) if code else None

    def holder(self, unit: str, department: str | None, about: str | None) -> Unit | None:
        """The unit that has it and may keep it: None when there is none, or the petition complains about it."""
        known = self.policy.jurisdiction.units.get(unit)
        return None if known is None or self.is_about(about, known, department) else known

    def is_lower(self, unit: Unit, than: Unit) -> bool:
        """Whether it stands lower on the ladder."""
        return self.ladder.rank(unit.tier) < self.ladder.rank(than.tier)

    def floors(
        self, kind: str | None, severity: Severity, site: Site, extent: Extent, *past: Floor | None
    ) -> tuple[Floor, ...]:
        """Every known floor with its reason; what is not known sets none. `past`: what its own course set so far."""
        floors = [*floors_by.of_reading(self.policy, kind, severity)]
        if (place := self.policy.jurisdiction.standing(site.unit)) is not None:
            tier = self.policy.jurisdiction.units[place].tier if site.touched else self.ladder.lowest
            floors.append(Floor(floor=FloorName.SCOPE, tier=tier, reason=site.reason))
        floors += floors_by.of_size(self.policy, **extent._asdict())
        floors += [one.model_copy(update={"tier": self.ladder.known(one.tier)}) for one in past if one is not None]
        return tuple(floors)

    def tier(self, floors: tuple[Floor, ...]) -> str:
        """max(floors)."""
        return self.ladder.highest([floor.tier for floor in floors])

    def target(self, tier: str, kind: str | None, place: str | None, about: str | None, now: datetime) -> Target:
        """Among the units at or above `tier` that surely contain the place, and are not complained about: the lowest
        office that has the power for the kind; where there is none, the lowest desk; either with somebody on duty. When
        only the top is left and it is complained about, the highest other desk of the place, and then the top all the
        same."""
        units = self.policy.jurisdiction
        area = self._around(place)
        chain, skipped = units.chain(units.at_or_above(area[0].code, tier).code), list[Skipped]()
        below = area[: len(area) - len(chain)]
        for unit in chain:
            if (office := self._office(unit, kind, about)) is None:
                continue
            if (cause := self.nobody_in(office, now)) is None:
                return Target(unit, office, tuple(skipped))
            skipped.append(Skipped(unit.code, office, cause))
        for unit in (*chain, *reversed(below)):
            if unit.sort is UnitSort.PARTNER or self.is_about(about, unit, None):
                continue
            if (cause := self.nobody_at(unit, now)) is None:
                return Target(unit, None, tuple(skipped))
            skipped.append(Skipped(unit.code, None, cause))
        return Target(units.top, None, tuple(skipped))

    def superior(self, returners: Iterable[Returner], tier: str, about: str | None, now: datetime) -> Target:
        """The lowest desk above all who gave it back, at or above `tier`, that has somebody on duty and is not
        complained about; for an office its unit's own desk. The top is asked when nobody else can be."""
        skipped = list[Skipped]()
        chains = [self._above(one) for one in returners]
        common = [unit for unit in chains[0] if all(unit in chain for chain in chains)]
        for unit in common:
            if self.ladder.rank(unit.tier) < self.ladder.rank(tier) or self.is_about(about, unit, None):
                continue
            if (cause := self.nobody_at(unit, now)) is None:
                return Target(unit, None, tuple(skipped))
            skipped.append(Skipped(unit.code, None, cause))
        return Target(self.policy.jurisdiction.top, None, tuple(skipped))

    def _above(self, returner: Returner) -> list[Unit]:
        chain = self._around(returner.unit)
        has_heir = chain[0].code != returner.unit  # who stands above it already
        return chain if returner.department or has_heir else chain[1:] or chain

    def _around(self, place: str | None) -> list[Unit]:
        """The units sure to contain it, lowest first; of a unit that is gone those that are left."""
        units = self.policy.jurisdiction
        return units.chain(units.standing(place) or units.top.code)

    def is_open(self, kind: str | None, severity: Severity) -> bool:
        """Whether a dispatch of this kind is put before several, for one to claim."""
        known = self.kind(kind)
        return known is not None and known.mode is Mode.OPEN and severity is Severity.ROUTINE

    def area(self, place: str | None, unit: str) -> str | None:
        """From where it climbs: its place, or the unit that has it when a person moved it out of the place's chain."""
        units, above = self.policy.jurisdiction, self._around(place)
        return unit if unit in units.units and units.units[unit] not in above else place

    def department_target(self, code: str) -> Target:
        """A department named by a person, at the unit it is attached to."""
        office = self.policy.jurisdiction.departments[code]
        return Target(self.policy.jurisdiction.units[office.unit], office.code)

    def unit_target(self, code: str, kind: str | None, about: str | None, now: datetime) -> Target:
        """A unit named by a person, with the office there that has the power and somebody on duty."""
        unit = self.policy.jurisdiction.units[code]
        office = self._office(unit, kind, about)
        return Target(unit, None if office is None or self.nobody_in(office, now) else office)

    def deadlines(
        self,
        kind: str | None,
        severity: Severity,
        now: datetime,
        received_at: datetime | None,
        resolve_by: datetime | None,
    ) -> DispatchDeadlines:
        """Deadlines of a dispatch issued `now`. `resolve_by` is the round's own, which stands until it has passed;
        a new round counts from when the matter was received, and never ends before it had to be accepted."""
        accept, accept_near = self._accept(kind, severity, now)
        overdue = resolve_by is not None and resolve_by < now
        since, provisional = now, accept.provisional
        if overdue:
            resolve_by = max(self._overdue_until(severity, now), accept.at)
        if resolve_by is not None:
            near = accept_near if resolve_by == accept.at else now + NEAR * (resolve_by - now)
            return DispatchDeadlines(accept.at, resolve_by, accept_near, near, overdue, provisional)
        since = min(received_at or now, now)
        resolve, near = self._resolve(kind, severity, since)
        due, provisional = max(resolve.at, accept.at), accept.provisional or resolve.provisional
        if due > resolve.at:
            near = accept_near  # it ends with the time to accept, and so by the same hours
        elif near <= now:
            near = now + NEAR * (due - now)
        return DispatchDeadlines(accept.at, due, accept_near, near, overdue, provisional)

    def clock(self, kind: str | None, severity: Severity) -> Clock:
        """By which hours it is counted."""
        return self._clock(self.kind(kind), severity)

    def resume(
        self, clock: Clock, held_at: datetime, due: datetime, near: datetime, now: datetime
    ) -> tuple[Due, datetime]:
        """Until when a round that was on hold must be resolved, and when that is near: what was left of its time then,
        counted from `now`."""
        left = self._time.between(held_at, due, clock)
        to_near = self._time.between(held_at, near, clock) if near > held_at else NEAR * left
        return self._time.after(now, left, clock), self._time.after(now, to_near, clock).at

    def counts_as(self, version: int) -> bool:
        """Whether that version has the same calendar."""
        before, now = self.policy.as_of(version).bundle, self.policy.bundle
        return (before.calendar, before.timezone) == (now.calendar, now.timezone)

    def recount(self, counted: Counted) -> tuple[Due, datetime]:
        """When as many hours have passed since the same moment on this calendar as had when it was due on the one by
        which it was counted, by the same clock; and when four fifths of them have. What was sure before stays."""
        before = routing_policy(self.policy.as_of(counted.policy))
        clock = before.clock(counted.kind, counted.severity)
        hours = before._time.between(counted.since, counted.due, clock)
        if not before._time.after(counted.since, hours, clock).provisional:
            return Due(counted.due, provisional=False), counted.due
        return self._counted(counted.since, hours, clock)

    def confirm_by(self, now: datetime) -> datetime:
        """Until when a hand-off must be confirmed."""
        return now + timedelta(hours=self.policy.limits.hand_off_hours)

    def report_in_by(self, now: datetime) -> datetime:
        """Until when who is summoned must report in."""
        return now + timedelta(hours=self.policy.limits.report_in_hours)

    def answer_by(self, now: datetime) -> datetime:
        """Until when the resident's answer on a resolution is awaited."""
        return now + timedelta(hours=self.policy.limits.feedback_hours)

    def one_above(self, stand: Stand) -> str:
        """The tier above a dispatch: above its unit too, whose desk had it, unless that is the top and only had it
        because the place is not known: above the top nobody stands, but above the tier somebody may, once it is."""
        units, tier = self.policy.jurisdiction, stand.tier
        at_hand = units.tier_of(stand.unit)
        at_the_top = at_hand == units.top.tier
        to_place = at_the_top and not stand.chosen and units.is_placing_desk(tier, stand.unit, stand.place)
        if at_hand in self.ladder and tier in self.ladder and not to_place:
            tier = self.ladder.highest([tier, at_hand])
        return self.ladder.above(tier)

    def nobody_at(self, unit: Unit, now: datetime) -> Nobody | None:
        """Why nobody at its desk could take a dispatch: by its roster, else by its `staff`. None when somebody could,
        and for the top, which is asked all the same, for nobody stands above it."""
        if unit.parent is None:
            return None
        if unit.code in self.policy.rosters:
            return self.policy.rosters.nobody(unit.code, now)
        return None if unit.staff else Nobody.NO_STAFF

    def nobody_in(self, office: str, now: datetime) -> Nobody | None:
        """Why nobody in this office could take a dispatch, by its roster; an office without one always can."""
        rosters = self.policy.rosters
        return rosters.nobody(office, now) if office in rosters else None

    def is_below_authority(self, unit: Unit, kind: Kind) -> bool:
        """Whether a department's matter would stand lower than the power for it; other matters may."""
        ranks = self.ladder
        return kind.power is not None and ranks.rank(unit.tier) < ranks.rank(kind.tier)

    def is_about(self, about: str | None, unit: Unit, department: str | None) -> bool:
        """Whether the petition complains about this receiver, or about one that it answers to; of the top, its desk."""
        return self.policy.jurisdiction.is_about(about, unit.code, department)

    def _office(self, unit: Unit, kind: str | None, about: str | None) -> str | None:
        known = self.kind(kind)
        if known is None or known.power is None:
            return None
        office = self.policy.jurisdiction.department(unit.code, known.power)
        if office is None or unit.sort is UnitSort.PARTNER or self.is_about(about, unit, office.code):
            return None
        return office.code

    def _counted(self, start: datetime, hours: float, clock: Clock) -> tuple[Due, datetime]:
        return self._time.after(start, hours, clock), self._time.after(start, NEAR * hours, clock).at

    def _accept(self, kind: str | None, severity: Severity, now: datetime) -> tuple[Due, datetime]:
        known, most = self.kind(kind), self.policy.severity_rule(severity).accept_hours
        hours = known.accept_hours if known else DEFAULT_ACCEPT_HOURS
        return self._counted(now, min(hours, most or hours), self._clock(known, severity))

    def _resolve(self, kind: str | None, severity: Severity, start: datetime) -> tuple[Due, datetime]:
        known, most = self.kind(kind), self.policy.severity_rule(severity).resolve_hours
        hours = known.resolve_hours if known else DEFAULT_RESOLVE_HOURS
        return self._counted(start, min(hours, most or hours), self._clock(known, severity))

    def _overdue_until(self, severity: Severity, now: datetime) -> datetime:
        hours, most = self.policy.limits.overdue_hours, self.policy.severity_rule(severity).overdue_hours
        return now + timedelta(hours=min(hours, most or hours))

    def _clock(self, kind: Kind | None, severity: Severity) -> Clock:
        if severity is Severity.CRITICAL:
            return Clock.NATURAL  # whatever a district configures
        return self.policy.severity_rule(severity).clock or (kind.clock if kind else Clock.NATURAL)


DEFAULT_ACCEPT_HOURS = 2.0
"""For a petition whose kind is not known: the median of practice for handling matters."""
DEFAULT_RESOLVE_HOURS = 72.0


@lru_cache(maxsize=8)
def routing_policy(policy: Policy) -> RoutingPolicy:
    """Built once for each policy version."""
    return RoutingPolicy(policy)
