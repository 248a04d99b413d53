"""What other services' news ask of feedback."""

from feedback.commands import CloseUnreached, ReopenDanger, RequestFeedback
from schemas.deadlines import family_of
from schemas.event import Recorded
from schemas.events.escalation import DeadlineMissed
from schemas.events.router import ResolutionReported
from schemas.events.severity import SeverityAssessed, SeverityReassessed
from schemas.words import Severity
from services.chassis.deciding import Facts


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
