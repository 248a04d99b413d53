"""拆分: what was split is resolved with the last of its parts, whatever each of them came to."""

from collections.abc import Iterable

from router.commands import FinishPart
from router.following import place_for_itself
from router.stands import Part, Stand
from router.state import State
from schemas.event import Event
from schemas.events.router import PartFinished, ResolutionReported
from schemas.sealed import Sealed
from schemas.words import Result, Severity


def finish_part(state: State, command: FinishPart) -> list[Event]:
    """The part is done with; when it is the last one, so is the whole, unless it was read as a danger since it was
    split: nobody has seen to that, whatever became of its parts."""
    known = state.parts.get(command.part)
    if known is None or known.outcome or command.round < known.round:
        return []  # it does not wait for that part, or was told so already, or that part is open again
    done = command.stand
    finished = PartFinished(
        at=command.now,
        part=command.part,
        round=command.round,
        outcome=command.outcome,
        text=None if command.text is None else Sealed.of(command.text),
        dispatch=done.dispatch or None,
        tier=done.tier or None,
        unit=done.unit or None,
    )
    parts = {**state.parts, command.part: Part(command.round, command.outcome, done)}
    if not all(part.outcome for part in parts.values()):
        return [finished]
    if state.severity is Severity.CRITICAL:
        return [finished, *place_for_itself(state, command, "supplemented")]
    return [finished, _resolved(state, command, parts.values())]


def _resolved(state: State, command: FinishPart, parts: Iterable[Part]) -> ResolutionReported:
    stands = (command.stand, *(part.stand for part in parts))
    done = next((one for one in stands if one.dispatch), Stand())
    return ResolutionReported(
        at=command.now,
        dispatch=done.dispatch,
        round=state.round,
        result=_result({part.outcome for part in parts}).value,
        text=Sealed.of(""),
        answer_by=command.policy.answer_by(command.now),
        tier=done.tier or None,
        unit=done.unit or None,
        part=command.part,
    )


def _result(outcomes: set[str]) -> Result:
    """Done when all were, partly when some were; else it was explained what became of them."""
    whole = {Result.DONE, Result.SETTLED}
    if outcomes <= whole:
        return Result.SETTLED if outcomes == {Result.SETTLED} else Result.DONE
    return Result.PARTLY_DONE if outcomes & {*whole, Result.PARTLY_DONE} else Result.EXPLAINED
