"""A petition comes in. Nothing is judged here: whatever a resident says is kept as it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schemas.event import Event, EventRef
from schemas.events.intake import External, FiledBy, PetitionFiled
from schemas.people import Attachment, Coordinates, Petitioner
from schemas.sealed import Sealed
from schemas.words import Channel
from services.chassis.deciding import Decider


@dataclass(frozen=True, slots=True)
class FilePetition:
    """A resident's matter as it came through a door; `assess_by` is when it must be routed or answered."""

    petition: UUID
    now: datetime
    assess_by: datetime
    policy: int
    channel: Channel
    text: str
    title: str | None = None
    external: External | None = None
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    place_unit: str | None = None
    address: str | None = None
    coordinates: Coordinates | None = None
    petitioner: Petitioner | None = None
    filed_by: FiledBy | None = None
    kind: str | None = None
    about: str | None = None
    households: int | None = None
    attachments: Sequence[Attachment] = ()


class State(NamedTuple):
    """Whether the petition exists."""

    filed: bool = False


initial = State()


def decide(state: State, command: FilePetition) -> list[Event]:
    """File it once; the same petition filed again changes nothing."""
    if state.filed:
        return []
    who = command.petitioner
    return [
        PetitionFiled(
            at=command.now,
            channel=command.channel,
            external=command.external,
            title=None if command.title is None else Sealed.of(command.title),
            text=Sealed.of(command.text),
            occurred_at=command.occurred_at,
            received_at=command.received_at,
            place_unit=command.place_unit,
            address=None if command.address is None else Sealed.of(command.address),
            coordinates=None if command.coordinates is None else Sealed.of(command.coordinates),
            petitioner=None if who is None else Sealed.of(who),
            anonymous=bool(who and who.anonymous),
            confidential=bool(who and who.confidential),
            filed_by=command.filed_by,
            kind=command.kind,
            about=command.about,
            households=command.households,
            attachments=Sealed.of(list(command.attachments)) if command.attachments else None,
            assess_by=command.assess_by,
            policy=command.policy,
        )
    ]


def evolve(state: State, event: Event, ref: EventRef) -> State:
    """Only the filing itself matters to intake."""
    return state._replace(filed=True) if isinstance(event, PetitionFiled) else state


DECIDER = Decider("intake", initial, decide, evolve)
