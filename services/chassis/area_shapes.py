"""The areas of a district as shapes on a flat map, in metres, so that distances and sizes mean something."""

import math
from collections.abc import Sequence
from typing import Any

import shapely

from schemas.places import Area, Position

METRES_A_DEGREE = 111_320.0
"""Of latitude; a degree of longitude is shorter by the cosine of the latitude. Over one district both are exact enough:
straight lines stay straight, so what lies inside stays inside."""


class FlatMap:
    """Metres east and north of the first position of the first area."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self._east, self._north = areas[0].polygons[0][0][0]
        self._shrink = math.cos(math.radians(self._north))

    def shape(self, area: Area) -> Any:
        """The area's ground; a shapely geometry."""
        polygons = [
            shapely.Polygon(self._ring(outer), [self._ring(hole) for hole in holes]) for outer, *holes in area.polygons
        ]
        return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)

    def point(self, longitude: float, latitude: float) -> Any:
        """One position; a shapely geometry."""
        return shapely.Point(self._flat((longitude, latitude)))

    def degrees(self, east: float, north: float) -> Position:
        """Longitude and latitude of what lies there on the map."""
        shrunk = METRES_A_DEGREE * self._shrink
        return self._east + (east / shrunk if shrunk else 0), self._north + north / METRES_A_DEGREE

    def _ring(self, ring: Sequence[Position]) -> list[tuple[float, float]]:
        return [self._flat(position) for position in ring]

    def _flat(self, position: Position) -> tuple[float, float]:
        longitude, latitude = position
        return (
            (longitude - self._east) * self._shrink * METRES_A_DEGREE,
            (latitude - self._north) * METRES_A_DEGREE,
        )
