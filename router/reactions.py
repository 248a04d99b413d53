"""What other services' news ask of the router."""

from router.commands import RouteAssessed, RouteEscalated, RouteReopened, RouteUnassessed
from router.policy import routing_policy
from schemas.event import Recorded
from schemas.events.escalation import DeadlineMissed, PetitionEscalated
from schemas.events.feedback import PetitionReopened
from schemas.events.severity import SeverityAssessed, SeverityReassessed
from services.chassis.deciding import Facts


def on_severity_assessed(heard: Recorded[SeverityAssessed], facts: Facts) -> list[RouteAssessed]:
    return [_by_reading(heard, facts, "assessed")]


def on_severity_reassessed(heard: Recorded[SeverityReassessed], facts: Facts) -> list[RouteAssessed]:
    return [_by_reading(heard, facts, "reassessed")]


def on_deadline_missed(heard: Recorded[DeadlineMissed], facts: Facts) -> list[RouteUnassessed]:
    if heard.event.deadline != "assess" or heard.event.late:
        return []  # late: what it waited for did come, and what came since has its own news
    return [RouteUnassessed(heard.petition, facts.now, routing_policy(facts.policy))]


def on_petition_escalated(heard: Recorded[PetitionEscalated], facts: Facts) -> list[RouteEscalated]:
    return [RouteEscalated(heard.petition, facts.now, routing_policy(facts.policy), heard.event.dispatch)]


def on_petition_reopened(heard: Recorded[PetitionReopened], facts: Facts) -> list[RouteReopened]:
    event = heard.event
    return [RouteReopened(heard.petition, facts.now, routing_policy(facts.policy), event.round, event.cause)]


def _by_reading(
    heard: Recorded[SeverityAssessed] | Recorded[SeverityReassessed], facts: Facts, rule: str
) -> RouteAssessed:
    event = heard.event
    return RouteAssessed(
        petition=heard.petition,
        now=facts.now,
        policy=routing_policy(facts.policy),
        kind=event.kind,
        severity=event.severity,
        disposition=event.disposition,
        hand_off=event.hand_off,
        rule=rule,
        reading=heard.version,
    )
