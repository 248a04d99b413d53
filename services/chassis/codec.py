"""Rows of the log to events and back."""

from collections.abc import Iterable
from functools import cache
from typing import Any, get_args
from uuid import UUID

from pydantic import ConfigDict, ValidationError
from pydantic_core import from_json, to_json

from schemas.event import AnyRecorded, Event, EventRef, Recorded
from schemas.events import EVENT_TYPES
from services.chassis.clock import from_micros
from services.chassis.store.engine import EventRow


class Undecodable(Event):
    """An event this release cannot read: of a type it does not know, with data that do not fit its type, or without
    a word of who wrote it."""

    model_config = ConfigDict(frozen=True)

    type: str
    known: bool
    """True when the type is known and the row is broken; False for a type of a later release."""


class PassedOver(Event):
    """An event of a type that its reader does not hear: only its place was read."""


_PASSED_OVER = PassedOver(at=from_micros(0))
_NO_EVENT = EventRef(UUID(int=0), 0)


def passed_over(partition: int, position: int) -> AnyRecorded:
    """Where an event stands, and nothing else of it: the other fields are blank."""
    return Recorded(_NO_EVENT, _NO_EVENT.petition, 0, partition, position, _PASSED_OVER, "", "", None, _PASSED_OVER.at)


def encode_data(event: Event) -> str:
    """The event's exact JSON as stored; absent optional fields are left out, null ones that must be said are said."""
    exclude_none = not _says_null(type(event))
    return event.__pydantic_serializer__.to_json(event, exclude_none=exclude_none).decode()


@cache
def _says_null(event_type: type[Event]) -> bool:
    """Whether a field must be there and may be null, so that leaving it out would make the event unreadable."""
    return any(f.is_required() and type(None) in get_args(f.annotation) for f in event_type.model_fields.values())


def encode_meta(service: str, causation: str, by: str | None, request: str | None) -> str:
    """Who wrote it and why, as stored beside every event."""
    meta = {"service": service, "causation": causation}
    if by is not None:
        meta["by"] = by
    if request is not None:
        meta["request"] = request
    return to_json(meta).decode()


def decode(row: EventRow) -> AnyRecorded:
    """A row as the event it records; what cannot be read becomes `Undecodable`, to be parked by who needs it."""
    meta = read_meta(row.meta)
    petition = row.stream_id
    return Recorded(
        EventRef(petition, row.version),
        petition,
        row.version,
        row.partition,
        row.position,
        _event(row) if meta["service"] else _undecodable(row),
        meta["service"],
        meta["causation"],
        meta.get("by"),
        from_micros(row.recorded_at),
        meta.get("request"),
    )


def decode_all(rows: Iterable[EventRow]) -> list[AnyRecorded]:
    """Rows as the events they record, in the same order."""
    return [decode(row) for row in rows]


def read_meta(stored: str) -> dict[str, Any]:
    """Who wrote it and why; by nobody and because of nothing, when that cannot be read."""
    try:
        meta = from_json(stored)
        if isinstance(meta["service"], str) and isinstance(meta["causation"], str):
            return dict(meta)
    except (ValueError, TypeError, LookupError):
        pass
    return {"service": "", "causation": ""}


def _event(row: EventRow) -> Event:
    event_type = EVENT_TYPES.get(row.type)
    if event_type is None:
        return _undecodable(row)
    try:
        event: Event = event_type.__pydantic_validator__.validate_json(row.data)
    except ValidationError:
        return _undecodable(row)
    return event


def _undecodable(row: EventRow) -> Undecodable:
    return Undecodable(at=from_micros(row.recorded_at), type=row.type, known=row.type in EVENT_TYPES)
