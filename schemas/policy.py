"""规则: the versioned data that decisions read. One bundle is one version; an event names the one it was decided by."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_serializer

from schemas.jurisdiction import Data, Department, Jurisdiction, Ladder, Tier, Unit
from schemas.places import Area, KnownPlace, Neighbour
from schemas.roster import Absence, Posting, Rosters
from schemas.words import Clock, Disposition, Mode, Severity

Hours = float
MOST_HOUSEHOLDS = 10_000_000
MOST_MONEY = 1_000_000_000_000
"""In yuan. What is more, like more households than a district has, is a slip."""
MOST_JOINT = 1_000
"""More departments than any district has."""
Households = Annotated[int, Field(ge=0, le=MOST_HOUSEHOLDS)]


class Sign(Data):
    """Words that speak for a kind. `words` is a literal unless `regex`; `weight` adds to the kind's score.

    `raises` lifts the severity when the sign stands in a clause about what is happening now: not past, feared,
    asked about, or denied (the tenses are the severity service's own rules).
    """

    words: str = Field(min_length=1)
    weight: float = 1.0
    regex: bool = False
    raises: Literal["urgent", "critical"] | None = None


class Kind(Data):
    """诉求类别: what a petition is about, who has the power for it, and how long it may take."""

    code: str
    name: str
    name_en: str
    category: str
    severity: Severity = Severity.ROUTINE
    disposition: Disposition = Disposition.HANDLE
    tier: str
    """The lowest tier with the power: the authority floor."""
    power: str | None = None
    """The power (事权) of the department that handles it; None when the unit itself does."""
    hand_off: tuple[str, ...] = ()
    """Who must be told at once when it is critical or its disposition is `hand_off`."""
    accept_hours: Hours = Field(gt=0)
    resolve_hours: Hours = Field(gt=0)
    clock: Clock = Clock.NATURAL
    mode: Mode = Mode.ASSIGNED
    """`open`: while it is routine, whoever of its unit and the units below claims it first has it."""
    signs: tuple[Sign, ...] = ()


class SeverityRule(Data):
    """What a severity asks, whatever the kind."""

    floor: str | None = None
    """The severity floor; None sets none."""
    clock: Clock | None = None
    """Overrides the kind's clock: critical runs in natural hours."""
    accept_hours: Hours | None = Field(default=None, gt=0)
    """At most this long to accept."""
    resolve_hours: Hours | None = Field(default=None, gt=0)
    """At most this long to resolve."""
    overdue_hours: Hours | None = Field(default=None, gt=0)
    """At most this long, in natural hours, for a dispatch made after the round's deadline."""


class ScaleRule(Data):
    """难易: up to what a tier handles a matter. What is known to be more goes to the tier above; None sets no limit."""

    households: int | None = Field(default=None, ge=0, le=MOST_HOUSEHOLDS)
    """How many households it may touch."""
    money: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    """How many yuan may be at stake."""
    joint: int | None = Field(default=None, ge=0, le=MOST_JOINT)
    """How many departments may have been called to handle it together (吹哨), when it is dispatched anew."""


class Limits(Data):
    """Deadlines that do not depend on the kind, in natural hours."""

    assess_hours: Hours = Field(default=0.05, gt=0)
    hand_off_hours: Hours = Field(default=0.25, gt=0)
    review_hours: Hours = Field(default=24, gt=0)
    feedback_hours: Hours = Field(default=72, gt=0)
    report_in_hours: Hours = Field(default=2, gt=0)
    supervise_hours: Hours = Field(default=24, gt=0)
    overdue_hours: Hours = Field(default=24, gt=0)
    """What a dispatch made after the round's deadline still gets."""
    extensions: int = Field(default=1, ge=0)
    """How often a round may be given more time."""
    extension_days: float = Field(default=30, gt=0)
    """How far beyond the round's deadline it may be moved at once."""
    hold_days: float = Field(default=90, gt=0)
    """The longest that a petition may be on hold at once."""
    holds: int = Field(default=2, ge=0)
    """How often a round may be put on hold."""
    transfers: int = Field(default=3, ge=0)
    """How often a round may be passed on by whoever has it; then a desk must move it."""
    reopen_days: float = Field(default=15, gt=0)
    """How long after the resolution, or after it was turned away or taken back, a person may re-open."""
    repeat_days: float = Field(default=14, gt=0)
    """How long after it was filed a petition in nearly the same words is suggested as the one that is repeated."""
    feedback_attempts: int = Field(default=3, ge=1)
    feedback_spacing_hours: Hours = Field(default=4, gt=0)
    """At least so long, in natural hours, after one attempt to reach the resident the next one counts."""
    review_below: float = Field(default=0.6, ge=0, le=1)
    """Readings less sure than this ask for a review."""
    nearby_metres: float = Field(default=100, ge=0)
    """Coordinates so near to the unit that was named do not contradict it: a telephone is not surer."""

    def reopen_until(self, since: datetime) -> datetime:
        """Until when a person may open again what ended then."""
        return since + timedelta(days=self.reopen_days)


class Calendar(Data):
    """Working days: Monday to Friday, less `off`, plus `make_up` (调休); hours local to the bundle's time zone."""

    opens: time = time(9)
    closes: time = time(17)
    off: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    """Years whose plan was known when the calendar was made; what is counted on a day of another is provisional."""
    sources: tuple[str, ...] = ()
    """Where the plans written out in the bundle were published, with their years."""

    @field_serializer("off", "make_up", "years")
    def _in_order(self, days: frozenset[Any]) -> list[Any]:
        return sorted(days)  # a set has no order, and the same bundle must always be the same text


class Plan(Data):
    """放假调休: which days of one year are off and which are worked instead, as they were published."""

    source: str = Field(min_length=1)
    off: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()


class PolicyBundle(Data):
    """Everything that decisions read, as one frozen, validated whole."""

    name: str
    name_en: str
    timezone: str = "Asia/Shanghai"
    ladder: tuple[Tier, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = Field(min_length=1)
    departments: tuple[Department, ...] = ()
    roster: tuple[Posting, ...] = ()
    absences: tuple[Absence, ...] = ()
    areas: tuple[Area, ...] = ()
    places: tuple[KnownPlace, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    basic_households: tuple[Households, Households] | None = None
    """From how many to how many households a basic unit of the lowest tier should have."""
    kinds: tuple[Kind, ...] = Field(min_length=1)
    severities: Mapping[Severity, SeverityRule] = {}
    scale: Mapping[str, ScaleRule] = {}
    """By tier: up to what it handles a matter; the limits rise with the ladder."""
    unassessed: Severity = Severity.URGENT
    """How grave a petition is taken to be when it could not be assessed in time."""
    hand_off_default: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Who must be told of a hand-off when neither the words nor the kind name anybody."""
    stock_phrases: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """套话: what alone is no account of a resolution, as 已处理; a report of nothing else is refused."""
    limits: Limits = Limits()
    calendar: Calendar = Calendar()


class Policy:
    """One version of the bundle with its look-ups. `version` counts up from 1 in each installation; `before` is the
    one that was published before it, whose units have heirs here."""

    def __init__(self, version: int, bundle: PolicyBundle, before: "Policy | None" = None) -> None:
        self._before = before
        self.version = version
        self.bundle = bundle
        self.limits = bundle.limits
        self.calendar = bundle.calendar
        self.rosters = Rosters(bundle.roster, bundle.absences, ZoneInfo(bundle.timezone))
        self.kinds: Mapping[str, Kind] = {kind.code: kind for kind in bundle.kinds}
        self.neighbours: Mapping[str, Neighbour] = {one.code: one for one in bundle.neighbours}
        units = {unit.code: unit for unit in bundle.units}
        heirs = _heirs(units, before) if before else {}
        self.jurisdiction = Jurisdiction(
            ladder=Ladder(bundle.ladder),
            units=units,
            heirs=heirs,
            tiers_of_gone=_tiers_before(heirs, before) if before else {},
            departments={office.code: office for office in bundle.departments},
        )

    def as_of(self, version: int) -> "Policy":
        """The version that decided something before; itself where that one is not known."""
        found: Policy | None = self
        while found is not None and found.version > version:
            found = found._before
        return self if found is None or found.version != version else found

    def to_tell(self, kind: str | None) -> tuple[str, ...]:
        """Who must be told of a hand-off of this kind; empty when the district names nobody."""
        known = self.kinds.get(kind) if kind else None
        return (known.hand_off if known else ()) or self.bundle.hand_off_default

    def severity_rule(self, severity: Severity) -> SeverityRule:
        return self.bundle.severities.get(severity, _NO_RULE)

    def scale_rule(self, tier: str) -> ScaleRule:
        """Up to what this tier handles a matter."""
        return self.bundle.scale.get(tier, _NO_LIMIT)


def _heirs(units: Mapping[str, Unit], before: Policy) -> Mapping[str, str]:
    top = next(unit.code for unit in units.values() if unit.parent is None)
    return {code: heir or top for code, heir in before.jurisdiction.heirs_of(units).items()}


def _tiers_before(gone: Iterable[str], before: Policy) -> Mapping[str, str]:
    return {code: before.jurisdiction.tier_of(code) for code in gone}


_NO_RULE = SeverityRule()
_NO_LIMIT = ScaleRule()
