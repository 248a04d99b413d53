"""The reading in force, and how events change it."""

from typing import NamedTuple
from uuid import UUID

from schemas.event import Event, EventRef
from schemas.events.feedback import PetitionClosed, PetitionReopened
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSplit,
    PetitionSupplemented,
    PetitionWithdrawn,
)
from schemas.events.router import PetitionPlaced, PetitionRouted, ResolutionReported
from schemas.events.severity import (
    PetitionDeclined,
    PetitionReferred,
    ReviewRequested,
    SeverityAssessed,
    SeverityConfirmed,
    SeverityReassessed,
)
from schemas.words import Disposition, Severity


class State(NamedTuple):
    """The reading in force."""

    filed: bool = False
    supplemented: bool = False
    """Whether words or files were added since."""
    assessed: bool = False
    confirmed: bool = False
    ended: bool = False
    let_go: bool = False
    """Whether it ended by nobody's word about the matter: whoever asked took it back, or a machine closed it."""
    resolved: bool = False
    answered: bool = False
    """Whether it was reported done, or opened again, in any round."""
    kind: str | None = None
    severity: Severity = Severity.ROUTINE
    disposition: Disposition = Disposition.HANDLE
    hand_off: tuple[str, ...] = ()
    extent: tuple[int | None, int | None] = (None, None)
    """How many households it touches and how many yuan are at stake, as far as somebody has said."""
    about: str | None = None
    """About whom it complains."""
    neighbour: str | None = None
    """The neighbouring district in which it surely lies, as long as no desk has placed it here."""
    routed: bool = False
    """Whether it was ever placed with somebody, be it unread."""
    taken: Severity = Severity.ROUTINE
    """How grave a dispatch took it to be."""
    judged: int = 0
    """Version of a person's last word about the reading; 0 before the first."""
    root: UUID | None = None
    """The petition that it follows."""
    duplicates: frozenset[UUID] = frozenset()
    """Those that follow it."""
    parts: tuple[UUID, ...] = ()
    """What it was split into, while it waits for them."""
    resolved_with: tuple[UUID, ...] = ()
    """The parts with which it was resolved in this round."""
    in_review: bool = False
    """Whether a person was asked to look at it, and nobody has."""


initial = State()


def extent_after(
    extent: tuple[int | None, int | None], households: int | None, money: int | None
) -> tuple[int | None, int | None]:
    """Households and yuan as a person said last."""
    return extent[0] if households is None else households, extent[1] if money is None else money


def evolve(state: State, event: Event, ref: EventRef) -> State:
    """The reading after one more event."""
    match event:
        case PetitionFiled():
            across = event.location.neighbour if event.location else None
            extent = (event.households, event.money)
            return state._replace(filed=True, extent=extent, about=event.about, neighbour=across)
        case PetitionSupplemented():
            return state._replace(supplemented=True)
        case PetitionPlaced():
            return state._replace(neighbour=None)
        case SeverityAssessed() | SeverityReassessed():
            return state._replace(
                assessed=True,
                confirmed=isinstance(event, SeverityReassessed),
                kind=event.kind,
                severity=event.severity,
                disposition=event.disposition,
                hand_off=event.hand_off,
                extent=extent_after(state.extent, event.households, event.money)
                if isinstance(event, SeverityReassessed)
                else state.extent,
                judged=ref.version if isinstance(event, SeverityReassessed) else state.judged,
                in_review=state.in_review and isinstance(event, SeverityAssessed),
            )
        case ReviewRequested():
            return state._replace(in_review=True, confirmed=False)
        case PetitionRouted():
            taken = state._replace(taken=event.severity, routed=True, root=None, parts=())
            return taken if state.assessed else taken._replace(kind=event.kind, severity=event.severity)
        case SeverityConfirmed():
            return state._replace(confirmed=True, judged=ref.version, in_review=False)
        case DuplicateLinked() | DuplicateUnlinked():
            return _evolve_linked(state, event, ref)
        case ResolutionReported():
            done = state._replace(resolved=True, answered=True, root=None, duplicates=frozenset())
            return done._replace(parts=(), resolved_with=state.parts)
        case PetitionSplit():
            return state._replace(parts=event.parts, in_review=False)
        case PetitionWithdrawn():
            return state._replace(ended=True, root=None, let_go=True)
        case PetitionReferred() | PetitionDeclined() | PetitionClosed():
            return state._replace(ended=True, root=None, let_go=isinstance(event, PetitionClosed) and event.by_machine)
        case PetitionReopened():
            again = state._replace(ended=False, let_go=False, resolved=False, answered=True, in_review=False)
            waits_for = state.resolved_with if event.by_a_part else ()
            return again._replace(disposition=state.disposition.once_reopened, parts=waits_for, resolved_with=())
        case _:
            return state


def _evolve_linked(state: State, event: DuplicateLinked | DuplicateUnlinked, ref: EventRef) -> State:
    begins = isinstance(event, DuplicateLinked)
    if event.duplicate == ref.petition:
        return state._replace(root=event.root if begins else None, in_review=state.in_review and not begins)
    kept = state.duplicates - {event.duplicate}
    return state._replace(duplicates=kept | {event.duplicate} if begins else kept)
