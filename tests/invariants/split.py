"""The part of a petition's course in which it is split, or is a part of what was."""

from dataclasses import dataclass, field
from typing import Any

from tests.invariants.rows import Row


@dataclass(kw_only=True)
class SplitUp:
    """Its parts while it waits for them, and whether each is over; a course says the rest."""

    split_from: str = ""
    parts: dict[str, bool] = field(default_factory=dict)
    part_rounds: dict[str, int] = field(default_factory=dict)
    resolved_with: dict[str, bool] = field(default_factory=dict)
    """The parts with which it was resolved in this round."""
    all_parts: set[str] = field(default_factory=set)
    """Also those of an earlier round."""

    def _petition_split(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)
        self._must(row, self.assessed and self.severity != "critical", "was never read, or is critical")
        self._must(row, self.status not in ("resolved", "linked", "split"), "is resolved, or is handled elsewhere")
        self._must(row, not self.followers and not self.split_from, "others follow it, or it is a part itself")
        self._must(row, self.all_parts.isdisjoint(data["parts"]) and len(set(data["parts"])) > 1, "has no new parts")
        self.parts = dict.fromkeys(data["parts"], False)
        self.part_rounds = dict.fromkeys(data["parts"], 1)
        self.all_parts |= self.parts.keys()
        self.status, self.routed, self.accepted = "split", False, ""
        self.elsewhere, self.extension, self.hold = True, None, None
        self.called = {}

    def _part_finished(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.status == "split" and not self.parts.get(data["part"], True), "waits for no such part")
        self._must(row, data["round"] == self.part_rounds[data["part"]], "is about another round of that part")
        self._must(row, (row.by is None) == (data.get("text") is None), "a person reports it done, or it ended")
        self.parts[data["part"]] = True

    def _part_reopened(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.status == "split" and data["part"] in self.parts, "waits for no such part")
        self._must(row, data["round"] == self.part_rounds[data["part"]] + 1, "is another round of that part")
        self.parts[data["part"]], self.part_rounds[data["part"]] = False, data["round"]

    def _waits_again(self, row: Row, data: dict[str, Any]) -> None:
        """It is opened again: by one of its parts, or its parts are history."""
        by_a_part = data["cause"] == "part"
        self._must(row, not by_a_part or (self.status == "resolved" and bool(self.resolved_with)), "waits for no part")
        self.parts, self.resolved_with = (self.resolved_with if by_a_part else {}), {}
        self.status = "split" if by_a_part else "assessed"

    def _all_parts_are_over(self, row: Row, data: dict[str, Any]) -> None:
        self._follows(row, "PartFinished")
        self._must(row, data.get("part") in self.parts and all(self.parts.values()), "a part of it goes on")
        self._must(row, self.severity != "critical", "was read as a danger since it was split")
