"""Where a petition stood, and with whom."""

from typing import NamedTuple

from schemas.people import Attachment
from schemas.places import touches
from schemas.sealed import Sealed
from schemas.words import ReturnReason, Severity


class Stand(NamedTuple):
    """Where a dispatch put the petition, and where the matter was known to lie then."""

    dispatch: str = ""
    tier: str = ""
    unit: str = ""
    place: str | None = None
    department: str | None = None
    severity: Severity = Severity.ROUTINE
    """How grave it was taken for."""
    chosen: bool = False
    """Whether a person named this receiver, which so has it to handle, wherever it lies."""


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


class Taken(NamedTuple):
    """Who has the work on the dispatch that was taken last, and for which unit or department; an old log may not say
    who."""

    receiver: str = ""
    staff: str = ""


class OnTheSpot(NamedTuple):
    """自处理: what the grid worker who filed it had done about it by then, sealed as it was filed."""

    text: Sealed[str]
    result: str
    attachments: Sealed[list[Attachment]] | None
    by: str


class Part(NamedTuple):
    """A part of what was split: the round that it is in, and what came of that; no outcome while it goes on."""

    round: int = 1
    outcome: str = ""
    stand: Stand = Stand()
    """The dispatch by which it was done."""


class Returner(NamedTuple):
    """Who gave a dispatch back and why, and what was known of the matter then."""

    unit: str
    department: str | None
    reason: str = ""
    kind: str | None = None
    site: Site = Site()

    def would_again(self, kind: str | None, site: Site) -> bool:
        """Whether nothing that its reason is about was said anew since: where it lies, or what it is."""
        as_it_lay = (site.unit, site.touched) == (self.site.unit, self.site.touched)
        match self.reason:
            case ReturnReason.WRONG_AREA:
                return as_it_lay
            case ReturnReason.NEEDS_INFORMATION:
                return as_it_lay and kind == self.kind
            case _:
                return kind == self.kind


class Extent(NamedTuple):
    """难易: how much a matter touches, as far as somebody has said; None where nobody has."""

    households: int | None = None
    money: int | None = None
    """In yuan."""
    joint: int = 0
    """How many departments were called to handle it together in this round."""
