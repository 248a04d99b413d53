"""What the router can be asked: by the news of other services, or by a named person at a desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from router.policy import RoutingPolicy
from router.stands import Stand
from schemas.people import Attachment
from schemas.words import Result, ReturnReason


@dataclass(frozen=True, slots=True)
class RouteAssessed:
    """A reading is there: place the petition by it, or move it up if the reading asks for more."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    reading: int
    """Version of the reading it follows."""
    rule: str


@dataclass(frozen=True, slots=True)
class ResolveOnTheSpot:
    """It was placed by this reading: where the grid worker who filed it had dealt with it, and the grid may, that was
    its handling."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    reading: int


@dataclass(frozen=True, slots=True)
class RouteUnassessed:
    """Nobody was found for it in time: place it on the most cautious reading, or, re-opened, as its round asks."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy


@dataclass(frozen=True, slots=True)
class RouteEscalated:
    """This dispatch was escalated: one tier up."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    dispatch: str


@dataclass(frozen=True, slots=True)
class RouteReopened:
    """A new round starts: one tier above the dispatch that was reported done, if one was."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    round: int


@dataclass(frozen=True, slots=True)
class RouteUnlinked:
    """It follows another petition no more: place it as if it were new, but not below where it stood."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy


@dataclass(frozen=True, slots=True)
class Place:
    """A named person says in which unit the matter lies; `touches` when it lies in more than that one."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    unit: str
    touches: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MovePetition:
    """A named person sends it to another unit or department, up or down, and says why."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    unit: str | None
    department: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Reroute:
    """A named person asks that it stand where the policy in force would have it, up or down, and says why."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    reason: str


@dataclass(frozen=True, slots=True)
class Accept:
    """签收: the receiver takes the dispatch; None means the current one."""

    petition: UUID
    now: datetime
    dispatch: str | None
    accepted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """领单: a unit or a department takes an open dispatch, by a member of its staff. When neither is named, the unit it
    was put before."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    dispatch: str | None
    unit: str | None
    department: str | None
    claimed_by: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """交接: who has the work passes it on to a colleague; None means the current dispatch."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    dispatch: str | None
    from_staff: str
    to_staff: str
    reason: str


@dataclass(frozen=True, slots=True)
class Return:
    """退单: the receiver gives the dispatch back, before or after it accepted; None means the current one."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    dispatch: str | None
    reason: ReturnReason
    text: str | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """转办: the receiver passes it on to another unit or department, not below, and says why."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    dispatch: str | None
    unit: str | None
    department: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Summon:
    """吹哨: the handler calls departments to handle it together."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    departments: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReportIn:
    """报到: a department that was called is there."""

    petition: UUID
    now: datetime
    department: str


@dataclass(frozen=True, slots=True)
class ReportProgress:
    """The responsible handler says how far it is; None means the current dispatch."""

    petition: UUID
    now: datetime
    dispatch: str | None
    text: str


@dataclass(frozen=True, slots=True)
class RequestExtension:
    """延期申请: the handler asks for more time."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    until: datetime
    reason: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class DecideExtension:
    """Another person decides about it."""

    petition: UUID
    now: datetime
    granted: bool
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class RequestHold:
    """挂账申请: the handler asks to leave it until then."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    until: datetime
    reason: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class DecideHold:
    """Another person decides about it."""

    petition: UUID
    now: datetime
    granted: bool
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Resume:
    """恢复办理: the hold ends. `number`: the hold that a passed deadline is about; None when a person says so."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Recount:
    """A calendar came: count anew what was counted without it."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy


@dataclass(frozen=True, slots=True)
class Resolve:
    """办结: the responsible handler reports what was done; None means the current dispatch."""

    petition: UUID
    now: datetime
    policy: RoutingPolicy
    dispatch: str | None
    result: Result
    text: str
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class ResolveDuplicate:
    """What was reported done for the petition that it follows, by the dispatch of that one.

    `by`: the unit that answers for that dispatch, or its department."""

    petition: UUID
    now: datetime
    root: UUID
    stand: Stand
    by: tuple[str, str | None]
    resolved: Resolve

    @property
    def policy(self) -> RoutingPolicy:
        return self.resolved.policy


@dataclass(frozen=True, slots=True)
class FinishPart:
    """A part of it is done with, in this of its rounds: reported done by the dispatch of `stand`, or otherwise over."""

    petition: UUID
    now: datetime
    part: UUID
    round: int
    outcome: str
    text: str | None
    stand: Stand
    policy: RoutingPolicy


@dataclass(frozen=True, slots=True)
class ConfirmHandOff:
    """A named person has told `to` (110, 119 …)."""

    petition: UUID
    now: datetime
    to: str
