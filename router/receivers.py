"""Who has a petition, and who must hear what becomes of it: what the news of dispatches is made from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from schemas.deadlines import Changes, Start, changes
from schemas.event import AnyRecorded, Event, Recorded
from schemas.events.escalation import SupervisionAnswered, SupervisionOrdered
from schemas.events.feedback import FeedbackReceived, PetitionClosed, PetitionReopened
from schemas.events.intake import DuplicateLinked, PetitionFiled, PetitionSplit, PetitionWithdrawn
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DispatchAccepted,
    DispatchClaimed,
    PetitionHeld,
    PetitionResumed,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import PetitionDeclined, PetitionReferred
from schemas.life import number_of
from schemas.words import Mode, Severity


class Dispatch(NamedTuple):
    """One dispatch as it was issued, with its deadlines as they are now; no `accept_by` once it was accepted."""

    id: str
    target: str
    unit: str
    department: str | None
    tier: str
    kind: str | None
    severity: Severity
    mode: Mode
    round: int
    accept_by: datetime | None
    resolve_by: datetime

    def after(self, changed: Changes) -> "Dispatch":
        """The same dispatch with the deadlines that these changes give it."""
        due = {one.name: one.due_at for one in changed if isinstance(one, Start)}
        return self._replace(
            accept_by=due.get(f"accept:{self.id}", self.accept_by),
            resolve_by=due.get(f"resolve:{self.round}", self.resolve_by),
        )

    def seen_by(self, unit: str, department: str | None = None) -> "Dispatch":
        """The same dispatch as another hears of it: who must answer for it, or did not do what was asked."""
        return self._replace(target=department or unit, unit=unit, department=department)

    def as_grave_as(self, newer: "Dispatch") -> "Dispatch":
        """The same dispatch of who helps with what is now taken for what the newer one says."""
        return self._replace(kind=newer.kind, severity=newer.severity, resolve_by=newer.resolve_by)

    def claimed_by(self, unit: str, department: str | None) -> "Dispatch":
        """The same dispatch with the unit or the department there that claimed it."""
        return self.seen_by(unit, department)._replace(accept_by=None)


class State(NamedTuple):
    """Who has the petition, and who must hear what becomes of it."""

    number: str = ""
    open: Dispatch | None = None
    """The newest dispatch while somebody has to handle it."""
    responsible: Dispatch | None = None
    """The one accepted last in this round, else the round's first; its receiver answers for it."""
    done: Dispatch | None = None
    """The one that was reported done in this round."""
    vouched: Dispatch | None = None
    """The same one with the unit that answers for it, when a partner had claimed it."""
    answered: Mapping[str, tuple[Dispatch, ...]] = MappingProxyType({})
    """Those that were ever reported done, with who answers for each, by their ids: others were answered with them."""
    co_handled: tuple[Dispatch, ...] = ()
    """The same dispatch with each department that was called to it."""
    solved: bool | None = None
    satisfied: bool | None = None

    left: tuple[Dispatch, ...] = ()
    """What was had when last anybody had it: first what was reported done, else the newest. Empty before the first."""
    superiors: Mapping[str, str] = MappingProxyType({})
    """The unit that must answer each supervision since the last answer, by the name of its deadline."""
    held_until: datetime | None = None
    """Until when nobody has to do anything; None while it is not on hold."""

    @property
    def anew(self) -> "State":
        """The same with nobody who has it."""
        return State(number=self.number, answered=self.answered, left=self.last, superiors=self.superiors)

    @property
    def over(self) -> "State":
        """The same when nobody has it any more."""
        return self._replace(open=None, responsible=None, co_handled=(), left=self.last)

    @property
    def last(self) -> tuple[Dispatch, ...]:
        """What is had now; while nobody has it, what was had when last anybody had it."""
        return tuple(self.at_work) or tuple(one._replace(accept_by=None) for one in self.left)

    def last_of(self, unit: str, department: str | None = None) -> Dispatch | None:
        """The dispatch that it has or had, else the one that others have or had, as it hears of it; None before the
        first."""
        target = department or unit
        theirs = (one for one in self.last if one.target == target)
        return next(theirs, self.last[0].seen_by(unit, department) if self.last else None)

    def after(self, changed: Changes) -> "State":
        """The same with the deadlines that these changes give to who has it and to who was called to help."""
        if self.open is None:
            return self
        helping = tuple(one.after(changed) for one in self.co_handled)
        behind = self.behind_a_partner
        responsible = self.responsible if behind is None else behind.after(changed)
        return self._replace(open=self.open.after(changed), responsible=responsible, co_handled=helping)

    @property
    def behind_a_partner(self) -> Dispatch | None:
        """The unit that answers for what a partner claimed."""
        has_it, answers = self.open, self.responsible
        return answers if has_it and answers and answers.id == has_it.id and answers.target != has_it.target else None

    @property
    def at_work(self) -> Sequence[Dispatch]:
        """Who must go on with it: who has it, and the unit that answers for a partner."""
        return [one for one in (self.open, self.behind_a_partner) if one is not None]

    @property
    def held(self) -> Sequence[Dispatch]:
        """What must be taken back when it is over: one dispatch for each receiver, the newer of two."""
        all_held = (one for one in (*self.co_handled, self.responsible, self.open) if one is not None)
        return tuple({one.target: one for one in all_held}.values())

    def reported_by(self, dispatch: str) -> Dispatch | None:
        """Who reports this dispatch done."""
        known = (one for one in (self.open, self.responsible) if one and one.id == dispatch)
        return next(known, None)

    @property
    def handed_on(self) -> Sequence[Dispatch]:
        """What another receiver's acceptance takes back: not from who was called to help."""
        called = {one.target for one in self.co_handled}
        return [one for one in self.held if one.target not in called]


