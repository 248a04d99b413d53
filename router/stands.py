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


class Taken(NamedTuple):
    """Who has the work on the dispatch that was taken last, and for which unit or department; an old log may not say
    who."""

    receiver: str = ""
    staff: str = ""


class Returner(NamedTuple):
    """Who gave a dispatch back."""

    unit: str
    department: str | None


class Extent(NamedTuple):
    """难易: how much a matter touches, as far as somebody has said; None where nobody has."""

    households: int | None = None
    money: int | None = None
    """In yuan."""
    joint: int = 0
    """How many departments were called to handle it together in this round."""
