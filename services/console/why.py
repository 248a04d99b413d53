"""Why a petition is where it is: its dispatch's floors, the one that decided, and what put the unit above the tier."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.deadlines import Stop, changes
from schemas.event import AnyRecorded, Recorded
from schemas.events.feedback import PetitionClosed, PetitionReopened
from schemas.events.intake import DuplicateLinked, PetitionFiled, PetitionSplit, PetitionWithdrawn
from schemas.events.router import Floor, PetitionPlaced, PetitionRouted
from schemas.events.severity import (
    PetitionDeclined,
    PetitionReferred,
    ReviewRequested,
    SeverityAssessed,
)
from schemas.events.staffing import NobodyOnDuty
from schemas.words import BY_CHOICE, FloorName, Severity
from services.console.history import history
from services.console.locating import located, scope
from services.console.otherwise import otherwise
from services.console.reader import Reader
from services.console.sentences import sentence
from services.console.staffing import nobody, who_has_it
from services.console.words import OUTCOMES, ROUTING_RULES, Text, amount, known

WAITS_TO_BE_READ = Text("刚刚登记，正在等待研判。", "It was just filed and waits to be read.")
WAITS_TO_BE_ROUTED = Text("已经研判，正在派单。", "It was read and is being routed.")
PLACED_WITH = Text("在{receiver}：{rule}。", "It is with {receiver}: {rule}.")
WAS_WITH = Text("已结案：{outcome}。此前在{receiver}：{rule}。", "Closed: {outcome}. It was with {receiver}: {rule}.")
TIER_HOLDS = Text(
    "各条底线中最高的是{tier}，所以由{tier}一级办理。", "The highest of its floors is {tier}, so that tier handles it."
)
WAITS_FOR_A_PLACE = Text(
    "各条底线中最高的是{tier}；地点未知，在定位之前先由{unit}的受理台负责。",
    "The highest of its floors is {tier}; its place is not known, so the desk of {unit} has it until somebody "
    "places it.",
)
WAITS_FOR_A_NEARER_PLACE = Text(
    "各条底线中最高的是{tier}；地点只确定到{place}，在定位之前先由{unit}的受理台负责。",
    "The highest of its floors is {tier}; its place is only known to be in {place}, so the desk of {unit} has it until "
    "somebody places it.",
)
NO_FLOORS = Text(
    "没有哪条规则设底线，所以从最低的{tier}开始。", "No rule sets a floor, so it starts at the lowest tier, {tier}."
)
PERSON_CHOSE = Text(
    "这一级由有权人员指定，不由底线决定。", "A named person chose this tier; the floors did not decide it."
)

GIVEN_BACK = Text(
    "被退单，由{unit}的受理台决定去向；办理本身最低到{tier}。",
    "It was given back, so the desk of {unit} decides where it goes; the matter itself asks for {tier}.",
)
PASSED_ON = Text(
    "由上一承办单位转来；各条底线中最高的是{tier}。",
    "Its last receiver passed it on to this one; the highest of its floors is {tier}.",
)
BEYOND_POWER = Text(
    "{dispatch} 的承办单位说明超出其权限，所以比它高一级。",
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

MOVED_AWAY = Text(
    "此前由有权人员移送到{place}以外，所以在移送到的地方逐级上升。",
    "A named person had moved it away from {place}, so it climbs where it was moved.",
)
NOBODY = Text("{nobody}，交给了有人的下一处。", "{nobody}, so it went on to where somebody is.")
ABOUT = Text(
    "诉求反映的是{about}，不交给被反映的一方办理。",
    "It complains about {about} and is never routed to the one complained about.",
)
ABOUT_THE_TOP = Text(
    "诉求反映的是{about}，所以交给该地点除它以外层级最高的值班席。",
    "It complains about {about}, so the highest other desk of the place has it.",
)
ONLY_THE_TOP = Text(
    "诉求反映的是{unit}，但没有其他单元肯定包含该地点，所以先由它的值班席受理。",
    "It complains about {unit}, and no other unit is sure to contain the place, so its desk has it.",
)
OFFICE = Text("该类事项的事权在{department}。", "The power for such matters is with {department}.")
NO_OFFICE = Text(
    "{unit}没有设具有该事权的部门，由单元自己承办。",
    "{unit} has no office with the power for such matters, so the unit itself handles it.",
)
OVERDUE = Text(
    "本轮时限已过，这次派单另给了办结时限。", "The round's deadline had passed, so this dispatch got its own."
)
PROVISIONAL = Text(
    "时限按尚未公布完整的日历推算，日历确定后可能不同。", "A deadline was counted on a calendar that may still change."
)
UNASSESSED = Text(
    "没有在时限内研判出来，按“{severity}”派单，免得耽误。",
    'It was not read in time and was taken as "{severity}" so as not to wait.',
)
UNSURE = Text(
    "研判把握 {sure}，已请人在 {by} 前复核；复核改判的，去处可能随之改变。",
    "The reading is {sure} sure: a person is asked to look at it by {by}, and another reading may move it.",
)

KIND = Text("“{kind}”（{code}）的事权在{tier}。", '"{kind}" ({code}) belongs to: {tier}.')
GRAVE = Text("{severity}诉求最低到{tier}。", "{severity} petitions go at least to: {tier}.")


@dataclass(frozen=True)
class FloorLine:
    """One floor in words; `decides` when the petition's tier is this floor's."""

    name: str
    tier: str
    reason: str
    decides: bool


@dataclass(frozen=True)
class Why:
    """The answer: where it is, the floors, and what else had a part. `dispatch` is the event that says so."""

    placed: str
    located: str = ""
    """Where the matter lies, and how that is known."""
    holds: str = ""
    floors: Sequence[FloorLine] = ()
    notes: Sequence[str] = ()
    otherwise: Sequence[str] = ()
    """What would have put it lower or higher."""
    dispatch: AnyRecorded | None = None
    policy: int | None = None


def placing(stream: Sequence[AnyRecorded]) -> AnyRecorded | None:
    """The event that put the petition where it is; None while nothing has."""
    return next((recorded for recorded in reversed(stream) if _puts_it(recorded)), None)


def policy_of(placed: AnyRecorded | None) -> int | None:
    """The policy version that put it there; None where a person's word did, or nothing has."""
    return vars(placed.event).get("policy") if placed else None


