"""What came of a run, for people and for programs."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.counting import conflicts, counts, doubled, found_again, lost, spread
from tests.faults.ended import Ended, Wrong
from tests.faults.faults import Done, summary
from tests.faults.history import FAIL, INFO, OK, Attempt
from tests.faults.lateness import RECOVERY_SECONDS, in_calm
from tests.faults.measuring import JUDGED_SECONDS
from tests.serving import WARNED_SECONDS

PASSED, FAILED, INVALID = "passed", "failed", "invalid"
EXIT = {PASSED: 0, FAILED: 1, INVALID: 2}
MOST_TOLD = 40
LEAST_IN_CALM = 10
"""Deadlines; of fewer one that was noticed late may not be among them."""


@dataclass
class Report:
    """One run. `why_invalid`: what did not happen and had to, so that passing would prove nothing."""

    seed: int
    target: str
    command: str
    seconds: float
    faults: list[Done]
    wrong: list[Wrong] = field(default_factory=list)
    why_invalid: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if self.wrong:
            return FAILED
        return INVALID if self.why_invalid else PASSED

    @property
    def exit_code(self) -> int:
        return EXIT[self.verdict]

    def write(self, folder: Path) -> None:
        """`report.json` and `report.txt`."""
        said = asdict(self) | {"verdict": self.verdict, "wrong": [str(one) for one in self.wrong]}
        (folder / "report.json").write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
        (folder / "report.txt").write_text(self.text(), encoding="utf-8")

    def text(self) -> str:
        """Everything that one wants to know first."""
        f = self.figures
        kills, in_flight = f["kills"], f["kills_in_flight"]
        lines = [
            f"{self.verdict.upper()}: {f['lost']} of {f['acknowledged_petitions']:,} acknowledged petitions lost and"
            f" {f['doubled']} effects doubled under {kills} kills, {in_flight} of them with requests in flight",
            f"seed {self.seed}, {self.target}, {self.seconds:.0f} s: {self.command}",
            f"faults: {', '.join(f'{count} {name}' for name, count in summary(self.faults).items())}",
        ]
        lines += [f"{name}: {value}" for name, value in f.items()]
        lines += [f"INVALID because {why}" for why in self.why_invalid]
        lines += [f"WRONG {one}" for one in self.wrong[:MOST_TOLD]]
        if len(self.wrong) > MOST_TOLD:
            lines.append(f"… and {len(self.wrong) - MOST_TOLD} more; all of them are in report.json")
        return "\n".join([*lines, ""])


@dataclass(frozen=True)
class HadTo:
    """What had to happen beside. `owed`: faults that were never dealt with effect, and why; `short_lived`: processes
    that did not serve long enough to be judged for leaks; `no_witness`: why those who looked on did not see everything.
    """

    petitions: int = 0
    owed: Sequence[tuple[str, str]] = ()
    calm_seconds: float = 0.0
    short_lived: Sequence[str] = ()
    no_witness: Sequence[str] = ()


def made(
    seed: int,
    target: str,
    command: str,
    seconds: float,
    faults: list[Done],
    ended: Ended,
    wrong: list[Wrong],
    had: HadTo | None = None,
) -> Report:
    """The report of a run that is over and checked."""
    report = Report(seed, target, command, seconds, faults, wrong)
    attempts = ended.attempts
    asked = [told for told in ended.told.values() if len(told.attempts) > 1]
    kills = [in_flight for one in faults for in_flight in one.kills]
    report.figures = {
        "lost": lost(ended, wrong),
        "doubled": doubled(wrong),
        "kills": len(kills),
        "kills_in_flight": sum(in_flight > 0 for in_flight in kills),
        "points_hit": dict(sorted(Counter(o.to for o in faults if o.fault == "kill_at" and not o.nothing).items())),
        **counts(ended),
        "lateness_in_calm": {"judged": len(calm := in_calm(ended, faults)), **spread(calm)},
        "attempts": dict(Counter(one.outcome for one in attempts)) | {"all": len(attempts)},
        "answers": dict(sorted(Counter(one.status for one in attempts).items())),
        "keys_retried": sum(any(a.outcome == INFO for a in told.attempts) for told in asked),
        "keys_found_again": sum(found_again(told) for told in asked),
        "replays_answered": sum(one.replayed for one in attempts),
        "redelivered": ended.redelivered,
        "conflicts": conflicts(ended),
        "other_bodies_refused": sum(one.other_body and one.outcome == FAIL for one in attempts),
        "answer_seconds": {name: _times(some) for name, some in _phases(attempts).items()},
    }
    report.why_invalid = _why_invalid(report, had or HadTo())
    return report


def slow_answers(attempts: Sequence[Attempt]) -> list[Wrong]:
    """22: under overload everybody is answered within ten seconds, if only with 429 or 503."""
    return [
        Wrong(
            22, f"{one.kind} took {one.took:.1f} s, {one.behind:.1f} of them here, and was answered {one.status or 0}"
        )
        for one in attempts
        if one.during == "overload" and (one.took - one.behind > 10 or one.status in (0, 500))
    ]


def _why_invalid(report: Report, had: HadTo) -> list[str]:
    f = report.figures
    missing = {
        "no request was in flight at most of the kills": f["kills_in_flight"] > f["kills"] / 2,
        "nothing was there already when its key was tried again": f["keys_found_again"],
        "nothing was delivered twice": _twice(f),
        "no two commands met on one version": f["conflicts"],
        "no order on the topics was judged": min(f.get("judged_for_order", {"": 1}).values()),
        f"fewer than {(least := max(1, had.petitions)):,} petitions were acknowledged": (
            f["acknowledged_petitions"] >= least
        ),
        "no deadline was missed": f["deadlines_missed"],
        "nobody was warned of a deadline": f["warnings"] or had.calm_seconds <= WARNED_SECONDS,
        "no life came to its end": f["statuses"].get("closed"),
        "no whole was resolved with its parts": f["resolved_with_their_parts"] or not had.calm_seconds,
        "no repeat was resolved with its root": f["resolved_with_their_root"] or not had.calm_seconds,
        "nothing was dealt with on the spot": f["dealt_with_on_the_spot"] or not had.calm_seconds,
        "nobody lost a claim to another": f["claims_lost_to_another"] or not had.calm_seconds,
        f"fewer than {LEAST_IN_CALM} deadlines passed in calm": (
            f["lateness_in_calm"]["judged"] >= LEAST_IN_CALM or had.calm_seconds <= RECOVERY_SECONDS
        ),
        f"{', '.join(had.short_lived)} did not serve long enough to be judged for leaks": (
            not had.short_lived or had.calm_seconds <= JUDGED_SECONDS
        ),
    }
    never = [f"{name} was never dealt with effect: {why}" for name, why in had.owed]
    return [*(why for why, there in missing.items() if not there), *had.no_witness, *never]


def _twice(figures: dict[str, Any]) -> int:
    """Records that were sent twice; in one process, where no record is, requests that were."""
    return int(figures["redelivered" if "petitions_records" in figures else "replays_answered"])


def _phases(attempts: Sequence[Attempt]) -> dict[str, list[float]]:
    answered = [one for one in attempts if one.outcome == OK]
    return {
        "calm": [one.took for one in answered if not one.during],
        "overload": [one.took for one in answered if one.during == "overload"],
        "other faults": [one.took for one in answered if one.during not in ("", "overload")],
    }


def _times(took: list[float]) -> dict[str, float]:
    took.sort()
    parts = {"p50": 0.5, "p99": 0.99, "most": 1.0}
    return {name: round(took[min(len(took) - 1, int(part * len(took)))], 3) for name, part in parts.items() if took}
