"""The pure side of a service: its decider, the commands it takes, the facts it is told, the refusals it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from schemas.event import AnyRecorded, Event, EventRef
from schemas.policy import Policy


class Command(Protocol):
    """Asks a decider for something about one petition; a frozen dataclass."""

    @property
    def petition(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What every decision may know: the log's time and the policy in force. Services add their own in a subclass."""

    now: datetime
    policy: Policy


class Rejected(Exception):
    """A command that must not be asked now. Each kind of refusal is a subclass with its own data and words."""

    code: str = "rejected"
    status: int = 409

    def zh(self) -> str:
        """The refusal and what to do next, in Chinese."""
        raise NotImplementedError(type(self).__name__)

    def en(self) -> str:
        """The refusal and what to do next, in English."""
        raise NotImplementedError(type(self).__name__)


def _of_no_other(state: Any, command: Any) -> Sequence[Command]:
    return ()


def _in_nobodys_name(state: Any, command: Any) -> str | None:
    return None


@dataclass(frozen=True)
class Decider:
    """A service's core: how its state follows from events, and what a command makes of that state."""

    service: str
    initial: Any
    decide: Callable[[Any, Any], Sequence[Event]]
    evolve: Callable[[Any, Event, EventRef], Any]
    also: Callable[[Any, Any], Sequence[Command]] = _of_no_other
    """What a caller's command asks of other petitions, by the state of its own, and those of others again: it is done
    with all of them, or not at all."""
    in_whose_name: Callable[[Any, Any], str | None] = _in_nobodys_name
    """The staff id of who did what a command that follows from news tells of; None where the service alone says it."""

    def fold(self, stream: Sequence[AnyRecorded]) -> Any:
        """The state after these events of one petition."""
        state = self.initial
        for recorded in stream:
            state = self.evolve(state, recorded.event, recorded.ref)
        return state