def _puts_it(recorded: AnyRecorded) -> bool:
    event = recorded.event
    return isinstance(event, _PLACED) or (isinstance(event, DuplicateLinked) and event.duplicate == recorded.petition)


_PLACED = (PetitionRouted, PetitionReferred, PetitionDeclined, PetitionWithdrawn, PetitionSplit)


def explain(stream: Sequence[AnyRecorded], reader: Reader) -> Why:
    """Why the petition is where its stream left it, by that event alone; `reader` has the names of its policy."""
    last, where = placing(stream), located(stream, reader)
    if last is None:
        read = any(isinstance(recorded.event, SeverityAssessed) for recorded in stream)
        return Why(reader.of(WAITS_TO_BE_ROUTED if read else WAITS_TO_BE_READ), where)
    if not isinstance(last.event, PetitionRouted):
        return Why(sentence(last.event, reader), where, policy=policy_of(last))
    put = _put(last, stream, reader)
    why = _explain_dispatch(last, stream[: last.version], _unsure(stream, reader), reader)
    why = replace(why, located=where, placed=reader.of(PLACED_WITH, **put))
    closed = next(
        (one.event for one in reversed(stream) if isinstance(one.event, (PetitionClosed, PetitionReopened))), None
    )
    if not isinstance(closed, PetitionClosed):
        return why
    outcome = reader.of(OUTCOMES[closed.outcome])
    return replace(why, placed=reader.of(WAS_WITH, outcome=outcome, **put))


def _explain_dispatch(
    last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], unsure: Sequence[str], reader: Reader
) -> Why:
    event, ladder = last.event, reader.policy.jurisdiction.ladder
    highest = ladder.highest([floor.tier for floor in event.floors if floor.tier in ladder])
    by_floors = event.rule != "moved" and event.tier == highest
    return Why(
        placed="",
        holds=_holds(event, _place(stream), reader) if by_floors else reader.of(PERSON_CHOSE),
        floors=[
            _line(one, decides=by_floors and one.tier == event.tier, own=last, reader=reader) for one in event.floors
        ],
        notes=[
            *unsure,
            *_why_above(last, stream, reader),
            *_why_office(last, stream, reader),
            *_why_due(event, reader),
        ],
        otherwise=otherwise(event, _place(stream), reader) if by_floors else (),
        dispatch=last,
        policy=event.policy,
    )


def _put(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], reader: Reader) -> dict[str, str]:
    """Who has it by this dispatch, or claimed it, and by which rule."""
    rule = known(ROUTING_RULES, last.event.rule, reader.lang)
    return {"receiver": who_has_it(last.event, stream[last.version :], reader), "rule": rule}


