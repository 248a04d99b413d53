"""The petition as a resident's later word finds it."""

from typing import NamedTuple
from uuid import UUID

from intake.raising import Raised, raised_by
from intake.rejections import AlreadyResolved, PetitionEnded
from intake.rejections_of_links import FollowsAnother
from intake.rejections_of_parts import IsSplit
from schemas.event import Event, EventRef
from schemas.events.escalation import PetitionEscalated
from schemas.events.feedback import PetitionClosed, PetitionReopened
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSplit,
    PetitionSupplemented,
    PetitionUrged,
    PetitionWithdrawn,
)
from schemas.events.router import DispatchClaimed, Floor, PetitionRouted, ResolutionReported
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.words import FloorName, Severity


class State(NamedTuple):
    """Whether the petition exists, whether anything is still to be done for it, and what it is linked to."""

    filed: bool = False
    supplemented: int = 0
    urged: int = 0
    assessed: bool = False
    severity: Severity = Severity.ROUTINE
    resolved: bool = False
    ended: bool = False
    root: UUID | None = None
    """The petition that it follows."""
    left: UUID | None = None
    """The petition that it was linked to and does not follow any more, for it was placed for itself since; nobody has
    unlinked them yet."""
    duplicates: frozenset[UUID] = frozenset()
    """Those that follow it, or did so and were not unlinked."""
    split_from: UUID | None = None
    """The petition of which it is a part."""
    parts: tuple[UUID, ...] = ()
    """What it was split into, while it waits for them."""
    resolved_with: tuple[UUID, ...] = ()
    """The parts with which it was resolved in this round."""
    about: str | None = None
    unit: str = ""
    """Who has it, at a desk or in a department there; empty before anybody has."""
    department: str | None = None
    dispatch: str = ""
    """The newest one."""
    climbs: bool = False
    """Whether it was escalated or opened again, and has no dispatch for that yet."""
    history: Floor | None = None
    """What it has climbed to by what was missed or done in vain; None once a person moved it elsewhere."""
    kind: str | None = None
    households: int | None = None
    money: int | None = None
    read_since: bool = False
    """Whether it was read since its newest dispatch."""
    by_person: frozenset[FloorName] = frozenset()
    """The floors that rest on what a person has read in it, another kind or severity than before."""
    raised: Raised = Raised()
    """What else has raised it, of which its parts fall no lower."""
    reported: bool = False
    """Whether somebody reported it done in this round."""
    unsolved: int = 0
    """How often it was re-opened after that."""

    @property
    def other_end(self) -> UUID | None:
        """The petition in whose stream a link of this one stands."""
        return self.root or self.left


initial = State()


def refuse_unless_open(state: State) -> None:
    """Raises Rejected where nothing is to be done for it any more, or only for its parts."""
    if state.ended:
        raise PetitionEnded
    if state.resolved:
        raise AlreadyResolved
    if state.parts:
        raise IsSplit(state.parts)


def refuse_unless_waiting(state: State) -> None:
    """Raises Rejected where nothing is to be done for it any more, or only for the one that it follows."""
    refuse_unless_open(state)
    if state.root is not None:
        raise FollowsAnother(state.root)


def evolve(state: State, event: Event, ref: EventRef) -> State:
    """The petition after one more event."""
    match event:
        case PetitionFiled():
            sized = state._replace(households=event.households, money=event.money)
            return sized._replace(filed=True, about=event.about, split_from=event.split_from)
        case PetitionSupplemented():
            return state._replace(supplemented=event.number)
        case PetitionUrged():
            return state._replace(urged=event.number)
        case SeverityAssessed() | SeverityReassessed():
            return _evolve_read(state, event)
        case PetitionRouted():
            placed = state._replace(severity=event.severity, unit=event.unit, department=event.department)
            climbed = placed._replace(
                dispatch=str(ref), climbs=False, read_since=False, history=event.climbed_from(state.history)
            )
            raised = raised_by(state.raised, event, ref, by_person=state.by_person)
            return climbed._replace(raised=raised, root=None, left=state.other_end, parts=())
        case PetitionEscalated() if event.dispatch == state.dispatch:
            return state._replace(climbs=True)
        case DispatchClaimed():
            return state._replace(unit=event.unit, department=event.department)
        case DuplicateLinked() | DuplicateUnlinked():
            return _evolve_linked(state, event, ref)
        case ResolutionReported():
            reported = state._replace(reported=bool(event.dispatch), climbs=False)
            done = reported._replace(resolved=True, root=None, duplicates=frozenset())
            return done._replace(parts=(), resolved_with=state.parts)
        case PetitionSplit():
            return state._replace(parts=event.parts)
        case PetitionReopened():
            unsolved = state.unsolved + (event.in_vain and state.reported)
            waits_for = state.resolved_with if event.by_a_part else ()
            again = state._replace(climbs=True, reported=False, unsolved=unsolved, parts=waits_for, resolved_with=())
            return again._replace(resolved=False, ended=False, unit="", department=None)
        case PetitionWithdrawn():
            return state._replace(ended=True, root=None, left=None)
        case PetitionReferred() | PetitionDeclined() | PetitionClosed():
            return state._replace(ended=True, root=None)
        case _:
            return state


def _evolve_read(state: State, event: SeverityAssessed | SeverityReassessed) -> State:
    another = {FloorName.AUTHORITY: event.kind != state.kind, FloorName.SEVERITY: event.severity != state.severity}
    read = frozenset(floor for floor, differs in another.items() if differs)
    said = state._replace(assessed=True, kind=event.kind, severity=event.severity, read_since=True)
    if isinstance(event, SeverityAssessed):
        return said._replace(by_person=state.by_person - read)
    return said._replace(
        by_person=state.by_person | read,
        households=state.households if event.households is None else event.households,
        money=state.money if event.money is None else event.money,
    )


def _evolve_linked(state: State, event: DuplicateLinked | DuplicateUnlinked, ref: EventRef) -> State:
    begins = isinstance(event, DuplicateLinked)
    if event.duplicate != ref.petition:
        kept = state.duplicates - {event.duplicate}
        return state._replace(duplicates=kept | {event.duplicate} if begins else kept)
    if not begins:
        return state._replace(root=None, left=None)
    return state._replace(root=event.root, unit="", department=None)
