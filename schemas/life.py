"""A petition's life folded from its stream: what every answer, list and page is made from.

Sealed words stay sealed here; `filed` is where they stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

from schemas.deadlines import Deadline, Deadlines, DeadlineState, follow
from schemas.event import AnyRecorded, Event, EventRef
from schemas.events.escalation import PetitionEscalated, SupervisionOrdered
from schemas.events.feedback import FeedbackReceived, PetitionClosed, PetitionReopened
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSplit,
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
from schemas.events.staffing import WorkHandedOver
from schemas.words import Disposition, LinkType, Mode, Severity, Status

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
    staff: str | None = None
    """Who took it there, or was handed it since; None while nobody did."""


@dataclass(slots=True)
class CoHandler:
    """协办: a department that was called, and when it reported in."""

    department: str
    summoned_at: datetime
    reported_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """并案, 拆分: the other end of a link, and what that is to this petition."""

    petition: UUID
    type: LinkType


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
    """The last one; a re-opened petition waits for its next, and nobody has accepted that. A linked one has none."""
    dispatch_round: int = 1
    mode: Mode | None = None
    issued_at: datetime | None = None
    accepted_at: datetime | None = None
    partner: str | None = None
    """The partner that claimed it, for which `unit` answers; None while none did."""
    floors: tuple[Floor, ...] = ()
    round: int = 1
    escalated: bool = False
    """Whether it was ever sent a tier up, by a miss or by a person."""
    responsible: Holder | None = None
    co_handlers: list[CoHandler] = field(default_factory=list)
    """Of this round."""
    links: tuple[Link, ...] = ()
    """With the root that it follows, or did until that was resolved; and with those that follow it, or did so. With
    what it was split from; and with its parts, also those of an earlier round."""
    resolution: AnyRecorded | None = None
    """What was reported done last."""
    first_rating: Rating | None = None
    final_rating: Rating | None = None
    """The newest so far; the first one when there is only one."""
    deadlines: Deadlines = ()
    policy: int = 0
    """The newest policy version that shaped it."""
    _superior_of: dict[str, str] = field(default_factory=dict)
    """Who must answer each supervision, by the name of its deadline; old ones name nobody."""
    _holder_of: dict[str, Holder] = field(default_factory=dict)
    _linked_to: UUID | None = None
    """Whose stream holds the other end of its link, as long as nobody has unlinked or answered it."""

    @property
    def due_at(self) -> datetime | None:
        """When somebody must have accepted or resolved it next, also when that has passed; None when nobody must."""
        if self.status not in (Status.FILED, Status.ASSESSED, Status.ROUTED, Status.ACCEPTED, Status.HELD):
            return None
        waiting = [one.due_at for one in self.deadlines if self._is_awaited(one)]
        return min(waiting, default=None)

    @property
    def root(self) -> UUID | None:
        """The petition that it follows now."""
        return self._linked_to if self.status is Status.LINKED else None

    @property
    def supervised(self) -> bool:
        """Whether a superior was asked about it and has still to answer."""
        return any(one.family == "supervise" and one.state is DeadlineState.OPEN for one in self.deadlines)

    @property
    def asked(self) -> Mapping[str, datetime]:
        """The units that have still to answer a supervision of it, each with the first moment by which it must."""
        waiting = [
            (self._superior_of[one.name], one.due_at)
            for one in self.deadlines
            if one.name in self._superior_of and one.state is DeadlineState.OPEN
        ]
        return dict(sorted(waiting, key=lambda each: each[1], reverse=True))

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
        event = recorded.event
        self.deadlines = follow(self.deadlines, event, recorded.ref)
        if isinstance(event, SupervisionOrdered) and event.superior is not None:
            self._superior_of[f"supervise:{event.number}"] = event.superior
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
                if event.split_from is not None:
                    self.links = (Link(event.split_from, LinkType.SPLIT_FROM),)
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
            case DispatchAccepted() | DispatchClaimed() | WorkHandedOver():
                self._taken(event, recorded.by)
            case PetitionHeld() | PetitionResumed() | ResolutionReported():
                self._goes_on(event, recorded)
            case CoHandlersSummoned() | CoHandlerReportedIn():
                self._called(event)
            case DuplicateLinked() | DuplicateUnlinked() | PetitionSplit():
                self._linked(event)
            case FeedbackReceived():
                self.final_rating = Rating(event.round, event.solved, event.satisfied, event.contacted, event.at)
                self.first_rating = self.first_rating or self.final_rating
            case PetitionReopened():
                self.co_handlers = []
                self.status = Status.SPLIT if event.by_a_part else Status.ASSESSED
                self.round = event.round
                self.closed_at = self.accepted_at = self.partner = None
                self.disposition = self.disposition and self.disposition.once_reopened
            case PetitionClosed() | PetitionReferred() | PetitionDeclined() | PetitionWithdrawn():
                self._over(event)

    def _goes_on(self, event: PetitionHeld | PetitionResumed | ResolutionReported, recorded: AnyRecorded) -> None:
        self.status = _STATUS_AFTER[type(event)]
        if isinstance(event, ResolutionReported):
            self.resolution = recorded
            if event.root is not None:
                self._linked_to = None

    def _over(self, event: Event) -> None:
        self.status, self.closed_at = _STATUS_AFTER[type(event)], event.at
        if isinstance(event, PetitionWithdrawn):  # its root was told to wait for it no more
            self.links = self._links_but(self._linked_to)
            self._linked_to = None

    def _told(self, event: HandOffOrdered | HandOffConfirmed) -> None:
        if isinstance(event, HandOffOrdered):
            self.hand_off = tuple(dict.fromkeys((*self.hand_off, *event.to)))
            self.hand_off_outstanding, self.hand_off_confirmed_at = event.to, None
            return
        self.hand_off_outstanding = event.outstanding
        if not event.outstanding:
            self.hand_off_confirmed_at = event.at

    def _taken(self, event: DispatchAccepted | DispatchClaimed | WorkHandedOver, by: str | None) -> None:
        if isinstance(event, WorkHandedOver):
            self.responsible = self.responsible and replace(self.responsible, staff=event.to_staff)
            return
        self.status, self.accepted_at = Status.ACCEPTED, event.at
        if isinstance(event, DispatchClaimed):
            if event.responsible is None:
                self.unit, self.department = event.unit, event.department
                self.responsible = Holder(event.unit, event.department, event.at, event.claimed_by)
            else:
                self.partner = event.unit
                self.responsible = Holder(event.responsible, None, event.at, event.claimed_by)
        elif (held := self._holder_of.get(event.dispatch)) is not None:
            self.responsible = Holder(held.unit, held.department, event.at, event.accepted_by or by)

    def _linked(self, event: DuplicateLinked | DuplicateUnlinked | PetitionSplit) -> None:
        if isinstance(event, PetitionSplit):
            self.links += tuple(Link(part, LinkType.PART) for part in event.parts)
            self._goes_on_elsewhere(Status.SPLIT)
            return
        follows, begins = event.duplicate == self.petition, isinstance(event, DuplicateLinked)
        other = Link(event.root, LinkType.ROOT) if follows else Link(event.duplicate, LinkType.DUPLICATE)
        kept = self._links_but(other.petition)
        self.links = (*kept, other) if begins else kept
        if not follows:
            return
        self._linked_to = event.root if begins else None
        if begins:
            self._goes_on_elsewhere(Status.LINKED)
        elif self.status is Status.LINKED:
            self.status = Status.ASSESSED

    def _links_but(self, other: UUID | None) -> tuple[Link, ...]:
        """Without the one by which a repeat follows its root; that either is also a part of the other stays so."""
        repeats = (LinkType.ROOT, LinkType.DUPLICATE)
        return tuple(one for one in self.links if one.petition != other or one.type not in repeats)

    def _goes_on_elsewhere(self, status: Status) -> None:
        self.status = status
        self.tier = self.unit = self.department = self.dispatch = self.mode = self.issued_at = None
        self.accepted_at = self.responsible = self.partner = None
        self.floors, self.co_handlers = (), []

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
        self.dispatch, self.mode, self.issued_at = recorded.ref, event.mode, event.at
        self.accepted_at = self.partner = None
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
