"""Who has a petition, and who must hear what becomes of it: what the news of dispatches is made from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from schemas.deadlines import Changes, Start
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

    def seen_by(self, superior: str) -> "Dispatch":
        """The same dispatch as who must answer for it hears of it."""
        return self._replace(target=superior, unit=superior, department=None)

    def claimed_by(self, unit: str, department: str | None) -> "Dispatch":
        """The same dispatch with the unit or the department there that claimed it."""
        return self._replace(target=department or unit, unit=unit, department=department, accept_by=None)


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

    superiors: Mapping[str, str] = MappingProxyType({})
    """The unit that must answer each supervision since the last answer, by the name of its deadline."""
    held_until: datetime | None = None
    """Until when nobody has to do anything; None while it is not on hold."""

    @property
    def anew(self) -> "State":
        """The same with nobody who has it."""
        return State(number=self.number, answered=self.answered)

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
