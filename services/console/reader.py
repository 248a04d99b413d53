"""How one reader sees things: in a language, with the names of one policy version, at one moment in local time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.deadlines import family_of
from schemas.policy import Policy
from schemas.words import Channel, Disposition, FloorName, LinkType, Mode, Severity, Status
from services.chassis.names import Names
from services.console import moments, words
from services.console.labels import LABELS
from services.console.words import Lang, Text, known

DISPATCH = Text("第 {n} 条事件的派单", "the dispatch of event {n}")
ROUND = Text("第 {n} 轮", "round {n}")
TIME = Text("第 {n} 次", "no. {n}")
WITH_DETAIL = Text("{name}（{detail}）", "{name} ({detail})")
DESK = Text("{unit}的受理台", "The desk of {unit}")
AT_UNIT = Text("{unit} / {department}", "{department}, {unit}")


@dataclass(frozen=True)
class Reader:
    """Turns codes and moments into the reader's words; a code that no version knows stays a code."""

    lang: Lang
    policy: Policy
    now: datetime
    others: Sequence[Policy] = ()
    """Other versions, for codes that `policy` does not know."""
    numbers: Mapping[UUID, str] = field(default_factory=dict)
    """What petitions are called that others are linked with."""
    offset: bool = False
    """Whether a moment says how far it is from UTC: where nothing beside it says in which zone it is."""

    @cached_property
    def names(self) -> Names:
        return Names((self.policy, *self.others))

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policy.bundle.timezone)

    @property
    def district(self) -> str:
        bundle = self.policy.bundle
        return bundle.name if self.lang is Lang.ZH else bundle.name_en

    def t(self, label: str, **values: Any) -> str:
        """What stands on the page under this name."""
        return LABELS[label].of(self.lang, **values)

    def of(self, text: Text, **values: Any) -> str:
        """A text in the reader's language."""
        return text.of(self.lang, **values)

    def listed(self, names: list[str] | tuple[str, ...]) -> str:
        """`119、120` or `119, 120`."""
        return ("、" if self.lang is Lang.ZH else ", ").join(names)

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """Every status that a petition can have, with its word."""
        return [(status.value, self.status(status)) for status in Status]

    @property
    def severities(self) -> list[tuple[str, str]]:
        """Every severity with its word."""
        return [(severity.value, self.severity(severity)) for severity in Severity]

    @property
    def tiers(self) -> list[tuple[str, str]]:
        """Every tier of the ladder with its name."""
        return [(tier.code, self.tier(tier.code)) for tier in self.policy.bundle.ladder]

    def status(self, status: Status) -> str:
        return words.STATUSES[status].of(self.lang)

    def link(self, link: LinkType) -> str:
        return words.LINKS[link].of(self.lang)

    def severity(self, severity: Severity) -> str:
        return words.SEVERITIES[severity].of(self.lang)

    def disposition(self, disposition: Disposition) -> str:
        return words.DISPOSITIONS[disposition].of(self.lang)

    def channel(self, channel: Channel) -> str:
        return words.CHANNELS[channel].of(self.lang)

    def mode(self, mode: Mode) -> str:
        return words.MODES[mode].of(self.lang)

    def floor(self, floor: FloorName) -> str:
        return words.FLOORS[floor].of(self.lang)

    def role(self, role: str) -> str:
        return known(words.ROLES, role, self.lang)

    def result(self, result: str) -> str:
        return known(words.RESULTS, result, self.lang)

    def service(self, service: str) -> str:
        return known(words.SERVICES, service, self.lang)

    def event(self, name: str) -> str:
        return known(words.EVENTS, name, self.lang)

    def tier(self, code: str | None) -> str:
        """A tier's name."""
        return self._named(self.names.tier(code or ""), code)

    def desk(self, unit: str) -> str:
        """The desk of a unit, as a sentence begins with it."""
        return self.of(DESK, unit=self.unit(unit))

    def unit(self, code: str | None) -> str:
        """A unit's name."""
        return self._named(self.names.unit(code or ""), code)

    def unit_with_tier(self, code: str | None) -> str:
        """A unit's name and its tier, which many a name says already: `甘井子区`, `周东社区居委会`."""
        unit, name = self.names.unit(code or ""), self.unit(code)
        if unit is None or (tier := self.tier(unit.tier)).casefold() in name.casefold():
            return name
        return self.detailed(name, tier)

    def neighbour(self, code: str | None) -> str:
        """A neighbouring district's name."""
        return self._named(self.names.neighbour(code or ""), code)

    def petition(self, petition: UUID) -> str:
        """A petition's number, its id where the number is not known."""
        return self.numbers.get(petition, str(petition))

    def department(self, code: str | None) -> str:
        """A department's name."""
        return self._named(self.names.department(code or ""), code)

    def unit_or_department(self, code: str | None) -> str:
        """The name of what a petition complains about, also once the map has it no more."""
        return self.department(code) if self.names.unit(code or "") is None else self.unit(code)

    def receiver(self, unit: str | None, department: str | None) -> str:
        """The department at its unit, or the unit itself."""
        if department is None:
            return self.unit_with_tier(unit)
        return self.of(AT_UNIT, unit=self.unit(unit), department=self.department(department))

    def kind(self, code: str | None) -> str:
        """A kind's name."""
        return self._named(self.names.kind(code or ""), code)

    def kind_with_code(self, code: str) -> str:
        """A kind's name and its code."""
        return self.detailed(self.kind(code), code)

    def detailed(self, name: str, detail: str) -> str:
        """`name (detail)`."""
        return self.of(WITH_DETAIL, name=name, detail=detail)

    def moment(self, moment: datetime) -> str:
        return (moments.local_with_offset if self.offset else moments.local)(moment, self.zone)

    def exact(self, moment: datetime) -> str:
        return moments.local_to_the_second(moment, self.zone)

    def relative(self, moment: datetime) -> str:
        return moments.relative(moment, self.now, self.lang)

    def late(self, due: datetime) -> str:
        return moments.late(due, self.now, self.lang)

    def dispatch(self, ref: str) -> str:
        """`第 3 条事件的派单`: a dispatch is named by the event that made it, and not counted."""
        return self.of(DISPATCH, n=ref.rpartition(":")[2])

    def deadline(self, name: str) -> str:
        """`签收（第 3 条事件的派单）` of `accept:<dispatch>`."""
        family, (_, _, rest) = family_of(name), name.partition(":")
        said = known(words.DEADLINES, family, self.lang)
        if not rest:
            return said
        if family == "accept":
            return self.detailed(said, self.dispatch(rest))
        if family == "report_in":
            return self.detailed(said, self.department(rest.rpartition(":")[2]))
        counted = TIME if family in ("supervise", "hold") else ROUND
        return self.detailed(said, self.of(counted, n=rest))

    def _named(self, row: Any, code: str | None) -> str:
        if row is None:
            return code or ""
        name: str = row.name
        return name if self.lang is Lang.ZH else row.name_en or name
