"""How it is known where a matter lies, in words: by what was filed, or by a person at a desk."""

from collections.abc import Callable, Sequence

from schemas.event import AnyRecorded
from schemas.events.intake import PetitionFiled
from schemas.events.router import PetitionPlaced
from schemas.places import REFERRED_ACROSS, Location
from schemas.words import LocatedBy, Whereabouts
from services.console.reader import Reader
from services.console.words import LOCATED_BY, Text

ONE_PLACE = Text("地点在{unit}，没有跨单元。", "The place is {unit}, within one unit.")
NO_NEARER = Text("地点只确定到{unit}。", "The place is only known to be in {unit}.")
NO_NEARER_BY = Text("地点只确定到{unit}（依据{by}）。", "The place is only known to be in {unit}, by {by}.")
ONE_PLACE_BY = Text("地点在{unit}，没有跨单元（依据{by}）。", "The place is {unit}, within one unit, by {by}.")
TOUCHES = Text(
    "涉及{units}，由同时包含它们的最低一级单元办理。",
    "It touches {units}: the lowest unit that contains them all has it.",
)
UNCLEAR = Text("地点在{units}之一，无法确定是哪一个。", "It lies in one of {units}, and nothing says in which.")
CONTRADICTORY = Text(
    "地点依据相互矛盾：{said}；取同时包含它们的最低一级单元，不作猜测。",
    "What was told of the place contradicts itself: {said}. The lowest unit that contains all of it was taken; nobody"
    " guessed.",
)
SAYS = Text("{by}指向{unit}", "{by}: {unit}")
NOT_TOLD = Text("登记时没有填写地点。", "No place was given when it was filed.")
NOT_FOUND = Text("从坐标和地址中认不出本辖区的单元。", "Neither coordinates nor address name a unit of this district.")
OUTSIDE = Text("地点在邻区{neighbour}（依据{by}）。", "It lies in the neighbouring {neighbour}, by {by}.")
ACROSS = Text(
    "地点在邻区{neighbour}，转由该区受理，此处留有记录",
    "it lies in the neighbouring {neighbour}, which gets it; the record stays here",
)
EXCHANGED = Text(
    "坐标不在任何已知区域内；如将纬度与经度对调，则在{unit}，请核对是否写反。",
    "The coordinates lie in no known area; with latitude and longitude exchanged they would lie in {unit}: check in"
    " which order they were written.",
)
LEFT_TO = Text(
    "填写的单元{told}在登记时的区划中已不存在，其事项归{unit}。",
    "The unit that was told, {told}, was on the map no more when it was filed: what was there is left to {unit}.",
)
BY_DESK = Text("由受理台人工定位。", "A person at a desk placed it.")
BY_POLICY = Text("定位依据第 {n} 版规则，此后区划调整不影响。", "Found by policy {n}; later maps change nothing of it.")


def located(stream: Sequence[AnyRecorded], reader: Reader) -> str:
    """Where the matter lies and how that is known, as the newest event that says it has it."""
    for recorded in reversed(stream):
        event = recorded.event
        if isinstance(event, PetitionPlaced):
            said = _touches(event.touches, reader) if event.touches else _in_one(event.unit, LocatedBy.UNIT, reader)
            return f"{said}{_space(reader)}{reader.of(BY_DESK)}"
        if isinstance(event, PetitionFiled):
            return _filed(event, reader)
    return ""


def _filed(event: PetitionFiled, reader: Reader) -> str:
    if event.location is not None:
        doubt = [reader.of(EXCHANGED, unit=_called(event.exchanged, reader))] if event.exchanged else []
        found = (_found(event.location, reader), *_left_to(event, event.location, reader), *doubt)
        return _space(reader).join((*found, reader.of(BY_POLICY, n=event.policy)))
    if event.place_unit is None:
        return reader.of(NOT_TOLD)
    return _in_one(event.place_unit, LocatedBy.UNIT, reader)


