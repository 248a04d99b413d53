"""What units and departments hear of their dispatches: the events of `dispatch.events.v1`.

They follow from the log and are never appended to it. None holds a word of the resident's or a name.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.event import Instant
from schemas.events.router import Floor
from schemas.words import Mode, Severity

FollowedBy = Literal["closed", "reopened", "referred", "declined", "duplicate_reopened"]
"""What happened to a petition, or to one that was answered with it, after a dispatch was resolved."""


class DispatchEvent(BaseModel):
    """News of one dispatch for one receiver, with the whole dispatch as it was issued and its deadlines as they are
    now."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: ClassVar[int] = 1

    id: str
    """The `ce_id`: `<petition>:<version>:<target>`. What has an id that was heard before is no news."""
    at: Instant
    """When it was decided, by the log's time."""
    petition: UUID
    """Id of the petition."""
    version: int
    """Version of the petition's event that it follows from; of two events of one petition the higher is the later."""
    number: str
    """Number of the petition, to be read over the phone."""
    dispatch: str
    """Id of the dispatch: `<petition>:<version that issued it>`."""
    target: str
    """Code of the receiver: of the department, else of the unit. It is the key of the record."""
    unit: str
    """Code of the unit, also when a department there is the receiver."""
    department: str | None = None
    """Code of the department; none when the unit itself handles it."""
    tier: str
    """Code of the tier that the floors ask."""
    kind: str | None = None
    """Code of the kind, as dispatched; none when no kind is known."""
    severity: Severity
    """How grave it is, as dispatched."""
    mode: Mode
    """Given to one receiver, or open for one to claim."""
    round: int
    """Which round, counted from 1."""
    accept_by: Instant | None = None
    """Until when it must be accepted; none once it was."""
    resolve_by: Instant
    """Until when the round must be resolved."""
    reason: str
    """Why, as a word."""
    link: str
    """Path of the petition in the HTTP interface."""


class DispatchIssued(DispatchEvent):
    """The petition is placed with you. `reason` is the rule that placed it: `assessed`, `unassessed`, `supplemented`,
    `reassessed`, `escalated`, `reopened`, `placed`, `moved`, `returned`, `transferred`, `unlinked` or `policy`,
    `claimed` when you claimed it, or `summoned` when you are called to help, and must report in by `accept_by`; more
    may come."""

    floors: tuple[Floor, ...] = ()
    """Why this tier: every known floor, the highest of which is the tier."""
    overdue: bool = False
    """True when the round's deadline had passed and this dispatch got its own."""
    provisional: bool = False
    """True when a deadline was counted on a calendar that may still change."""
    replaces: str | None = None
    """The dispatch that it takes the place of, yours or another's; none at the beginning of a round."""


class DispatchWithdrawn(DispatchEvent):
    """You need not handle it any more, unless you are still responsible. `reason` is the rule of the dispatch that
    takes its place, `accepted`, `claimed` or `resolved` by another receiver or on the spot, or how the petition ended:
    `closed`, `withdrawn`, `referred`, `declined`, `linked` to another, `split` into others, or `reopened` for another
    round."""

    replaced_by: str | None = None
    """The dispatch that takes its place; none when nothing does."""
    still_responsible: bool = False
    """True when you accepted it, or had it first and nobody has accepted, or a partner of yours claimed it: you answer
    for it, and may resolve it, until another receiver accepts; not what proved critical since. What a partner has you
    are reminded of as well."""


class DispatchReminded(DispatchEvent):
    """Somebody waits for you. `reason` is `near` when most of the time of a deadline is gone, `missed` when a deadline
    passed, `supervised` when a superior must answer for it, `urged` when whoever asked asks again, `supplemented` when
    words or files were added; more reasons may come. Whom a supervision is about and the superior who must answer hear
    it also while nobody has the petition: of the dispatch that was reported done, else of the last, which nobody has to
    accept any more."""

    deadline: str
    """Name of the deadline: `accept:<dispatch>`, `resolve:<round>`, `report_in:<dispatch>:<department>` or
    `supervise:<n>`."""
    due_at: Instant
    """When that deadline was, or is."""


class DispatchDeadlineMoved(DispatchEvent):
    """A deadline of the dispatch has another time, which stands in `accept_by` or `resolve_by`. `reason` is the name of
    the petition's event that moved it: `PetitionRouted` where you help with what another has now, by a reading that may
    be graver."""

    accept_was: Instant | None = None
    """When it had to be accepted before; none when that did not move."""
    resolve_was: Instant | None = None
    """When the round had to be resolved before; none when that did not move."""


class DispatchFollowedUp(DispatchEvent):
    """What came of it after you had resolved it. `reason` says by whose word: `solved`, `not_reached`,
    `not_applicable` or `by_person` when it closed, `not_solved`, `false_closure` (nobody had contacted the resident)
    or `person` when it was re-opened, else the same as `followed_by`."""

    followed_by: FollowedBy
    """What happened to the petition; `duplicate_reopened` when it is a repeat that is open again, which was answered
    with this petition and goes its own way: nothing happened to this one."""
    duplicate: UUID | None = None
    """Id of that repeat; none when it is about the petition itself."""
    solved: bool | None = None
    """Whether the resident says that it is solved; none when not asked or not said."""
    satisfied: bool | None = None
    """Whether the resident is satisfied; none when not asked or not said."""


DISPATCH_EVENTS: tuple[type[DispatchEvent], ...] = (
    DispatchIssued,
    DispatchWithdrawn,
    DispatchReminded,
    DispatchDeadlineMoved,
    DispatchFollowedUp,
)
