"""What the router says: where a petition is, why it is there, and what its handlers did."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.event import Event, Instant
from schemas.events.staffing import NobodyOnDuty, WorkHandedOver
from schemas.people import Attachment
from schemas.sealed import Sealed
from schemas.words import FloorName, Mode, Severity

KEEPS = ("stands:", "holds:")
"""How the reason of a history floor begins that only keeps a message from moving it down."""


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
    accept_near: Instant | None = None
    """When four fifths of the time to accept are gone, by its clock: then its receiver is warned."""
    resolve_near: Instant | None = None
    """The same of the time to resolve."""
    overdue: bool = False
    """True when the round's deadline had passed and this dispatch got its own."""
    provisional: bool = False
    """True when a deadline was counted on a calendar that may still change."""
    kind: str | None
    severity: Severity
    rule: str
    """Which rule made it: assessed, unassessed, supplemented, reassessed, escalated, reopened, placed, moved, returned,
    transferred, unlinked, policy."""
    reason: Sealed[str] | None = None
    policy: int

    def climbed_from(self, before: Floor | None) -> Floor | None:
        """The history floor that something missed or done in vain has set by now: its own, else the one that was set
        before, unless a person moved it."""
        own = (one for one in reversed(self.floors) if one.floor is FloorName.HISTORY)
        climbed = (one for one in own if not one.reason.startswith(KEEPS))
        return next(climbed, None if self.rule == "moved" else before)


class PetitionPlaced(Event):
    """A named person at a desk said which unit the matter lies in."""

    owner: ClassVar[str] = "router"

    unit: str
    touches: tuple[str, ...] = ()
    """The units in it that the matter touches, when it is more than one."""
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
    accepted_by: str | None = None
    """Staff id; an old log says it beside the event only."""


class DispatchClaimed(Event):
    """领单: of all who could claim the dispatch this unit or department was first; unless it is a partner, it is
    responsible from now on."""

    owner: ClassVar[str] = "router"

    dispatch: str
    unit: str
    """The unit it was put before, or one below it, such as a partner; that of the department when one claimed it."""
    department: str | None = None
    """The department that claimed it; none when the unit itself did."""
    claimed_by: str
    """Staff id."""
    responsible: str | None = None
    """The unit that stays responsible, because a partner claimed it; none when that is `unit`."""


class DispatchReturned(Event):
    """退单: the receiver gave the dispatch back. Who has it now stands in the PetitionRouted that follows."""

    owner: ClassVar[str] = "router"

    dispatch: str
    round: int
    reason: str
    """not_mine, wrong_area, needs_information or beyond_power; an old log may hold other words."""
    text: Sealed[str] | None = None


class DispatchTransferred(Event):
    """转办: the receiver passed the dispatch on, sideways or up, to whom it names."""

    owner: ClassVar[str] = "router"

    dispatch: str
    unit: str
    department: str | None = None
    reason: Sealed[str]


class CoHandlersSummoned(Event):
    """吹哨: the handler calls these departments to handle it together; each reports in by its own deadline."""

    owner: ClassVar[str] = "router"

    dispatch: str
    departments: tuple[str, ...]
    report_in_by: Instant
    policy: int


class CoHandlerReportedIn(Event):
    """报到: a department that was called is there."""

    owner: ClassVar[str] = "router"

    dispatch: str
    """The dispatch that it was called to."""
    department: str


class ProgressReported(Event):
    """办理进展: what its handler has done so far. It moves no deadline."""

    owner: ClassVar[str] = "router"

    dispatch: str
    text: Sealed[str]


class ExtensionRequested(Event):
    """延期申请: the handler asks for more time for its round. The deadline stands until a superior has decided."""

    owner: ClassVar[str] = "router"

    round: int
    until: Instant
    reason: Sealed[str]
    asked_by: str
    """Staff id."""


class ExtensionGranted(Event):
    """延期批准: the round must be resolved by `until` now."""

    owner: ClassVar[str] = "router"

    round: int
    until: Instant
    reason: Sealed[str]


class ExtensionRefused(Event):
    """延期驳回: the deadline stays what it was."""

    owner: ClassVar[str] = "router"

    round: int
    reason: Sealed[str]


