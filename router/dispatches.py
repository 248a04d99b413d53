"""What the events of a petition mean to those who have it, or had it: the news of `dispatch.events.v1`.

One event makes at most one piece of news for each receiver, so `<petition>:<version>:<target>` names it.
"""

from collections.abc import Sequence
from typing import Any

from router.receivers import Dispatch, State, called_by, evolve, initial, made_by
from schemas.deadlines import Changes, changes
from schemas.dispatches import (
    DispatchDeadlineMoved,
    DispatchEvent,
    DispatchFollowedUp,
    DispatchIssued,
    DispatchReminded,
    DispatchWithdrawn,
    FollowedBy,
)
from schemas.event import AnyRecorded, Recorded
from schemas.events.escalation import DeadlineMissed, DeadlineNear, SupervisionOrdered
from schemas.events.feedback import DuplicateReopened, PetitionClosed, PetitionReopened
from schemas.events.intake import (
    DuplicateLinked,
    PetitionSplit,
    PetitionSupplemented,
    PetitionUrged,
    PetitionWithdrawn,
)
from schemas.events.router import (
    CoHandlersSummoned,
    DispatchAccepted,
    DispatchClaimed,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import PetitionDeclined, PetitionReferred


def news(state: State, recorded: AnyRecorded) -> Sequence[DispatchEvent]:
    """What one more event means to receivers; most mean nothing."""
    match recorded.event:
        case PetitionRouted():
            return _routed(state, recorded)
        case DispatchAccepted():
            return _accepted(state, recorded)
        case DispatchClaimed():
            return _claimed(state, recorded)
        case CoHandlersSummoned():
            return [
                DispatchIssued(**_about(one, state, recorded, "summoned")) for one in called_by(state, recorded.event)
            ]
        case ResolutionReported():
            return _resolved(state, recorded)
        case DeadlineNear():
            return _reminded(state, recorded, "near")
        case DeadlineMissed():
            return () if recorded.event.late else _reminded(state, recorded, "missed")
        case SupervisionOrdered():
            return _supervised(state, recorded)
        case PetitionClosed():
            return _over(state, recorded, "closed", recorded.event.outcome.value)
        case PetitionReopened():
            return _over(state, recorded, "reopened", recorded.event.cause)
        case DuplicateReopened():
            return _answered_in_vain(state, recorded)
        case PetitionUrged() | PetitionSupplemented():
            return _awaited(state, recorded, "urged" if isinstance(recorded.event, PetitionUrged) else "supplemented")
        case PetitionWithdrawn() | PetitionSplit():
            why = "withdrawn" if isinstance(recorded.event, PetitionWithdrawn) else "split"
            return [DispatchWithdrawn(**_about(one, state, recorded, why)) for one in state.held]
        case DuplicateLinked():
            follows = recorded.event.duplicate == recorded.petition
            held = state.held if follows else ()
            return [DispatchWithdrawn(**_about(one, state, recorded, "linked")) for one in held]
        case PetitionReferred() | PetitionDeclined():
            how: FollowedBy = "referred" if isinstance(recorded.event, PetitionReferred) else "declined"
            return _over(state, recorded, how, how)
        case event:
            return moved(state, recorded, changes(event, recorded.ref))


def told(stream: Sequence[AnyRecorded]) -> Sequence[DispatchEvent]:
    """All news of a petition's life so far, in order."""
    return told_next(None, stream)[0]


def told_next(state: State | None, events: Sequence[AnyRecorded]) -> tuple[Sequence[DispatchEvent], State]:
    """The news of what came next to a petition in this state, None before its first event; and its state then."""
    now, heard = state or initial, list[DispatchEvent]()
    for recorded in events:
        heard += news(now, recorded)
        now = evolve(now, recorded)
    return heard, now


def moved(state: State, recorded: AnyRecorded, changed: Changes) -> Sequence[DispatchEvent]:
    """The news when an event gives a deadline of the open dispatch another time."""
    if state.open is None:
        return ()
    reason = type(recorded.event).__name__
    have_it = {one.target: one for one in (*state.co_handled, *state.at_work)}.values()
    both = [(old, old.after(changed)) for old in have_it]
    return [
        DispatchDeadlineMoved(
            **_about(now, state, recorded, reason),
            accept_was=old.accept_by if old.accept_by != now.accept_by else None,
            resolve_was=old.resolve_by if old.resolve_by != now.resolve_by else None,
        )
        for old, now in both
        if old != now
    ]


def _routed(state: State, recorded: Recorded[PetitionRouted]) -> Sequence[DispatchEvent]:
    event, new, old = recorded.event, made_by(recorded), state.open
    issued = DispatchIssued(
        **_about(new, state, recorded, event.rule),
        floors=event.floors,
        overdue=event.overdue,
        provisional=event.provisional,
        replaces=old.id if old else None,
    )
    withdrawn = [
        DispatchWithdrawn(
            **_about(one, state, recorded, event.rule),
            replaced_by=new.id,
            still_responsible=state.responsible is not None and state.responsible.target == one.target,
        )
        for one in state.at_work
        if one.target != new.target
    ]
    heard = {new.target, *(one.target for one in withdrawn)}
    return (*withdrawn, issued, *(one for one in _helping(state, recorded, new) if one.target not in heard))


def _helping(state: State, recorded: Recorded[PetitionRouted], new: Dispatch) -> Sequence[DispatchEvent]:
    """Who was called to help with what is dispatched anew goes on helping, and hears when it is graver or due anew."""
    news = list[DispatchEvent]()
    for old in state.co_handled:
        now = old.as_grave_as(new)
        if now == old:
            continue
        if now.resolve_by != old.resolve_by:
            about = _about(now, state, recorded, type(recorded.event).__name__)
            news.append(DispatchDeadlineMoved(**about, resolve_was=old.resolve_by))
        else:
            about = _about(now, state, recorded, recorded.event.rule)
            news.append(DispatchReminded(**about, deadline=f"resolve:{now.round}", due_at=now.resolve_by))
    return news


def _accepted(state: State, recorded: Recorded[DispatchAccepted]) -> Sequence[DispatchEvent]:
    if state.open is None or recorded.event.dispatch != state.open.id:
        return ()  # that dispatch has been replaced or done
    return [
        DispatchWithdrawn(**_about(one, state, recorded, "accepted"), replaced_by=state.open.id)
        for one in state.handed_on
        if one.target != state.open.target
    ]


def _claimed(state: State, recorded: Recorded[DispatchClaimed]) -> Sequence[DispatchEvent]:
    """Whoever else heard of it need not wait any more, though who is behind a partner stays responsible; the claimer
    has it as if it had been issued to it."""
    if state.open is None or recorded.event.dispatch != state.open.id:
        return ()
    taken = state.open.claimed_by(recorded.event.unit, recorded.event.department)
    withdrawn: list[DispatchEvent] = [
        DispatchWithdrawn(
            **_about(one, state, recorded, "claimed"),
            replaced_by=taken.id,
            still_responsible=recorded.event.responsible == one.target,
        )
        for one in state.handed_on
        if one.target != taken.target
    ]
    if taken.target == state.open.target:
        return withdrawn
    return [*withdrawn, DispatchIssued(**_about(taken, state, recorded, "claimed"))]


def _resolved(state: State, recorded: Recorded[ResolutionReported]) -> Sequence[DispatchEvent]:
    done = state.reported_by(recorded.event.dispatch)
    if recorded.event.on_the_spot:
        done = None  # its receiver heard that it has it, and need not handle it any more either
    others = [one for one in state.held if done is None or one.target != done.target]
    return [DispatchWithdrawn(**_about(one, state, recorded, "resolved")) for one in others]


def _reminded(
    state: State, recorded: Recorded[DeadlineMissed] | Recorded[DeadlineNear], reason: str
) -> Sequence[DispatchEvent]:
    event = recorded.event
    superior = state.superiors.get(event.deadline)
    if superior is not None:  # that it was missed, the next supervision says
        seen = state.last_of(superior) if reason == "near" else None
        about = None if seen is None else _about(seen, state, recorded, reason)
        return [DispatchReminded(**about, deadline=event.deadline, due_at=event.due_at)] if about else ()
    if state.open is None:
        return ()
    called = _called_for(state, event.deadline)
    if called is None and event.deadline not in (f"accept:{state.open.id}", f"resolve:{state.open.round}"):
        return ()  # another dispatch, another round, or nothing that its receiver can do
    return [
        DispatchReminded(**_about(one, state, recorded, reason), deadline=event.deadline, due_at=event.due_at)
        for one in ([called] if called else state.at_work)
    ]


def _awaited(state: State, recorded: AnyRecorded, reason: str) -> Sequence[DispatchEvent]:
    if state.open is None or state.held_until is not None:
        return ()  # on hold nothing is due that its receiver could be reminded of
    waits = state.open.accept_by
    deadline, due_at = (f"resolve:{state.open.round}", state.open.resolve_by)
    if waits is not None:
        deadline, due_at = f"accept:{state.open.id}", waits
    return [
        DispatchReminded(**_about(one, state, recorded, reason), deadline=deadline, due_at=due_at)
        for one in state.at_work
    ]


def _called_for(state: State, deadline: str) -> Dispatch | None:
    """Who was to report in by this deadline."""
    return next((one for one in state.co_handled if deadline == f"report_in:{one.id}:{one.target}"), None)


def _supervised(state: State, recorded: Recorded[SupervisionOrdered]) -> Sequence[DispatchEvent]:
    """Whoever it is about hears it, and the superior who must answer, also while nobody has it. What was never
    dispatched has no dispatch that they could hear of."""
    event = recorded.event
    concerned = list(_whose_handling(state, event))
    seen = None if event.superior is None else state.last_of(event.superior)
    if seen is not None and seen.target not in {one.target for one in concerned}:
        concerned.append(seen)
    deadline = f"supervise:{event.number}"
    return [
        DispatchReminded(**_about(one, state, recorded, "supervised"), deadline=deadline, due_at=event.answer_by)
        for one in concerned
    ]


def _whose_handling(state: State, event: SupervisionOrdered) -> Sequence[Dispatch]:
    """Whom it is about: who was called to it, has it, or had it, with the unit that answers for a partner."""
    helping = next((one for one in state.co_handled if one.target == event.department), None)
    if called := _called_for(state, event.cause) or helping:
        return [called]
    at_work = state.at_work or state.last[:1]
    if event.unit is None or (event.department or event.unit) in {one.target for one in at_work}:
        return at_work  # an old one names nobody
    had = state.last_of(event.unit, event.department)
    return [] if had is None else [had]


def _over(state: State, recorded: AnyRecorded, followed_by: FollowedBy, reason: str) -> Sequence[DispatchEvent]:
    if state.done is None:
        return [DispatchWithdrawn(**_about(one, state, recorded, followed_by)) for one in state.held]
    return [
        DispatchFollowedUp(
            **_about(one, state, recorded, reason),
            followed_by=followed_by,
            solved=state.solved,
            satisfied=state.satisfied,
        )
        for one in (state.done, state.vouched)
        if one is not None
    ]


def _answered_in_vain(state: State, recorded: Recorded[DuplicateReopened]) -> Sequence[DispatchEvent]:
    """Who reported done what a repeat was answered with."""
    event = recorded.event
    solved = None if event.cause == "person" else False
    return [
        DispatchFollowedUp(
            **_about(one, state, recorded, event.cause),
            followed_by="duplicate_reopened",
            solved=solved,
            duplicate=event.duplicate,
        )
        for one in state.answered.get(event.dispatch, ())
    ]


def _about(dispatch: Dispatch, state: State, recorded: AnyRecorded, reason: str) -> dict[str, Any]:
    """What all news of a dispatch says."""
    return {
        **dispatch._asdict(),
        "id": f"{recorded.ref}:{dispatch.target}",
        "at": recorded.event.at,
        "petition": recorded.petition,
        "version": recorded.version,
        "number": state.number,
        "dispatch": dispatch.id,
        "reason": reason,
        "link": f"/v1/petitions/{recorded.petition}",
    }
