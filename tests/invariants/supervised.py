"""The part of a petition's course in which somebody above must answer for it, because it can climb no higher."""

from dataclasses import dataclass
from typing import Any

from tests.invariants.rows import Row

NAMES = {"moved", "transferred"}


@dataclass(kw_only=True)
class Supervised:
    """Who is asked instead of a climb; a course says the rest."""

    supervisions: int = 0
    named: bool = False
    """Whether a person named who has it, who therefore is no placing desk."""

    def _supervision_ordered(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, data["number"] == self.supervisions + 1, f"after number {self.supervisions}")
        top = max(self.rungs.tiers.values())
        below = top not in (self.rungs.tiers.get(self.tier or ""), self.rungs.units.get(self.unit or ""))
        climbs = data["cause"].partition(":")[0] in ("accept", "resolve") and self.named and below
        self._must(row, not climbs, "whom a person named below the top was late: that climbs")
        self.supervisions += 1

    def _supervision_answered(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, any(one.family == "supervise" for one in self.time.open), "nothing was asked")
