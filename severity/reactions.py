"""What a filed petition asks of severity: to be read at once; and what is added to it: to be read with the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from schemas.event import AnyRecorded, EventRef, Recorded
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from schemas.events.severity import SUPERIOR, Reason, SeverityAssessed
from schemas.places import REFERRED_ACROSS
from schemas.policy import Policy
from schemas.words import Disposition, Severity, told_at_once
from services.chassis.deciding import Facts
from severity.decider import Assess, RaisePart, Reread
from severity.policy import Reading


@dataclass(frozen=True, slots=True)
class ReadingFacts(Facts):
    """What the words of this batch were read as, filed or added, or why some could not be opened."""

    readings: Mapping[EventRef, Reading | Exception]
    parts: Mapping[EventRef, Sequence[AnyRecorded]] = field(default_factory=dict)
    """For a reading that may raise the parts of what was read: how each of them was filed."""
    alone: Mapping[EventRef, Reading | Exception] = field(default_factory=dict)
    """What the added words of this batch are by themselves."""


def on_petition_filed(heard: Recorded[PetitionFiled], facts: ReadingFacts) -> list[Assess]:
    reading = _opened(facts.readings[heard.ref])
    refer_to, top = None, facts.policy.jurisdiction.top.code
    if heard.event.about == top and reading.disposition is not Disposition.DECLINE:
        reading = replace(reading, reasons=(*reading.reasons, Reason(rule=f"about_the_top:{top}", field="filed")))
        if not _stays(reading, facts.policy):
            # Nobody in this jurisdiction stands above its top: the resident is told to whom to turn.
            reading, refer_to = replace(reading, disposition=Disposition.REFER), SUPERIOR
    elif (neighbour := _lies_in(heard.event)) is not None and reading.disposition is not Disposition.DECLINE:
        reading = replace(reading, reasons=(*reading.reasons, Reason(rule=f"outside:{neighbour}", field="filed")))
        if not _stays(reading, facts.policy) and reading.disposition is not Disposition.REFER:
            reading, refer_to = replace(reading, disposition=Disposition.REFER), f"{REFERRED_ACROSS}{neighbour}"
    return [Assess(heard.petition, facts.now, facts.policy, reading, refer_to)]


def _stays(reading: Reading, policy: Policy) -> bool:
    """A danger is dealt with here, and what a person has still to look at may be one."""
    unsure = reading.unread or reading.confidence < policy.limits.review_below
    return unsure or told_at_once(reading.severity, reading.disposition)


def on_petition_supplemented(heard: Recorded[PetitionSupplemented], facts: ReadingFacts) -> list[Reread]:
    reading, alone = _opened(facts.readings[heard.ref]), _opened(facts.alone[heard.ref])
    return [Reread(heard.petition, facts.now, facts.policy, reading, alone, heard.version, heard.event.number)]


def may_raise_parts(event: SeverityAssessed) -> bool:
    """Whether what was added was read as graver, and yet no danger: that is placed for itself, and the parts go on."""
    return bool(event.supplement) and event.severity is Severity.URGENT


def on_severity_assessed(heard: Recorded[SeverityAssessed], facts: ReadingFacts) -> list[RaisePart]:
    event, raised = heard.event, list[RaisePart]()
    for part in facts.parts.get(heard.ref, ()):
        unread = isinstance(facts.readings[part.ref], Exception)
        [first] = [None] if unread else on_petition_filed(part, facts)
        raised.append(
            RaisePart(part.petition, facts.now, facts.policy, heard.petition, event.severity, event.confidence, first)
        )
    return raised


def _lies_in(filed: PetitionFiled) -> str | None:
    """The neighbouring district in which it surely lies."""
    return filed.location.neighbour if filed.location else None


def _opened(reading: Reading | Exception) -> Reading:
    if isinstance(reading, Exception):
        raise reading
    return reading