initial = State()


def made_by(recorded: Recorded[PetitionRouted]) -> Dispatch:
    """The dispatch as it is issued."""
    event = recorded.event
    return Dispatch(
        id=str(recorded.ref),
        target=event.department or event.unit,
        unit=event.unit,
        department=event.department,
        tier=event.tier,
        kind=event.kind,
        severity=event.severity,
        mode=event.mode,
        round=event.round,
        accept_by=event.accept_by,
        resolve_by=event.resolve_by,
    )


def called_by(state: State, event: CoHandlersSummoned) -> Sequence[Dispatch]:
    """The open dispatch with each department that is called to it."""
    if state.open is None:
        return ()
    return [state.open._replace(target=one, department=one, accept_by=event.report_in_by) for one in event.departments]


def evolve(state: State, recorded: AnyRecorded) -> State:
    """Who has it after one more event."""
    event: Event = recorded.event
    match event:
        case PetitionFiled():
            return state._replace(number=number_of(recorded))
        case PetitionRouted():
            new = made_by(recorded)
            return state._replace(
                open=new,
                responsible=state.responsible or new,
                co_handled=tuple(one.as_grave_as(new) for one in state.co_handled),
                done=None,
                vouched=None,
                solved=None,
                satisfied=None,
            )
        case DispatchAccepted() if state.open is not None and event.dispatch == state.open.id:
            taken = state.open._replace(accept_by=None)
            helping = tuple(one for one in state.co_handled if one.target != taken.target)
            return state._replace(open=taken, responsible=taken, co_handled=helping)
        case DispatchClaimed() if state.open is not None and event.dispatch == state.open.id:
            taken = state.open.claimed_by(event.unit, event.department)
            behind = None if event.responsible is None else state.open._replace(accept_by=None)
            helping = tuple(one for one in state.co_handled if one.target != taken.target)
            return state._replace(open=taken, responsible=behind or taken, co_handled=helping)
        case PetitionHeld() | PetitionResumed():
            moved_on = state.after(changes(event, recorded.ref))
            return moved_on._replace(held_until=event.until if isinstance(event, PetitionHeld) else None)
        case CoHandlerReportedIn():
            there = (
                one._replace(accept_by=None) if one.target == event.department else one for one in state.co_handled
            )
            return state._replace(co_handled=tuple(there))
        case SupervisionOrdered():
            superior = {} if event.superior is None else {f"supervise:{event.number}": event.superior}
            return state._replace(superiors={**state.superiors, **superior})
        case SupervisionAnswered():
            return state._replace(superiors=initial.superiors)
        case CoHandlersSummoned():
            return state._replace(co_handled=(*state.co_handled, *called_by(state, event)))
        case ResolutionReported():
            done = state.reported_by(event.dispatch)
            vouched = state.behind_a_partner if done is state.open else None
            answer = {event.dispatch: tuple(one for one in (done, vouched) if one is not None)}
            left = (*(one for one in (done,) if one), *state.last)
            return state.over._replace(done=done, vouched=vouched, answered={**state.answered, **answer}, left=left)
        case FeedbackReceived():
            return state._replace(solved=event.solved, satisfied=event.satisfied)
        case PetitionClosed() | PetitionWithdrawn() | PetitionReferred() | PetitionDeclined():
            return state.over
        case PetitionReopened() | PetitionSplit():
            return state.anew
        case DuplicateLinked() if event.duplicate == recorded.petition:
            return state.anew
        case _:
            return state.after(changes(event, recorded.ref))
