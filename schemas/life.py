"""A petition's life folded from its stream: what every answer, list and page is made from.

Sealed words stay sealed here; `filed` is where they stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from uuid import UUID

from schemas.deadlines import Deadline, Deadlines, DeadlineState, follow
from schemas.event import AnyRecorded, Event, EventRef
from schemas.events.escalation import PetitionEscalated
from schemas.events.feedback import FeedbackReceived, PetitionClosed, PetitionReopened
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSupplemented,
    PetitionWithdrawn,
)
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DispatchAccepted,
    DispatchClaimed,
    Floor,
    HandOffConfirmed,
    HandOffOrdered,
    PetitionHeld,
    PetitionPlaced,
    PetitionResumed,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.words import Disposition, Mode, Severity, Status

CHINA = timezone(timedelta(hours=8))
"""Petition numbers are dated in this offset, whatever the district's zone."""


_STATUS_AFTER: Mapping[type[Event], Status] = {
    PetitionHeld: Status.HELD,
    PetitionResumed: Status.ACCEPTED,
    ResolutionReported: Status.RESOLVED,
    PetitionClosed: Status.CLOSED,
    PetitionReferred: Status.REFERRED,
    PetitionDeclined: Status.DECLINED,
    PetitionWithdrawn: Status.WITHDRAWN,
}


@dataclass(slots=True)
class Holder:
    """Who is responsible, and since when."""

    unit: str
    department: str | None
    since: datetime


@dataclass(slots=True)
class CoHandler:
    """协办: a department that was called, and when it reported in."""

    department: str
    summoned_at: datetime
    reported_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """并案: the other end of a link, and whether that is the root or a repeat."""

    petition: UUID
    is_root: bool


@dataclass(frozen=True, slots=True)
class Rating:
    """满意度: what the resident said about one round; `satisfied` None means not said."""

    round: int
    solved: bool
    satisfied: bool | None
    contacted: bool | None
    at: datetime


