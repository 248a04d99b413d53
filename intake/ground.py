"""The areas of a policy, indexed so that those around a position are found at once."""

from collections.abc import Sequence

from schemas.people import Coordinates
from schemas.places import Area


class Ground:
    """Which areas a position lies in, and how near it is to one."""

    def __init__(self, areas: Sequence[Area]) -> None:
        import shapely  # brings numpy: only a district that has areas should pay

        from services.chassis.area_shapes import FlatMap

        self._flat = FlatMap(areas)
        self._codes = [area.unit for area in areas]
        shapes = [self._flat.shape(area) for area in areas]
        shapely.prepare(shapes)
        self._shape = dict(zip(self._codes, shapes, strict=True))
        self._tree = shapely.STRtree(shapes)

    def covering(self, at: Coordinates) -> list[str]:
        """Codes of the areas in which it lies, or on whose border; in the order of the policy."""
        point = self._flat.point(at.lon, at.lat)
        return [self._codes[number] for number in sorted(self._tree.query(point, predicate="covered_by").tolist())]

    def is_within(self, metres: float, unit: str | None, at: Coordinates) -> bool:
        """Whether it is at most so far from the area of this unit, if that has one."""
        shape = self._shape.get(unit or "")
        return shape is not None and float(shape.distance(self._flat.point(at.lon, at.lat))) <= metres
