"""Why a petition is where it is: its dispatch's floors, the one that decided, and what put the unit above the tier."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from schemas.event import AnyRecorded, Recorded
from schemas.events.feedback import PetitionClosed, PetitionReopened
from schemas.events.intake import DuplicateLinked, PetitionFiled, PetitionSplit, PetitionWithdrawn
from schemas.events.router import PetitionPlaced, PetitionRouted
from schemas.events.severity import (
    PetitionDeclined,
    PetitionReferred,
    SeverityAssessed,
)
from schemas.events.staffing import NobodyOnDuty
from schemas.jurisdiction import Jurisdiction, UnitSort
from schemas.life import Life, fold_life
from schemas.words import BY_CHOICE, Status
from services.console.floor_reasons import FloorLine, floor_line
from services.console.how_sure import how_sure
from services.console.locating import located
from services.console.otherwise import otherwise
from services.console.reader import Reader
from services.console.sentences import sentence
from services.console.staffing import nobody, who_has_it
from services.console.why_due import why_due
from services.console.why_so_grave import why_so_grave
from services.console.words import OUTCOMES, ROUTING_RULES, Text, known

WAITS_TO_BE_READ = Text("刚刚登记，正在等待研判。", "It was just filed and waits to be read.")
WAITS_TO_BE_ROUTED = Text("已经研判，正在派单。", "It was read and is being routed.")
PLACED_WITH = Text("在{receiver}：{rule}。", "It is with {receiver}: {rule}.")
WAS_WITH = Text("已结案：{outcome}。此前在{receiver}：{rule}。", "Closed: {outcome}. It was with {receiver}: {rule}.")
RESOLVED = Text(
    "已报办结，正在回访。由{receiver}办理：{rule}。",
    "It was reported done, and the resident is being asked. It is with {receiver}: {rule}.",
)
FOLLOWS = Text(
    "已并入主单 {root}，随它一起办理，不再单独派单；主单办结后，也会向本件的诉求人回访。",
    "It follows petition {root} and is handled with it; once that is resolved, whoever asked for this is asked too.",
)
HAD_IT = Text("此前在{receiver}：{rule}。", "Before that it was with {receiver}: {rule}.")
FOLLOWED = Text("此前并入主单 {root}，随它一起办理。", "Before that it followed petition {root}.")
AS_SAID = Text("{said}。", "{said}.")
BEFORE = Text("此前：{said}。", "Before that: {said}.")
ENDED = Text("已结案：{outcome}。{before}", "Closed: {outcome}. {before}")
ASKED_BACK = Text("已办结，正在回访。{before}", "It is resolved, and the resident is being asked. {before}")
WAITS_AGAIN = Text("已重新打开，正在等待重新派单。{before}", "It is open again and waits to be routed. {before}")
UNLINKED = Text("已取消并案，正在等待派单。{before}", "It is no longer linked and waits to be routed. {before}")
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
    "按底线，{tier}一级就够了，但地点未知，不知道是哪一个。所以先由{desk}查明地点，再转给那里的{tier}。",
    "Its floors ask for no more than {tier}, but its place is not known, so nobody can say which one."
    " {desk} has it until somebody places it; then it goes to the {tier} there.",
)
WAITS_FOR_A_NEARER_PLACE = Text(
    "按底线，{tier}一级就够了，但地点只确定到{place}，不知道是其中哪一个。所以先由{desk}查明地点，再转给那里的{tier}。",
    "Its floors ask for no more than {tier}, but its place is only known to be in {place}, so nobody can say which one"
    " there. {desk} has it until somebody places it; then it goes to the {tier} there.",
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
MOVED_AWAY = Text(
    "此前由有权人员移送到{place}以外，所以在移送到的地方逐级上升。",
    "A named person had moved it away from {place}, so it climbs where it was moved.",
)
NONE_THERE = Text("该地点没有可承办的{tier}一级单元。", "The place has no {tier} that could handle it.")
NOBODY = Text("{nobody}，交给了有人的下一处。", "{nobody}, so it went on to where somebody is.")
ABOUT = Text(
    "诉求反映的是{about}，不交给被反映的一方办理。",
    "It complains about {about} and is never routed to the one complained about.",
)
ABOUT_THE_TOP = Text(
    "诉求反映的是{about}，所以交给该地点除它以外层级最高的值班席。",
    "It complains about {about}, so the highest other desk of the place has it.",
)
OFFICE = Text("{unit}办理该类事项的部门是{department}。", "At {unit}, {department} handles such matters.")
NO_OFFICE = Text(
    "{unit}没有设具有该事权的部门，由单元自己承办。",
    "{unit} has no office with the power for such matters, so the unit itself handles it.",
)
FIRST_RECEIVER = Text(
    "{receiver}签收之前，仍由{first}负责。",
    "Until {receiver} accepts it, {first} stays responsible.",
)


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
    severity: str = ""
    """Why it was read as so grave."""
    due: Sequence[str] = ()
    """Why it must be accepted and resolved by then."""


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
    last, life = placing(stream), fold_life(stream)
    where, grave = located(stream, reader), why_so_grave(stream, reader)
    if last is None:
        read = any(isinstance(recorded.event, SeverityAssessed) for recorded in stream)
        return Why(reader.of(WAITS_TO_BE_ROUTED if read else WAITS_TO_BE_READ), where, severity=grave)
    if not isinstance(last.event, PetitionRouted):
        return Why(_elsewhere(last, life, stream, reader), where, policy=policy_of(last), severity=grave)
    put = _put(last, stream, reader)
    said = {Status.CLOSED: WAS_WITH, Status.RESOLVED: RESOLVED}.get(life.status, PLACED_WITH)
    placed, due = reader.of(said, outcome=_outcome(stream, reader), **put), why_due(last, stream, life, reader)
    if life.status is Status.ASSESSED and life.round > last.event.round:
        placed, due = reader.of(WAITS_AGAIN, before=reader.of(HAD_IT, **put)), []
    notes = [*how_sure(stream, reader), *_first_receiver(life, last.event, reader)]
    return replace(
        _explain_dispatch(last, stream[: last.version], notes, reader),
        located=where,
        placed=placed,
        severity=grave,
        due=due,
    )


def _elsewhere(last: AnyRecorded, life: Life, stream: Sequence[AnyRecorded], reader: Reader) -> str:
    """Why it is with nobody by a dispatch of its own, as long as that lasts, and what came of it since."""
    event = last.event
    if isinstance(event, DuplicateLinked):
        root = reader.petition(event.root)
        now, before = reader.of(FOLLOWS, root=root), reader.of(FOLLOWED, root=root)
    else:
        said = sentence(event, reader)
        now, before = reader.of(AS_SAID, said=said[:1].upper() + said[1:]), reader.of(BEFORE, said=said)
    if life.status is Status.CLOSED:
        return reader.of(ENDED, outcome=_outcome(stream, reader), before=before)
    if life.status is Status.RESOLVED:
        return reader.of(ASKED_BACK, before=before)
    if life.status.ended:
        return now
    again = any(isinstance(one.event, PetitionReopened) for one in stream[last.version :])
    return reader.of(WAITS_AGAIN if again or not isinstance(event, DuplicateLinked) else UNLINKED, before=before)


def _outcome(stream: Sequence[AnyRecorded], reader: Reader) -> str:
    closed = [one.event for one in stream if isinstance(one.event, PetitionClosed)]
    return reader.of(OUTCOMES[closed[-1].outcome]) if closed else ""


def _explain_dispatch(
    last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], notes: Sequence[str], reader: Reader
) -> Why:
    event, ladder = last.event, reader.policy.jurisdiction.ladder
    highest = ladder.highest([floor.tier for floor in event.floors if floor.tier in ladder])
    by_floors = event.rule != "moved" and event.tier == highest
    place, to_place = _place(stream), _waits_for_a_place(event, stream, reader.policy.jurisdiction)
    return Why(
        placed="",
        holds=_holds(event, place, reader, to_place=to_place) if by_floors else reader.of(PERSON_CHOSE),
        floors=[
            floor_line(one, decides=by_floors and one.tier == event.tier, own=last, reader=reader)
            for one in event.floors
        ],
        notes=[
            *notes,
            *_why_above(last, stream, reader),
            *_why_office(last, stream, reader),
        ],
        otherwise=otherwise(event, place, reader, to_place=to_place) if by_floors else (),
        dispatch=last,
        policy=event.policy,
    )


def _waits_for_a_place(event: PetitionRouted, stream: Sequence[AnyRecorded], units: Jurisdiction) -> bool:
    """Whether it stands above its tier only until somebody places it: not with whom a person named, who keeps it, also
    by a later dispatch that left it there."""
    dispatches = (one.event for one in reversed(stream) if isinstance(one.event, PetitionRouted))
    here = (event.unit, event.department)
    named = any(one.rule in BY_CHOICE for one in takewhile(lambda one: (one.unit, one.department) == here, dispatches))
    return not named and units.is_placing_desk(event.tier, event.unit, _place(stream))


def _put(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], reader: Reader) -> dict[str, str]:
    """Who has it by this dispatch, or claimed it, and by which rule."""
    rule = known(ROUTING_RULES, last.event.rule, reader.lang)
    return {"receiver": who_has_it(last.event, stream[last.version :], reader), "rule": rule}


def _holds(event: PetitionRouted, place: str | None, reader: Reader, *, to_place: bool) -> str:
    """What follows from the highest floor: that tier handles it, once the place is known."""
    tier, units = reader.tier(event.tier), reader.policy.jurisdiction
    if event.rule == "returned" and event.department is None and units.is_above(event.unit, event.tier):
        return reader.of(GIVEN_BACK, tier=tier, unit=reader.unit(event.unit))
    if event.rule == "transferred":
        return reader.of(PASSED_ON, tier=tier)
    if to_place:
        known = units.standing(place)
        waits = WAITS_FOR_A_PLACE if known is None else WAITS_FOR_A_NEARER_PLACE
        desk = reader.receiver(event.unit, event.department) if event.department else reader.desk(event.unit)
        return reader.of(waits, tier=tier, desk=desk, place=reader.unit(known))
    if units.is_above(event.unit, event.tier):
        return reader.of(STANDS_ABOVE, tier=tier, unit=reader.unit(event.unit))
    if not event.floors:
        return reader.of(NO_FLOORS, tier=tier)
    there = (known := units.standing(place)) is not None and event.unit != known and units.contains(event.unit, known)
    anywhere = known is None and event.unit == units.top.code
    holds = TIER_HOLDS_THERE if there else TIER_HOLDS_ANYWHERE if anywhere else TIER_HOLDS
    return reader.of(holds, tier=tier, unit=reader.unit(event.unit))


def _first_receiver(life: Life, event: PetitionRouted, reader: Reader) -> list[str]:
    """Who answers for it until the receiver of this dispatch accepts it."""
    first = life.responsible
    if life.status is not Status.ROUTED or first is None:
        return []
    if (first.unit, first.department) == (event.unit, event.department):
        return []
    receiver = reader.receiver(event.unit, event.department)
    return [reader.of(FIRST_RECEIVER, receiver=receiver, first=reader.receiver(first.unit, first.department))]


def _why_above(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], reader: Reader) -> list[str]:
    """Why the unit is another than the place and the floors ask for."""
    event, units = last.event, reader.policy.jurisdiction
    notes = [reader.of(NOBODY, nobody=nobody(one, reader)) for one in _skipped(last, stream)]
    place = units.standing(_place(stream))
    if place is not None and event.rule not in BY_CHOICE and not units.contains(event.unit, place):
        notes.append(reader.of(MOVED_AWAY, place=reader.unit(place)))
    if _none_there(event, place, units):
        notes.append(reader.of(NONE_THERE, tier=reader.tier(event.tier)))
    filed = stream[0].event
    if isinstance(filed, PetitionFiled) and filed.about is not None and not _only_the_top(event):
        about = reader.unit(filed.about) if filed.about in units.units else reader.department(filed.about)
        passed_down = filed.about == units.top.code and units.is_below(event.unit, event.tier)
        notes.append(reader.of(ABOUT_THE_TOP if passed_down else ABOUT, about=about))
    return notes


def _none_there(event: PetitionRouted, place: str | None, units: Jurisdiction) -> bool:
    """Whether the unit stands above the tier because nothing below it in the place's chain is of that tier or higher
    and has power."""
    if place is None or event.rule in BY_CHOICE or not units.is_above(event.unit, event.tier):
        return False
    if units.is_placing_desk(event.tier, event.unit, place) or not units.contains(event.unit, place):
        return False
    below = [unit for unit in units.chain(place) if units.is_below(unit.code, units.units[event.unit].tier)]
    return not any(unit.sort is not UnitSort.PARTNER and not units.is_below(unit.code, event.tier) for unit in below)


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
    return [reader.of(OFFICE, unit=reader.unit(event.unit), department=reader.department(event.department))]
