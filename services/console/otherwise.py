"""What would have put a petition lower or higher: the same floors with one thing otherwise."""

from schemas.events.router import Floor, PetitionRouted
from schemas.words import Severity
from services.console.reader import Reader
from services.console.words import Text

LOWER = Text(
    "如果没有“{floors}”这条底线，{tier}一级就够了。",
    "Lower: without {floors}, its floors would ask for no more than {tier}.",
)
LOWEST = Text("已经在最低一级，没有更低的去处。", "It is at the lowest tier already; nothing would put it lower.")
GRAVER = Text("如果紧急程度是“{severity}”，会到{tier}。", "Higher: read as {severity}, it would have gone to {tier}.")
CLIMBS = Text(
    "如果超过时限、因超出权限退单，或群众反映没有解决，会到{tier}。",
    "Higher: a missed deadline, a return as beyond its power, or a resident who says that it is not solved takes it to"
    " {tier}.",
)
TOP = Text("已经在最高一级，没有更高的去处。", "It is at the top already; nothing would put it higher.")


def otherwise(event: PetitionRouted, place: str | None, reader: Reader) -> list[str]:
    """Each way on which the dispatch would have gone elsewhere, the lower ones first; nothing where the floors did not
    decide, or the ladder has changed since."""
    ladder = reader.policy.jurisdiction.ladder
    if event.tier not in ladder or any(floor.tier not in ladder for floor in event.floors):
        return []
    if ladder.highest([floor.tier for floor in event.floors]) != event.tier:
        return []
    return [*_lower(event, reader), *_higher(event, place, reader)]


def _lower(event: PetitionRouted, reader: Reader) -> list[str]:
    ladder = reader.policy.jurisdiction.ladder
    if event.tier == ladder.lowest:
        return [reader.of(LOWEST)]
    deciding = [floor for floor in event.floors if floor.tier == event.tier]
    rest = ladder.highest([floor.tier for floor in event.floors if floor.tier != event.tier])
    return [reader.of(LOWER, floors=_named(deciding, reader), tier=reader.tier(rest))]


def _higher(event: PetitionRouted, place: str | None, reader: Reader) -> list[str]:
    ladder = reader.policy.jurisdiction.ladder
    units = reader.policy.jurisdiction
    stands = event.tier
    if event.unit in units.units and not units.is_placing_desk(event.tier, event.unit, place):
        stands = ladder.highest([event.tier, units.units[event.unit].tier])
    if stands == ladder.top:
        return [reader.of(TOP)]
    graver = [one for one in Severity if one.rank > event.severity.rank]
    floors = [(one, reader.policy.severity_rule(one).floor) for one in graver]
    said = [
        reader.of(GRAVER, severity=reader.severity(one), tier=reader.tier(tier))
        for one, tier in floors
        if tier is not None and ladder.rank(tier) > ladder.rank(stands)
    ]
    return [*said, reader.of(CLIMBS, tier=reader.tier(ladder.above(stands)))]


def _named(floors: list[Floor], reader: Reader) -> str:
    return reader.listed([reader.floor(floor.floor) for floor in floors])
