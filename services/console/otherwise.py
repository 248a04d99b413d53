"""What would have put a petition lower or higher: the same floors with one thing otherwise."""

from schemas.events.router import Floor, PetitionRouted
from schemas.words import FloorName, Severity
from services.console.reader import Reader
from services.console.words import Text, amount

LOWER = Text(
    "如果没有“{floors}”这条底线，{tier}一级就够了{once}。",
    "Lower: without {floors}, its floors would ask for no more than {tier}{once}.",
)
WITHOUT = {
    FloorName.AUTHORITY: Text(
        "如果读作另一类、事权更低的事项，最低可到{tier}{once}。",
        "Lower: read as another kind, for which a lower tier has the power, it could be as low as {tier}{once}.",
    ),
    FloorName.SCOPE: Text(
        "如果只涉及其中一个单元，{tier}一级就够了{once}。",
        "Lower: if it touched only one of these units, {tier} would do{once}.",
    ),
    FloorName.SCALE: Text(
        "如果承办单位没有说明超出权限，{tier}一级就够了{once}。",
        "Lower: if its receiver had not said that it is beyond its power, {tier} would do{once}.",
    ),
    FloorName.HISTORY: Text(
        "如果没有此前的经过（见“经过”底线），{tier}一级就够了{once}。",
        "Lower: without what happened before (see the floor History), {tier} would do{once}.",
    ),
}
"""Where one floor alone keeps it so high."""
MILDER = Text(
    "如果紧急程度是“{severity}”，{tier}一级就够了{once}。", "Lower: read as {severity}, {tier} would do{once}."
)
LOWEST = Text("已经在最低一级，没有更低的去处。", "It is at the lowest tier already; nothing would put it lower.")
GRAVER = Text("如果紧急程度是“{severity}”，会到{tier}。", "Higher: read as {severity}, it would have gone to {tier}.")
SMALLER = {
    "households": Text(
        "如果涉及户数不超过 {limit} 户，到{tier}就够了{once}。",
        "Lower: if it touched no more than {limit} households, {tier} would do{once}.",
    ),
    "money": Text(
        "如果涉及金额不超过 {limit} 元，到{tier}就够了{once}。",
        "Lower: if no more than {limit} yuan were at stake, {tier} would do{once}.",
    ),
    "joint": Text(
        "如果召集的部门不超过 {limit} 个，到{tier}就够了{once}。",
        "Lower: if no more than {limit} departments had been called, {tier} would do{once}.",
    ),
}
LARGER = {
    "households": Text(
        "如果涉及户数超过 {limit} 户，至少会到{tier}。",
        "Higher: if it touched more than {limit} households, it would have gone to {tier} at least.",
    ),
    "money": Text(
        "如果涉及金额超过 {limit} 元，至少会到{tier}。",
        "Higher: if more than {limit} yuan were at stake, it would have gone to {tier} at least.",
    ),
}
MISSED = Text("如果超过时限，至少会到{tier}。", "Higher: a missed deadline takes it to {tier} at least.")
UNSOLVED = Text(
    "如果办结后群众反映没有解决，会比报办结的那次派单高一级；第二次则到{top}。",
    "Higher: a resident who says that it is not solved takes it above the dispatch that was reported done, the second"
    " time to {top}.",
)
WAITS = Text(
    "地点未知或不够确切，所以暂由上级负责；定位之后会到{tier}。",
    "Lower: a higher unit has it only until somebody places it; then it goes to {tier}.",
)
TOP = Text(
    "已由本辖区最高一级负责，辖区内没有更高的去处。",
    "The top of this district has it already; nothing within the district is higher.",
)
ONCE_PLACED = Text("（先要知道地点）", ", once its place is known")


def otherwise(event: PetitionRouted, place: str | None, reader: Reader, *, to_place: bool) -> list[str]:
    """Each way on which the dispatch would have gone elsewhere, the lower ones first; nothing where the floors did not
    decide, or the ladder has changed since. `to_place`: it only waits there for somebody to place it."""
    units, ladder = reader.policy.jurisdiction, reader.policy.jurisdiction.ladder
    if event.unit not in units.units or any(floor.tier not in ladder for floor in event.floors):
        return []
    if ladder.highest([floor.tier for floor in event.floors]) != event.tier:
        return []
    if to_place:
        at_the_top = event.unit == units.top.code
        return [reader.of(WAITS, tier=reader.tier(event.tier)), *([reader.of(TOP)] if at_the_top else [])]
    stands = ladder.highest([event.tier, units.units[event.unit].tier])
    return [*_lower(event, stands, place, reader), *_higher(event, stands, reader)]


def _lower(event: PetitionRouted, stands: str, place: str | None, reader: Reader) -> list[str]:
    ladder = reader.policy.jurisdiction.ladder
    once = reader.of(ONCE_PLACED) if reader.policy.jurisdiction.standing(place) is None else ""
    if stands != event.tier:
        return []  # something else than a floor put it there, and the notes say what
    if event.tier == ladder.lowest:
        return [reader.of(LOWEST)]
    deciding = [floor for floor in event.floors if floor.tier == event.tier]
    rest = ladder.highest([floor.tier for floor in event.floors if floor.tier != event.tier])
    size, _, facts = deciding[0].reason.partition(":")
    if len(deciding) == 1 and size in SMALLER:
        below = ladder.tiers[ladder.rank(event.tier) - 1].code
        return [reader.of(SMALLER[size], limit=amount(facts.partition(">")[2]), tier=reader.tier(below), once=once)]
    if len(deciding) == 1 and deciding[0].floor in WITHOUT:
        return [reader.of(WITHOUT[deciding[0].floor], tier=reader.tier(rest), once=once)]
    if [floor.floor for floor in deciding] == [FloorName.SEVERITY]:
        least = reader.policy.severity_rule(Severity.ROUTINE).floor or ladder.lowest
        if ladder.rank(least) <= ladder.rank(rest):
            milder = reader.severity(Severity.ROUTINE)
            return [reader.of(MILDER, severity=milder, tier=reader.tier(rest), once=once)]
    return [reader.of(LOWER, floors=_named(deciding, reader), tier=reader.tier(rest), once=once)]


def _higher(event: PetitionRouted, stands: str, reader: Reader) -> list[str]:
    ladder = reader.policy.jurisdiction.ladder
    if stands == ladder.top:
        return [reader.of(TOP)]
    graver = [one for one in Severity if one.rank > event.severity.rank]
    floors = [(one, reader.policy.severity_rule(one).floor) for one in graver]
    said = [
        reader.of(GRAVER, severity=reader.severity(one), tier=reader.tier(tier))
        for one, tier in floors
        if tier is not None and ladder.rank(tier) > ladder.rank(stands)
    ]
    above, rule = reader.tier(ladder.above(stands)), reader.policy.scale_rule(stands)
    limits = [(text, getattr(rule, size)) for size, text in LARGER.items()]
    said += [reader.of(text, limit=limit, tier=above) for text, limit in limits if limit is not None]
    missed = reader.of(MISSED, tier=above)
    return [*said, missed, reader.of(UNSOLVED, top=reader.tier(ladder.top))]


def _named(floors: list[Floor], reader: Reader) -> str:
    return reader.listed(list(dict.fromkeys(reader.floor(floor.floor) for floor in floors)))
