"""时限: which events start, move and stop which deadline, and what became of each.

A deadline has a name (`accept:<dispatch>`) of a family (`accept`) and a due time. It is *met* when the event it waits
for comes at or before the due time, else *missed*, also when that event came before any timer looked. When its petition
ends first and before the due time, or is put on hold, it is neither: it *lapsed*.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from schemas.event import Event, EventRef
from schemas.events.escalation import DeadlineMissed, DeadlineNear, SupervisionAnswered, SupervisionOrdered
from schemas.events.feedback import (
    FeedbackAttempted,
    FeedbackReceived,
    FeedbackRequested,
    PetitionClosed,
    PetitionReopened,
)
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSplit,
    PetitionWithdrawn,
)
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DeadlinesRecounted,
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    ExtensionGranted,
    HandOffConfirmed,
    HandOffOrdered,
    PetitionHeld,
    PetitionResumed,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import (
    PetitionDeclined,
    PetitionReferred,
    ReviewRequested,
    SeverityConfirmed,
    SeverityReassessed,
)

NEAR = 0.8
"""The part of a deadline's time after which whoever has it is warned."""
TOO_LATE = timedelta(seconds=10)
"""A warning so short before the due time helps nobody and is not given."""
AT_THE_END = ("assess", "accept", "resolve", "report_in", "hold", "review", "feedback", "supervise")
"""What stops when a petition ends; a hand-off stays open until a person confirms it."""


class Start(NamedTuple):
    """A deadline begins, or gets another due time."""

    name: str
    due_at: datetime
    provisional: bool = False
    """Whether it was counted on a calendar that may still change."""
    near_at: datetime | None = None
    """When it is near, where the event says so; else it is near by the hours of the day."""

    def near(self, at: datetime) -> datetime | None:
        """When to warn, of a deadline that starts then; None where it would be too late."""
        near = self.near_at or at + NEAR * (self.due_at - at)
        return near if self.due_at - near > TOO_LATE else None


class Stop(NamedTuple):
    """What open deadlines waited for is there; or it will not come any more, and is not needed."""

    what: str
    """A family, of which every one stops, or the name of one that is no family's."""
    came: bool = True

    def covers(self, name: str) -> bool:
        """Whether a deadline of this name stops."""
        return self.what in (name, family_of(name))


Changes = Sequence[Start | Stop]


def changes(event: Event, ref: EventRef) -> Changes:
    """What one event does to its petition's deadlines; stops come before starts."""
    said = _CHANGES.get(type(event))
    return said(event, ref) if said else ()


def _routed(event: PetitionRouted, ref: EventRef) -> Changes:
    accept = Start(f"accept:{ref}", event.accept_by, event.provisional, event.accept_near)
    resolve = Start(f"resolve:{event.round}", event.resolve_by, event.provisional, event.resolve_near)
    return [Stop("assess"), Stop("accept"), accept, resolve]


def _resolved(event: ResolutionReported, ref: EventRef) -> Changes:
    starts = [Start(f"feedback:{event.round}", event.answer_by)] if event.answer_by else []
    return [Stop("accept"), Stop("resolve"), Stop("report_in", came=False), *starts]


def _summoned(event: CoHandlersSummoned, ref: EventRef) -> Changes:
    return [Start(f"report_in:{event.dispatch}:{one}", event.report_in_by) for one in event.departments]


def _resumed(event: PetitionResumed, ref: EventRef) -> Changes:
    return [Stop("hold"), Start(f"resolve:{event.round}", event.resolve_by, event.provisional, event.resolve_near)]


def _recounted(event: DeadlinesRecounted, ref: EventRef) -> Changes:
    both = (
        (f"accept:{event.dispatch}", event.accept_by, event.accept_near),
        (f"resolve:{event.round}", event.resolve_by, event.resolve_near),
    )
    return [Start(name, due, event.provisional, near) for name, due, near in both if due is not None]


def _reopened(event: PetitionReopened, ref: EventRef) -> Changes:
    starts = [Start("assess", event.route_by)] if event.route_by else []
    return [Stop("feedback", came=not event.by_a_part), *starts]  # nobody was asked, for a part is open again


_THE_END = [Stop(family, came=family == "assess") for family in AT_THE_END]


def _unlinked(event: DuplicateUnlinked, ref: EventRef) -> Changes:
    return [Start("assess", event.route_by)] if event.route_by else []


_CUT_SHORT = [Stop(family, came=False) for family in AT_THE_END]


