"""The part of a petition's course in which the work changes hands."""

from dataclasses import dataclass
from typing import Any

from tests.invariants.rows import Row


@dataclass(kw_only=True)
class Staffed:
    """Who has it to do; a course says the rest."""

    staff: str = ""

    def _work_handed_over(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.status in ("routed", "accepted", "held"), "nobody handles it now")
        self._must(row, data["dispatch"] == self.accepted, "was never accepted")
        self._must(row, data["from_staff"] == self.staff != data["to_staff"], f"{self.staff} has it")
        self.staff = data["to_staff"]
