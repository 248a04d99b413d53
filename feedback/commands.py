"""What feedback is asked to do."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.policy import Policy
from schemas.words import Contact


@dataclass(frozen=True, slots=True)
class RequestFeedback:
    """This round was resolved: ask the resident."""

    petition: UUID
    now: datetime
    policy: Policy
    round: int


@dataclass(frozen=True, slots=True)
class TakeFeedback:
    """What came of asking: not reached, or the resident's two answers."""

    petition: UUID
    now: datetime
    policy: Policy
    reached: bool
    solved: bool | None
    satisfied: bool | None
    text: str | None
    by: str | None
    contacted: bool | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class CloseUnreached:
    """The time to ask about this round is over."""

    petition: UUID
    now: datetime
    policy: Policy
    round: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reopen:
    """A named person re-opens what was resolved, closed, withdrawn, referred or declined, within the window."""

    petition: UUID
    now: datetime
    policy: Policy
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ReopenDanger:
    """It was read as critical, perhaps only after it was reported done, closed by a machine or turned away."""

    petition: UUID
    now: datetime
    policy: Policy


@dataclass(frozen=True, slots=True)
class Close:
    """A named person closes what was resolved."""

    petition: UUID
    now: datetime
    policy: Policy
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class NoteReopened:
    """A part of it is open again, in this new round."""

    petition: UUID
    now: datetime
    part: UUID
    round: int


@dataclass(frozen=True, slots=True)
class NoteDuplicateReopened:
    """A repeat that was answered with this dispatch of the petition is open again."""

    petition: UUID
    now: datetime
    duplicate: UUID
    dispatch: str
    cause: str
