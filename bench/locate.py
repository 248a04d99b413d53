"""What finding a place costs when a petition is filed.

python bench/locate.py [--district deploy/districts/ganjingzi]
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter

from intake.locating import Locator, PlaceTold
from schemas.people import Coordinates
from schemas.policy import Policy
from services.chassis.policy_files import read_bundle

TIMES = 20_000


def main() -> None:
    """Find places of each sort, say what one took."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--district", type=Path, default=Path("deploy/districts/ganjingzi"))
    policy = Policy(1, read_bundle(arguments.parse_args().district))
    began = perf_counter()
    locator = Locator(policy)
    print(f"{len(policy.bundle.areas)} areas, {len(policy.bundle.units)} units: {perf_counter() - began:.2f} s once")
    chance = Random(7)
    corners = [position for area in policy.bundle.areas for ring in area.polygons[0] for position in ring]
    (west, *_, east), (south, *_, north) = (sorted(side) for side in zip(*corners, strict=True))

    def somewhere() -> Coordinates:
        return Coordinates(lat=chance.uniform(south, north), lon=chance.uniform(west, east))

    named = [f"{unit.name}{chance.randrange(99)}号楼3单元" for unit in chance.sample(policy.bundle.units, 100)]
    unit = policy.bundle.units[-1].code
    sorts: dict[str, Callable[[], PlaceTold]] = {
        "a code": lambda: PlaceTold([unit]),
        "coordinates": lambda: PlaceTold(coordinates=somewhere()),
        "an address": lambda: PlaceTold(address=chance.choice(named)),
        "a code, coordinates and an address": lambda: PlaceTold([unit], somewhere(), chance.choice(named)),
    }
    for name, make in sorts.items():
        told = [make() for _ in range(TIMES)]
        began = perf_counter()
        for one in told:
            locator.locate(one)
        print(f"{name}: {(perf_counter() - began) / TIMES * 1e6:.1f} µs each")


if __name__ == "__main__":
    main()
