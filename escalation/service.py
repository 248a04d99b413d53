"""Escalation as the chassis runs it."""

from uuid import UUID

from escalation.api import api
from escalation.decider import DECIDER, NoticeMisses
from escalation.reactions import on_what_stops_a_deadline
from schemas.events import escalation
from schemas.events.feedback import (
    FeedbackAttempted,
    FeedbackReceived,
    FeedbackRequested,
    PetitionClosed,
    PetitionReopened,
)
from schemas.events.intake import DuplicateLinked, PetitionSplit, PetitionWithdrawn
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DeadlinesRecounted,
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    ExtensionGranted,
    HandOffConfirmed,
    HandOffOrdered,
    PetitionHeld,
    PetitionResumed,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityConfirmed, SeverityReassessed
from services.chassis.deadline_rows import deadline_rows
from services.chassis.deciding import Facts
from services.chassis.service import Service

WHAT_STOPS_A_DEADLINE = (
    PetitionRouted,
    DuplicateLinked,
    PetitionSplit,
    PetitionWithdrawn,
    PetitionReferred,
    PetitionDeclined,
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    CoHandlersSummoned,
    CoHandlerReportedIn,
    ExtensionGranted,
    PetitionHeld,
    PetitionResumed,
    DeadlinesRecounted,
    ResolutionReported,
    HandOffOrdered,
    HandOffConfirmed,
    SeverityConfirmed,
    SeverityReassessed,
    FeedbackRequested,
    FeedbackAttempted,
    FeedbackReceived,
    PetitionReopened,
    PetitionClosed,
    escalation.SupervisionAnswered,
)


def when_due(petition: UUID, facts: Facts) -> NoticeMisses:
    """A timer fired for this petition: look which of its deadlines have passed."""
    return NoticeMisses(petition, facts.now, facts.policy)


SERVICE = Service(
    decider=DECIDER,
    emits=frozenset(escalation.EVENTS),
    reactions=dict.fromkeys(WHAT_STOPS_A_DEADLINE, on_what_stops_a_deadline),
    rows=deadline_rows,
    when_due=when_due,
    api=api,
)
