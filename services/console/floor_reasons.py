"""Each floor of a dispatch in words: which rule set it, how high, and by which fact."""

from dataclasses import dataclass

from schemas.event import AnyRecorded
from schemas.events.router import Floor
from schemas.words import FloorName, Severity
from services.console.history import history
from services.console.locating import scope
from services.console.reader import Reader
from services.console.words import Text, amount

KIND = Text("“{kind}”（{code}）的事权在{tier}。", '"{kind}" ({code}): the lowest tier with the power for it is {tier}.')
GRAVE = Text("{severity}诉求最低到{tier}。", "{severity} petitions go at least to: {tier}.")
BEYOND_POWER = Text(
    "{dispatch}，承办单位说明超出其权限，所以比它高一级。",
    "One tier above {dispatch}: its receiver said that it is beyond its power.",
)

BEYOND_LIMITS = {
    "households": Text(
        "涉及 {known} 户，超过下一级的限额 {limit} 户，所以到{tier}。",
        "It touches {known} households, more than the {limit} up to which the tier below handles it: {tier}.",
    ),
    "money": Text(
        "涉及金额 {known} 元，超过下一级的限额 {limit} 元，所以到{tier}。",
        "{known} yuan are at stake, more than the {limit} up to which the tier below handles it: {tier}.",
    ),
    "joint": Text(
        "本轮已召集 {known} 个部门协办，超过下一级的限额 {limit} 个，所以到{tier}。",
        "{known} departments were called to help, more than the {limit} up to which the tier below handles it: {tier}.",
    ),
}
ONLY_THE_TOP = Text(
    "诉求反映的是{unit}，但没有其他单元肯定包含该地点，所以先由它的值班席受理。",
    "It complains about {unit}, and no other unit is sure to contain the place, so its desk has it.",
)


@dataclass(frozen=True)
class FloorLine:
    """One floor in words; `decides` when the petition's tier is this floor's."""

    name: str
    tier: str
    reason: str
    decides: bool


def floor_line(floor: Floor, *, decides: bool, own: AnyRecorded, reader: Reader) -> FloorLine:
    """The floor of a dispatch, `own`, in words."""
    return FloorLine(reader.floor(floor.floor), reader.tier(floor.tier), _reason(floor, own, reader), decides)


def _reason(floor: Floor, own: AnyRecorded, reader: Reader) -> str:
    """The floor's reason code as a sentence; a code that this release does not know stays as it is."""
    said, _, facts = floor.reason.partition(":")
    match floor.floor, said:
        case FloorName.AUTHORITY, "kind":
            kind = facts.partition(":")[0]
            return reader.of(KIND, kind=reader.kind(kind), code=kind, tier=reader.tier(floor.tier))
        case FloorName.SEVERITY, "severity" if facts in set(Severity):
            return reader.of(GRAVE, severity=reader.severity(Severity(facts)), tier=reader.tier(floor.tier))
        case FloorName.SCOPE, "only_the_top":
            return reader.of(ONLY_THE_TOP, unit=reader.unit_with_tier(facts))
        case FloorName.SCOPE, _:
            return scope(floor.reason, reader) or floor.reason
        case FloorName.SCALE, "beyond_power":
            return reader.of(BEYOND_POWER, dispatch=reader.dispatch(facts))
        case FloorName.SCALE, _ if said in BEYOND_LIMITS:
            known, _, limit = facts.partition(">")
            sizes = {"known": amount(known), "limit": amount(limit)}
            return reader.of(BEYOND_LIMITS[said], **sizes, tier=reader.tier(floor.tier))
        case FloorName.HISTORY, _:
            return history(floor.reason, own, reader)
        case _:
            return floor.reason
