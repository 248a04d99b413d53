"""The checker finds warnings that come early, late, twice, or of what nobody waits for."""

import pytest

from tests.faults.ended import Ended
from tests.faults.sound import CLIMBED, LATER, NOW, at, routed, sound
from tests.faults.test_checker import add, found


def warn(ended: Ended, deadline: str = "resolve:1", due: str = LATER, said: str = "2026-12-20T00:00:00Z") -> None:
    data = {"at": said, "deadline": deadline, "due_at": due}
    add(ended, CLIMBED, "DeadlineNear", "escalation", "timer 3", data)


@pytest.mark.parametrize(
    ("invariant", "warned"),
    [
        (13, {"said": "2026-12-25T00:00:00Z"}),
        (13, {"due": "2026-12-24T00:00:01Z"}),
        (13, {"deadline": "assess", "due": at(3), "said": at(2, 59)}),
        (13, {"deadline": f"accept:{CLIMBED}:3", "due": at(5), "said": at(4, 59)}),
        (14, {"said": "2026-12-17T18:00:00Z"}),
    ],
    ids=["late", "of_what_never_was", "of_what_was_met", "of_what_was_missed", "early"],
)
def test_a_warning_comes_between_its_moment_and_the_due_time_while_the_deadline_is_open(
    invariant: int, warned: dict[str, str]
):
    ended = sound()
    warn(ended)
    right = found(ended)
    assert not right & {10, 13, 14}
    ended = sound()
    warn(ended, **warned)
    assert invariant in found(ended)


def test_nobody_is_warned_twice_of_the_same_due_time():
    ended = sound()
    warn(ended)
    add(ended, CLIMBED, "PetitionRouted", "router", "moved", routed("street", "SA", 9, "moved", at(9)))
    warn(ended)
    assert 13 in found(ended)


def test_a_warning_stored_by_a_clock_that_is_ahead_is_early():
    ended = sound()
    warn(ended)
    ended.store.events[-1] = ended.store.events[-1]._replace(recorded_at=NOW)
    assert 14 in found(ended)
