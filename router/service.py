"""The router as the chassis runs it."""

from router.api import api
from router.decider import DECIDER
from router.reactions import (
    on_deadline_missed,
    on_duplicate_unlinked,
    on_petition_escalated,
    on_petition_reopened,
    on_severity_assessed,
    on_severity_reassessed,
)
from schemas.events import router
from schemas.events.escalation import DeadlineMissed, PetitionEscalated
from schemas.events.feedback import PetitionReopened
from schemas.events.intake import DuplicateUnlinked
from schemas.events.severity import SeverityAssessed, SeverityReassessed
from services.chassis.service import Service

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
    },
    api=api,
)
