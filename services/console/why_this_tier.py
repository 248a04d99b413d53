"""What follows from the highest floor of a dispatch: that its tier handles it, or why another has it."""

from schemas.events.router import PetitionRouted
from services.console.ground import Ground
from services.console.reader import Reader
from services.console.words import Text

TIER_HOLDS = Text(
    "各条底线中最高的是{tier}，所以由{tier}一级办理。", "The highest of its floors is {tier}, so that tier handles it."
)
TIER_HOLDS_THERE = Text(
    "各条底线中最高的是{tier}，所以由{tier}一级办理；地点属于{unit}。",
    "The highest of its floors is {tier}, so that tier handles it; the place belongs to {unit}.",
)
TIER_HOLDS_ANYWHERE = Text(
    "各条底线中最高的是{tier}，所以由{tier}一级办理；全辖区只有{unit}这一个，地点在辖区内哪里都一样。",
    "The highest of its floors is {tier}, so that tier handles it; {unit} is the only one, wherever in it that is.",
)
STANDS_ABOVE = Text(
    "按底线，{tier}一级就够了，但由更高的{unit}承办：原因见底线和下面的说明。",
    "Its floors ask for no more than {tier}, but {unit}, above that, has it: the floors and the notes say why.",
)
WAITS_FOR_A_PLACE = Text(
    "按底线，{tier}一级就够了，但地点未知，不知道是哪一个。所以先由{desk}查明地点，再转给那里的{tier}{but}。",
    "Its floors ask for no more than {tier}, but its place is not known, so nobody can say which one."
    " {desk} has it until somebody places it; then it goes to the {tier} there{but}.",
)
WAITS_FOR_A_NEARER_PLACE = Text(
    "按底线，{tier}一级就够了，但地点只确定到{place}，不知道是其中哪一个。"
    "所以先由{desk}查明地点，再转给那里的{tier}{but}。",
    "Its floors ask for no more than {tier}, but its place is only known to be in {place}, so nobody can say which one"
    " there. {desk} has it until somebody places it; then it goes to the {tier} there{but}.",
)
UNLESS_ABOUT = Text(
    "（被反映的{about}及其下属除外）", ", unless that is {about}, about which it complains, or answers to it"
)
ALL_ANSWER = Text(
    "按底线，{tier}一级就够了，但诉求反映的是{about}，{place}以内都归它管。地点在其中哪里，都由{desk}承办。",
    "Its floors ask for no more than {tier}, but all in {place} answer to {about}, about which it complains."
    " {desk} has it, wherever in {place} it lies.",
)
KEEPS_WHAT_IS_ABOUT = Text(
    "派单以后已定位到{place}。离它更近的只有被反映的{about}及其下属，所以仍由{desk}承办。",
    "It was placed since, in {place}. {desk} keeps it, for nobody stands nearer to it but {about}, about which it"
    " complains, or who answers to it.",
)
KEEPS_FOR_WANT_OF_ANOTHER = Text(
    "派单以后已定位到{place}。离它更近的当时都不能承办，所以仍由{desk}承办。",
    "It was placed since, in {place}. {desk} keeps it, for nobody who stands nearer to it could have it then.",
)
STAYS_UP = Text(
    "派单以后已定位到{place}，{asks}一级就够了；但定位不会使诉求往下退，往下只能由有权人员移送，所以仍由{unit}承办。",
    "It was placed since, in {place}, where {asks} would do; but placing moves nothing down that somebody has, only a"
    " named person does. So it stays with {unit}.",
)
NEXT_DOOR = Text(
    "地点在邻区{neighbour}，{kept}。由{desk}承办。",
    "It lies in the neighbouring {neighbour}, and {kept}. {desk} has it.",
)
NO_FLOORS = Text(
    "没有哪条规则设底线，所以从最低的{tier}开始。", "No rule sets a floor, so it starts at the lowest tier, {tier}."
)
CHOSEN = Text(
    "按底线，{tier}一级就够了，但承办单位由有权人员指定，这一指定仍然有效。",
    "Its floors ask for no more than {tier}, but a named person chose who has it, and that stands.",
)
GIVEN_BACK = Text(
    "被退单，由{unit}的受理台决定去向；办理本身最低到{tier}。",
    "It was given back, so the desk of {unit} decides where it goes; the matter itself asks for {tier}.",
)
PASSED_ON = Text(
    "由上一承办单位转给{receiver}；各条底线中最高的是{tier}。",
    "Its last receiver passed it on to {receiver}; the highest of its floors is {tier}.",
)


