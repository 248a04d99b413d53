"""The part of a petition's course in which whoever has it gives it back, passes it on, or asks for more time."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.invariants.rows import Row


@dataclass(kw_only=True)
class MoreTime:
    """What was asked for and not decided; a course says the rest."""

    extension: dict[str, Any] | None = None
    extended: bool = False
    hold: dict[str, Any] | None = None
    paused: bool = False
    """Whether it was on hold when it was linked."""
    holds: int = 0
    holds_of_round: int = 0
    returns: int = 0
    transfers: int = 0
    chosen: bool = False
    """Whether a person chose who has it, or is to choose."""
    spent: Counter[str] = field(default_factory=Counter)
    """Microseconds in each status."""

    def spend(self, until: datetime) -> None:
        """It was as it is since its last event."""
        if self.last is not None:
            self.spent[self.status] += (until - self.last.at) // timedelta(microseconds=1)

    def _dispatch_returned(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(
            row, data["dispatch"] == self.dispatch and data["round"] == self.round, "is not the current dispatch"
        )
        self._must(row, self.returns < 2 or not self.chosen, "was returned twice, and the superior has decided")
        self.returns += 1

    def _dispatch_transferred(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, data["dispatch"] == self.dispatch, "is not the current dispatch")
        self._must(row, self.returns < 2 or not self.chosen, "was returned twice, and the superior has decided")
        self.transfers += 1
        self._must(row, self.transfers <= 3, "is passed on for the fourth time in its round")

    def _extension_requested(self, row: Row, data: dict[str, Any]) -> None:
        self._worked_on(row, data)
        self._must(row, self.extension is None, "an extension is asked for already")
        self._must(row, self.severity != "critical", "what is critical gets no more time")
        self.extension = data

    def _extension_granted(self, row: Row, data: dict[str, Any]) -> None:
        self._extension_refused(row, data)
        self._must(row, not self.extended and self.severity != "critical", "was extended already, or is critical")
        self.extended = True

    def _extension_refused(self, row: Row, data: dict[str, Any]) -> None:
        self._worked_on(row, data)
        self._must(row, self.extension is not None, "nobody asked for an extension")
        self._decided_by_another(row, self.extension)
        self.extension = None

    def _hold_requested(self, row: Row, data: dict[str, Any]) -> None:
        self._worked_on(row, data)
        self._must(row, self.hold is None and self.severity != "critical", "is asked for already, or is critical")
        self.hold = data

    def _hold_refused(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, self.hold is not None, "nobody asked for a hold")
        self._decided_by_another(row, self.hold)
        self.hold = None

    def _petition_held(self, row: Row, data: dict[str, Any]) -> None:
        self._hold_refused(row, data)
        self._must(row, self.severity != "critical" and data["number"] == self.holds + 1, "is critical, or a leap")
        self.status, self.holds, self.extension = "held", self.holds + 1, None
        self.holds_of_round += 1
        self._must(row, self.holds_of_round <= 2, "is the third hold of its round")

    def _petition_resumed(self, row: Row, data: dict[str, Any]) -> None:
        held = self.status == "held" or self.paused
        self._must(row, held and data["number"] == self.holds, "is not on hold")
        self._must(row, (row.by is not None) == (data["cause"] == "person"), "its cause is a person, or none is named")
        self.status, self.paused = "accepted", False

    def _deadlines_recounted(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, data["dispatch"] == self.dispatch and data["round"] == self.round, "is about another dispatch")
        taken = self.accepted == self.dispatch
        self._must(row, row.by is None and not (taken and data.get("accept_by")), "by a person, or accepted already")

    def _decided_by_another(self, row: Row, asked: dict[str, Any] | None) -> None:
        own = row.by in ((asked or {}).get("asked_by"), self.staff)
        self._must(row, not own, "nobody decides about the own request, or for the own work")

    def _worked_on(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, self.accepted == self.dispatch and data["round"] == self.round, "nobody works on it")
