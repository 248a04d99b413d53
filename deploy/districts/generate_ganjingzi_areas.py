"""Makes SAMPLE areas and known places: python deploy/districts/generate_ganjingzi_areas.py [DIRECTORY]

DIRECTORY has `units.csv`, which is read, and gets `areas.geojson` and `places.csv`. NONE OF IT IS REAL: a rectangle
near the real district is cut into streets, those into communities, and one street's communities into grids, by their
households; the neighbours are rectangles around it; known places have made-up names. No line follows a real border.
"""

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

DISTRICT = "210211"
DRAWN_TO_THE_GRID = "210211001"
"""The one street whose grids are drawn."""
STEP = 1e-5
"""Every line lies on a multiple of this, in degrees: about a metre, and the same number on both sides of it."""
NOTE = "Samples, made by generate_ganjingzi_areas.py: no line follows a real border. WGS 84."
PURPOSES = ("学校", "市场", "医院")


class Box(NamedTuple):
    """A rectangle by its borders, in steps."""

    west: int
    south: int
    east: int
    north: int

    def ring(self) -> list[list[float]]:
        corners = [(self.west, self.south), (self.east, self.south), (self.east, self.north), (self.west, self.north)]
        return [[round(x * STEP, 5), round(y * STEP, 5)] for x, y in (*corners, corners[0])]


WHOLE = Box(12140000, 3885000, 12175000, 3910000)
NEIGHBOURS = {
    "210203": Box(12163000, 3880000, 12170000, 3885000),  # 西岗区
    "210204": Box(12150000, 3880000, 12163000, 3885000),  # 沙河口区
    "210212": Box(12110000, 3870000, 12140000, 3910000),  # 旅顺口区
    "210213": Box(12140000, 3910000, 12200000, 3930000),  # 金州区
}


class Unit(NamedTuple):
    code: str
    name: str
    parent: str
    sort: str
    homes: int


def drawn(units: Sequence[Unit]) -> Iterator[tuple[str, Box]]:
    """Every unit that is drawn, with its rectangle."""

    def below(parent: str) -> list[Unit]:
        return [unit for unit in units if unit.parent == parent]

    yield DISTRICT, WHOLE
    for street, of_street in cut(WHOLE, below(DISTRICT)):
        yield street.code, of_street
        for community, of_community in cut(of_street, below(street.code)):
            yield community.code, of_community
            if street.code == DRAWN_TO_THE_GRID:
                yield from ((grid.code, box) for grid, box in cut(of_community, below(community.code)))
    yield from NEIGHBOURS.items()


def cut(box: Box, units: Sequence[Unit]) -> Iterator[tuple[Unit, Box]]:
    """The rectangle cut into one for each unit, across its longer side and by halves of the households."""
    if len(units) == 1:
        yield units[0], box
        return
    half = len(units) // 2
    first, second = units[:half], units[half:]
    homes = [sum(unit.homes or 1 for unit in part) for part in (first, second)]
    share = homes[0] / sum(homes)
    if box.east - box.west > box.north - box.south:
        line = box.west + round((box.east - box.west) * share)
        parts = box._replace(east=line), box._replace(west=line)
    else:
        line = box.south + round((box.north - box.south) * share)
        parts = box._replace(north=line), box._replace(south=line)
    yield from cut(parts[0], first)
    yield from cut(parts[1], second)


def places(units: Sequence[Unit]) -> Iterator[tuple[str, str]]:
    """Made-up names of what people know, with the unit it lies in."""
    name_of = {unit.code: re.sub("(社区)?居委会$|(?<=村)(民委员会|委会)$", "", unit.name) for unit in units}
    for unit in units:
        if unit.sort == "exclusive":
            purpose = next(one for one in PURPOSES if one in unit.name)
            yield f"{name_of[unit.parent]}样例{purpose}", unit.code
        elif unit.parent.startswith(DRAWN_TO_THE_GRID) and unit.name.endswith("第1网格"):
            yield f"{name_of[unit.parent]}样例花园", unit.code
    for code in ("210211001001", "210211002001"):
        yield "样例万家超市", code  # one name in two streets: nobody can say which is meant
    yield "样例邻区体育场", "210204"


def read_units(path: Path) -> list[Unit]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Unit(row["code"], row["name"], row["parent"], row["sort"], int(row["households"] or 0))
            for row in csv.DictReader(file)
        ]


def main(arguments: list[str]) -> None:
    """Write areas.geojson and places.csv, one feature or place a line."""
    directory = Path(arguments[0]) if arguments else Path(__file__).parent / "ganjingzi"
    units = read_units(directory / "units.csv")
    features = [
        {
            "type": "Feature",
            "properties": {"unit": code, "sample": True},
            "geometry": {"type": "Polygon", "coordinates": [box.ring()]},
        }
        for code, box in drawn(units)
    ]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    head = f'{{"type":"FeatureCollection","note":"{NOTE}","features":['
    text = f"{head}\n{lines}\n]}}\n"
    (directory / "areas.geojson").write_text(text, encoding="utf-8")
    with (directory / "places.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "unit"), *places(units)])


if __name__ == "__main__":
    main(sys.argv[1:])
