"""How late missed deadlines were noticed, without the time in which something was down."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.faults.ended import Ended, Wrong
from tests.faults.faults import Done

RECOVERY_SECONDS = 20.0
"""How long a fault is taken to last beyond its end: a lease runs out after 6 s, a process is up again some seconds
after it was started, and what waited meanwhile is caught up with."""
MOST_SECONDS = 5.0
"""More than the one second that is promised: the load takes all of a machine with few cores for some 15 processes."""


class Passed(NamedTuple):
    """A deadline that nobody stopped: when it was due, in seconds since 1970, and how late that was said."""

    due: float
    late: float


def undisturbed(passed: Passed, faults: Iterable[Done]) -> float:
    """The seconds of its lateness in which no fault was felt."""
    seconds, at = 0.0, passed.due
    for begin, end in sorted((one.at, max(one.at + one.took, one.back) + RECOVERY_SECONDS) for one in faults):
        seconds += max(0.0, min(begin, passed.due + passed.late) - at)
        at = max(at, end)
    return seconds + max(0.0, passed.due + passed.late - at)


def in_calm(ended: Ended, faults: Sequence[Done]) -> list[float]:
    """How late those were noticed, in order, that were due while no fault was felt."""
    found = [(passed, undisturbed(passed, faults)) for passed in _passed(ended)]
    return sorted(late for passed, late in found if late > 0 and abs(passed.late - late) < 0.001)


def too_late(ended: Ended, faults: Sequence[Done]) -> list[Wrong]:
    """13: what passes is noticed at once while nothing is down, and soon after."""
    late = [(passed, undisturbed(passed, faults)) for passed in _passed(ended)]
    return [
        Wrong(13, f"a deadline was noticed after {passed.late:.1f} s, {seconds:.1f} of them undisturbed")
        for passed, seconds in late
        if seconds > MOST_SECONDS
    ]


def _passed(ended: Ended) -> list[Passed]:
    return [Passed(*one) for life in ended.lives.values() for one in life.lateness]
