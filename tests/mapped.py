"""The small district with its ground: squares of a kilometre by a kilometre, a neighbour in the north, known places.

```
        N  N  N  N
y = 3   SA2    SB1
y = 2   SA2    SB1
y = 1   SA1    SB1      SA11 and SA12 are the two columns of SA1, from west to east
y = 0   SA1    SB1
```
"""

from typing import Any

from schemas.people import Coordinates
from schemas.places import Area, KnownPlace, Neighbour
from schemas.policy import Policy, PolicyBundle
from tests.given import DISTRICT

EAST, NORTH, KILOMETRE = 121.50, 38.90, 0.01


def box(west: float, south: float, east: float, north: float) -> tuple[tuple[float, float], ...]:
    """A ring around these kilometres."""
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return tuple((round(EAST + x * KILOMETRE, 6), round(NORTH + y * KILOMETRE, 6)) for x, y in corners)


def area(unit: str, *bounds: float) -> Area:
    west, south, east, north = bounds
    return Area(unit=unit, polygons=((box(west, south, east, north),),))


AREAS = (
    area("D", 0, 0, 4, 4),
    area("SA", 0, 0, 2, 4),
    area("SB", 2, 0, 4, 4),
    area("SA1", 0, 0, 2, 2),
    area("SA2", 0, 2, 2, 4),
    area("SB1", 2, 0, 4, 4),
    area("SA11", 0, 0, 1, 2),
    area("SA12", 1, 0, 2, 2),
    area("N", 0, 4, 4, 6),
)
PLACES = (
    KnownPlace(name="阳光花园", unit="SA11"),
    KnownPlace(name="第一小学", unit="SA12"),
    KnownPlace(name="万家超市", unit="SA1"),
    KnownPlace(name="万家超市", unit="SB1"),
    KnownPlace(name="湖畔广场", unit="SB11"),
    KnownPlace(name="湖畔广场", unit="N"),
    KnownPlace(name="体育场", unit="N"),
)
NEIGHBOURS = (Neighbour(code="N", name="北山区", name_en="Beishan"),)
MAPPED: PolicyBundle = DISTRICT.bundle.model_copy(update={"areas": AREAS, "places": PLACES, "neighbours": NEIGHBOURS})
POLICY = Policy(1, MAPPED)


def at(x: float, y: float) -> Coordinates:
    """So many kilometres east and north."""
    return Coordinates(lat=NORTH + y * KILOMETRE, lon=EAST + x * KILOMETRE)


def without(*codes: str, **new: Any) -> PolicyBundle:
    """The district redrawn: without these units, and what is about them; `new` replaces other parts."""
    units = tuple(unit for unit in MAPPED.units if unit.code not in codes)
    areas = tuple(one for one in MAPPED.areas if one.unit not in codes)
    places = tuple(place for place in MAPPED.places if place.unit not in codes)
    return MAPPED.model_copy(update={"units": units, "areas": areas, "places": places, **new})
