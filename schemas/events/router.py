"""What the router says: where a petition is, why it is there, and what its handlers did."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from schemas.event import Event, Instant
from schemas.people import Attachment
from schemas.sealed import Sealed
from schemas.words import FloorName, Mode, Severity


class Floor(BaseModel):
    """The lowest tier that one rule allows, with the reason as a code and the facts it used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    floor: FloorName
    tier: str
    reason: str


class PetitionRouted(Event):
    """One dispatch: the petition is placed with a unit or a department, with its deadlines."""

    owner: ClassVar[str] = "router"

    tier: str
    """What the floors ask; the unit may stand above it when the place is unknown or nobody is on duty."""
    unit: str
    department: str | None
    mode: Mode
    round: int
    floors: tuple[Floor, ...]
    accept_by: Instant
    resolve_by: Instant
    overdue: bool = False
    """True when the round's deadline had passed and this dispatch got its own."""
    provisional: bool = False
    """True when a deadline was counted on a calendar that may still change."""
    kind: str | None
    severity: Severity
    rule: str
    """Which rule made it: assessed, unassessed, reassessed, escalated, reopened, placed, moved."""
    reason: Sealed[str] | None = None
    policy: int


class PetitionPlaced(Event):
    """A named person at a desk said which unit the matter lies in."""

    owner: ClassVar[str] = "router"

    unit: str
    policy: int


class HandOffOrdered(Event):
    """These must be told now; open until a person confirms each."""

    owner: ClassVar[str] = "router"

    to: tuple[str, ...]
    confirm_by: Instant
    policy: int


class HandOffConfirmed(Event):
    """A named person told one of them; `outstanding` are still to be told."""

    owner: ClassVar[str] = "router"

    to: str
    outstanding: tuple[str, ...] = ()


class DispatchAccepted(Event):
    """签收: the receiver took the dispatch and is responsible from now on."""

    owner: ClassVar[str] = "router"

    dispatch: str


class ResolutionReported(Event):
    """办结: the responsible handler says it is done. Only the resident closes it."""

    owner: ClassVar[str] = "router"

    dispatch: str
    round: int
    result: str
    """What came of it: done, partly_done, explained, not_possible or unfounded; an old log may hold other words."""
    text: Sealed[str]
    attachments: Sealed[list[Attachment]] | None = None
    answer_by: Instant | None = None
    """Until when the resident's answer is awaited, unless FeedbackRequested gives another time."""


class NobodyOnDuty(Event):
    """A unit that should have received it has nobody; the next one up was asked."""

    owner: ClassVar[str] = "router"

    unit: str
    round: int


EVENTS: tuple[type[Event], ...] = (
    PetitionRouted,
    PetitionPlaced,
    HandOffOrdered,
    HandOffConfirmed,
    DispatchAccepted,
    ResolutionReported,
    NobodyOnDuty,
)
