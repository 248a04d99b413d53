"""How the severity rules read a JSON Lines file of messages. Prints figures only, never a word of a message.

    python bench/evaluate_severity.py FILE.jsonl [--district deploy/districts/ganjingzi] [--half tuned] [--ids critical]

Each line is an object with `title` and `body` (or `text`); with `label`, a first-level category, or `kinds`, the codes
that a person would let pass, it is measured how many are right, above and below the confidence that asks for a review.
`--half` takes the messages that words and weights were tuned on, or those that were not looked at; `--ids` also names
the messages that were read so.
"""

import argparse
import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from schemas.policy import Policy
from schemas.words import Severity
from services.chassis.policy_files import read_bundle
from severity.policy import Reading, SeverityPolicy


def main() -> None:
    """Read the file, say how it went."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--district", type=Path, default=Path("deploy/districts/ganjingzi"))
    arguments.add_argument("--half", choices=["tuned", "held"])
    arguments.add_argument("--ids", choices=[one.value for one in Severity] + ["refer", "ask", "decline"])
    asked = arguments.parse_args()
    policy = Policy(1, read_bundle(asked.district))
    rules = SeverityPolicy(policy)
    messages = [json.loads(line) for line in asked.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if asked.half:
        messages = [one for one in messages if _half(one["id"]) == asked.half]
    began = perf_counter()
    readings = [
        rules.read(title=one.get("title") or "", text=one.get("body") or one.get("text") or "", filed_kind=None)
        for one in messages
    ]
    spent = perf_counter() - began
    points = sum(len(one.get("title") or "") + len(one.get("body") or one.get("text") or "") for one in messages)
    print(f"{len(messages)} messages, {points / len(messages):.0f} code points each")
    print(f"{spent / len(messages) * 1e6:.0f} µs each, {spent / points * 300e6:.0f} µs per 300 code points")
    print("severity   ", dict(Counter(one.severity.value for one in readings)))
    print("disposition", dict(Counter(one.disposition.value for one in readings)))
    print("no kind    ", sum(one.kind is None for one in readings))
    print("to review  ", sum(one.confidence < policy.limits.review_below for one in readings))
    if all("kinds" in one for one in messages):
        _sureness(policy, readings, [one.kind in m["kinds"] for m, one in zip(messages, readings, strict=True)])
    elif all("label" in one for one in messages):
        _accuracy(policy, [one["label"] for one in messages], readings)
    if asked.ids:
        wanted = [m["id"] for m, r in zip(messages, readings, strict=True) if asked.ids in (r.severity, r.disposition)]
        print(asked.ids, *wanted)


def _half(identity: str) -> str:
    """Which half a message is in, the same whatever else stands in the file."""
    return "held" if int(sha256(identity.encode()).hexdigest(), 16) % 2 else "tuned"


def _sureness(policy: Policy, readings: list[Reading], right: list[bool]) -> None:
    """How many readings are right: of all, then with and without a person's look asked for."""
    print(f"right {sum(right) / len(right):.3f}")
    for name, sure in (("surely read", True), ("to review", False)):
        these = [
            one
            for one, reading in zip(right, readings, strict=True)
            if (reading.confidence >= policy.limits.review_below) is sure
        ]
        share = sum(these) / max(1, len(these))
        print(f"{name} {len(these) / len(right):.3f}, right there {share:.3f} ({sum(these)} of {len(these)})")


def _accuracy(policy: Policy, labels: list[str], readings: list[Reading]) -> None:
    """First-level categories: of all, of those read as one of the labels, by sureness; then label by label."""
    said = [policy.kinds[one.kind].category if one.kind else None for one in readings]
    right = [label == guess for label, guess in zip(labels, said, strict=True)]
    known = [one for one, guess in zip(right, said, strict=True) if guess in set(labels)]
    print(f"read as one of the labels {len(known) / len(right):.3f}, accuracy there {sum(known) / len(known):.3f}")
    _sureness(policy, readings, right)
    for label in sorted(set(labels)):
        guesses = Counter(guess for truth, guess in zip(labels, said, strict=True) if truth == label)
        print(
            f"{label}: {guesses[label] / guesses.total():.2f} of {guesses.total()}, else", dict(guesses.most_common(5))
        )


if __name__ == "__main__":
    main()