class HoldRequested(Event):
    """挂账申请: the handler asks to leave it until then, because nobody can do anything before."""

    owner: ClassVar[str] = "router"

    round: int
    until: Instant
    reason: Sealed[str]
    asked_by: str
    """Staff id."""


class HoldRefused(Event):
    """挂账驳回: it goes on as before."""

    owner: ClassVar[str] = "router"

    round: int
    reason: Sealed[str]


class PetitionHeld(Event):
    """挂账: its round's time stands still until it is resumed, at the latest at `until`."""

    owner: ClassVar[str] = "router"

    number: int
    """Counted from 1 over the petition's life."""
    until: Instant
    reason: Sealed[str]


class PetitionResumed(Event):
    """恢复办理: the round goes on with the time that was left when it was put on hold."""

    owner: ClassVar[str] = "router"

    number: int
    """Which hold ended."""
    round: int
    resolve_by: Instant
    resolve_near: Instant | None = None
    """When four fifths of it are gone, by its clock."""
    provisional: bool = False
    """True when the deadline was counted on a calendar that may still change."""
    cause: str
    """What ended it: `person`, `deadline`, or the rule by which it goes elsewhere now."""
    policy: int


class DeadlinesRecounted(Event):
    """时限重算: the calendar that was missing is there; what was provisional is counted on it, from the same start."""

    owner: ClassVar[str] = "router"

    dispatch: str
    round: int
    accept_by: Instant | None = None
    """None once it was accepted, or when that time stays."""
    resolve_by: Instant | None = None
    """None when that time stays."""
    accept_near: Instant | None = None
    """When four fifths of the time to accept are gone, by its clock."""
    resolve_near: Instant | None = None
    """The same of the time to resolve."""
    provisional: bool = False
    """True when a part was counted on a calendar that may still change."""
    policy: int


class ResolutionReported(Event):
    """办结: the responsible handler says it is done. Only the resident closes it."""

    owner: ClassVar[str] = "router"

    dispatch: str
    round: int
    result: str
    """What came of it: done, partly_done, settled, explained, not_possible or unfounded; an old log may hold other
    words."""
    text: Sealed[str]
    """The words; empty when it was split, for what was reported of each part stands in its PartFinished."""
    attachments: Sealed[list[Attachment]] | None = None
    answer_by: Instant | None = None
    """Until when the resident's answer is awaited, unless FeedbackRequested gives another time."""
    root: UUID | None = None
    """The petition that it followed and for which this was reported; none when it was reported for itself."""
    tier: str | None = None
    """Where `dispatch` stood, when it is the root's or a part's; `unit` likewise."""
    unit: str | None = None
    part: UUID | None = None
    """The part with which the last of its matters was over, when it had been split. Then `dispatch` is that part's, or
    that of another part where this one was never reported done; empty where none was."""
    on_the_spot: bool = False
    """自处理: true when the grid worker who filed it had dealt with it already."""


class PartFinished(Event):
    """A part of what was split is done with: it was reported done, or came to another end. Said in the stream of the
    petition that was split; the last one resolves it."""

    owner: ClassVar[str] = "router"

    part: UUID
    round: int
    """The round of the part that is over."""
    outcome: str
    """The result of the part; `withdrawn`, `referred` or `declined` when it came to another end."""
    text: Sealed[str] | None = None
    """What was reported of it; none when it came to another end."""
    dispatch: str | None = None
    """The dispatch by which it was done, with its tier and unit; none when it came to another end."""
    tier: str | None = None
    unit: str | None = None


EVENTS: tuple[type[Event], ...] = (
    PetitionRouted,
    PetitionPlaced,
    HandOffOrdered,
    HandOffConfirmed,
    DispatchAccepted,
    DispatchClaimed,
    WorkHandedOver,
    DispatchReturned,
    DispatchTransferred,
    CoHandlersSummoned,
    CoHandlerReportedIn,
    ProgressReported,
    ExtensionRequested,
    ExtensionGranted,
    ExtensionRefused,
    HoldRequested,
    HoldRefused,
    PetitionHeld,
    PetitionResumed,
    DeadlinesRecounted,
    ResolutionReported,
    PartFinished,
    NobodyOnDuty,
)
