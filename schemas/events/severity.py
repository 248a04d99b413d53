"""What severity says: kind, severity and disposition, with reasons by offset."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.event import Event, Instant
from schemas.sealed import Sealed
from schemas.words import Disposition, Severity

SUPERIOR = "superior"
"""The way of what is about the top unit: whoever stands above this jurisdiction."""


class Reason(BaseModel):
    """Why: a rule, and where in the words it matched (`start`..`end` in code points; both 0 when no words did).

    What was added later is counted as a part of `text`, which it follows after one line feed each time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    field: Literal["title", "text", "filed"] = "text"
    start: int = 0
    end: int = 0


class SeverityAssessed(Event):
    """A reading of the matter by rules: the first, or one that what was added later made graver or clearer."""

    owner: ClassVar[str] = "severity"

    kind: str | None
    """None when the words fit no kind."""
    severity: Severity
    disposition: Disposition
    hand_off: tuple[str, ...] = ()
    """Who must be told at once (110, 119 …)."""
    confidence: float
    """0..1: how surely kind and severity were read."""
    reasons: tuple[Reason, ...] = ()
    policy: int
    supplement: int | None = None
    """Number of the supplement that led to it; none for the first reading."""
    whole: UUID | None = None
    """The petition of which it is a part, where what had been added to that one led to it."""


class ReviewRequested(Event):
    """A person should look at the reading; nothing waits for it."""

    owner: ClassVar[str] = "severity"

    confidence: float
    review_by: Instant


class SeverityConfirmed(Event):
    """A named person agreed with the reading."""

    owner: ClassVar[str] = "severity"


class SeverityReassessed(Event):
    """A named person changed the reading; the fields are the whole new reading."""

    owner: ClassVar[str] = "severity"

    kind: str | None
    severity: Severity
    disposition: Disposition
    hand_off: tuple[str, ...] = ()
    households: int | None = None
    money: int | None = None
    reason: Sealed[str]
    policy: int


class PetitionReferred(Event):
    """The matter has its own legal way (court, discipline, arbitration, a superior), or lies in a neighbouring
    district, which gets it; the resident is told which."""

    owner: ClassVar[str] = "severity"

    to: str
    """Code of the way: the kind that names it, `superior` when the top unit is complained about, or
    `neighbour:<code>` of the district in which it lies."""
    policy: int
    reopen_until: Instant | None = None
    """Until when a named person may open it again; an old log does not say it."""


class PetitionDeclined(Event):
    """There was nothing to act on: title and text are blank with nothing attached, or a named person found nothing."""

    owner: ClassVar[str] = "severity"

    reason: Literal["empty", "by_person"]
    policy: int
    reopen_until: Instant | None = None
    """Until when a named person may open it again; an old log does not say it."""


EVENTS: tuple[type[Event], ...] = (
    SeverityAssessed,
    ReviewRequested,
    SeverityConfirmed,
    SeverityReassessed,
    PetitionReferred,
    PetitionDeclined,
)
