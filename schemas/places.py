"""Where a matter lies: what a district knows of its ground, and what intake made of what was filed."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from schemas.jurisdiction import Data
from schemas.words import LocatedBy, Whereabouts

Position = tuple[float, float]
"""Degrees WGS 84, longitude before latitude, as in GeoJSON (RFC 7946)."""
Ring = tuple[Position, ...]
"""A closed line: its last position is its first."""

MOST_NAMED = 20
"""So many units of one finding are named; more of them say no more than their common unit does."""


class Area(Data):
    """The ground of one unit, or of a neighbour: polygons, each an outer ring and the holes in it."""

    unit: str
    polygons: tuple[tuple[Ring, ...], ...] = Field(min_length=1)


class KnownPlace(Data):
    """小区、学校、市场…: what people call a place, and the unit or the neighbour in which it lies. A name may stand
    more than once."""

    name: str
    unit: str


class Neighbour(Data):
    """邻区: a district beside this one, to which is referred what surely lies there."""

    code: str
    name: str
    name_en: str | None = None


class Finding(BaseModel):
    """What one of the things that were filed says: the units it names, or a neighbour; none when it names nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: LocatedBy
    units: tuple[str, ...] = ()


class Location(BaseModel):
    """定位: where the matter lies by what was filed. It was found once, by the policy of its event, and no later map
    changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: Whereabouts
    unit: str | None = None
    """The lowest unit sure to contain it; none when that is not known."""
    units: tuple[str, ...] = ()
    """Those that it touches, when it is in several; those of which it lies in one, when it is unclear in which."""
    neighbour: str | None = None
    """Code of the neighbouring district in which it lies."""
    findings: tuple[Finding, ...] = ()

    @property
    def touched(self) -> tuple[str, ...]:
        """The units all of which it touches; empty when it lies in one, or nobody can say."""
        return self.units if self.where is Whereabouts.IN_SEVERAL else ()

    @property
    def reason(self) -> str:
        """How its unit is known, as the scope floor says it: `place:<unit>[:<by>]`, `touches:<unit>,…`,
        `unclear:<unit>,…`, `contradicts:<by>=<unit>,…`."""
        match self.where:
            case Whereabouts.IN_SEVERAL:
                return touches(self.units)
            case Whereabouts.UNCLEAR:
                return f"unclear:{','.join(self.units)}"
            case Whereabouts.CONTRADICTORY:
                named = (f"{one.by}={code}" for one in self.findings for code in one.units)
                return f"contradicts:{','.join(named)}"
            case _:
                by = next((one.by for one in self.findings if one.units == (self.unit,)), LocatedBy.UNIT)
                return f"place:{self.unit}" + ("" if by is LocatedBy.UNIT else f":{by}")


def touches(units: Iterable[str]) -> str:
    """The reason of a scope floor for what touches all of these."""
    return f"touches:{','.join(units)}"


REFERRED_ACROSS = "neighbour:"
"""Before the code of a neighbour, where it says to whom something is referred."""
