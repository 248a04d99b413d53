"""What moves a round's time: what was asked for, a hold, and how the time came about."""

from datetime import datetime
from typing import NamedTuple

from schemas.words import Severity


class Asked(NamedTuple):
    """More time, or a hold, that somebody asked for and nobody has decided about."""

    until: datetime
    asked_by: str


class Counted(NamedTuple):
    """A time that was counted: from when, to when, by which policy's calendar, for what kind and severity."""

    since: datetime
    due: datetime
    policy: int
    kind: str | None
    severity: Severity


class Hold(NamedTuple):
    """Since when it is on hold; number 0 before the first."""

    number: int = 0
    since: datetime | None = None
    """None while it is not on hold."""
