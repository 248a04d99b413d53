"""Who had each petition for how long adds up to what it spent in each status, by the checker's own count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from schemas.event import AnyRecorded
from schemas.ledger import ledger
from tests.invariants.course import Course
from tests.invariants.rows import Complaint

PHASES = {
    "filed": "waiting", "assessed": "waiting", "routed": "handled", "accepted": "handled", "held": "on_hold",
    "resolved": "asked",
}  # fmt: skip
"""What a petition waits for in each status; nothing once it has ended."""


def compare_ledgers(streams: Mapping[UUID, Sequence[AnyRecorded]], courses: Mapping[str, Course]) -> None:
    """Complains of the first petition whose ledger is not what it went through."""
    for petition, stream in streams.items():
        found: Counter[str] = Counter()
        for entry in ledger(stream, stream[-1].event.at):
            found[entry.phase.value] += entry.lasted // timedelta(microseconds=1)
        wanted: Counter[str] = Counter()
        for status, spent in courses[petition.hex].spent.items():
            if status in PHASES:
                wanted[PHASES[status]] += spent
        if +found != +wanted:
            raise Complaint(f"{petition}: its ledger has {found}, it spent {wanted}")
