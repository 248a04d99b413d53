"""What finding a place costs when a petition is filed, and the first filings after a policy was published.

python -m bench.locate [--district deploy/districts/ganjingzi] [--places 100000]
"""

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter

import httpx

from bench.district import scratch
from intake.locating import Locator, PlaceTold
from schemas.people import Coordinates
from schemas.places import KnownPlace
from schemas.policy import Policy, PolicyBundle
from services.chassis.policy_files import read_bundle
from services.chassis.settings import Settings
from services.embedded import running
from services.server import application

TIMES = 20_000
FIRST = 5


def main() -> None:
    """Find places of each sort, say what one took; then file by a policy just published, and say what that took."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--district", type=Path, default=Path("deploy/districts/ganjingzi"))
    arguments.add_argument("--places", type=int, default=0, help="so many known places more")
    asked = arguments.parse_args()
    bundle = _with_places(read_bundle(asked.district), asked.places)
    _find(Policy(1, bundle))
    asyncio.run(_file(bundle))


def _with_places(bundle: PolicyBundle, count: int) -> PolicyBundle:
    """Half of them begin with the same words, as names in one quarter do."""
    units = bundle.units
    more = [
        KnownPlace(
            name=f"{units[n % len(units)].name[:2] if n % 2 else '阳光'}花园{n}号院", unit=units[n % len(units)].code
        )
        for n in range(count)
    ]
    return bundle.model_copy(update={"places": (*bundle.places, *more)})


async def _file(bundle: PolicyBundle) -> None:
    body = {"channel": "app", "text": "楼道灯不亮", "place": {"address": f"{bundle.units[-1].name}3单元"}}
    with scratch() as directory:
        async with running(directory) as process:
            there = httpx.ASGITransport(application(process, Settings(data=directory)))
            async with httpx.AsyncClient(transport=there, base_url="http://127.0.0.1:8000") as client:
                await process.runtime.policies.publish(bundle)
                await client.post("/v1/petitions", json=body)  # what any first request costs
                again, loop = bundle.model_copy(update={"name_en": "again"}), asyncio.create_task(_longest_wait())
                began = perf_counter()
                await process.runtime.policies.publish(again)
                took = perf_counter() - began
                loop.cancel()
                print(f"publishing {len(bundle.places)} places: {took:.2f} s, others waited {await loop * 1e3:.0f} ms")
                for number in range(1, FIRST + 1):
                    began = perf_counter()
                    (await client.post("/v1/petitions", json=body)).raise_for_status()
                    print(f"filing {number} by it: {(perf_counter() - began) * 1e3:.1f} ms")


async def _longest_wait() -> float:
    """Until it is cancelled: for how long at most, in seconds, nothing else could run."""
    longest, last = 0.0, perf_counter()
    try:
        while True:
            await asyncio.sleep(0.001)
            now = perf_counter()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return max(longest, perf_counter() - last)


def _find(policy: Policy) -> None:
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
