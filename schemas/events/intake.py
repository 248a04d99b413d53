"""What intake says: how a petition came in."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.event import Event, Instant
from schemas.events.router import Floor
from schemas.people import Attachment, Coordinates, Petitioner
from schemas.places import Location
from schemas.sealed import Sealed
from schemas.words import Channel


class External(BaseModel):
    """The petition's number in the system it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    number: str


class FiledBy(BaseModel):
    """Who typed it in, when not the resident."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    id: str


class PetitionFiled(Event):
    """A resident's matter came in. Words and person are sealed; nothing is changed or cut."""

    owner: ClassVar[str] = "intake"

    channel: Channel
    external: External | None = None
    title: Sealed[str] | None = None
    text: Sealed[str]
    occurred_at: Instant | None = None
    received_at: Instant | None = None
    place_unit: str | None = None
    address: Sealed[str] | None = None
    coordinates: Sealed[Coordinates] | None = None
    location: Location | None = None
    """Where that is, by the policy of this event; none when a code alone says it, and in an old log."""
    petitioner: Sealed[Petitioner] | None = None
    anonymous: bool = False
    reachable: bool = True
    """False: whoever asked is anonymous and left no telephone, so nobody can be asked back."""
    confidential: bool = False
    filed_by: FiledBy | None = None
    kind: str | None = None
    """The kind the filer chose; severity decides."""
    about: str | None = None
    """Code of the unit or department complained about."""
    households: int | None = None
    money: int | None = None
    attachments: Sealed[list[Attachment]] | None = None
    on_the_spot: Sealed[str] | None = None
    """自处理: what the grid worker who filed it did about it at once; none where nothing was done yet."""
    on_the_spot_result: str | None = None
    """What came of that, in the words of a resolution."""
    on_the_spot_attachments: Sealed[list[Attachment]] | None = None
    """Files about that, kept elsewhere."""
    assess_by: Instant
    policy: int
    split_from: UUID | None = None
    """Id of the petition of which it is a part; none when it came in for itself."""
    history: Floor | None = None
    """The history floor with which a part begins: what that petition had climbed to, or been raised to, when it was
    split."""
    exchanged: str | None = None
    """Code of the unit or neighbour in which its coordinates would lie with latitude and longitude exchanged, where
    they lie in no known area as they are."""
    unsolved: int = 0
    """How often that one had been re-opened by then after it had been reported done."""

    @property
    def place(self) -> str | None:
        """The lowest unit sure to contain the matter; None when that is not known."""
        return self.place_unit if self.location is None else self.location.unit


class PetitionSupplemented(Event):
    """补充: whoever asked, or the desk, adds words and files to what was filed; nothing that was said is changed."""

    owner: ClassVar[str] = "intake"

    number: int
    text: Sealed[str]
    attachments: Sealed[list[Attachment]] | None = None


class PetitionUrged(Event):
    """催办: whoever asked waits, and says so again."""

    owner: ClassVar[str] = "intake"

    number: int
    """How often it was urged by now."""


class DuplicateLinked(Event):
    """并案: a repeat (从单) follows its root (主单). Said in the streams of both, in one append; the repeat is not
    handled for itself any more."""

    owner: ClassVar[str] = "intake"

    root: UUID
    duplicate: UUID


class DuplicateUnlinked(Event):
    """取消并案: it does not follow its root any more. Said in the streams of both, in one append."""

    owner: ClassVar[str] = "intake"

    root: UUID
    duplicate: UUID
    route_by: Instant | None = None
    """Until when the repeat must be routed for itself; none in the root's stream, and when the repeat is over."""


class PetitionSplit(Event):
    """拆分: it tells of several matters. Each is filed as a petition of its own in the same append, and it is not
    handled for itself any more."""

    owner: ClassVar[str] = "intake"

    parts: tuple[UUID, ...]


class PetitionWithdrawn(Event):
    """撤诉: whoever asked takes it back. Nobody has to handle it any more."""

    owner: ClassVar[str] = "intake"

    reason: Sealed[str]
    reopen_until: Instant | None = None
    """Until when a named person may open it again; an old log does not say it."""


EVENTS: tuple[type[Event], ...] = (
    PetitionFiled,
    PetitionSupplemented,
    PetitionUrged,
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionSplit,
    PetitionWithdrawn,
)