def _unsure(stream: Sequence[AnyRecorded], reader: Reader) -> list[str]:
    """That a person is asked to look at the reading, how sure that is by now, and nobody has looked yet."""
    sure = None
    for recorded in reversed(stream):
        event = recorded.event
        if isinstance(event, ReviewRequested | SeverityAssessed):
            sure = sure or f"{event.confidence:.0%}"
        if isinstance(event, ReviewRequested):
            return [reader.of(UNSURE, sure=sure, by=reader.moment(event.review_by))]
        if any(isinstance(one, Stop) and one.covers("review") for one in changes(event, recorded.ref)):
            break
    return []


def _holds(event: PetitionRouted, place: str | None, reader: Reader) -> str:
    """What follows from the highest floor: that tier handles it, once the place is known."""
    tier, units = reader.tier(event.tier), reader.policy.jurisdiction
    if event.rule == "returned" and event.department is None and units.is_above(event.unit, event.tier):
        return reader.of(GIVEN_BACK, tier=tier, unit=reader.unit(event.unit))
    if event.rule == "transferred":
        return reader.of(PASSED_ON, tier=tier)
    if units.is_placing_desk(event.tier, event.unit, place):
        known = units.standing(place)
        waits = WAITS_FOR_A_PLACE if known is None else WAITS_FOR_A_NEARER_PLACE
        return reader.of(waits, tier=tier, unit=reader.unit(event.unit), place=reader.unit(known))
    return reader.of(TIER_HOLDS if event.floors else NO_FLOORS, tier=tier)


def _line(floor: Floor, *, decides: bool, own: AnyRecorded, reader: Reader) -> FloorLine:
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


def _why_above(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], reader: Reader) -> list[str]:
    """Why the unit is another than the place and the floors ask for."""
    event, units = last.event, reader.policy.jurisdiction
    notes = [reader.of(NOBODY, nobody=nobody(one, reader)) for one in _skipped(last, stream)]
    place = units.standing(_place(stream))
    if place is not None and event.rule not in BY_CHOICE and not units.contains(event.unit, place):
        notes.append(reader.of(MOVED_AWAY, place=reader.unit(place)))
    filed = stream[0].event
    if isinstance(filed, PetitionFiled) and filed.about is not None and not _only_the_top(event):
        about = reader.unit(filed.about) if filed.about in units.units else reader.department(filed.about)
        passed_down = filed.about == units.top.code and units.is_below(event.unit, event.tier)
        notes.append(reader.of(ABOUT_THE_TOP if passed_down else ABOUT, about=about))
    return notes


def _skipped(last: AnyRecorded, stream: Sequence[AnyRecorded]) -> list[NobodyOnDuty]:
    """Who should have had this dispatch and had nobody on duty."""
    return [one.event for one in stream if isinstance(one.event, NobodyOnDuty) and one.causation == last.causation]


def _only_the_top(event: PetitionRouted) -> bool:
    """Whether a floor says that who has it is the one complained about."""
    return any(floor.reason.startswith("only_the_top:") for floor in event.floors)


def _place(stream: Sequence[AnyRecorded]) -> str | None:
    """The unit in which the matter was said to lie, by the resident or, later, by a desk."""
    said = [recorded.event for recorded in stream]
    named = [event.unit for event in said if isinstance(event, PetitionPlaced)]
    return named[-1] if named else next((event.place for event in said if isinstance(event, PetitionFiled)), None)


def _why_office(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], reader: Reader) -> list[str]:
    event = last.event
    kind = reader.policy.kinds.get(event.kind or "")
    if kind is None or kind.power is None:
        return []
    office = reader.policy.jurisdiction.departments.get(event.department or "")
    if office is not None and office.power != kind.power:
        return []  # a named person chose it, whatever its power
    if event.rule == "returned" or any(one.department for one in _skipped(last, stream)):
        return []  # the office there may be the one that gave it back, or has nobody
    if event.department is None:
        return [reader.of(NO_OFFICE, unit=reader.unit(event.unit))]
    return [reader.of(OFFICE, department=reader.department(event.department))]


def _why_due(event: PetitionRouted, reader: Reader) -> list[str]:
    notes = []
    if event.rule == "unassessed":
        notes.append(reader.of(UNASSESSED, severity=reader.severity(event.severity)))
    if event.overdue:
        notes.append(reader.of(OVERDUE))
    if event.provisional:
        notes.append(reader.of(PROVISIONAL))
    return notes