def _left_to(event: PetitionFiled, location: Location, reader: Reader) -> list[str]:
    """That the unit it was filed with was gone by then; a part may have been found with its whole, when it was not."""
    told = event.place_unit
    heir = reader.policy.as_of(event.policy).jurisdiction.heirs.get(told or "")
    if heir is None or any(told in one.units for one in location.findings):
        return []
    return [reader.of(LEFT_TO, told=reader.unit(told), unit=reader.unit_with_tier(heir))]


def _found(location: Location, reader: Reader) -> str:
    if location.where is Whereabouts.OUTSIDE:
        by = location.findings[-1].by
        return reader.of(OUTSIDE, neighbour=reader.neighbour(location.neighbour), by=_by(by, reader))
    if location.where is Whereabouts.UNKNOWN or location.unit is None:
        return reader.of(NOT_FOUND)
    return scope(location.reason, reader) or location.reason


def placed(event: PetitionPlaced, reader: Reader) -> str:
    """What a desk said, as a sentence of the timeline."""
    if event.touches:
        return reader.of(Text("涉及{units}", "it touches {units}"), units=_units(event.touches, reader))
    return reader.of(Text("地点在{unit}", "it lies in {unit}"), unit=reader.unit_with_tier(event.unit))


def referred_across(to: str, reader: Reader) -> str:
    """That a neighbour gets it, as a sentence of the timeline."""
    return reader.of(ACROSS, neighbour=reader.neighbour(to.removeprefix(REFERRED_ACROSS)))


def scope(reason: str, reader: Reader) -> str | None:
    """The reason of a scope floor in words; None for one that says nothing of a place."""
    said, _, facts = reason.partition(":")
    in_words = _IN_WORDS.get(said)
    return in_words(facts, reader) if in_words else None


def _place(facts: str, reader: Reader) -> str:
    unit, _, by = facts.partition(":")
    return _in_one(unit, LocatedBy(by) if by in set(LocatedBy) else LocatedBy.UNIT, reader)


def _in_one(unit: str, by: LocatedBy, reader: Reader) -> str:
    known, ladder = reader.names.unit(unit), reader.policy.jurisdiction.ladder
    if known is not None and known.tier != ladder.lowest:
        said = NO_NEARER if by is LocatedBy.UNIT else NO_NEARER_BY
    else:
        said = ONE_PLACE if by is LocatedBy.UNIT else ONE_PLACE_BY
    return reader.of(said, unit=reader.unit_with_tier(unit), by=_by(by, reader))


def _several(facts: str, reader: Reader) -> str:
    return _touches(tuple(facts.split(",")), reader)


def _touches(units: Sequence[str], reader: Reader) -> str:
    return reader.of(TOUCHES, units=_units(units, reader))


def _unclear(facts: str, reader: Reader) -> str:
    return reader.of(UNCLEAR, units=_units(facts.split(","), reader))


def _contradicts(facts: str, reader: Reader) -> str:
    told = [one.partition("=")[::2] for one in facts.split(",")]
    said = [
        reader.of(SAYS, by=_by(LocatedBy(by), reader) if by in set(LocatedBy) else by, unit=_called(code, reader))
        for by, code in told
    ]
    return reader.of(CONTRADICTORY, said=reader.listed(said))


_IN_WORDS: dict[str, Callable[[str, Reader], str]] = {
    "place": _place,
    "touches": _several,
    "unclear": _unclear,
    "contradicts": _contradicts,
}


def _units(codes: Sequence[str], reader: Reader) -> str:
    return reader.listed([reader.unit_with_tier(code) for code in codes])


def _called(code: str, reader: Reader) -> str:
    """A unit or a neighbour."""
    return reader.neighbour(code) if reader.names.unit(code) is None else reader.unit_with_tier(code)


def _by(by: LocatedBy, reader: Reader) -> str:
    return reader.of(LOCATED_BY[by])


def _space(reader: Reader) -> str:
    """What stands between two sentences."""
    return reader.of(Text("", " "))
