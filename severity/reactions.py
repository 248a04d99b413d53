"""What a filed petition asks of severity: to be read at once; and what is added to it: to be read with the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from schemas.event import AnyRecorded, EventRef, Recorded
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from schemas.events.severity import SUPERIOR, Reason
from schemas.places import REFERRED_ACROSS
from schemas.words import Disposition, told_at_once
from services.chassis.deciding import Facts
from severity.decider import Assess, Reread
from severity.policy import Reading


@dataclass(frozen=True, slots=True)
class ReadingFacts(Facts):
    """What the words of this batch were read as, filed or added, or why some could not be opened."""

    readings: Mapping[EventRef, Reading | Exception]


def on_petition_filed(heard: Recorded[PetitionFiled], facts: ReadingFacts) -> list[Assess]:
    reading = _reading(heard, facts)
    refer_to, top = None, facts.policy.jurisdiction.top.code
    if heard.event.about == top and reading.disposition is not Disposition.DECLINE:
        reading = replace(reading, reasons=(*reading.reasons, Reason(rule=f"about_the_top:{top}", field="filed")))
        if not told_at_once(reading.severity, reading.disposition):
            # Nobody in this jurisdiction stands above its top: the resident is told to whom to turn.
            reading, refer_to = replace(reading, disposition=Disposition.REFER), SUPERIOR
    elif (neighbour := _lies_in(heard.event)) is not None and reading.disposition is not Disposition.DECLINE:
        reading = replace(reading, reasons=(*reading.reasons, Reason(rule=f"outside:{neighbour}", field="filed")))
        goes_its_way = told_at_once(reading.severity, reading.disposition) or reading.disposition is Disposition.REFER
        if not goes_its_way:
            reading, refer_to = replace(reading, disposition=Disposition.REFER), f"{REFERRED_ACROSS}{neighbour}"
    return [Assess(heard.petition, facts.now, facts.policy, reading, refer_to)]


def on_petition_supplemented(heard: Recorded[PetitionSupplemented], facts: ReadingFacts) -> list[Reread]:
    reading = _reading(heard, facts)
    return [Reread(heard.petition, facts.now, facts.policy, reading, heard.version, heard.event.number)]


def _lies_in(filed: PetitionFiled) -> str | None:
    """The neighbouring district in which it surely lies."""
    return filed.location.neighbour if filed.location else None


def _reading(heard: AnyRecorded, facts: ReadingFacts) -> Reading:
    reading = facts.readings[heard.ref]
    if isinstance(reading, Exception):
        raise reading
    return reading
