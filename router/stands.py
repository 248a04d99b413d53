"""Where a petition stood, and with whom."""

from typing import NamedTuple

from schemas.places import touches


class Stand(NamedTuple):
    """Where a dispatch put the petition, and where the matter was known to lie then."""

    dispatch: str = ""
    tier: str = ""
    unit: str = ""
    place: str | None = None


class Site(NamedTuple):
    """Where the matter lies: the lowest unit sure to contain it, how that is known, and the units that it touches when
    it is more than one."""

    unit: str | None = None
    reason: str = ""
    touched: tuple[str, ...] = ()


def site_of(unit: str | None, touched: tuple[str, ...] = ()) -> Site:
    """A unit that was named by its code, or the lowest around several that were."""
    return Site(unit, touches(touched) if touched else f"place:{unit}", touched)


class Claim(NamedTuple):
    """Who claimed a dispatch."""

    dispatch: str = ""
    unit: str = ""
    claimed_by: str = ""
    department: str | None = None


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
