"""What callers asked and what they were told: every attempt is a line, written when it is over."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

OK, FAIL, INFO = "ok", "fail", "info"
"""The whole 2xx was read; surely not applied; nobody knows."""


@dataclass(slots=True)
class Attempt:
    """One request, or one line of a batch. `key` stays the same when it is tried again."""

    kind: str
    """`file`, `read`, or the name of a command."""
    key: str
    caller: int
    at: float
    """When it was sent, in seconds since 1970."""
    took: float = 0.0
    outcome: str = INFO
    status: int = 0
    """Of the answer; 0 when there was none."""
    code: str = ""
    petition: str = ""
    text: str = ""
    """What was filed."""
    version: int = 0
    """Of the petition in the answer."""
    replayed: bool = False
    race: str = ""
    """Names the commands that were sent at once for one version."""
    body: dict[str, Any] = field(default_factory=dict)
    """As it was sent, but for who sent a command."""
    parts: list[str] = field(default_factory=list)
    """What the petition was split into, by the answer."""
    other_body: bool = False
    """The key was used before with another body: this must be refused."""
    during: str = ""
    """The fault that was going on."""
    behind: float = 0.0
    """Seconds of `took` in which the callers' own process was behind: nobody can read an answer while it waits for a
    core."""


@dataclass
class Told:
    """All attempts with one key, taken together."""

    attempts: list[Attempt] = field(default_factory=list)

    @property
    def first(self) -> Attempt:
        return self.attempts[0]

    @property
    def outcome(self) -> str:
        """`ok` as soon as one was; `fail` only when all were."""
        outcomes = {one.outcome for one in self.attempts if not one.other_body}
        return OK if OK in outcomes else INFO if INFO in outcomes else FAIL

    @property
    def petition(self) -> str:
        return next((one.petition for one in self.attempts if one.outcome == OK and one.petition), "")


class History:
    """Attempts in memory and, where there is a file, on disk line by line."""

    def __init__(self, file: Path | None = None) -> None:
        self.attempts: list[Attempt] = []
        self.during = ""
        """The fault that is going on."""
        self.in_flight = 0
        self.behind = 0.0
        """How long the callers' own process was behind, in all."""
        self.in_doubt = False
        """While true, what is acknowledged may be lost by a restore, and counts for neither side."""
        self._file: IO[str] | None = file.open("a", encoding="utf-8") if file else None

    def begin(self, attempt: Attempt) -> Attempt:
        """It is being sent."""
        self.in_flight += 1
        attempt.during = self.during
        attempt.behind = -self.behind
        return attempt

    def end(self, attempt: Attempt) -> None:
        """It is over, whatever came of it."""
        self.in_flight -= 1
        attempt.during = attempt.during or self.during
        attempt.behind += self.behind
        if self.in_doubt and attempt.outcome == OK:
            attempt.outcome = INFO
        self.attempts.append(attempt)
        if self._file is not None:
            self._file.write(json.dumps(asdict(attempt), ensure_ascii=False) + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def by_key(attempts: Iterable[Attempt]) -> dict[str, Told]:
    """Attempts with a key, told by it."""
    told: dict[str, Told] = {}
    for one in attempts:
        if one.key:
            told.setdefault(one.key, Told()).attempts.append(one)
    return told


def read(file: Path) -> Iterator[Attempt]:
    """The attempts of a run that is over."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            found: dict[str, Any] = json.loads(line)
            yield Attempt(**found)
