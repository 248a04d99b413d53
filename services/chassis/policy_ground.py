"""What must hold between areas: each is a sound shape of a known unit, lies in its parent's, and overlaps no sibling's.

Two areas may differ by a sliver, for nobody draws the same line twice the same way.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from schemas.jurisdiction import Unit, UnitSort
from services.chassis.policy_areas import Drawn, misdrawn
from services.chassis.policy_rows import BundleError

SLIVER_METRES = 2.0
"""Two areas that overlap, and a child that sticks out, by no more than this width are taken as drawn alike."""

_UNSOUND = {
    "Self-intersection": "边界自相交",
    "Ring Self-intersection": "边界自相接",
    "Hole lies outside shell": "空洞在外环之外",
    "Holes are nested": "空洞相互嵌套",
    "Nested shells": "多边形相互嵌套",
    "Interior is disconnected": "内部不连通",
    "Too few points in geometry component": "坐标点太少",
}
"""What GEOS finds wrong, in Chinese."""


def check_areas(drawn: Sequence[Drawn], units: Mapping[str, Unit], neighbours: frozenset[str]) -> Iterator[BundleError]:
    """Everything that does not hold."""
    named = list(_named(drawn, units, neighbours))
    yield from named
    if named or not drawn:
        return
    shapes, unsound = _shapes(drawn)
    yield from unsound
    if unsound:
        return
    by_unit = {one.area.unit: one for one in drawn}
    for one in drawn:
        unit = units.get(one.area.unit)
        if unit is not None and unit.parent in shapes and _wide(shapes[unit.code] - shapes[unit.parent]):
            yield one.error(f"lies partly outside its parent '{unit.parent}'", f"有一部分在上级“{unit.parent}”之外")
    for siblings in _siblings(by_unit, units, neighbours):
        for code, other in _overlapping(siblings, shapes):
            yield by_unit[code].error(f"overlaps '{other}'", f"与“{other}”重叠")


def gaps(drawn: Sequence[Drawn], units: Mapping[str, Unit]) -> Iterator[Drawn]:
    """Areas that the areas of the units below leave a part of to nobody, where every one of those has one."""
    if not drawn:
        return
    shapes, _ = _shapes(drawn)
    below = defaultdict(list)
    for unit in units.values():
        if unit.sort is not UnitSort.PARTNER:
            below[unit.parent].append(unit.code)
    for one in drawn:
        children = below[one.area.unit]
        if children and all(code in shapes for code in children):
            import shapely

            if _wide(shapes[one.area.unit] - shapely.union_all([shapes[code] for code in children])):
                yield one


def _named(drawn: Sequence[Drawn], units: Mapping[str, Unit], neighbours: frozenset[str]) -> Iterator[BundleError]:
    first: dict[str, Drawn] = {}
    for one in drawn:
        code = one.area.unit
        if code not in units and code not in neighbours:
            yield one.error("is no unit and no neighbour", "不是单元，也不是邻区")
        elif code in units and units[code].sort is UnitSort.PARTNER:
            yield one.error("is a partner, who has no ground of its own", "是合伙人单元，没有自己的区域")
        if code in first:
            at = first[code].field
            yield one.error(f"is drawn already ({at}); use a MultiPolygon", f"已经画过（{at}）；请用 MultiPolygon")
        elif (wrong := misdrawn(one.area)) is not None:
            yield one.error(*wrong)
        first.setdefault(code, one)


def _shapes(drawn: Sequence[Drawn]) -> tuple[dict[str, Any], list[BundleError]]:
    import shapely  # brings numpy: only who has areas should pay

    from services.chassis.area_shapes import FlatMap

    flat = FlatMap([one.area for one in drawn])
    shapes = {one.area.unit: flat.shape(one.area) for one in drawn}
    unsound = []
    for one in drawn:
        if not shapely.is_valid(shapes[one.area.unit]):
            why, _, spot = shapely.is_valid_reason(shapes[one.area.unit]).partition("[")
            longitude, latitude = flat.degrees(*map(float, spot.rstrip("]").split()))
            en = f"is no sound polygon near {longitude:.5f}, {latitude:.5f}: {why}"
            zh = f"的多边形在 {longitude:.5f}, {latitude:.5f} 附近无效：{_UNSOUND.get(why, why)}"
            unsound.append(one.error(en, zh))
    return shapes, unsound


def _siblings(
    by_unit: Mapping[str, Drawn], units: Mapping[str, Unit], neighbours: frozenset[str]
) -> Iterator[list[str]]:
    """Codes of which no two may share ground: units with one parent, and the neighbours with the top."""
    below = defaultdict(list)
    for code in by_unit:
        below[units[code].parent if code in units else None].append(code)
    return chain(below.values())


def _overlapping(codes: Sequence[str], shapes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    import shapely

    inside = [shapes[code] for code in codes]
    pairs = shapely.STRtree(inside).query(inside, predicate="intersects").T.tolist()
    for this, other in pairs:
        if other < this and _wide(inside[this] & inside[other]):
            yield codes[this], codes[other]


def _wide(ground: Any) -> bool:
    """Whether anywhere it is wider than a sliver."""
    return not ground.is_empty and not ground.buffer(-SLIVER_METRES / 2).is_empty
