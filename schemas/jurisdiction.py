"""The tree of units, the ladder of tiers, and the departments: who could be responsible where."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field


class Data(BaseModel):
    """A frozen row of policy; unknown columns are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(Data):
    """层级: one rung of the ladder."""

    code: str
    name: str
    name_en: str
    digits: int | None = Field(default=None, ge=1, le=64)
    """统一编码: the code of each of its units is so many digits and begins with its parent's. None: codes are free."""


class UnitSort(StrEnum):
    """基础, 专属 (school, market, hospital), and partners, who may claim but have no power."""

    BASIC = "basic"
    EXCLUSIVE = "exclusive"
    PARTNER = "partner"


class Unit(Data):
    """网格/社区/街道/区: a node of the tree. `staff` is how many people of its desk can receive a dispatch."""

    code: str
    name: str
    name_en: str | None = None
    tier: str
    parent: str | None = None
    sort: UnitSort = UnitSort.BASIC
    households: int | None = Field(default=None, ge=0)
    staff: int = Field(default=1, ge=0)


class Department(Data):
    """部门: an office with one power (事权), attached to a unit (the district, or one street)."""

    code: str
    name: str
    name_en: str | None = None
    unit: str
    power: str


@dataclass(frozen=True)
class Ladder:
    """Tiers from the lowest to the highest."""

    tiers: tuple[Tier, ...]

    @cached_property
    def _rank(self) -> Mapping[str, int]:
        return {tier.code: rank for rank, tier in enumerate(self.tiers)}

    @property
    def lowest(self) -> str:
        return self.tiers[0].code

    @property
    def top(self) -> str:
        return self.tiers[-1].code

    def rank(self, tier: str) -> int:
        """0 for the lowest; KeyError for a tier that is not on the ladder."""
        return self._rank[tier]

    def __contains__(self, tier: str) -> bool:
        return tier in self._rank

    def known(self, tier: str) -> str:
        """The tier itself; the top for one that an earlier ladder had."""
        return tier if tier in self else self.top

    def highest(self, tiers: Iterator[str] | list[str]) -> str:
        """The highest of these; the lowest rung when there are none."""
        return max(tiers, key=self.rank, default=self.lowest)

    def above(self, tier: str) -> str:
        """One tier up; the top stays the top, and what an earlier ladder called a tier leads there too."""
        if tier not in self:
            return self.top
        return self.tiers[min(self.rank(tier) + 1, len(self.tiers) - 1)].code


