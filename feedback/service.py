"""Feedback as the chassis runs it."""

from feedback.api import api
from feedback.decider import DECIDER
from feedback.lookups import for_batch
from feedback.reactions import on_deadline_missed, on_petition_reopened, on_read_again, on_resolution_reported
from schemas.events import feedback
from schemas.events.escalation import DeadlineMissed
from schemas.events.feedback import PetitionReopened
from schemas.events.router import ResolutionReported
from schemas.events.severity import SeverityAssessed, SeverityReassessed
from services.chassis.service import Service

SERVICE = Service(
    decider=DECIDER,
    emits=frozenset(feedback.EVENTS),
    reactions={
        ResolutionReported: on_resolution_reported,
        DeadlineMissed: on_deadline_missed,
        SeverityAssessed: on_read_again,
        SeverityReassessed: on_read_again,
        PetitionReopened: on_petition_reopened,
    },
    for_batch=for_batch,
    api=api,
)
