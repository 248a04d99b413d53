"""Closing is the resident's word: asked after every resolution, believed when given."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from feedback.commands import (
    Close,
    CloseUnreached,
    NoteDuplicateReopened,
    NoteReopened,
    Reopen,
    ReopenDanger,
    RequestFeedback,
    TakeFeedback,
)
from feedback.rejections import (
    AttemptTooSoon,
    IsSplit,
    NoAnswer,
    NotAsked,
    NotClosed,
    PersonNeeded,
    WindowClosed,
)
from schemas.event import Event, EventRef
from schemas.events.feedback import (
    DANGER,
    PART,
    DuplicateReopened,
    FeedbackAttempted,
    FeedbackReceived,
    FeedbackRequested,
    PartReopened,
    PetitionClosed,
    PetitionReopened,
)
from schemas.events.intake import PetitionFiled, PetitionSplit, PetitionWithdrawn
from schemas.events.router import PetitionRouted, ResolutionReported
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.policy import Limits
from schemas.sealed import Sealed
from schemas.words import Outcome, Severity
from services.chassis.deciding import Command, Decider


class State(NamedTuple):
    """Where asking stands. `asked` is the round being asked about; 0 is none."""

    round: int = 1
    asked: int = 0
    resolved: int = 0
    """The round that was resolved last."""
    resolved_at: datetime | None = None
    answer_by: datetime | None = None
    attempts: int = 0
    attempted_at: datetime | None = None
    """When the resident was tried last about this round."""
    closed: bool = False
    ended: bool = False
    turned_away_at: datetime | None = None
    """When it was withdrawn, referred or declined; None while it is not."""
    let_go: bool = False
    """Whether it was withdrawn, closed by a machine, or turned away before what had been added was read, and so was not
    known to be critical by then."""
    severity: Severity = Severity.ROUTINE
    found_since: bool = False
    """Whether it was read as critical since it was reported done: by words that nobody had read, or of which whoever
    reported it did not know how grave they are."""
    root: UUID | None = None
    """The petition with which it was answered in this round, by its dispatch `done_by`."""
    done_by: str = ""
    not_helped: frozenset[tuple[UUID, str]] = frozenset()
    """The repeats that are open again, each with the dispatch of this petition that it had been answered with."""
    reachable: bool = True
    reopen_until: datetime | None = None
    split_from: UUID | None = None
    """The petition of which it is a part."""
    parts: Mapping[UUID, int] = MappingProxyType({})
    """What it was split into, each with its round, while it waits for them."""
    resolved_with: Mapping[UUID, int] = MappingProxyType({})
    """The parts with which it was resolved in this round."""


initial = State()


def decide(state: State, command: Any) -> list[Event]:
    """What the command makes of the asking."""
    match command:
        case RequestFeedback():
            return _request(state, command)
        case TakeFeedback():
            return _once_asked(_take, state, command)
        case CloseUnreached():
            return _close_unreached(state, command)
        case Reopen():
            return _once_asked(_reopen, state, command)
        case ReopenDanger():
            return _reopen_danger(state, command)
        case Close():
            return _once_asked(_close, state, command)
        case NoteReopened():
            return _note_reopened(state, command)
        case NoteDuplicateReopened():
            return _note_duplicate_reopened(state, command)
        case _:
            raise TypeError(f"feedback has no command {type(command).__name__}")


def also(state: State, command: Any) -> Sequence[Command]:
    """What was split waits again for a part that is opened again, and who answered a repeat hears of it."""
    match command:
        case Reopen() | TakeFeedback(reached=True, solved=False | None):
            return [*_told_as_part(state, command), *_told_as_repeat(state, command)]
        case _:
            return ()


def _told_as_part(state: State, command: Reopen | TakeFeedback) -> list[NoteReopened]:
    if state.split_from is None:
        return []
    return [NoteReopened(state.split_from, command.now, command.petition, state.round + 1)]


def _told_as_repeat(state: State, command: Reopen | TakeFeedback) -> list[NoteDuplicateReopened]:
    if state.root is None:
        return []
    return [NoteDuplicateReopened(state.root, command.now, command.petition, state.done_by, _cause(command))]


def _cause(command: Reopen | TakeFeedback) -> str:
    """Why it is open again."""
    if isinstance(command, Reopen):
        return "person"
    return "false_closure" if command.contacted is False else "not_solved"


def _note_reopened(state: State, command: NoteReopened) -> list[Event]:
    """It waits for that part again, also when it was resolved by now: nobody is asked about the whole meanwhile."""
    known = state.parts or state.resolved_with
    if command.round <= known.get(command.part, command.round):
        return []  # it does not wait for that part, or knows so
    opened = PartReopened(at=command.now, part=command.part, round=command.round)
    if state.parts:
        return [opened]
    if state.ended or state.severity is Severity.CRITICAL:
        return []  # it was answered already; what is critical has a person to answer it, and is nobody's to wait
    return [PetitionReopened(at=command.now, round=state.round + 1, cause=PART), opened]


def _note_duplicate_reopened(state: State, command: NoteDuplicateReopened) -> list[Event]:
    if (command.duplicate, command.dispatch) in state.not_helped:
        return []
    return [
        DuplicateReopened(at=command.now, duplicate=command.duplicate, dispatch=command.dispatch, cause=command.cause)
    ]


def _request(state: State, command: RequestFeedback) -> list[Event]:
    asked = _ask(state, command) if command.round == state.round else []  # an earlier round
    if not asked or state.reachable or state.severity is Severity.CRITICAL:
        return asked
    return [*asked, PetitionClosed(at=command.now, round=state.round, outcome=_unanswered(state))]


def _once_asked(decide: Callable[[State, Any], list[Event]], state: State, command: Any) -> list[Event]:
    """What a person makes of a resolution; one who is faster than the asking asks by that."""
    if state.parts:
        raise IsSplit(tuple(state.parts))
    asked = _ask(state, command)
    for event in asked:
        state = evolve(state, event, EventRef(command.petition, 0))
    return [*asked, *decide(state, command)]


def _ask(state: State, command: RequestFeedback | TakeFeedback | CloseUnreached | Reopen | Close) -> list[Event]:
    if state.ended or state.asked or state.resolved != state.round or state.resolved_at is None:
        return []  # asked already, or nothing is resolved
    limits = command.policy.limits
    return [
        FeedbackRequested(
            at=command.now,
            round=state.round,
            answer_by=command.now + timedelta(hours=limits.feedback_hours),
            reopen_until=limits.reopen_until(state.resolved_at),
            policy=command.policy.version,
        )
    ]


def _take(state: State, command: TakeFeedback) -> list[Event]:
    if state.ended or not state.asked:
        raise NotAsked
    text = None if command.text is None else Sealed.of(command.text)
    if not command.reached:
        return _attempted(state, command, text)
    never_contacted = command.contacted is False and not command.solved
    if command.solved is None and not never_contacted:
        raise NoAnswer
    if state.severity is Severity.CRITICAL and command.by is None:
        raise PersonNeeded
    answer = FeedbackReceived(
        at=command.now,
        round=state.round,
        solved=bool(command.solved),
        satisfied=command.satisfied,
        contacted=command.contacted,
        contact=command.contact,
        text=text,
    )
    if command.solved:
        return [answer, PetitionClosed(at=command.now, round=state.round, outcome=Outcome.SOLVED)]
    return [answer, _reopened(state, command, _cause(command))]


def _attempted(state: State, command: TakeFeedback, text: Sealed[str] | None) -> list[Event]:
    spacing = timedelta(hours=command.policy.limits.feedback_spacing_hours)
    if state.attempted_at is not None and command.now < state.attempted_at + spacing:
        raise AttemptTooSoon(state.attempted_at + spacing)
    attempt = state.attempts + 1
    last = attempt >= command.policy.limits.feedback_attempts
    said: list[Event] = [
        FeedbackAttempted(
            at=command.now, round=state.round, attempt=attempt, text=text, contact=command.contact, last=last
        )
    ]
    if last and state.severity is not Severity.CRITICAL:
        said.append(PetitionClosed(at=command.now, round=state.round, outcome=_unanswered(state)))
    return said


def _close_unreached(state: State, command: CloseUnreached) -> list[Event]:
    if state.ended or state.round != command.round:
        return []  # answered after all, or another round
    if not state.asked:
        return _ask(state, command)  # nobody was told to call
    if state.answer_by != command.due_at:
        return []  # it was asked for late and has its own time
    if state.severity is Severity.CRITICAL:
        return []  # never closed by a machine; escalation puts it before a named person
    return [PetitionClosed(at=command.now, round=command.round, outcome=_unanswered(state))]


def _unanswered(state: State) -> Outcome:
    """How it ends when nobody has answered: nobody can ask who left no number."""
    return Outcome.NOT_REACHED if state.reachable else Outcome.NOT_APPLICABLE


def _reopen(state: State, command: Reopen) -> list[Event]:
    until = _reopen_until(state, command.policy.limits)
    if until is None:
        raise NotClosed
    if command.now > until:
        raise WindowClosed(until.isoformat(timespec="seconds"))
    return [_reopened(state, command, _cause(command), Sealed.of(command.reason))]


def _reopen_danger(state: State, command: ReopenDanger) -> list[Event]:
    """Nobody has seen to it: neither who reported it done, nor anybody by whom it was let go as less than that."""
    if state.severity is not Severity.CRITICAL:
        return []
    unknown = state.let_go or (state.found_since and not state.ended)
    return [_reopened(state, command, DANGER)] if unknown else []


def _reopen_until(state: State, limits: Limits) -> datetime | None:
    if state.turned_away_at is not None:
        return state.reopen_until or limits.reopen_until(state.turned_away_at)
    return state.reopen_until if state.closed or state.asked else None


def _reopened(
    state: State, command: TakeFeedback | Reopen | ReopenDanger, cause: str, reason: Sealed[str] | None = None
) -> PetitionReopened:
    route_by = command.now + timedelta(hours=command.policy.limits.assess_hours)
    return PetitionReopened(at=command.now, round=state.round + 1, cause=cause, reason=reason, route_by=route_by)


def _close(state: State, command: Close) -> list[Event]:
    if state.closed:
        return []
    if state.ended or not state.asked:
        raise NotAsked
    return [
        PetitionClosed(at=command.now, round=state.round, outcome=Outcome.BY_PERSON, reason=Sealed.of(command.reason))
    ]


def evolve(state: State, event: Event, ref: EventRef) -> State:
    """Where asking stands after one more event."""
    match event:
        case PetitionFiled():
            return state._replace(reachable=event.reachable, split_from=event.split_from)
        case SeverityAssessed() | SeverityReassessed():
            critical = event.severity is Severity.CRITICAL
            added = isinstance(event, SeverityAssessed) and event.supplement is not None
            news = added or state.severity is not Severity.CRITICAL
            found = critical and state.resolved == state.round and (state.found_since or news)
            let_go = state.let_go or (added and state.turned_away_at is not None)
            return state._replace(severity=event.severity, found_since=found, let_go=let_go)
        case PetitionRouted():
            return state._replace(severity=event.severity, parts=initial.parts)
        case ResolutionReported():
            done = state._replace(resolved=event.round, round=event.round, resolved_at=event.at, parts=initial.parts)
            done = done._replace(found_since=False, resolved_with=state.parts)
            return done._replace(root=event.root, done_by=event.dispatch)
        case PetitionSplit():
            return state._replace(parts=dict.fromkeys(event.parts, 1))
        case PartReopened():
            return state._replace(parts={**state.parts, event.part: event.round})
        case DuplicateReopened():
            return state._replace(not_helped=state.not_helped | {(event.duplicate, event.dispatch)})
        case FeedbackRequested():
            asked = state._replace(asked=event.round, answer_by=event.answer_by, reopen_until=event.reopen_until)
            return asked._replace(attempts=0, attempted_at=None)
        case FeedbackAttempted():
            return state._replace(attempts=event.attempt, attempted_at=event.at)
        case PetitionReopened():
            again = state._replace(round=event.round, asked=0, closed=False, ended=False, turned_away_at=None)
            waits_for = state.resolved_with if event.by_a_part else initial.parts
            again = again._replace(let_go=False, found_since=False, root=None)
            return again._replace(parts=waits_for, resolved_with=initial.parts)
        case PetitionClosed():
            return state._replace(asked=0, closed=True, ended=True, let_go=event.by_machine)
        case PetitionWithdrawn() | PetitionReferred() | PetitionDeclined():
            over = state._replace(asked=0, ended=True, let_go=isinstance(event, PetitionWithdrawn))
            return over._replace(turned_away_at=event.at, reopen_until=event.reopen_until)
        case _:
            return state


DECIDER = Decider("feedback", initial, decide, evolve, also)
