"""What an event is, and the envelope it is recorded in. Events are storage: fields are added, never renamed."""

from datetime import datetime
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

Instant = AwareDatetime
"""A moment; deciders make it in UTC, and so it is stored."""


class Event(BaseModel):
    """Something that happened to one petition; past tense, flat, frozen.

    Unknown fields of stored events are ignored: a reader of this release meets events of the next one while both run.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    owner: ClassVar[str]
    """The one service that may append it."""
    schema_version: ClassVar[int] = 1

    at: Instant
    """When it was decided, by the log's time."""


class EventRef(NamedTuple):
    """`<petition>:<version>`: an event's name on the wire, as a cause, and as the id of the dispatch it made."""

    petition: UUID
    version: int

    def __str__(self) -> str:
        return f"{self.petition}:{self.version}"


E = TypeVar("E", bound=Event, covariant=True)


class Recorded(NamedTuple, Generic[E]):
    """An event where it stands: version 1..n in its petition's stream, position 1..n in its log partition."""

    ref: EventRef
    petition: UUID
    version: int
    partition: int
    position: int
    event: E
    service: str
    causation: str
    """What caused it: the ref of the event heard, the id of the request, or the id of the timer that fired."""
    by: str | None
    """The named person behind it; None when a service decided alone."""
    recorded_at: datetime
    request: str | None = None
    """Keyed digest of the HTTP command, so that a repeated key with another body is noticed."""


AnyRecorded = Recorded[Any]
