"""What other services' news ask of the router."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from router.commands import (
    FinishPart,
    ResolveOnTheSpot,
    Resume,
    RouteAssessed,
    RouteEscalated,
    RouteReopened,
    RouteUnassessed,
    RouteUnlinked,
)
from router.policy import routing_policy
from router.stands import Stand
from schemas.event import AnyRecorded, Event, EventRef, Recorded
from schemas.events.escalation import DeadlineMissed, PetitionEscalated
from schemas.events.feedback import PetitionReopened
from schemas.events.intake import DuplicateUnlinked, PetitionWithdrawn
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.words import Disposition
from services.chassis.deciding import Facts

ENDED_OTHERWISE: Mapping[type[Event], str] = {
    PetitionWithdrawn: "withdrawn",
    PetitionReferred: "referred",
    PetitionDeclined: "declined",
}
"""What a petition comes to without being done, as a part's outcome."""


class PartOf(NamedTuple):
    """The petition that was split, and the round in which its part was."""

    whole: UUID
    round: int


@dataclass(frozen=True, slots=True)
class RoutingFacts(Facts):
    """For what ended in this batch and is a part: of what."""

    parts: Mapping[EventRef, PartOf]


def on_severity_assessed(heard: Recorded[SeverityAssessed], facts: Facts) -> list[RouteAssessed | ResolveOnTheSpot]:
    if heard.event.supplement or heard.event.whole:
        return [*_by_reading(heard, facts, "supplemented")]
    routed = _by_reading(heard, facts, "assessed")
    done = [ResolveOnTheSpot(one.petition, one.now, one.policy, one.reading) for one in routed]
    return [*routed, *done]


def on_severity_reassessed(heard: Recorded[SeverityReassessed], facts: Facts) -> list[RouteAssessed]:
    return _by_reading(heard, facts, "reassessed")


def on_deadline_missed(heard: Recorded[DeadlineMissed], facts: Facts) -> list[RouteUnassessed | Resume]:
    if heard.event.late:
        return []  # what it waited for did come, and what came since has its own news
    family, _, number = heard.event.deadline.partition(":")
    if family == "assess":
        return [RouteUnassessed(heard.petition, facts.now, routing_policy(facts.policy))]
    if family == "hold":
        return [Resume(heard.petition, facts.now, routing_policy(facts.policy), int(number))]
    return []


def on_petition_escalated(heard: Recorded[PetitionEscalated], facts: Facts) -> list[RouteEscalated]:
    return [RouteEscalated(heard.petition, facts.now, routing_policy(facts.policy), heard.event.dispatch)]


def on_petition_reopened(heard: Recorded[PetitionReopened], facts: Facts) -> list[RouteReopened]:
    return [RouteReopened(heard.petition, facts.now, routing_policy(facts.policy), heard.event.round)]


def on_duplicate_unlinked(heard: Recorded[DuplicateUnlinked], facts: Facts) -> list[RouteUnlinked]:
    if heard.petition != heard.event.duplicate:
        return []  # its root goes on as before
    return [RouteUnlinked(heard.petition, facts.now, routing_policy(facts.policy))]


def on_part_over(heard: AnyRecorded, facts: RoutingFacts) -> list[FinishPart]:
    """It came to another end than that somebody did it: what it is a part of waits for it no longer."""
    if (part := facts.parts.get(heard.ref)) is None:
        return []  # it came in for itself
    outcome, policy = ENDED_OTHERWISE[type(heard.event)], routing_policy(facts.policy)
    return [FinishPart(part.whole, facts.now, heard.petition, part.round, outcome, None, Stand(), policy)]


def _by_reading(
    heard: Recorded[SeverityAssessed] | Recorded[SeverityReassessed], facts: Facts, rule: str
) -> list[RouteAssessed]:
    if heard.event.disposition in (Disposition.DECLINE, Disposition.REFER):
        return []  # it has its own end
    return [RouteAssessed(heard.petition, facts.now, routing_policy(facts.policy), heard.version, rule)]
