"""What feedback says: the resident's own answer, and what it means."""

from typing import ClassVar
from uuid import UUID

from schemas.event import Event, Instant
from schemas.sealed import Sealed
from schemas.words import Contact, Outcome

DANGER = "danger"
"""Cause of a re-opening: read as critical after it was reported done or turned away, by who did not know it."""
PART = "part"
"""Cause of a re-opening: a part of it is open again, and it waits for its parts again."""


class FeedbackRequested(Event):
    """回访: the resident is to be asked about this round's resolution."""

    owner: ClassVar[str] = "feedback"

    round: int
    answer_by: Instant
    reopen_until: Instant
    """The window for re-opening, counted from the resolution."""
    policy: int


class FeedbackAttempted(Event):
    """A call that did not reach the resident."""

    owner: ClassVar[str] = "feedback"

    round: int
    attempt: int
    text: Sealed[str] | None = None
    contact: Contact | None = None
    """How it was tried, where that was said."""
    last: bool = False
    """True when nobody calls any more: it is closed, or a critical one is put before a named person."""


class FeedbackReceived(Event):
    """The resident answered: solved and satisfied are two answers; None means not asked or not said."""

    owner: ClassVar[str] = "feedback"

    round: int
    solved: bool
    satisfied: bool | None
    contacted: bool | None = None
    """False: nobody had contacted the resident before it was reported done (虚假办结). None: not asked or not said."""
    contact: Contact | None = None
    """How the resident was asked, where that was said."""
    text: Sealed[str] | None = None


class PetitionReopened(Event):
    """重办: not solved, or wrongly referred or declined; a new round starts; what was reported done climbs one tier."""

    owner: ClassVar[str] = "feedback"

    round: int
    """The new round."""
    cause: str
    """`not_solved`, `false_closure` (nobody had contacted the resident), `person`, `danger` (read as critical only
    after it was reported done, withdrawn, referred, declined, or closed by a machine), or `part` (a part of it is
    open again, and it is `split`)."""
    reason: Sealed[str] | None = None
    route_by: Instant | None = None
    """Until when it must be routed again; none where it waits for its parts."""

    @property
    def in_vain(self) -> bool:
        """Whether what was reported done, if anything was, did not help; a danger was nobody's task by then, and where
        a part did not help, that one climbs."""
        return self.cause not in (DANGER, PART)

    @property
    def by_a_part(self) -> bool:
        """Whether it waits for its parts again, and is nobody's to handle."""
        return self.cause == PART


class PartReopened(Event):
    """A part of what was split is open again. Said in the stream of the petition that was split, in the same append, or
    soon after where the part is a danger that nobody re-opened, while that one waits for its parts, or does so again
    because of this: then its `PetitionReopened` comes before."""

    owner: ClassVar[str] = "feedback"

    part: UUID
    round: int
    """The new round of the part."""


class DuplicateReopened(Event):
    """A repeat is open again that was answered with what was reported done for this petition, its root. Said in the
    root's stream, in the same append, so that who reported it done hears of it; the root itself stays as it is."""

    owner: ClassVar[str] = "feedback"

    duplicate: UUID
    dispatch: str
    """The dispatch of the root that was reported done."""
    cause: str
    """`not_solved`, `false_closure` (nobody had contacted the resident of the repeat) or `person`."""


class PetitionClosed(Event):
    """The life ends: by the resident's word, unreached in time, or by a named person."""

    owner: ClassVar[str] = "feedback"

    round: int
    outcome: Outcome
    reason: Sealed[str] | None = None

    @property
    def by_machine(self) -> bool:
        """Whether neither the resident nor a person said so."""
        return self.outcome in (Outcome.NOT_REACHED, Outcome.NOT_APPLICABLE)


EVENTS: tuple[type[Event], ...] = (
    FeedbackRequested,
    FeedbackAttempted,
    FeedbackReceived,
    PetitionReopened,
    PartReopened,
    DuplicateReopened,
    PetitionClosed,
)
