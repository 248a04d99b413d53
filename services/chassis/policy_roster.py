"""What must hold between the rows of a roster and the rest of a bundle."""

from collections.abc import Iterator

from schemas.roster import Absence, Posting
from services.chassis.policy_checks import Section
from services.chassis.policy_rows import BundleError


def check_roster(roster: Section[Posting], absences: Section[Absence], receivers: set[str]) -> Iterator[BundleError]:
    """Everything that does not hold: who is posted nowhere is not missed anywhere, and stands in for nobody.

    `receivers`: the codes of all units and departments."""
    staff = roster.every("staff")
    for row, posting in roster.records:
        if posting.unit not in receivers:
            en = f"there is no unit or department '{posting.unit}'"
            yield row.error("unit", en, f"没有单元或部门“{posting.unit}”")
    for row, absence in absences.records:
        if absence.staff not in staff:
            yield row.error("staff", f"'{absence.staff}' is on no roster", f"值守名册中没有“{absence.staff}”")
        if absence.substitute == absence.staff:
            yield row.error("substitute", "stands in for themselves", "不能由本人顶岗")
        elif absence.substitute is not None and absence.substitute not in staff:
            en = f"'{absence.substitute}' is on no roster"
            yield row.error("substitute", en, f"值守名册中没有“{absence.substitute}”")
    for row, term in (*roster.records, *absences.records):
        if term.until is not None and term.until < term.since:
            yield row.error("until", f"{term.until} is before {term.since}", f"{term.until} 早于 {term.since}")
