"""`areas.geojson`: the ground of units and neighbours, read as RFC 7946 has it. Nothing is compared here."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from schemas.places import Area, Position, Ring
from services.chassis.policy_rows import BundleError, read_text

AREAS = "areas.geojson"
_LARGEST = 1e9
"""Degrees and metres of height are smaller, and so are the metres of a projection, which are named as no degrees."""
_WIDEST = 20
"""Degrees. No county is half as wide: what is wider crosses the line of 180 degrees, or is in other units."""
_SHOWN = 60
_CLOSED = 4
"""The fewest positions of a ring: a triangle, and the first of them again."""


@dataclass(frozen=True)
class Drawn:
    """One area, and where it was written, for whoever finds something wrong with it."""

    area: Area
    file: str
    field: str

    def error(self, en: str, zh: str) -> BundleError:
        unit = self.area.unit
        return BundleError(self.file, 0, self.field, f"'{unit}' {en}", f"“{unit}”{zh}")


class _Wrong(Exception):
    """What is wrong with a feature, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


def read_areas(path: Path, errors: list[BundleError]) -> list[Drawn]:
    """Every feature of a GeoJSON FeatureCollection that is the ground of a unit; what is wrong is added to `errors`."""
    text = read_text(path, errors)
    if text is None:
        return []
    try:
        whole = json.loads(text, parse_constant=_no_number, object_pairs_hook=_object)
    except json.JSONDecodeError as broken:
        en = f"is not JSON: {broken.msg} at column {broken.colno}"
        zh = f"不是合法的 JSON：第 {broken.lineno} 行第 {broken.colno} 列无法读懂，请检查逗号、括号和引号"
        errors.append(BundleError(path.name, broken.lineno, "", en, zh))
        return []
    except _Wrong as wrong:
        errors.append(BundleError(path.name, 0, "", str(wrong), wrong.zh))
        return []
    except (RecursionError, ValueError):
        en, zh = "is no GeoJSON: nested too deep, or a number that is none", "不是 GeoJSON：嵌套过深或数字无效"
        errors.append(BundleError(path.name, 0, "", en, zh))
        return []
    try:
        features = _features(whole)
    except _Wrong as wrong:
        errors.append(BundleError(path.name, 0, "", str(wrong), wrong.zh))
        return []
    found = []
    for number, feature in enumerate(features):
        field = f"features.{number}"
        try:
            found.append(Drawn(_area(feature), path.name, field))
        except _Wrong as wrong:
            errors.append(BundleError(path.name, 0, field, str(wrong), wrong.zh))
    return found


def feature_collection(areas: tuple[Area, ...]) -> dict[str, Any]:
    """The areas as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"unit": area.unit},
            "geometry": {"type": "MultiPolygon", "coordinates": area.polygons},
        }
        for area in areas
    ]
    return {"type": "FeatureCollection", "features": features}


def misdrawn(area: Area) -> tuple[str, str] | None:
    """What keeps rings from being rings on the earth, in both languages; None when nothing does."""
    if not all(area.polygons):
        return "has a polygon without rings", "含有没有环的多边形"
    for ring in chain.from_iterable(area.polygons):
        if len(ring) < _CLOSED or ring[0] != ring[-1]:
            return "has a ring that is not closed: its last position must be its first", "的环没有闭合：首尾坐标应相同"
        for longitude, latitude in ring:
            if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
                return (
                    f"lies at {longitude}, {latitude}: write degrees, longitude before latitude",
                    f"的坐标 {longitude}, {latitude} 无效：应为度，经度在前",
                )
    for degrees in zip(*chain.from_iterable(chain.from_iterable(area.polygons)), strict=True):
        if max(degrees) - min(degrees) > _WIDEST:
            return (
                f"is wider than {_WIDEST} degrees: write degrees, and end it at the line of 180 degrees",
                f"跨度超过 {_WIDEST} 度：坐标应为度，且不应跨越 180 度经线",
            )
    return None


def _no_number(name: str) -> float:
    raise _Wrong(f"is no GeoJSON: {name} is no number", f"不是 GeoJSON：{name} 不是数字")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for name, part in pairs:
        if name in value:
            # Which of the two counts differs from reader to reader.
            shown = name[:_SHOWN]
            raise _Wrong(f"has '{shown}' twice in one object: leave one out", f"同一对象中“{shown}”重复，请只保留一个")
        value[name] = part
    return value


def _features(whole: Any) -> list[Any]:
    if not isinstance(whole, dict) or whole.get("type") != "FeatureCollection":
        raise _Wrong("must be a GeoJSON FeatureCollection (RFC 7946)", "应为 GeoJSON FeatureCollection（RFC 7946）")
    if "crs" in whole and not str(whole["crs"]).replace("'", "").rstrip("} ").endswith(("CRS84", "4326")):
        raise _Wrong("names another `crs`: write WGS 84, as RFC 7946 asks", "标明了其他坐标系（crs）：应为 WGS 84")
    features = whole.get("features")
    if not isinstance(features, list):
        raise _Wrong("needs a list of `features`", "缺少 features 列表")
    return features


def _area(feature: Any) -> Area:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Wrong("must be a Feature", "应为 Feature")
    properties = feature.get("properties")
    unit = properties.get("unit") if isinstance(properties, dict) else None
    if not isinstance(unit, str) or not unit.strip():
        raise _Wrong("needs the code of a unit, as text, in properties.unit", "properties.unit 应为单元编码（文字）")
    area = Area(unit=unit, polygons=tuple(_polygons(feature.get("geometry"))))
    if (wrong := misdrawn(area)) is not None:
        raise _Wrong(f"'{unit}' {wrong[0]}", f"“{unit}”{wrong[1]}")
    return area


def _polygons(geometry: Any) -> Iterator[tuple[Ring, ...]]:
    kind, coordinates = (
        (geometry.get("type"), geometry.get("coordinates")) if isinstance(geometry, dict) else (None, None)
    )
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(polygons, list) or not polygons:
        raise _Wrong("needs a Polygon or a MultiPolygon as geometry", "geometry 应为 Polygon 或 MultiPolygon")
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            raise _Wrong("has a polygon without rings", "含有没有环的多边形")
        yield tuple(_ring(ring) for ring in polygon)


def _ring(ring: Any) -> Ring:
    if not isinstance(ring, list):
        raise _Wrong("has a ring that is no list of positions", "的环不是坐标列表")
    return tuple(_position(position) for position in ring)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= _LARGEST


def _position(position: Any) -> Position:
    if isinstance(position, list) and len(position) in (2, 3) and all(map(_is_number, position)):
        return float(position[0]), float(position[1])  # RFC 7946 allows a height, which says nothing here
    raise _Wrong("has a position that is not [longitude, latitude]", "含有不是 [经度, 纬度] 的坐标")