def holds(event: PetitionRouted, ground: Ground, reader: Reader) -> str:
    """What follows from the highest floor: that tier handles it, once the place is known."""
    tier, unit, units = reader.tier(event.tier), reader.unit(event.unit), reader.policy.jurisdiction
    above = units.is_above(event.unit, event.tier)
    if ground.chosen == "returned" and event.department is None and above:
        return reader.of(GIVEN_BACK, tier=tier, unit=unit)
    if ground.chosen == "transferred":
        return reader.of(PASSED_ON, tier=tier, receiver=reader.receiver(event.unit, event.department))
    if ground.chosen == "moved" and above:
        return reader.of(CHOSEN, tier=tier)
    if ground.neighbour is not None and event.unit == units.top.code:
        desk, neighbour = _desk(event, reader), reader.neighbour(ground.neighbour)
        return reader.of(NEXT_DOOR, neighbour=neighbour, kept=reader.of(ground.kept), desk=desk)
    if above:
        return _held_above(event, ground, reader)
    if (asks := ground.asks_now(event, units)) != event.tier:
        place = reader.unit(ground.now)
        return reader.of(STAYS_UP, place=place, asks=reader.tier(asks), unit=unit)
    if not event.floors:
        return reader.of(NO_FLOORS, tier=tier)
    known = units.standing(ground.now)
    there = known is not None and event.unit != known and units.contains(event.unit, known)
    anywhere = ground.now is None and event.unit == units.top.code
    said = TIER_HOLDS_THERE if there else TIER_HOLDS_ANYWHERE if anywhere else TIER_HOLDS
    return reader.of(said, tier=tier, unit=unit)


def _held_above(event: PetitionRouted, ground: Ground, reader: Reader) -> str:
    """By a unit that stands above the tier: because of its place, or for what the floors and the notes say."""
    units, desk = reader.policy.jurisdiction, _desk(event, reader)
    known, waited = units.standing(ground.now), units.is_placing_desk(event.tier, event.unit, ground.then)
    said, barred = STANDS_ABOVE, ground.bars(event, units)
    if units.is_placing_desk(event.tier, event.unit, ground.now) and (known or ground.now is None):
        nearer = ALL_ANSWER if barred else WAITS_FOR_A_NEARER_PLACE
        said = WAITS_FOR_A_PLACE if known is None else nearer
    elif waited and ground.since:
        said = KEEPS_WHAT_IS_ABOUT if barred else KEEPS_FOR_WANT_OF_ANOTHER
    return reader.of(
        said,
        tier=reader.tier(event.tier),
        unit=reader.unit(event.unit),
        desk=desk,
        place=reader.unit(known or ground.now),
        about=reader.unit_or_department(ground.about),
        but=unless_about(event, ground, reader),
    )


def unless_about(event: PetitionRouted, ground: Ground, reader: Reader) -> str:
    """To whom it does not go once its place is known; empty where that is nobody."""
    if not ground.may_bar(event, reader.policy.jurisdiction):
        return ""
    return reader.of(UNLESS_ABOUT, about=reader.unit_or_department(ground.about))


def _desk(event: PetitionRouted, reader: Reader) -> str:
    return reader.receiver(event.unit, event.department) if event.department else reader.desk(event.unit)
