"""Sealed values of one event that are to stand in a later one of the same petition, as a decider that only sees them
closed can say."""

from collections.abc import Iterator
from typing import Any

from schemas.event import Event
from schemas.sealed import Sealed
from services.chassis.sealing import PetitionKey, sealed_fields


def carries(event: Event) -> bool:
    """Whether it holds a token of an earlier event, which opens only there."""
    return any(True for _ in _carried(event))


def opened(event: Event, key: PetitionKey) -> Event:
    """The same event with what it carries in clear, to be sealed for its own place. Raises Unsealable."""
    adapters = sealed_fields(type(event))
    clear = {
        name: Sealed.of(key.open_token(token, version, field, adapters[name]))
        for name, token, (version, field) in _carried(event)
    }
    return event.model_copy(update=clear)


def _carried(event: Event) -> Iterator[tuple[str, str, tuple[int, str]]]:
    for name in sealed_fields(type(event)):
        value: Sealed[Any] | None = getattr(event, name)
        if value is not None and value.token is not None and value.origin is not None:
            yield name, value.token, value.origin
