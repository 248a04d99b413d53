"""A calendar comes to a world: another version of its district, and who counts again what was counted without it."""

import contextlib
from collections.abc import Collection
from datetime import date

from services.chassis.recounting import Recounting
from tests.given import DISTRICT
from tests.invariants.world import PARTITIONS, Broken, World


def publish(world: World, years: Collection[int], off: Collection[date] = (), make_up: Collection[date] = ()) -> None:
    """The same district with this calendar."""
    days = {"years": frozenset(years), "off": frozenset(off), "make_up": frozenset(make_up)}
    calendar = DISTRICT.bundle.calendar.model_copy(update=days)
    with contextlib.suppress(Broken):
        world.do(world.gridcase.runtime.policies.publish(DISTRICT.bundle.model_copy(update={"calendar": calendar})))


def job(world: World) -> Recounting:
    """Who counts again."""
    [found] = [one for one in world.gridcase.jobs if isinstance(one, Recounting)]
    return found


def recount(world: World) -> None:
    """Everywhere."""
    with contextlib.suppress(Broken):
        world.happened["recounted"] += world.do(job(world).recount(range(PARTITIONS)))
