"""What other services' news ask of feedback."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from feedback.commands import CloseUnreached, NoteReopened, ReopenDanger, RequestFeedback
from schemas.deadlines import family_of
from schemas.event import EventRef, Recorded
from schemas.events.escalation import DeadlineMissed
from schemas.events.feedback import PetitionReopened
from schemas.events.router import ResolutionReported
from schemas.events.severity import SeverityAssessed, SeverityReassessed
from schemas.words import Severity
from services.chassis.deciding import Facts


@dataclass(frozen=True, slots=True)
class FeedbackFacts(Facts):
    """For each danger in this batch that was opened again and is a part: of what."""

    wholes: Mapping[EventRef, UUID]


def on_resolution_reported(heard: Recorded[ResolutionReported], facts: Facts) -> list[RequestFeedback]:
    return [RequestFeedback(heard.petition, facts.now, facts.policy, heard.event.round)]


def on_deadline_missed(heard: Recorded[DeadlineMissed], facts: Facts) -> list[CloseUnreached]:
    if family_of(heard.event.deadline) != "feedback" or heard.event.late:
        return []
    round_number = int(heard.event.deadline.partition(":")[2])
    return [CloseUnreached(heard.petition, facts.now, facts.policy, round_number, heard.event.due_at)]


def on_read_again(heard: Recorded[SeverityAssessed] | Recorded[SeverityReassessed], facts: Facts) -> list[ReopenDanger]:
    if heard.event.severity is not Severity.CRITICAL:
        return []
    return [ReopenDanger(heard.petition, facts.now, facts.policy)]


def on_petition_reopened(heard: Recorded[PetitionReopened], facts: FeedbackFacts) -> list[NoteReopened]:
    """A person's word told the whole in the same append; of a danger it hears only now."""
    whole = facts.wholes.get(heard.ref)
    return [] if whole is None else [NoteReopened(whole, facts.now, heard.petition, heard.event.round)]
