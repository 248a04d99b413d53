"""What the router says of people on duty: that there were none, or that work went from one to another."""

from typing import ClassVar

from schemas.event import Event
from schemas.sealed import Sealed


class WorkHandedOver(Event):
    """交接: somebody else of the same unit or department has the work now. Dispatch and deadlines stay."""

    owner: ClassVar[str] = "router"

    dispatch: str
    from_staff: str
    """Staff id of who had it."""
    to_staff: str
    """Staff id of who has it now."""
    reason: Sealed[str]


class NobodyOnDuty(Event):
    """A unit that should have received it, or its department, has nobody; the next one up was asked."""

    owner: ClassVar[str] = "router"

    unit: str
    round: int
    department: str | None = None
    """Code of the department there, when it is the department that has nobody."""
    cause: str | None = None
    """no_staff, nobody_posted or all_absent; an old log says nothing."""
