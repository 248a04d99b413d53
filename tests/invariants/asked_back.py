"""The part of a petition's course in which the resident is asked back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.invariants.rows import Row

BETWEEN_ATTEMPTS, LONG_AGO = timedelta(hours=4), datetime.min.replace(tzinfo=UTC)


@dataclass(kw_only=True)
class AskedBack:
    """How often they were tried in vain, and from when the next attempt counts; a course says the rest."""

    reachable: bool = True
    asked: bool = False
    attempts: int = 0
    next_attempt_from: datetime = LONG_AGO

    def _turned_away(self, row: Row) -> None:
        self._lives(row)
        self._follows(row, "SeverityAssessed", "SeverityReassessed")
        answered = self.status == "resolved" or (self.round > 1 and row.by is None)
        self._must(row, not answered, "was reported done, or opened again, which no machine turns away")

    def _feedback_requested(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.status == "resolved" and not self.asked, "nothing to ask about, or asked already")
        self._must(row, data["round"] == self.round, f"is in round {self.round}")
        self.asked, self.attempts, self.next_attempt_from = True, 0, LONG_AGO

    def _feedback_attempted(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.asked and data["attempt"] == self.attempts + 1, "nobody was to be called")
        self._must(row, row.at >= self.next_attempt_from, "was tried a moment ago")
        self.attempts, self.next_attempt_from = self.attempts + 1, row.at + BETWEEN_ATTEMPTS

    def _feedback_received(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.asked and data["round"] == self.round, "nobody was asked")
