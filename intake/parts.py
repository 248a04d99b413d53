"""What a caller sends to split a petition, and what each part has from the whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from intake.decider import FilePetition
from intake.filing import LONGEST_TEXT, Name, NewPlace, exchanged, located, misfits_of
from intake.splitting import MOST_PARTS, Split
from schemas.event import AnyRecorded
from schemas.events.feedback import PetitionReopened
from schemas.events.router import PetitionPlaced
from schemas.people import Petitioner
from schemas.places import Location
from schemas.words import Whereabouts
from services.chassis.bodies import AttachmentBody, Body, Code, Staff, not_blank
from services.chassis.deciding import Facts
from services.chassis.problems import misfit
from services.chassis.sealing import PetitionKey

NOBODY_KNOWS_WHO = Petitioner(anonymous=True)
"""Of whom the words are erased: nobody can ask back."""


class NewPart(Body):
    """One of its matters, in words of its own; where no place is named, it lies where the whole does."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), AfterValidator(not_blank)]
    title: Name | None = None
    kind: Code | None = None
    place: NewPlace | None = None
    attachments: Annotated[list[AttachmentBody], Field(max_length=50, default_factory=list)]


class SplitBody(Body):
    """Who splits it, and into what."""

    by: Staff
    parts: Annotated[list[NewPart], Field(min_length=2, max_length=MOST_PARTS)]


def to_command(
    body: SplitBody, stream: Sequence[AnyRecorded], key: PetitionKey | None, ids: Sequence[UUID], facts: Facts
) -> Split:
    """The command that splits the petition of this stream into parts with these ids; raises a problem for what only
    policy can refuse. Without a key the words of the whole are erased, and nobody knows who asks."""
    errors = [
        error
        for number, part in enumerate(body.parts)
        for error in misfits_of(part.place, part.kind, facts, f"/parts/{number}")
    ]
    if errors:
        raise misfit(errors)
    whole = _from_the_whole(stream, key, facts)
    parts = [_part(whole, new, petition, facts) for new, petition in zip(body.parts, ids, strict=True)]
    return Split(stream[0].petition, facts.now, parts, facts.policy)


def _from_the_whole(stream: Sequence[AnyRecorded], key: PetitionKey | None, facts: Facts) -> FilePetition:
    """What every part has from it: who asks, by which door, about whom, where, and since when it waits."""
    first = stream[0]
    filed = first.event

    def told(name: str) -> Any:
        return None if key is None else key.open(first, name)

    place_unit, location = _where(stream)
    return FilePetition(
        petition=first.petition,
        now=facts.now,
        assess_by=facts.now + timedelta(hours=facts.policy.limits.assess_hours),
        policy=facts.policy.version,
        channel=filed.channel,
        text="",
        occurred_at=filed.occurred_at,
        received_at=_since(stream),
        place_unit=place_unit,
        address=told("address"),
        coordinates=told("coordinates"),
        location=location,
        exchanged=filed.exchanged if location is filed.location else None,
        petitioner=NOBODY_KNOWS_WHO if key is None else told("petitioner"),
        filed_by=filed.filed_by,
        about=filed.about,
        split_from=first.petition,
    )


def _where(stream: Sequence[AnyRecorded]) -> tuple[str | None, Location | None]:
    """The unit that was told, and where that is: as a desk placed it last, else as it was found when it was filed."""
    placed = [one.event for one in stream if isinstance(one.event, PetitionPlaced)]
    if not placed:
        filed = stream[0].event
        return filed.place_unit, filed.location
    last = placed[-1]
    if not last.touches:
        return last.unit, None
    return last.unit, Location(where=Whereabouts.IN_SEVERAL, unit=last.unit, units=last.touches)


def _since(stream: Sequence[AnyRecorded]) -> datetime:
    """When whoever asks began to wait for this round: splitting it makes nobody's time longer."""
    opened = [one.event.at for one in stream if isinstance(one.event, PetitionReopened)]
    filed = stream[0].event
    since: datetime = opened[-1] if opened else filed.received_at or filed.at
    return since


def _part(whole: FilePetition, new: NewPart, petition: UUID, facts: Facts) -> FilePetition:
    part = replace(
        whole,
        petition=petition,
        text=new.text,
        title=new.title,
        kind=new.kind,
        attachments=[one.kept() for one in new.attachments],
    )
    place = new.place
    if place is None or place.says_nothing:
        return part
    return replace(
        part,
        place_unit=next(iter(place.units), None),
        address=place.address,
        coordinates=place.coordinates,
        location=located(place, facts),
        exchanged=exchanged(place, facts),
    )
