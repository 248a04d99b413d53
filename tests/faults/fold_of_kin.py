"""The part of a petition's life in which others go on with it, or it goes on for others."""

from dataclasses import dataclass, field
from typing import Any

from tests.faults.rows import EventRow

GRID, ROUTINE = "grid", "routine"


@dataclass(kw_only=True)
class Kin:
    """Its parts, its root, and what was done on the spot; a fold says the rest."""

    split_from: str = ""
    parts: dict[str, bool] = field(default_factory=dict)
    """Whether each part is over, while it waits for them."""
    part_rounds: dict[str, int] = field(default_factory=dict)
    resolved_with: dict[str, bool] = field(default_factory=dict)
    """The parts with which it was resolved in this round."""
    all_parts: set[str] = field(default_factory=set)
    """Also those for which it does not wait any more."""
    rolled_up: int = 0
    """How often it was resolved with the last of its parts."""
    root: str = ""
    left: str = ""
    """Whom it followed before it was placed for itself, with nobody having unlinked them."""
    followers: set[str] = field(default_factory=set)
    followed: int = 0
    """How often it was resolved with its root."""
    supplements: int = 0
    staff: str = ""
    done_in: str = ""
    """The unit in which it was dealt with before it was filed."""
    on_the_spot: bool = False
    """Whether it was resolved by that."""
    left_lying: bool = False
    """Whether that unit was asked for all the same, and has not said that it is done."""

    def _PetitionSupplemented(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        self.supplements += 1
        if data["number"] != self.supplements:
            self._no(10, event, f"is number {data['number']} and the {self.supplements}. supplement")
        if self.is_over or self.status in ("linked", "split"):
            self._no(5, event, f"adds to what is {self.status}")

    def _PetitionSplit(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.is_over or self.status in ("filed", "linked", "split") or self.split_from or self.followers:
            self._no(5, event, f"splits what is {self.status}, a part, or followed")
        if len(set(data["parts"])) != len(data["parts"]) or self.all_parts & set(data["parts"]):
            self._no(10, event, "names a part twice")
        self.parts, self.part_rounds = dict.fromkeys(data["parts"], False), dict.fromkeys(data["parts"], 1)
        self.all_parts |= set(data["parts"])
        self._goes_on_elsewhere("split")

    def _PartFinished(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.status != "split" or data["part"] not in self.parts:
            self._no(5, event, "ends a part that it does not wait for")
            return
        if self.parts[data["part"]] or data["round"] != self.part_rounds[data["part"]]:
            self._no(10, event, "ends a round of a part that is over")
        self.parts[data["part"]] = True

    def _PartReopened(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.status != "split" or data["round"] != self.part_rounds.get(data["part"], 0) + 1:
            self._no(5, event, "opens another round of a part than the next")
            return
        self.parts[data["part"]], self.part_rounds[data["part"]] = False, data["round"]

    def _waits_again(self, event: EventRow, data: dict[str, Any]) -> str:
        """Its status once it is opened again: by one of its parts, or its parts are history."""
        by_a_part = data["cause"] == "part"
        if by_a_part and (self.status != "resolved" or not self.resolved_with):
            self._no(5, event, f"waits again for the parts of what is {self.status}")
        self.parts, self.resolved_with = (self.resolved_with if by_a_part else {}), {}
        return "split" if by_a_part else "assessed"

    def _DuplicateLinked(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.is_over or self.status in ("filed", "linked", "split"):
            self._no(5, event, f"links what is {self.status}")
        if data["duplicate"] != self.petition:
            self.followers.add(data["duplicate"])
            return
        if self.followers:
            self._no(5, event, "has it follow, and others follow it")
        self.root = data["root"]
        self._goes_on_elsewhere("linked")

    def _DuplicateUnlinked(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if data["duplicate"] != self.petition:
            self.followers.discard(data["duplicate"])
        elif self.left == data["root"]:
            self.left = ""
        elif self.root != data["root"]:
            self._no(5, event, "unlinks it from what it does not follow")
        else:
            self.status, self.root = "assessed", ""

    def _is_done_by_others(self, event: EventRow, data: dict[str, Any]) -> bool:
        """Whether it is resolved with its root, or with the last of its parts."""
        if (data.get("root") or "") != self.root:
            self._no(5, event, f"is done with {data.get('root') or 'nothing'}, and follows {self.root or 'nothing'}")
        waits = [part for part, over in self.parts.items() if not over]
        if self.parts and (waits or data.get("part") not in self.parts):
            self._no(5, event, f"is resolved by {data.get('part') or 'nothing'}, and {len(waits)} parts go on")
        if self.parts and self.severity == "critical":
            self._no(5, event, "answers a danger by what became of its parts")
        self.followed += bool(self.root)
        self.rolled_up += bool(self.parts)
        self.followers.clear()
        return bool(self.root or self.parts)

    def _stands_for_itself(self, data: dict[str, Any]) -> None:
        """It was placed."""
        self.root, self.left, self.parts = "", self.root or self.left, {}
        plain = (data["rule"], data["tier"], data.get("department"), data.get("severity"), data["round"])
        self.left_lying = self.done_in == data["unit"] and plain == ("assessed", GRID, None, ROUTINE, 1)

    def _goes_on_elsewhere(self, status: str) -> None:
        self.status, self.left_lying = status, False
        self.tier = self.unit = self.department = None
