"""The router as the chassis runs it."""

from uuid import UUID

from router.api import api
from router.commands import Recount
from router.decider import DECIDER
from router.lookups import for_batch
from router.policy import routing_policy
from router.reactions import (
    on_deadline_missed,
    on_duplicate_unlinked,
    on_part_over,
    on_petition_escalated,
    on_petition_reopened,
    on_severity_assessed,
    on_severity_reassessed,
)
from schemas.events import router
from schemas.events.escalation import DeadlineMissed, PetitionEscalated
from schemas.events.feedback import PetitionReopened
from schemas.events.intake import DuplicateUnlinked, PetitionWithdrawn
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from services.chassis.deciding import Facts
from services.chassis.service import Service


def when_calendar_comes(petition: UUID, facts: Facts) -> Recount:
    """Another policy is in force: what was counted without a whole calendar may be counted anew."""
    return Recount(petition, facts.now, routing_policy(facts.policy))


SERVICE = Service(
    decider=DECIDER,
    emits=frozenset(router.EVENTS),
    reactions={
        SeverityAssessed: on_severity_assessed,
        SeverityReassessed: on_severity_reassessed,
        DeadlineMissed: on_deadline_missed,
        PetitionEscalated: on_petition_escalated,
        PetitionReopened: on_petition_reopened,
        DuplicateUnlinked: on_duplicate_unlinked,
        PetitionWithdrawn: on_part_over,
        PetitionReferred: on_part_over,
        PetitionDeclined: on_part_over,
    },
    for_batch=for_batch,
    when_calendar_comes=when_calendar_comes,
    api=api,
)
