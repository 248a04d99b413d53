"""Closed vocabularies shared by events, policy and the outside world."""

from enum import StrEnum


class Severity(StrEnum):
    """紧急程度, from mild to grave; compare with `rank`."""

    ROUTINE = "routine"
    URGENT = "urgent"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Disposition(StrEnum):
    """处置: what kind of answer the matter asks for."""

    HANDLE = "handle"
    HAND_OFF = "hand_off"
    ASK = "ask"
    REFER = "refer"
    DECLINE = "decline"

    @property
    def once_reopened(self) -> "Disposition":
        """What remains of it when a named person opens the petition again: that it was turned away does not."""
        return Disposition.HANDLE if self in (Disposition.REFER, Disposition.DECLINE) else self


def told_at_once(severity: Severity, disposition: Disposition) -> bool:
    """Whether 110, 119 and the like must be told now; what is referred or declined goes another way."""
    critical = severity is Severity.CRITICAL and disposition in (Disposition.HANDLE, Disposition.ASK)
    return critical or disposition is Disposition.HAND_OFF


class Channel(StrEnum):
    """来源: the door a petition came in by."""

    HOTLINE = "hotline"
    APP = "app"
    WECHAT = "wechat"
    WEB = "web"
    WALK_IN = "walk_in"
    LETTER = "letter"
    GRID_PATROL = "grid_patrol"
    VISIT = "visit"
    OPEN311 = "open311"
    TRANSFER = "transfer"


class Status(StrEnum):
    """Where a petition is in its life, after the newest event that says so."""

    FILED = "filed"
    ASSESSED = "assessed"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    HELD = "held"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REFERRED = "referred"
    DECLINED = "declined"
    LINKED = "linked"
    SPLIT = "split"

    @property
    def ended(self) -> bool:
        return self in _ENDED


_ENDED = {Status.CLOSED, Status.WITHDRAWN, Status.REFERRED, Status.DECLINED, Status.LINKED, Status.SPLIT}


HANDLED_ELSEWHERE = (Status.LINKED, Status.SPLIT)
"""Nobody handles it for itself: its root is handled, or its parts are."""


class LinkType(StrEnum):
    """What the petition at the other end of a link is to this one."""

    ROOT = "root"
    DUPLICATE = "duplicate"
    PART = "part"
    SPLIT_FROM = "split_from"


class FloorName(StrEnum):
    """底线: which rule set a lowest tier."""

    AUTHORITY = "authority"
    SCOPE = "scope"
    SEVERITY = "severity"
    SCALE = "scale"
    HISTORY = "history"


class Clock(StrEnum):
    """时限计时: every hour, or working hours only."""

    NATURAL = "natural"
    WORKING = "working"


class Mode(StrEnum):
    """派单 to one named receiver, or 领单: open for one to claim."""

    ASSIGNED = "assigned"
    OPEN = "open"


class Outcome(StrEnum):
    """How a petition closed: by the resident's word, unreached, nobody to be asked, or by a named person."""

    SOLVED = "solved"
    NOT_REACHED = "not_reached"
    NOT_APPLICABLE = "not_applicable"
    """Whoever asked left no way to be asked back."""
    BY_PERSON = "by_person"


class Contact(StrEnum):
    """回访方式: how a resident is asked back."""

    PHONE = "phone"
    SMS = "sms"
    WECHAT = "wechat"
    APP = "app"
    VISIT = "visit"


BY_CHOICE = ("moved", "transferred")
"""Rules of a dispatch by which a person names the receiver."""


class ReturnReason(StrEnum):
    """退单原因: why a receiver gives a dispatch back."""

    NOT_MINE = "not_mine"
    WRONG_AREA = "wrong_area"
    NEEDS_INFORMATION = "needs_information"
    BEYOND_POWER = "beyond_power"


class Result(StrEnum):
    """办结结果: what came of a round, by the word of who handled it."""

    DONE = "done"
    PARTLY_DONE = "partly_done"
    SETTLED = "settled"
    """调解成功: the parties of a dispute agreed."""
    EXPLAINED = "explained"
    NOT_POSSIBLE = "not_possible"
    UNFOUNDED = "unfounded"


class LocatedBy(StrEnum):
    """定位依据: what was filed that says where the matter lies, the surest first."""

    UNIT = "unit"
    COORDINATES = "coordinates"
    ADDRESS = "address"
    KNOWN_PLACE = "known_place"
    """A place that the district knows, named in the address."""


class Whereabouts(StrEnum):
    """定位结果: how surely it is known where the matter lies."""

    IN_ONE = "in_one"
    IN_SEVERAL = "in_several"
    """It touches several units."""
    UNCLEAR = "unclear"
    """One of several units, and nothing says which."""
    CONTRADICTORY = "contradictory"
    """Two of the things that were filed say different places."""
    OUTSIDE = "outside"
    """In a neighbouring district."""
    UNKNOWN = "unknown"
