"""Where a petition stood, and with whom."""

from typing import NamedTuple

from schemas.people import Attachment
from schemas.sealed import Sealed


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


class OnTheSpot(NamedTuple):
    """自处理: what the grid worker who filed it had done about it by then, sealed as it was filed."""

    text: Sealed[str]
    result: str
    attachments: Sealed[list[Attachment]] | None
    by: str


class Returner(NamedTuple):
    """Who gave a dispatch back."""

    unit: str
    department: str | None
