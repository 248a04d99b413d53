"""The part of a petition's course in which somebody has it to do, and the work changes hands."""

from dataclasses import dataclass
from typing import Any

from tests.invariants.rows import Row

PARTNERS = {"SA1P"}
"""Of the small district."""


@dataclass(kw_only=True)
class Staffed:
    """Who has it to do; a course says the rest."""

    staff: str = ""
    claimed: tuple[str, str | None] | None = None
    """The unit and department that claimed the current dispatch; none while a partner has it, for which its unit
    answers."""
    confidential: bool = False
    on_the_spot: bool = False
    """Whether it was dealt with before it was filed."""

    def _claimed(self, row: Row, data: dict[str, Any], unit: str | None) -> None:
        partner = data["unit"] in PARTNERS
        self._must(row, data.get("responsible") == (unit if partner else None), "a unit answers for its partner alone")
        self._must(row, not (partner and self.confidential), "no partner hears of who wants to stay hidden")
        self.staff, self.claimed = data["claimed_by"], None if partner else (data["unit"], data.get("department"))

    def _work_handed_over(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.status in ("routed", "accepted", "held"), "nobody handles it now")
        self._must(row, data["dispatch"] == self.accepted, "was never accepted")
        self._must(row, data["from_staff"] == self.staff != data["to_staff"], f"{self.staff} has it")
        self.staff = data["to_staff"]
