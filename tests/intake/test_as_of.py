"""The petition as it stood at a time is a beginning of its stream, never events picked out of it."""

from datetime import UTC, datetime

import pytest

from intake.api import _as_of
from schemas.event import AnyRecorded, EventRef, Recorded
from services.chassis.problems import ProblemRaised
from tests.given import PETITION, T0, later
from tests.past import filed


def _at(version: int, at: datetime) -> AnyRecorded:
    event = filed(at=at)
    return Recorded(EventRef(PETITION, version), PETITION, version, 5, version, event, "intake", "x", None, T0, None)


STREAM = (_at(1, T0), _at(2, later(minutes=9)), _at(3, later(minutes=5)), _at(4, later(minutes=10)))
"""The third event was decided by a machine whose clock is behind."""


@pytest.mark.parametrize(("minutes", "versions"), [(-1, 0), (0, 1), (5, 1), (8, 1), (9, 3), (10, 4), (99, 4)])
def test_an_event_later_in_the_stream_hides_nothing_before_it(minutes: int, versions: int):
    moment = later(minutes=minutes).astimezone(UTC).isoformat()
    assert _as_of(STREAM, moment) == STREAM[:versions]


def test_a_version_is_the_events_up_to_it():
    assert [len(_as_of(STREAM, str(version))) for version in range(5)] == [0, 1, 2, 3, 4]


def test_a_version_that_is_not_there_yet_says_which_is_the_newest():
    with pytest.raises(ProblemRaised) as problem:
        _as_of(STREAM, "5")
    assert (problem.value.status, problem.value.code) == (404, "unknown_version")
    assert "the newest is 4" in problem.value.en
    assert "最新为第 4 版" in problem.value.zh
