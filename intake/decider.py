"""A petition comes in. Nothing is judged here: whatever a resident says is kept as it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from intake import linking, splitting
from intake.rejections import CriticalGoesOn, NothingAdded, TooManySupplements
from intake.rejections_of_links import OthersFollow
from intake.state import State, evolve, initial, refuse_unless_open, refuse_unless_waiting
from schemas.event import Event
from schemas.events.intake import (
    External,
    FiledBy,
    PetitionFiled,
    PetitionSupplemented,
    PetitionUrged,
    PetitionWithdrawn,
)
from schemas.events.router import Floor
from schemas.people import Attachment, Coordinates, Petitioner
from schemas.places import Location
from schemas.sealed import Sealed
from schemas.words import Channel, Result, Severity
from services.chassis.bodies import is_blank
from services.chassis.deciding import Command, Decider

MOST_SUPPLEMENTS = 50
"""So often words can be added to one petition: all of them are read together, and again each time."""


@dataclass(frozen=True, slots=True)
class OnTheSpot:
    """自处理: what the grid worker who files it has done about it, and what came of that."""

    text: str
    result: Result
    attachments: Sequence[Attachment] = ()


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
    location: Location | None = None
    exchanged: str | None = None
    petitioner: Petitioner | None = None
    filed_by: FiledBy | None = None
    kind: str | None = None
    about: str | None = None
    households: int | None = None
    money: int | None = None
    attachments: Sequence[Attachment] = ()
    on_the_spot: OnTheSpot | None = None
    split_from: UUID | None = None
    history: Floor | None = None
    unsolved: int = 0


@dataclass(frozen=True, slots=True)
class Supplement:
    """补充: more words, more files, or both."""

    petition: UUID
    now: datetime
    text: str
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class Urge:
    """催办: whoever asked waits for it."""

    petition: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤诉: whoever asked takes it back, and says why."""

    petition: UUID
    now: datetime
    reason: str
    reopen_until: datetime


def decide(state: State, command: Any) -> list[Event]:
    """What a resident's word makes of the petition."""
    match command:
        case FilePetition():
            return _file(state, command)
        case Supplement():
            return _supplement(state, command)
        case Urge():
            refuse_unless_waiting(state)
            return [PetitionUrged(at=command.now, number=state.urged + 1)]
        case Withdraw():
            return _withdraw(state, command)
        case linking.Link():
            return linking.link(state, command)
        case linking.TakeDuplicate():
            return linking.take_duplicate(state, command)
        case linking.Unlink():
            return linking.unlink(state, command)
        case linking.LetGo():
            return linking.let_go(state, command)
        case splitting.Split():
            return splitting.split(state, command)
        case _:
            raise TypeError(f"intake has no command {type(command).__name__}")


def also(state: State, command: Any) -> Sequence[Command]:
    """What it asks of the petition at the other end of a link, and of the parts that are to be."""
    match command:
        case linking.Link():
            to, me = command.to, command.petition
            return [linking.TakeDuplicate(to, command.now, me, state.severity, state.about, command.units)]
        case linking.Unlink() | Withdraw() if state.other_end is not None:
            return [linking.LetGo(state.other_end, command.now, command.petition)]
        case splitting.Split():
            return splitting.parts_of(state, command)
        case _:
            return ()


def _withdraw(state: State, command: Withdraw) -> list[Event]:
    refuse_unless_open(state)
    if state.severity is Severity.CRITICAL:
        raise CriticalGoesOn
    if state.duplicates:
        raise OthersFollow(len(state.duplicates))
    return [PetitionWithdrawn(at=command.now, reason=Sealed.of(command.reason), reopen_until=command.reopen_until)]


def _supplement(state: State, command: Supplement) -> list[Event]:
    refuse_unless_waiting(state)
    if is_blank(command.text) and not command.attachments:
        raise NothingAdded
    if state.supplemented >= MOST_SUPPLEMENTS:
        raise TooManySupplements(MOST_SUPPLEMENTS)
    return [
        PetitionSupplemented(
            at=command.now,
            number=state.supplemented + 1,
            text=Sealed.of(command.text),
            attachments=Sealed.of(list(command.attachments)) if command.attachments else None,
        )
    ]


def _file(state: State, command: FilePetition) -> list[Event]:
    """File it once; the same petition filed again changes nothing."""
    if state.filed:
        return []
    who, done = command.petitioner, command.on_the_spot
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
            location=command.location,
            exchanged=command.exchanged,
            petitioner=None if who is None else Sealed.of(who),
            anonymous=bool(who and who.anonymous),
            reachable=not (who and who.anonymous and not _is_number(who.phone)),
            confidential=bool(who and who.confidential),
            filed_by=command.filed_by,
            kind=command.kind,
            about=command.about,
            households=command.households,
            money=command.money,
            attachments=Sealed.of(list(command.attachments)) if command.attachments else None,
            on_the_spot=None if done is None else Sealed.of(done.text),
            on_the_spot_result=None if done is None else done.result.value,
            on_the_spot_attachments=Sealed.of(list(done.attachments)) if done and done.attachments else None,
            assess_by=command.assess_by,
            policy=command.policy,
            split_from=command.split_from,
            history=command.history,
            unsolved=command.unsolved,
        )
    ]


def _is_number(phone: str | None) -> bool:
    """Whether there is anything to dial, and not nothing, spaces or a word such as 无."""
    return any(sign.isdecimal() for sign in phone or "")


DECIDER = Decider("intake", initial, decide, evolve, also)
