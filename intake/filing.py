"""What a caller sends to file a petition, and how it becomes a command."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from intake.decider import FilePetition, OnTheSpot
from intake.locating import PlaceTold, locator
from intake.rejections_on_the_spot import NotOfThisGrid
from schemas.events.intake import External, FiledBy
from schemas.people import Coordinates, Petitioner
from schemas.places import MOST_NAMED, Location
from schemas.words import Channel, Result
from services.chassis.bodies import (
    AttachmentBody,
    Body,
    Code,
    Households,
    Moment,
    Words,
    Yuan,
    is_blank,
)
from services.chassis.deciding import Facts
from services.chassis.misfits import Misfit
from services.chassis.problems import misfit
from services.chassis.wording import says_nothing, says_only

LONGEST_TEXT = 32_768
LONGEST_NAME = 500
CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead a sender's clock may be before its times count as the future."""

_NOT_AHEAD = f"at most {CLOCK_SKEW // timedelta(minutes=1)} minutes ahead of this server's clock"
EARLIEST_YEAR = 1900
"""Nobody remembers what happened earlier; and the calendar's arithmetic ends at the year 1."""

GRID_WORKER = "grid_worker"
ON_THE_SPOT = (Channel.GRID_PATROL, Channel.VISIT, Channel.WALK_IN)
"""Channels by which a grid worker meets the matter, or whoever asks."""

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

    @model_validator(mode="before")
    @classmethod
    def _not_exchanged(cls, told: Any) -> Any:
        degrees = (told.get("lat"), told.get("lon")) if isinstance(told, dict) else ()
        match degrees:
            case (int() | float() as lat, int() | float() as lon) if 90 < abs(lat) <= 180 and abs(lon) <= 90:
                raise PydanticCustomError(
                    "exchanged", "look exchanged: lat is the latitude (-90 to 90), lon the longitude (-180 to 180)"
                )
        return told

    @property
    def says_nothing(self) -> bool:
        """Whether it names no place at all."""
        return not self.units and self.coordinates is None and is_blank(self.address or "")

    @property
    def units(self) -> list[str]:
        """Every code that was given, the one it lies in first."""
        return [*([self.unit] if self.unit else []), *self.touches]

    @property
    def coordinates(self) -> Coordinates | None:
        """Both degrees, where they were given."""
        return None if self.lat is None or self.lon is None else Coordinates(lat=self.lat, lon=self.lon)


class NewPetitioner(Body):
    """Who asks."""

    name: Name | None = None
    phone: Annotated[str, StringConstraints(max_length=100)] | None = None
    anonymous: bool = False
    confidential: bool = False

    def kept(self) -> Petitioner:
        """As it is kept in an event."""
        return Petitioner(**self.model_dump())


class NewFiledBy(Body):
    """Who typed it in, when not the resident."""

    role: Code
    id: Code


class NewOnTheSpot(Body):
    """自处理: what a grid worker did about it before filing it, as `resolve` says it."""

    text: Words
    result: Annotated[Result, Field(strict=False)] = Result.DONE
    attachments: Annotated[list[AttachmentBody], Field(max_length=50, default_factory=list)]


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
    resolved_on_the_spot: NewOnTheSpot | None = Field(
        default=None,
        description="By a grid worker who was there: it is filed and resolved in one, where the grid may resolve it",
    )


class NewBatchPetition(NewPetition):
    """One line of a batch: a petition, with `external` or `key` so that the batch can be run again."""

    key: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None


def to_command(new: NewPetition, petition: UUID, facts: Facts) -> FilePetition:
    """The command that files it; raises a problem for what only policy and clock can refuse, Rejected for what was
    resolved on the spot in a grid of others."""
    refuse_what_policy_refuses(new, facts)
    place, done = new.place, new.resolved_on_the_spot
    location = located(place, facts) if place else None
    if done is not None:
        _refuse_unless_of_the_grid(new, location, facts)
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
        place_unit=next(iter(place.units), None) if place else None,
        address=place.address if place else None,
        coordinates=place.coordinates if place else None,
        location=location,
        exchanged=exchanged(place, facts) if place else None,
        petitioner=new.petitioner.kept() if new.petitioner else None,
        filed_by=FiledBy(role=new.filed_by.role, id=new.filed_by.id) if new.filed_by else None,
        kind=new.kind,
        about=new.about,
        households=new.households,
        money=new.money,
        attachments=[one.kept() for one in new.attachments],
        on_the_spot=OnTheSpot(done.text, done.result, [one.kept() for one in done.attachments]) if done else None,
    )


