"""The petition as the router sees it: what its events so far leave for later routing to know."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from router.delays import Asked, Counted, Hold
from router.stands import Claim, Extent, OnTheSpot, Part, Returner, Site, Stand, Taken
from schemas.events.router import (
    Floor,
)
from schemas.words import Mode, Severity


class State(NamedTuple):
    """What later routing needs to know; an empty dispatch is none."""

    ended: bool = False
    let_go: bool = False
    """Whether it ended by nobody's word about the matter: whoever asked took it back, a machine closed it, or what was
    added before it was turned away was read only after that."""
    resolved: bool = False
    root: UUID | None = None
    """The petition that it follows: that one is handled, and this one is not."""
    followed_as: Severity = Severity.ROUTINE
    """How grave it was when it was linked, which its root was at least."""
    duplicates: frozenset[UUID] = frozenset()
    """Those that follow it."""
    unlinked: bool = False
    """Whether it followed another and is to be routed for itself."""
    split_from: UUID | None = None
    """The petition of which it is a part."""
    parts: Mapping[UUID, Part] = MappingProxyType({})
    """What it was split into, while it waits for them: those are handled, and it is not."""
    resolved_with: Mapping[UUID, Part] = MappingProxyType({})
    """The parts with which it was resolved in this round."""
    site: Site = Site()
    about: str | None = None
    confidential: bool = False
    received_at: datetime | None = None
    filed_kind: str | None = None
    households: int | None = None
    money: int | None = None
    on_the_spot: OnTheSpot | None = None
    """What was done about it before it was filed; None also once it is handled as every other."""
    reading: int = 0
    """Version of the reading in force; 0 before the first."""
    kind: str | None = None
    severity: Severity = Severity.ROUTINE
    asks: bool = False
    """Whether the reading asks the resident back, which is a unit's task and no department's."""
    must_know: tuple[str, ...] = ()
    """Who must be told at once by the reading in force."""
    round: int = 1
    reopened: str = ""
    """What led to this round; nothing led to the first."""
    dispatch: str = ""
    dispatched: int = 0
    """Version of the current dispatch; 0 before the first."""
    first: Stand = Stand()
    """The first dispatch of this round."""
    accepted: Stand = Stand()
    """The dispatch of this round that was accepted last."""
    taken: Taken = Taken()
    """Who has it to do since then."""
    reported: Stand = Stand()
    """The dispatch that was last reported done: what "not solved" is about; none once it was turned away, unless that
    was said before."""
    reported_with: tuple[Stand, ...] = ()
    """The dispatches by which the parts were done that it had been split into when it was last reported done."""
    unsolved: int = 0
    """How often it was re-opened after it had been reported done, also before it became a petition of its own."""
    routed: bool = False
    """Whether this round has a dispatch."""
    tier: str = ""
    unit: str = ""
    department: str | None = None
    moved: bool = False
    """Whether a person chose this receiver, or has to choose the next one."""
    given_back: bool = False
    """Whether this receiver has it because another gave it back, and has to say where it goes."""
    away: bool = False
    """Whether a person chose a receiver since it was last placed, so that it may stand outside of its place."""
    mode: Mode = Mode.ASSIGNED
    claim: Claim = Claim()
    """The dispatch that was claimed last, and by whom."""
    returned: tuple[Returner, ...] = ()
    """Who gave it back in this round, in order."""
    given_back_at: datetime | None = None
    """When a return led to the current dispatch; None when something else did."""
    summoned: Mapping[str, str] = MappingProxyType({})
    """Who was called in this round, and to which dispatch."""
    reported_in: frozenset[str] = frozenset()
    resolve_by: datetime | None = None
    resolve_near: datetime | None = None
    """When most of the round's time is gone; None where the event left that to the hours of the day."""
    missed: tuple[datetime, datetime] | None = None
    """The time of the round that was missed last, and when that was said: it has passed, whatever a clock says."""
    accept_counted: Counted | None = None
    """How the current dispatch's time to accept came about."""
    resolve_counted: Counted | None = None
    """How the round's time came about; None when nobody counted it, but a person gave it."""
    provisional: bool = False
    """Whether one of both was counted on a calendar that may still change."""
    extension: Asked | None = None
    extensions: int = 0
    """How often this round was given more time."""
    hold_asked: Asked | None = None
    hold: Hold = Hold()
    holds: int = 0
    """How often this round was put on hold."""
    transfers: int = 0
    """How often this round was passed on by whoever had it."""
    history: Floor | None = None
    course: Floor | None = None
    """The last one that an escalation or a re-opening set; those that only keep it where it stands are none."""
    scale: Floor | None = None
    """Set by a return for `beyond_power`."""
    escalated: Stand = Stand()
    """The dispatch of this round that was escalated last, and `escalated_by` what."""
    escalated_by: str = ""
    routed_kind: str | None = None
    """What the current dispatch took it for; `routed_severity`: how grave, or as it was read since, if milder."""
    routed_severity: Severity = Severity.ROUTINE
    hand_off: tuple[str, ...] = ()
    """Who is still to be told."""
    told: frozenset[str] = frozenset()
    """Everybody who was told of the danger that it is now, or for whom that was ordered: until it is lowered, opened
    again in vain, or read as a danger after its end by words that nobody had read."""
    confirm_by: datetime | None = None

    @property
    def place(self) -> str | None:
        """The lowest unit sure to contain the matter."""
        return self.site.unit

    @property
    def stand(self) -> Stand:
        """Where the current dispatch put it."""
        return Stand(
            self.dispatch,
            self.tier,
            self.unit,
            self.place,
            self.department,
            self.routed_severity,
            self.moved and not self.given_back,
        )

    @property
    def extent(self) -> Extent:
        """How much it touches."""
        return Extent(self.households, self.money, len(self.summoned))

    @property
    def responsible(self) -> Stand:
        """首接负责: the dispatch whose receiver answers for this round: the first, until another is accepted."""
        return self.accepted if self.accepted.dispatch else self.first

    @property
    def claimed(self) -> bool:
        return self.claim.dispatch != "" and self.claim.dispatch == self.dispatch

    @property
    def handler(self) -> str:
        """The unit that has it, or whose department has: the one it was put before, or that of who claimed it."""
        return self.claim.unit if self.claimed else self.unit

    @property
    def office(self) -> str | None:
        """The department that has it; None when a unit has."""
        return self.claim.department if self.claimed else self.department

    @property
    def reached(self) -> str:
        """The unit below which no message moves it: the one it was put before, or that of the department that claimed
        it from there."""
        return self.handler if self.office else self.unit

    @property
    def answers(self) -> tuple[str, str | None]:
        """The unit, or department there, that answers for it: who claimed the responsible dispatch, or was given it."""
        one = self.claim if self.claim.dispatch == self.responsible.dispatch else self.responsible
        return one.unit, one.department

    @property
    def outgrew(self) -> bool:
        """Whether it follows another, and was read as graver since."""
        return self.root is not None and self.severity.rank > self.followed_as.rank

    @property
    def held(self) -> bool:
        """On hold with somebody who has it; linked meanwhile, its time stands still until it is placed again."""
        return self.routed and self.hold.since is not None

    @property
    def climbs(self) -> bool:
        """Whether the current dispatch was escalated, so that the next one stands a tier higher."""
        return self.dispatch != "" and self.escalated.dispatch == self.dispatch

    @property
    def raised(self) -> bool:
        """Whether it was read as graver than the current dispatch took it."""
        return self.severity.rank > self.routed_severity.rank


initial = State()
