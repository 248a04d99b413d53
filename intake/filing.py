"""What a caller sends to file a petition, and how it becomes a command."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from intake.decider import FilePetition
from intake.locating import PlaceTold, locator
from schemas.events.intake import External, FiledBy
from schemas.people import Coordinates, Petitioner
from schemas.places import MOST_NAMED, Location
from schemas.words import Channel
from services.chassis.bodies import AttachmentBody, Body, Code, Households, Moment, Yuan
from services.chassis.deciding import Facts
from services.chassis.misfits import Misfit
from services.chassis.problems import misfit

LONGEST_TEXT = 32_768
LONGEST_NAME = 500
CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead a sender's clock may be before its times count as the future."""

_NOT_AHEAD = f"at most {CLOCK_SKEW // timedelta(minutes=1)} minutes ahead of this server's clock"
EARLIEST_YEAR = 1900
"""Nobody remembers what happened earlier; and the calendar's arithmetic ends at the year 1."""

Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME)]


class NewExternal(Body):
    """The petition's number in the system it comes from; makes a retry safe."""

    source: Code
    number: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NewPlace(Body):
    """Where the matter is: a unit's code, further units that it touches, an address as told, degrees WGS 84."""

    unit: Code | None = None
    touches: Annotated[list[Code], Field(max_length=MOST_NAMED - 1, default_factory=list)]
    address: Name | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None


class NewPetitioner(Body):
    """Who asks."""

    name: Name | None = None
    phone: Annotated[str, StringConstraints(max_length=100)] | None = None
    anonymous: bool = False
    confidential: bool = False


class NewFiledBy(Body):
    """Who typed it in, when not the resident."""

    role: Code
    id: Code


class NewPetition(Body):
    """A petition to file. Only `channel` and `text` are required; words are kept byte for byte."""

    channel: Annotated[Channel, Field(strict=False)]
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
    title: Name | None = None
    external: NewExternal | None = None
    occurred_at: Moment | None = Field(
        default=None, description="When it happened; not later than `received_at`, with the same leeway"
    )
    received_at: Moment | None = Field(default=None, description=f"When the other system received it; {_NOT_AHEAD}")
    place: NewPlace | None = None
    petitioner: NewPetitioner | None = None
    filed_by: NewFiledBy | None = None
    kind: Code | None = None
    about: Code | None = None
    households: Households | None = None
    money: Yuan | None = Field(default=None, description="How many yuan are at stake")
    attachments: Annotated[list[AttachmentBody], Field(max_length=50, default_factory=list)]


class NewBatchPetition(NewPetition):
    """One line of a batch: a petition, with `external` or `key` so that the batch can be run again."""

    key: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None


def to_command(new: NewPetition, petition: UUID, facts: Facts) -> FilePetition:
    """The command that files it; raises a problem for what only policy and clock can refuse."""
    refuse_what_policy_refuses(new, facts)
    place = new.place
    coordinates = _coordinates(place) if place else None
    return FilePetition(
        petition=petition,
        now=facts.now,
        assess_by=facts.now + timedelta(hours=facts.policy.limits.assess_hours),
        policy=facts.policy.version,
        channel=new.channel,
        text=new.text,
        title=new.title,
        external=External(source=new.external.source, number=new.external.number) if new.external else None,
        occurred_at=new.occurred_at,
        received_at=new.received_at,
        place_unit=place.unit if place else None,
        address=place.address if place else None,
        coordinates=coordinates,
        location=_located(place, coordinates, facts) if place else None,
        petitioner=Petitioner(**new.petitioner.model_dump()) if new.petitioner else None,
        filed_by=FiledBy(role=new.filed_by.role, id=new.filed_by.id) if new.filed_by else None,
        kind=new.kind,
        about=new.about,
        households=new.households,
        money=new.money,
        attachments=[one.kept() for one in new.attachments],
    )


def _coordinates(place: NewPlace) -> Coordinates | None:
    return None if place.lat is None or place.lon is None else Coordinates(lat=place.lat, lon=place.lon)


def _located(place: NewPlace, coordinates: Coordinates | None, facts: Facts) -> Location | None:
    units = [*([place.unit] if place.unit else []), *place.touches]
    return locator(facts.policy).locate(PlaceTold(units, coordinates, place.address))


def refuse_what_policy_refuses(new: NewPetition, facts: Facts) -> None:
    """Codes that no policy knows, and times that cannot be: 422 with a pointer to each."""
    errors = []
    jurisdiction = facts.policy.jurisdiction
    if new.place and new.place.unit is not None and new.place.unit not in jurisdiction.units:
        en = f"there is no unit {new.place.unit}; see /v1/units, or leave it out"
        errors.append(Misfit("/place/unit", en, f"没有单元 {new.place.unit}；见 /v1/units，或不填"))
    for number, code in enumerate(new.place.touches if new.place else ()):
        if code not in jurisdiction.units:
            en = f"there is no unit {code}; see /v1/units"
            errors.append(Misfit(f"/place/touches/{number}", en, f"没有单元 {code}；见 /v1/units"))
    if new.place and (new.place.lat is None) != (new.place.lon is None):
        errors.append(Misfit("/place", "give both lat and lon, or neither", "lat 与 lon 须同时填写或都不填"))
    if new.kind is not None and new.kind not in facts.policy.kinds:
        en = f"there is no kind {new.kind}; see /v1/kinds, or leave it out"
        errors.append(Misfit("/kind", en, f"没有类别 {new.kind}；见 /v1/kinds，或不填"))
    if new.about is not None and new.about not in jurisdiction.units and new.about not in jurisdiction.departments:
        en = f"there is no unit or department {new.about}; see /v1/units and /v1/departments"
        errors.append(Misfit("/about", en, f"没有单元或部门 {new.about}；见 /v1/units 与 /v1/departments"))
    if new.received_at is not None and new.received_at > facts.now + CLOCK_SKEW:
        errors.append(Misfit("/received_at", "is in the future", "晚于当前时间"))
    elif new.occurred_at is not None and new.occurred_at > (new.received_at or facts.now) + CLOCK_SKEW:
        known = ("`received_at`", "received_at") if new.received_at else ("now", "当前时间")
        errors.append(Misfit("/occurred_at", f"is later than {known[0]}", f"晚于 {known[1]}"))
    for name, moment in (("occurred_at", new.occurred_at), ("received_at", new.received_at)):
        if moment is not None and moment.year < EARLIEST_YEAR:
            errors.append(Misfit(f"/{name}", f"is before the year {EARLIEST_YEAR}", f"早于 {EARLIEST_YEAR} 年"))
    if errors:
        raise misfit(errors)
