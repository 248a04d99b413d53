"""The part of a petition's course in which it follows another, or is followed."""

from dataclasses import dataclass, field
from typing import Any

from tests.invariants.rows import Row


@dataclass(kw_only=True)
class Linked:
    """Whom it follows, and who follows it, by their ids; a course says the rest."""

    beside: str = ""
    """Another petition, for a caller to name."""
    root: str = ""
    left: str = ""
    """What it was linked to, placed for itself since and not unlinked yet."""
    followers: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)
    """The dispatches that were reported done for it."""
    elsewhere: bool = False
    """Whether it goes on in another's stream, and has no place of its own since."""

    def _duplicate_linked(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)
        self._must(row, row.by is not None and self.assessed, "needs a named person; was never read")
        self._must(row, self.status not in ("resolved", "linked"), "is resolved, or follows another itself")
        if self._follows_another(row, data):
            self._must(row, not self.followers and not self.left, "others follow it, or it is linked still")
            self.paused = self.status == "held"
            self.root, self.status, self.routed, self.accepted = data["root"], "linked", False, ""
            self.elsewhere, self.extension, self.hold = True, None, None
            self.called = {}
        else:
            self._must(row, data["duplicate"] not in self.followers, "is followed by it already")
            self.followers.add(data["duplicate"])

    def _duplicate_unlinked(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, row.by is not None, "needs a named person")
        if self._follows_another(row, data) and self.left:
            self._must(row, self.left == data["root"] and "route_by" not in data, "was not linked to that one")
            self.left = ""
        elif self._follows_another(row, data):
            self._must(row, self.status == "linked" and self.root == data["root"], "does not follow that one")
            self.root, self.status = "", "assessed"
        else:
            self._must(row, data["duplicate"] in self.followers, "is not followed by it")
            self.followers.remove(data["duplicate"])

    def _duplicate_reopened(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, data["dispatch"] in self.answers, "never reported that dispatch done")
        self._must(row, data["cause"] in ("not_solved", "false_closure", "person"), "is no cause of it")

    def _follows_another(self, row: Row, data: dict[str, Any]) -> bool:
        own = row.ref.partition(":")[0]
        self._must(
            row, own in (data["root"], data["duplicate"]) and data["root"] != data["duplicate"], "names no other"
        )
        return bool(data["duplicate"] == own)
