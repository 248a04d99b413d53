"""并案: what follows another is answered with its root, unless it must not be; then it goes its own way."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from router.aiming import aim, dispatch, risen_after_failing
from router.commands import FinishPart, Resolve, ResolveDuplicate
from router.handling import reported_done
from router.holding import going_on
from router.stands import Stand
from router.state import State
from schemas.event import Event
from services.chassis.deciding import Command


def also(state: State, command: Any) -> Sequence[Command]:
    """What is reported done is done for all that follow, and each of them may be a part of another."""
    match command:
        case Resolve(petition=root, now=now):
            done_by = state.responsible
            follow = [
                ResolveDuplicate(one, now, root, done_by, state.answers, command) for one in sorted(state.duplicates)
            ]
            return [*follow, *finish_as_part(state, root, command, done_by)]
        case ResolveDuplicate() if not _must_stand_alone(state, command):
            return finish_as_part(state, command.petition, command.resolved, command.stand)
        case _:
            return ()


def finish_as_part(state: State, part: UUID, resolve: Resolve, done_by: Stand) -> Sequence[Command]:
    """What it asks of the petition that was split when this part of it is reported done."""
    if state.split_from is None:
        return ()
    outcome = resolve.result.value
    return [
        FinishPart(state.split_from, resolve.now, part, state.round, outcome, resolve.text, done_by, resolve.policy)
    ]


def resolve_duplicate(state: State, command: ResolveDuplicate) -> list[Event]:
    """办结 for what follows: its words again, so that they are sealed with this petition's key."""
    if state.root != command.root:
        return []
    if _must_stand_alone(state, command):
        return place_for_itself(state, command, "unlinked")
    stand = command.stand
    resolved = reported_done(state, command.resolved, stand.dispatch)
    return [resolved.model_copy(update={"root": command.root, "tier": stand.tier, "unit": stand.unit})]


def place_for_itself(state: State, command: Any, rule: str) -> list[Event]:
    """A dispatch of its own: as if it were new, but not below where it stood, with the time that it had, and above who
    reported it done in vain."""
    state, resumed = going_on(risen_after_failing(state, command.policy), command, rule)
    return [*resumed, *dispatch(state, command, *aim(state, command), rule)]


def _must_stand_alone(state: State, command: ResolveDuplicate) -> bool:
    """Nobody is answered by the one complained about, and no danger by what was done for a milder matter."""
    return state.outgrew or command.policy.policy.jurisdiction.is_about(state.about, *command.by)
