"""Who must know of a danger: told once for each danger, and never left out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

OVER = ("ResolutionReported", "PetitionWithdrawn", "PetitionReferred", "PetitionDeclined")
"""What is read after these, of words that nobody had read, is another danger than was told of before."""
BY_ITSELF = ("danger", "part")
"""A round that begins so is about what was read since the last one was over; any other shows that the danger stays."""


class Said(Protocol):
    """An event as it stands in the log."""

    @property
    def type(self) -> str: ...
    @property
    def data(self) -> dict[str, Any]: ...


@dataclass
class Dangers:
    """What the reading in force says of it, and who was told."""

    must_know: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    """For whom a hand-off is not confirmed."""
    confirm_by: str = ""
    over: bool = False
    """Whether it was reported done, withdrawn, referred or declined."""
    found_since: bool = False
    """Whether it was read as a danger since, which nobody by whom it is over knew."""
    _critical: bool = False

    def hear(self, row: Said) -> None:
        """One more event of the petition."""
        match row.type:
            case "SeverityAssessed" | "SeverityReassessed":
                self._read(row, row.data)
            case "PetitionRouted":
                self._critical = row.data.get("severity") == "critical"
            case "HandOffOrdered":
                self.told |= set(row.data["to"])
                self.untold -= self.told
                self.waiting, self.confirm_by = frozenset(row.data["to"]), row.data["confirm_by"]
            case "HandOffConfirmed":
                self.waiting = frozenset(row.data.get("outstanding", ()))
                self.told |= self.must_know & {row.data.get("to", "")}
            case "PetitionReopened":
                self.over = self.found_since = False
                if row.data["cause"] not in BY_ITSELF:
                    self.told = frozenset()
                    self.untold = self._not_yet(row.data)
            case one if one in OVER:
                self.over, self.found_since = True, False

    def _read(self, row: Said, data: dict[str, Any]) -> None:
        was, self._critical = self._critical, data.get("severity") == "critical"
        added = row.type == "SeverityAssessed" and data.get("supplement") is not None
        self.found_since = self.over and self._critical and (added or not was or self.found_since)
        told_at_once = self._critical or data.get("disposition") == "hand_off"
        self.must_know = frozenset(data.get("hand_off", ())) if told_at_once else frozenset()
        turned_away = data.get("disposition") in ("refer", "decline")
        self.told = self.told if self.must_know and not (added and self.over) else frozenset()
        self.untold = frozenset() if turned_away else self._not_yet(data)

    def _not_yet(self, data: dict[str, Any]) -> frozenset[str]:
        """Who must know and was not told of this one, nor is being told just now."""
        in_time = bool(self.confirm_by) and datetime.fromisoformat(self.confirm_by) >= datetime.fromisoformat(
            data["at"]
        )
        return self.must_know - self.told - (self.waiting if in_time else frozenset())
