"""并案: what follows another is answered with its root, unless it must not be; then it goes its own way."""

from collections.abc import Sequence
from typing import Any

from router.aiming import aim, dispatch
from router.commands import Resolve, ResolveDuplicate
from router.handling import reported_done
from router.holding import going_on
from router.state import State
from schemas.event import Event
from services.chassis.deciding import Command


def also(state: State, command: Any) -> Sequence[Command]:
    """What is reported done is done for all that follow."""
    if not isinstance(command, Resolve):
        return ()
    root, stand, by = command.petition, state.responsible, state.answers
    return [ResolveDuplicate(one, command.now, root, stand, by, command) for one in sorted(state.duplicates)]


def resolve_duplicate(state: State, command: ResolveDuplicate) -> list[Event]:
    """办结 for what follows: its words again, so that they are sealed with this petition's key.

    Nobody is answered by the one complained about, and no danger by what was done for a milder matter."""
    if state.root != command.root:
        return []
    stand = command.stand
    if state.outgrew or command.policy.policy.jurisdiction.is_about(state.about, *command.by):
        return place_for_itself(state, command, "unlinked")
    resolved = reported_done(state, command.resolved, stand.dispatch)
    return [resolved.model_copy(update={"root": command.root, "tier": stand.tier, "unit": stand.unit})]


def place_for_itself(state: State, command: Any, rule: str) -> list[Event]:
    """A dispatch of its own: as if it were new, but not below where it stood, and with the time that it had."""
    state, resumed = going_on(state, command, rule)
    return [*resumed, *dispatch(state, command, *aim(state, command), rule)]