@dataclass(slots=True)
class Life:
    """One petition after the events heard so far; `hear` adds one."""

    petition: UUID
    filed: AnyRecorded | None = None
    supplements: list[AnyRecorded] = field(default_factory=list)
    """What was added to it, in order."""
    number: str = ""
    """Empty while the filing is not known."""
    version: int = 0
    status: Status = Status.FILED
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    place: str | None = None
    touched: tuple[str, ...] = ()
    kind: str | None = None
    severity: Severity | None = None
    disposition: Disposition | None = None
    hand_off: tuple[str, ...] = ()
    """Everybody who ever had to be told, in the order in which it was ordered."""
    hand_off_outstanding: tuple[str, ...] = ()
    hand_off_confirmed_at: datetime | None = None
    """When the last of them was told; None while anybody is still to be told."""
    tier: str | None = None
    unit: str | None = None
    department: str | None = None
    dispatch: EventRef | None = None
    """The last one; a re-opened petition waits for its next, and nobody has accepted that."""
    dispatch_round: int = 1
    mode: Mode | None = None
    issued_at: datetime | None = None
    accepted_at: datetime | None = None
    floors: tuple[Floor, ...] = ()
    round: int = 1
    escalated: bool = False
    """Whether it was ever sent a tier up, by a miss or by a person."""
    responsible: Holder | None = None
    co_handlers: list[CoHandler] = field(default_factory=list)
    """Of this round."""
    links: tuple[Link, ...] = ()
    """With the root that it follows, or did until that was resolved; and with those that follow it, or did so."""
    first_rating: Rating | None = None
    final_rating: Rating | None = None
    """The newest so far; the first one when there is only one."""
    deadlines: Deadlines = ()
    policy: int = 0
    """The newest policy version that shaped it."""
    _holder_of: dict[str, Holder] = field(default_factory=dict)

    @property
    def due_at(self) -> datetime | None:
        """When somebody must have accepted or resolved it next, also when that has passed; None when nobody must."""
        if self.status not in (Status.FILED, Status.ASSESSED, Status.ROUTED, Status.ACCEPTED, Status.HELD):
            return None
        waiting = [one.due_at for one in self.deadlines if self._is_awaited(one)]
        return min(waiting, default=None)

    @property
    def supervised(self) -> bool:
        """Whether a superior was asked about it and has still to answer."""
        return any(one.family == "supervise" and one.state is DeadlineState.OPEN for one in self.deadlines)

    def _is_awaited(self, deadline: Deadline) -> bool:
        if deadline.harmless:
            return False
        if deadline.family == "accept":
            return deadline.state is DeadlineState.OPEN or deadline.name == f"accept:{self.dispatch}"
        if deadline.family == "assess":
            newest = [one for one in self.deadlines if one.family == "assess"][-1]
            return deadline is newest and self.status in (Status.FILED, Status.ASSESSED)
        if self.status is Status.HELD:
            return deadline.family == "hold"
        return deadline.name == f"resolve:{self.round}"

    def hear(self, recorded: AnyRecorded) -> None:
        """Add one event; every type counts for the version, some change what is known."""
        self.deadlines = follow(self.deadlines, recorded.event, recorded.ref)
        self.hear_all_but_deadlines(recorded)

    def hear_all_but_deadlines(self, recorded: AnyRecorded) -> None:
        """The same for a reader who asks for no deadline, whatever it says of them."""
        event = recorded.event
        self.version = recorded.version
        self.updated_at = event.at
        self.policy = vars(event).get("policy", self.policy)  # `getattr` of a field that is not there is slow
        self.escalated = self.escalated or isinstance(event, PetitionEscalated)
        self._evolve(event, recorded)

    def _evolve(self, event: Event, recorded: AnyRecorded) -> None:
        match event:
            case PetitionFiled():
                self.filed, self.number, self.place = recorded, number_of(recorded), event.place
                self.touched = event.location.touched if event.location else ()
            case PetitionSupplemented():
                self.supplements.append(recorded)
            case SeverityAssessed() | SeverityReassessed():
                self.kind, self.severity, self.disposition = event.kind, event.severity, event.disposition
                if self.status is Status.FILED:
                    self.status = Status.ASSESSED
            case PetitionRouted():
                self._routed(event, recorded)
            case PetitionPlaced():
                self.place, self.touched = event.unit, event.touches
            case HandOffOrdered() | HandOffConfirmed():
                self._told(event)
            case DispatchAccepted() | DispatchClaimed():
                self._taken(event)
            case PetitionHeld() | PetitionResumed() | ResolutionReported():
                self.status = _STATUS_AFTER[type(event)]
            case CoHandlersSummoned() | CoHandlerReportedIn():
                self._called(event)
            case DuplicateLinked() | DuplicateUnlinked():
                self._linked(event)
            case FeedbackReceived():
                self.final_rating = Rating(event.round, event.solved, event.satisfied, event.contacted, event.at)
                self.first_rating = self.first_rating or self.final_rating
            case PetitionReopened():
                self.co_handlers = []
                self.status, self.round = Status.ASSESSED, event.round
                self.closed_at = self.accepted_at = None
                self.disposition = self.disposition and self.disposition.once_reopened
            case PetitionClosed() | PetitionReferred() | PetitionDeclined() | PetitionWithdrawn():
                self.status, self.closed_at = _STATUS_AFTER[type(event)], event.at

    def _told(self, event: HandOffOrdered | HandOffConfirmed) -> None:
        if isinstance(event, HandOffOrdered):
            self.hand_off = tuple(dict.fromkeys((*self.hand_off, *event.to)))
            self.hand_off_outstanding, self.hand_off_confirmed_at = event.to, None
            return
        self.hand_off_outstanding = event.outstanding
        if not event.outstanding:
            self.hand_off_confirmed_at = event.at

    def _taken(self, event: DispatchAccepted | DispatchClaimed) -> None:
        self.status, self.accepted_at = Status.ACCEPTED, event.at
        if isinstance(event, DispatchClaimed):
            self.unit, self.department = event.unit, event.department
            self.responsible = Holder(event.unit, event.department, event.at)
        elif (held := self._holder_of.get(event.dispatch)) is not None:
            self.responsible = Holder(held.unit, held.department, event.at)

    def _linked(self, event: DuplicateLinked | DuplicateUnlinked) -> None:
        follows, begins = event.duplicate == self.petition, isinstance(event, DuplicateLinked)
        other = Link(event.root if follows else event.duplicate, is_root=follows)
        self.links = tuple(one for one in self.links if one != other) + ((other,) if begins else ())
        if follows:
            self.status = Status.LINKED if begins else Status.ASSESSED
            self.accepted_at = self.responsible = None
            self.co_handlers = []

    def _called(self, event: CoHandlersSummoned | CoHandlerReportedIn) -> None:
        if isinstance(event, CoHandlersSummoned):
            self.co_handlers += [CoHandler(one, event.at) for one in event.departments]
            return
        for one in self.co_handlers:
            if one.department == event.department:
                one.reported_in_at = event.at

    def _routed(self, event: PetitionRouted, recorded: AnyRecorded) -> None:
        self.status = Status.ROUTED
        self.tier, self.unit, self.department = event.tier, event.unit, event.department
        self.dispatch, self.mode, self.issued_at, self.accepted_at = recorded.ref, event.mode, event.at, None
        # 首接负责: until somebody accepts, the round's first receiver answers for it.
        if self.responsible is None or event.round > self.dispatch_round:
            self.responsible = Holder(event.unit, event.department, event.at)
        self.floors, self.round, self.dispatch_round = event.floors, event.round, event.round
        if self.severity is None:
            self.severity = event.severity
        self._holder_of[str(recorded.ref)] = Holder(event.unit, event.department, event.at)


def number_of(filed: AnyRecorded) -> str:
    """`<yyyymmdd>-<partition>-<position>` of a petition's first event; can be read over the phone."""
    return f"{filed.event.at.astimezone(CHINA):%Y%m%d}-{filed.partition:02d}-{filed.position}"


def fold_life(stream: Sequence[AnyRecorded]) -> Life:
    """The life of a petition from its whole stream, which must not be empty."""
    life = Life(stream[0].petition)
    for recorded in stream:
        life.hear(recorded)
    return life
