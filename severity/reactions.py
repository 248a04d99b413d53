"""What a filed petition asks of severity: to be read at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.event import EventRef, Recorded
from schemas.events.intake import PetitionFiled
from schemas.events.severity import Reason
from schemas.words import Disposition, told_at_once
from services.chassis.deciding import Facts
from severity.decider import Assess
from severity.policy import Reading


@dataclass(frozen=True, slots=True)
class ReadingFacts(Facts):
    """The readings of this batch's filed petitions, or why one's words could not be opened."""

    readings: Mapping[EventRef, Reading | Exception]


def on_petition_filed(heard: Recorded[PetitionFiled], facts: ReadingFacts) -> list[Assess]:
    reading = facts.readings[heard.ref]
    if isinstance(reading, Exception):
        raise reading
    disposition, reasons = reading.disposition, reading.reasons
    top = facts.policy.jurisdiction.top.code
    has_its_way = disposition is Disposition.DECLINE or told_at_once(reading.severity, disposition)
    if heard.event.about == top and not has_its_way:
        # Nobody in this jurisdiction stands above its top: the resident is told to whom to turn.
        disposition = Disposition.REFER
        reasons = (*reasons, Reason(rule=f"about_the_top:{top}", field="filed"))
    return [
        Assess(
            petition=heard.petition,
            now=facts.now,
            kind=reading.kind,
            severity=reading.severity,
            disposition=disposition,
            hand_off=reading.hand_off,
            confidence=reading.confidence,
            reasons=reasons,
            limits=facts.policy.limits,
            policy=facts.policy.version,
        )
    ]
