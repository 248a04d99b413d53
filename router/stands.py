"""Where a petition stood, and with whom."""

from typing import NamedTuple


class Stand(NamedTuple):
    """Where a dispatch put the petition, and where the matter was known to lie then."""

    dispatch: str = ""
    tier: str = ""
    unit: str = ""
    place: str | None = None


class Claim(NamedTuple):
    """Who claimed a dispatch."""

    dispatch: str = ""
    unit: str = ""
    claimed_by: str = ""


class Part(NamedTuple):
    """A part of what was split: the round that it is in, and what came of that; no outcome while it goes on."""

    round: int = 1
    outcome: str = ""
    stand: Stand = Stand()
    """The dispatch by which it was done."""


class Returner(NamedTuple):
    """Who gave a dispatch back."""

    unit: str
    department: str | None