_CHANGES: Mapping[type[Event], Callable[[Any, EventRef], Changes]] = {
    PetitionFiled: lambda event, ref: [Start("assess", event.assess_by)],
    PetitionRouted: _routed,
    DispatchAccepted: lambda event, ref: [Stop("accept")],
    DispatchClaimed: lambda event, ref: [Stop("accept")],
    DispatchReturned: lambda event, ref: [Stop("accept")],
    CoHandlersSummoned: _summoned,
    CoHandlerReportedIn: lambda event, ref: [Stop(f"report_in:{event.dispatch}:{event.department}")],
    ExtensionGranted: lambda event, ref: [Start(f"resolve:{event.round}", event.until)],
    PetitionHeld: lambda event, ref: [Stop("resolve", came=False), Start(f"hold:{event.number}", event.until)],
    PetitionResumed: _resumed,
    DeadlinesRecounted: _recounted,
    ResolutionReported: _resolved,
    HandOffOrdered: lambda event, ref: [Start("hand_off", event.confirm_by)],
    HandOffConfirmed: lambda event, ref: [] if event.outstanding else [Stop("hand_off")],
    ReviewRequested: lambda event, ref: [Start("review", event.review_by)],
    SeverityConfirmed: lambda event, ref: [Stop("review")],
    SeverityReassessed: lambda event, ref: [Stop("review")],
    FeedbackRequested: lambda event, ref: [Start(f"feedback:{event.round}", event.answer_by)],
    FeedbackAttempted: lambda event, ref: [Stop("feedback")] if event.last else [],
    FeedbackReceived: lambda event, ref: [Stop("feedback")],
    PetitionReopened: _reopened,
    SupervisionOrdered: lambda event, ref: [Start(f"supervise:{event.number}", event.answer_by)],
    SupervisionAnswered: lambda event, ref: [Stop("supervise")],
    DuplicateLinked: lambda event, ref: _THE_END if event.duplicate == ref.petition else [],
    DuplicateUnlinked: _unlinked,
    PetitionSplit: lambda event, ref: _THE_END,
    PetitionWithdrawn: lambda event, ref: _CUT_SHORT,
    PetitionReferred: lambda event, ref: _THE_END,
    PetitionDeclined: lambda event, ref: _THE_END,
    PetitionClosed: lambda event, ref: _THE_END,
}


def family_of(name: str) -> str:
    """`accept` of `accept:<dispatch>`."""
    return name.partition(":")[0]


class DeadlineState(StrEnum):
    """What became of a deadline."""

    OPEN = "open"
    MET = "met"
    MISSED = "missed"
    LAPSED = "lapsed"
    """Its petition ended, or was put on hold, before it was due and before what it waited for came: neither met nor
    missed."""


class Deadline(NamedTuple):
    """One deadline of a petition. `noticed`: its DeadlineMissed stands in the stream, `warned`: its DeadlineNear."""

    name: str
    due_at: datetime
    state: DeadlineState = DeadlineState.OPEN
    noticed: bool = False
    near_at: datetime | None = None
    warned: bool = False

    @property
    def family(self) -> str:
        return family_of(self.name)

    @property
    def harmless(self) -> bool:
        """Whether nothing can follow from it any more: it was met, or it lapsed."""
        return self.state in (DeadlineState.MET, DeadlineState.LAPSED)


Deadlines = tuple[Deadline, ...]


def follow(deadlines: Deadlines, event: Event, ref: EventRef) -> Deadlines:
    """The petition's deadlines after one more event, in the order they started."""
    if isinstance(event, DeadlineMissed | DeadlineNear):
        found: dict[str, Any] = {"warned": True}
        if isinstance(event, DeadlineMissed):
            found = {"state": DeadlineState.MISSED, "noticed": True}
        named = (event.deadline, event.due_at)
        return tuple([one._replace(**found) if (one.name, one.due_at) == named else one for one in deadlines])
    stops: dict[str, bool] = {}
    starts: list[Start] = []
    for change in changes(event, ref):
        if isinstance(change, Stop):
            stops[change.what] = change.came
        else:
            starts.append(change)
    if stops:
        deadlines = _stop(deadlines, stops, event.at)
    for start in starts:
        deadlines = _start(deadlines, start, event.at)
    return deadlines


def _stop(deadlines: Deadlines, stops: Mapping[str, bool], at: datetime) -> Deadlines:
    """`stops`: whether what was waited for came, by family or name."""
    return tuple([_stopped(one, stops, at) if one.state is DeadlineState.OPEN else one for one in deadlines])


def _stopped(one: Deadline, stops: Mapping[str, bool], at: datetime) -> Deadline:
    came = stops.get(one.family, stops.get(one.name))
    if came is None:
        return one
    in_time = DeadlineState.MET if came else DeadlineState.LAPSED
    return one._replace(state=in_time if at <= one.due_at else DeadlineState.MISSED)


def _start(deadlines: Deadlines, start: Start, at: datetime) -> Deadlines:
    """An open deadline of the same name is moved, unless it had passed by then: that one was missed.

    The same due time again opens what was met or lapsed for it, and changes nothing of what is open or was missed; who
    was warned of it is not warned again.
    """
    kept, warned = [], False
    for one in deadlines:
        if one.name != start.name:
            kept.append(one)
        elif one.due_at == start.due_at:
            if not one.harmless:
                return deadlines
            warned = one.warned
        elif one.state is not DeadlineState.OPEN:
            kept.append(one)
        elif at > one.due_at:
            kept.append(one._replace(state=DeadlineState.MISSED))
    return (*kept, Deadline(start.name, start.due_at, near_at=start.near(at), warned=warned))


def open_deadlines(deadlines: Deadlines) -> Deadlines:
    """Those that still wait for something."""
    return tuple(one for one in deadlines if one.state is DeadlineState.OPEN)