@dataclass(frozen=True)
class Jurisdiction:
    """The units below one top unit, with the departments attached to them."""

    ladder: Ladder
    units: Mapping[str, Unit]
    departments: Mapping[str, Department] = field(default_factory=dict)
    heirs: Mapping[str, str] = field(default_factory=dict)
    """Each unit that earlier versions had and this one has not: the nearest above it that is left."""
    tiers_of_gone: Mapping[str, str] = field(default_factory=dict)
    """The tier at which each of these stood last."""

    @cached_property
    def top(self) -> Unit:
        return next(unit for unit in self.units.values() if unit.parent is None)

    @cached_property
    def _by_power(self) -> Mapping[tuple[str, str], Department]:
        return {(office.unit, office.power): office for office in self.departments.values()}

    def chain(self, code: str) -> list[Unit]:
        """The unit and everything above it, lowest first; KeyError for an unknown code."""
        unit = self.units[code]
        chain = [unit]
        while unit.parent is not None:
            unit = self.units[unit.parent]
            chain.append(unit)
        return chain

    def area(self, code: str) -> list[str]:
        """The unit and all below it, also what earlier versions had there; only itself when nothing is known of it any
        more."""
        within = [code]
        for unit in within:  # it grows meanwhile
            within.extend(self._below.get(unit, ()))
        units = set(within)
        return [*within, *(gone for gone, heir in self.heirs.items() if heir in units)]

    def at_or_above(self, code: str, tier: str) -> Unit:
        """The lowest unit in the chain of `code` that stands at `tier` or higher."""
        wanted = self.ladder.rank(tier)
        return next((unit for unit in self.chain(code) if self.ladder.rank(unit.tier) >= wanted), self.top)

    def standing(self, code: str | None) -> str | None:
        """The unit, or its heir when a later version took it away; None for what never was a unit."""
        return code if code in self.units else self.heirs.get(code or "")

    def tier_of(self, code: str) -> str:
        """At which tier the unit stands, or stood before it was taken away; empty for what never was a unit."""
        return self.units[code].tier if code in self.units else self.tiers_of_gone.get(code, "")

    def answering_for(self, code: str) -> list[str]:
        """The unit, and those that are gone and left to it what is still open there."""
        return [code, *(gone for gone, heir in self.heirs.items() if heir == code)]

    def heirs_of(self, codes: Iterable[str]) -> Mapping[str, str]:
        """Which unit of these each unit of now, and each that was before it, would leave its matters to: the nearest
        above it that is among them, else the top. The units among them have no heir."""
        left = set(codes)
        before = {**{code: code for code in self.units}, **self.heirs}
        chains = {code: self.chain(last) for code, last in before.items() if code not in left}
        return {code: next((unit.code for unit in chain if unit.code in left), "") for code, chain in chains.items()}

    def common(self, codes: Iterable[str]) -> Unit:
        """The lowest unit that contains all of these, of which there is at least one; KeyError for an unknown code."""
        first, *others = [self.chain(code) for code in codes]
        inside = [{unit.code for unit in chain} for chain in others]
        return next(unit for unit in first if all(unit.code in codes for codes in inside))

    def lowest_of(self, codes: Iterable[str]) -> tuple[str, ...]:
        """These without those that contain another of them, in order and each once."""
        known = tuple(dict.fromkeys(codes))
        above = {unit.code for one in known for unit in self.chain(one)[1:]}
        return tuple(one for one in known if one not in above)

    def is_lowest(self, code: str) -> bool:
        """Whether no unit lies below it."""
        return code not in self._below

    @cached_property
    def _below(self) -> Mapping[str, Sequence[str]]:
        """The units right below each that has any."""
        below = defaultdict[str, list[str]](list)
        for unit in self.units.values():
            if unit.parent is not None:
                below[unit.parent].append(unit.code)
        return dict(below)

    def department(self, unit: str, power: str) -> Department | None:
        """The office with this power attached to exactly this unit."""
        return self._by_power.get((unit, power))

    def contains(self, outer: str, inner: str) -> bool:
        """Whether `inner` is `outer` or lies below it."""
        return any(unit.code == outer for unit in self.chain(inner))

    def is_above(self, unit: str, tier: str) -> bool:
        """Whether a unit stands above a tier of the ladder, or stood there before it was taken away."""
        stands = self.tier_of(unit)
        return stands in self.ladder and tier in self.ladder and self.ladder.rank(stands) > self.ladder.rank(tier)

    def is_below(self, unit: str, tier: str) -> bool:
        """Whether a known unit stands below a tier of the ladder."""
        known = self.units.get(unit)
        return known is not None and tier in self.ladder and self.ladder.rank(known.tier) < self.ladder.rank(tier)

    def is_about(self, about: str | None, unit: str, department: str | None) -> bool:
        """Whether what complains about `about` complains about this receiver, or about one that it answers to; of the
        top, its desk alone: all others answer to it."""
        if about == self.top.code:
            return unit == about and department is None
        if about is None or about in (unit, department):
            return about is not None
        here = self.standing(unit)
        return about in self.units and here is not None and self.contains(about, here)

    def is_placing_desk(self, tier: str, unit: str, place: str | None) -> bool:
        """Whether this unit holds a dispatch of a lower tier only because nothing nearer to the place is known."""
        nearest = self.standing(place) or self.top.code
        return self.is_above(unit, tier) and self.is_above(nearest, tier)
