"""What the script says: petitions to file, and what is asked of each afterwards, one step in a turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

QUICK = "QUICK"
"""The kind whose acceptance is missed at every tier, until a superior is asked."""


class Newest:
    """In a step's body: the petition's newest dispatch."""


@dataclass(frozen=True)
class Step:
    """One command, and how it is sent. In `body` a Life stands for its petition, a timedelta for so long after the
    round's deadline, and Newest for the dispatch."""

    command: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    """How often it is sent, under the same key."""
    part: int | None = None
    """Which part of what was split it is asked of; None: the petition itself."""


@dataclass(frozen=True, eq=False)
class Life:
    """A petition to file, and the commands that follow, one by one."""

    key: str
    body: Mapping[str, Any]
    steps: Sequence[Step | None]
    """None: nothing is asked in this turn, because another that it is linked to has the word."""
    late: bool = False
    """Whether it is filed once all others are listed, so that it is known what it may repeat."""

    @property
    def missed(self) -> bool:
        """Whether nobody ever accepts it in time."""
        return self.body.get("kind") == QUICK


def step(command: str, by: str = "handler-1", part: int | None = None, times: int = 1, **body: Any) -> Step:
    """A command in somebody's name."""
    return Step(command, {"by": by, **body}, times=times, part=part)