def located(place: NewPlace, facts: Facts) -> Location | None:
    """Where that is by the policy in force; None where a code alone says it. What an earlier map had and this one has
    not is where its heir is."""
    return locator(facts.policy).locate(PlaceTold(place.units, place.coordinates, place.address))


def exchanged(place: NewPlace, facts: Facts) -> str | None:
    """Where its coordinates would lie, were they not written in the wrong order; None where there is no such doubt."""
    return locator(facts.policy).exchanged(place.coordinates)


def misfits_of(place: NewPlace | None, kind: str | None, facts: Facts, at: str = "") -> list[Misfit]:
    """What of a place and a kind cannot be, or no policy knows; `at` points to what they are of."""
    errors = []
    units = facts.policy.jurisdiction
    if place and place.unit is not None and units.standing(place.unit) is None:
        en = f"there is no unit {place.unit}; see /v1/units, or leave it out"
        errors.append(Misfit(f"{at}/place/unit", en, f"没有单元 {place.unit}；见 /v1/units，或不填"))
    for number, code in enumerate(place.touches if place else ()):
        if units.standing(code) is None:
            en = f"there is no unit {code}; see /v1/units"
            errors.append(Misfit(f"{at}/place/touches/{number}", en, f"没有单元 {code}；见 /v1/units"))
    if place and (place.lat is None) != (place.lon is None):
        errors.append(Misfit(f"{at}/place", "give both lat and lon, or neither", "lat 与 lon 须同时填写或都不填"))
    if kind is not None and kind not in facts.policy.kinds:
        en = f"there is no kind {kind}; see /v1/kinds, or leave it out"
        errors.append(Misfit(f"{at}/kind", en, f"没有类别 {kind}；见 /v1/kinds，或不填"))
    return errors


def refuse_what_policy_refuses(new: NewPetition, facts: Facts) -> None:
    """Codes that no policy knows, and times that cannot be: 422 with a pointer to each."""
    errors = misfits_of(new.place, new.kind, facts)
    jurisdiction = facts.policy.jurisdiction
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
    if new.resolved_on_the_spot is not None:
        errors += _unfit_on_the_spot(new, new.resolved_on_the_spot, facts)
    if errors:
        raise misfit(errors)


def _unfit_on_the_spot(new: NewPetition, done: NewOnTheSpot, facts: Facts) -> list[Misfit]:
    """Only who was there can have dealt with it, and must say what and where."""
    errors = []
    if new.filed_by is None or new.filed_by.role != GRID_WORKER:
        en = f"only a grid worker resolves on the spot; give role `{GRID_WORKER}` and the staff id, or leave it out"
        zh = f"只有网格员可以自处理；请填写角色 {GRID_WORKER} 与工号，或不填 resolved_on_the_spot"
        errors.append(Misfit("/filed_by", en, zh))
    if new.channel not in ON_THE_SPOT:
        known = ", ".join(ON_THE_SPOT)
        en = f"nobody was on the spot; only through {known}"
        errors.append(Misfit("/channel", en, f"非现场渠道，不能自处理；仅限 {known}"))
    if new.place is None or new.place.unit is None:
        en = "say in which unit it was resolved"
        errors.append(Misfit("/place/unit", en, "自处理须填写所在单元"))
    if is_blank(new.text):
        errors.append(Misfit("/text", "say what the matter was", "自处理须写明诉求内容"))
    if says_nothing(done.text):
        errors.append(Misfit("/resolved_on_the_spot/text", "says nothing; write what was done", "为空，请写明做了什么"))
    elif says_only(done.text, facts.policy.bundle.stock_phrases):
        en = "is a stock phrase; write what was done"
        errors.append(Misfit("/resolved_on_the_spot/text", en, "只是套话，请写明做了什么"))
    return errors


def _refuse_unless_of_the_grid(new: NewPetition, location: Location | None, facts: Facts) -> None:
    """A grid is answered for by its own workers. Where it lies in no one grid nothing ends on the spot."""
    grid = location.unit if location else new.place and new.place.unit
    unit = facts.policy.jurisdiction.units.get(grid or "")
    if unit is None or new.filed_by is None or unit.tier != facts.policy.jurisdiction.ladder.lowest:
        return
    if not facts.policy.rosters.is_of(unit.code, new.filed_by.id, facts.now):
        raise NotOfThisGrid(new.filed_by.id, unit.code)
