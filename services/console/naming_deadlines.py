"""What the deadlines of one petition are called: those of a re-opening have a name of their own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from schemas.event import AnyRecorded
from schemas.events.feedback import PetitionReopened
from services.console.reader import Reader
from services.console.words import Text

ROUTE_AGAIN = Text("重新派单（第 {n} 轮）", "Route again (round {n})")


class Due(Protocol):
    """A deadline, in a petition's life or in an answer."""

    @property
    def name(self) -> str: ...

    @property
    def due_at(self) -> datetime: ...


def deadline_names(stream: Sequence[AnyRecorded], reader: Reader) -> Callable[[Due], str]:
    """How a deadline is called; the one that a re-opening starts waits for the next dispatch and not for a reading."""
    events = [recorded.event for recorded in stream]
    reopened = {event.route_by: event.round for event in events if isinstance(event, PetitionReopened)}

    def name(one: Due) -> str:
        again = reopened.get(one.due_at) if one.name == "assess" else None
        return reader.deadline(one.name) if again is None else reader.of(ROUTE_AGAIN, n=again)

    return name
