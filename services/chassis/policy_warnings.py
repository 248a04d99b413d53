"""What a sound bundle may still be wrong about: nothing is decided wrongly by it, but a person should look."""

from collections.abc import Iterator

from schemas.jurisdiction import UnitSort
from schemas.policy import PolicyBundle
from services.chassis.policy_areas import AREAS, Drawn
from services.chassis.policy_ground import gaps
from services.chassis.policy_rows import BundleError


def warnings(bundle: PolicyBundle) -> list[BundleError]:
    """Everything that a person should look at, by the file that it usually stands in."""
    return [*_households(bundle), *_gaps(bundle)]


def _households(bundle: PolicyBundle) -> Iterator[BundleError]:
    if bundle.basic_households is None:
        return
    least, most = bundle.basic_households
    for unit in bundle.units:
        counted = unit.tier == bundle.ladder[0].code and unit.sort is UnitSort.BASIC and unit.households is not None
        if counted and not least <= (unit.households or 0) <= most:
            en = f"'{unit.code}' has {unit.households} households; a basic unit should have {least} to {most}"
            zh = f"“{unit.code}”有 {unit.households} 户，基础网格应为 {least} 至 {most} 户"
            yield BundleError("units", 0, "households", en, zh)


def _gaps(bundle: PolicyBundle) -> Iterator[BundleError]:
    """A gap is no refusal: what lies in it is placed by the desk of the unit around it, which surely contains it."""
    if not bundle.areas:
        return
    drawn = [Drawn(area, AREAS, "") for area in bundle.areas]
    for one in gaps(drawn, {unit.code: unit for unit in bundle.units}):
        yield one.error(
            "has ground that no unit below it has: its own desk places what lies there",
            "内有不属于任何下级单元的空白，该处的诉求由它的受理台定位",
        )
