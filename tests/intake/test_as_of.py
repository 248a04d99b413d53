"""The petition as it stood at a time is a beginning of its stream, never events picked out of it."""

from datetime import UTC, datetime, timedelta, timezone

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


@pytest.mark.parametrize(("minutes", "versions"), [(0, 1), (5, 1), (8, 1), (9, 3), (10, 4), (99, 4)])
def test_an_event_later_in_the_stream_hides_nothing_before_it(minutes: int, versions: int):
    moment = later(minutes=minutes).astimezone(UTC).isoformat()
    assert _as_of(STREAM, moment) == STREAM[:versions]


def test_a_version_is_the_events_up_to_it():
    assert [len(_as_of(STREAM, str(version))) for version in range(1, 5)] == [1, 2, 3, 4]


@pytest.mark.parametrize("version", ["0", "5"])
def test_a_version_that_is_not_there_says_which_is_the_newest(version: str):
    with pytest.raises(ProblemRaised) as problem:
        _as_of(STREAM, version)
    assert (problem.value.status, problem.value.code) == (404, "unknown_version")
    assert "the newest is 4" in problem.value.en
    assert "最新为第 4 版" in problem.value.zh


def test_before_it_was_filed_it_says_when_that_was():
    with pytest.raises(ProblemRaised) as problem:
        _as_of(STREAM, later(minutes=-1).isoformat())
    assert (problem.value.status, problem.value.code) == (404, "unknown_version")
    assert T0.isoformat() in problem.value.en
    assert T0.isoformat() in problem.value.zh


@pytest.mark.parametrize("written", ["+08:00", " 08:00", "+0800", " 0800"])
def test_a_plus_may_have_arrived_as_a_space(written: str):
    china = timezone(timedelta(hours=8))
    assert _as_of(STREAM, f"{later(minutes=9).astimezone(china):%Y-%m-%dT%H:%M:%S}{written}") == STREAM[:3]
