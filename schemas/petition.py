"""The petition as the outside sees it (grows by optional fields only)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from schemas.deadlines import DeadlineState
from schemas.events.intake import External, FiledBy
from schemas.events.router import Floor
from schemas.people import Attachment
from schemas.words import Channel, Disposition, LinkType, Mode, Severity, Status


class Answer(BaseModel):
    """A part of an answer; its fields are always present."""

    model_config = ConfigDict(frozen=True)


class NamedCode(Answer):
    """A code of the policy with the name it had."""

    code: str
    name: str


class UnitAnswer(NamedCode):
    """A unit with its tier."""

    tier: str


class PlaceAnswer(Answer):
    """Where the matter is, as far as it is known; degrees WGS 84. `touches` names the units that it touches when it is
    more than one, and `unit` is the lowest that contains them all."""

    unit: str | None = None
    touches: list[str] = Field(default_factory=list)
    address: str | None = None
    lat: float | None = None
    lon: float | None = None


class SupplementAnswer(Answer):
    """Words and files that were added later. Null once erased; text is empty where only files were added."""

    number: int
    at: datetime
    text: str | None
    attachments: list[Attachment] | None = None


class HandOffAnswer(Answer):
    """Everybody who ever had to be told, who is still to be, and when a person confirmed the last of them."""

    to: list[str]
    outstanding: list[str]
    confirmed_at: datetime | None = None


class ResponsibleAnswer(Answer):
    """Who answers for it now: the first receiver until another accepts. `staff` took it there, or was handed it."""

    unit: str
    department: str | None = None
    since: datetime
    staff: str | None = None


class CoHandlerAnswer(Answer):
    """A department that was called to handle it together, and when it reported in."""

    department: NamedCode
    summoned_at: datetime
    reported_in_at: datetime | None = None


class DispatchAnswer(Answer):
    """The last dispatch; its id is `<petition>:<version of its PetitionRouted>`.

    `partner` is the one that claimed it, if a partner did; its unit stays responsible.

    A petition that was re-opened and is not routed again yet (status `assessed`) still names the dispatch of the round
    before, as one that nobody has accepted.
    """

    id: str
    mode: Mode
    round: int
    issued_at: datetime
    accepted_at: datetime | None = None
    partner: UnitAnswer | None = None


class DeadlineAnswer(Answer):
    """A durable point in time: open, met or missed."""

    name: str
    due_at: datetime
    state: DeadlineState


class RatingAnswer(Answer):
    """What the resident said about one round; solved and satisfied are two answers, null is not said."""

    round: int
    solved: bool
    satisfied: bool | None = None
    contacted: bool | None = None
    at: datetime


class FeedbackAnswer(Answer):
    """The first thing that the resident said about a resolution, and the newest."""

    first: RatingAnswer
    final: RatingAnswer


class OnTheSpotAnswer(Answer):
    """What the grid worker who filed it had done about it by then; `text` is null once erased."""

    result: str
    text: str | None


class ResolutionAnswer(Answer):
    """What was reported done last, by the word of who handled it; `text` is null once erased. `on_the_spot`: by the
    grid worker who filed it."""

    round: int
    result: str
    text: str | None
    at: datetime
    on_the_spot: bool = False


class SuggestionAnswer(Answer):
    """An open petition that this one may repeat, and why: the `same_petitioner`, or `alike`, in nearly the same words
    at the same place. Nothing follows from it until a person links."""

    petition: UUID
    number: str
    reason: Literal["same_petitioner", "alike"]


class LinkAnswer(Answer):
    """Another petition this one is linked to: the `root` that it follows or followed, a `duplicate` of it, a `part`
    that it was split into, or what it was `split_from`."""

    type: LinkType
    petition: UUID


class PetitionAnswer(Answer):
    """One petition after the events up to `version`. Words are null once erased."""

    id: UUID
    number: str
    status: Status
    version: int
    channel: Channel
    external: External | None = None
    filed_by: FiledBy | None = None
    title: str | None = None
    text: str | None
    supplements: list[SupplementAnswer] = Field(default_factory=list)
    on_the_spot: OnTheSpotAnswer | None = None
    place: PlaceAnswer
    kind: NamedCode | None = None
    severity: Severity | None = None
    disposition: Disposition | None = None
    hand_off: HandOffAnswer | None = None
    tier: str | None = None
    unit: UnitAnswer | None = None
    department: NamedCode | None = None
    responsible: ResponsibleAnswer | None = None
    co_handlers: list[CoHandlerAnswer] = Field(default_factory=list)
    dispatch: DispatchAnswer | None = None
    floors: list[Floor] = Field(default_factory=list)
    deadlines: list[DeadlineAnswer] = Field(default_factory=list)
    resolution: ResolutionAnswer | None = None
    feedback: FeedbackAnswer | None = None
    links: list[LinkAnswer] = Field(default_factory=list)
    suggestions: list[SuggestionAnswer] | None = Field(
        default=None, description="What it may repeat, in the answer to its filing only; null where nobody looked"
    )
    filed_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
