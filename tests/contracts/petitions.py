"""Events to append to petitions, named by what matters in them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.event import Event
from schemas.events.feedback import FeedbackReceived
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from schemas.events.router import DispatchAccepted
from schemas.events.severity import SeverityConfirmed
from schemas.sealed import Sealed
from schemas.words import Channel
from services.chassis.log import Cause, Entry, Write
from services.chassis.store.engine import KeyClaim

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def filed(words: str = "楼道灯不亮", **more: Any) -> PetitionFiled:
    """Intake's event."""
    return PetitionFiled(
        at=AT,
        channel=Channel.HOTLINE,
        text=Sealed.of(words),
        assess_by=AT + timedelta(minutes=3),
        policy=1,
        **more,
    )


def supplemented(words: str, number: int = 1) -> PetitionSupplemented:
    """Intake's event too."""
    return PetitionSupplemented(at=AT, number=number, text=Sealed.of(words))


def confirmed() -> SeverityConfirmed:
    """Severity's event."""
    return SeverityConfirmed(at=AT)


def accepted(dispatch: str = "any") -> DispatchAccepted:
    """The router's event."""
    return DispatchAccepted(at=AT, dispatch=dispatch)


def answered(words: str | None = None) -> FeedbackReceived:
    """Feedback's event, with or without words to seal."""
    text = None if words is None else Sealed.of(words)
    return FeedbackReceived(at=AT, round=1, solved=True, satisfied=None, text=text)


def entry(petition: UUID, expected: int, *events: Event, keys: Sequence[KeyClaim] = ()) -> Entry:
    """Events of one service for one petition."""
    return Entry(Cause(events[0].owner, f"cause {expected}"), [Write(petition, expected, events)], keys)


def filing(petition: UUID, words: str = "楼道灯不亮", keys: Sequence[KeyClaim] = ()) -> Entry:
    """A new petition."""
    return entry(petition, 0, filed(words), keys=keys)
