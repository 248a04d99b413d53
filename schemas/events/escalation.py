"""What escalation says: which deadline was missed and what followed."""

from typing import ClassVar

from schemas.event import Event, Instant
from schemas.sealed import Sealed


class DeadlineNear(Event):
    """预警: most of the time of a deadline is gone and what it waits for has not come; said once for each due time."""

    owner: ClassVar[str] = "escalation"

    deadline: str
    """Named as in DeadlineMissed."""
    due_at: Instant


class DeadlineMissed(Event):
    """The deadline passed before what it waited for; said once for each deadline and due time."""

    owner: ClassVar[str] = "escalation"

    deadline: str
    """`assess`, `accept:<dispatch>`, `resolve:<round>`, `hand_off`, `report_in:<dispatch>:<department>`, `hold:<n>`,
    `review`, `feedback:<round>`, `supervise:<n>`."""
    due_at: Instant
    late: bool = False
    """True when nothing waits any more: what it waited for came, or the petition ended, but after `due_at`."""


class PetitionEscalated(Event):
    """One tier up, once for each dispatch: by a missed deadline or by a named person."""

    owner: ClassVar[str] = "escalation"

    dispatch: str
    cause: str
    """The deadline missed, or `person`."""
    reason: Sealed[str] | None = None


class SupervisionOrdered(Event):
    """督办: there is no tier above; the responsible superior must answer in time."""

    owner: ClassVar[str] = "escalation"

    number: int
    cause: str
    """The deadline missed; `hand_off` again while anybody is still to be told of a danger; or `unanswered` or
    `unfinished` for the next supervision of a matter that stays open."""
    answer_by: Instant
    unit: str | None = None
    """Whose handling it is about: the unit that has the matter, or to which the department is attached; none in old
    events."""
    department: str | None = None
    """The department whose handling it is about; none when it is the unit itself."""
    superior: str | None = None
    """The unit that must answer; none in old events."""
    policy: int


class SupervisionAnswered(Event):
    """A named person answered every supervision that was open."""

    owner: ClassVar[str] = "escalation"

    number: int
    """The newest of them."""
    text: Sealed[str]


EVENTS: tuple[type[Event], ...] = (
    DeadlineNear,
    DeadlineMissed,
    PetitionEscalated,
    SupervisionOrdered,
    SupervisionAnswered,
)
