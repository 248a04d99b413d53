"""Killed at any moment, it comes back with everything it had acknowledged, and does the rest once."""

import os
import random
import signal
import sys

import pytest

from tests.crash.callers import Callers
from tests.crash.checker import check, check_file
from tests.serving import Process

pytestmark = [pytest.mark.slow, pytest.mark.flaky(reruns=0)]
POINTS = [
    f"{where}.{when}_commit"
    for where in ("severity", "router", "escalation", "feedback", "timer")
    for when in ("before", "after")
]
PLANTED = [sys.executable, "-m", "tests.crash.planted"]


@pytest.fixture
def process(tmp_path):
    made = Process(tmp_path / "data")
    yield made
    made.stop()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point_it_loses_and_repeats_nothing(process, district, point):
    told = Callers(seed=POINTS.index(point))
    door = process.start(GRIDCASE_CRASH_AT=point)
    door.publish(district)
    for caller in told.start(door, most=25):
        caller.join(30)
    assert process.ended() == -signal.SIGKILL
    check(process.start(), told)
    process.kill()
    check_file(process.data / "log.db", told)


def test_killed_at_random_again_and_again_it_loses_and_repeats_nothing(process, district):
    seed = int(os.environ.get("SEED") or 7)
    print(f"SEED={seed}")
    luck, told = random.Random(seed), Callers(seed)
    process.start().publish(district)
    process.kill()
    for kill in range(4):
        callers = told.start(process.start())
        told.acknowledged(40 * kill + luck.randint(1, 40))
        process.kill()
        for caller in callers:
            caller.join(30)
    check(process.start(), told)
    process.kill()
    check_file(process.data / "log.db", told)
    print(f"{len(told.filings)} filed, {len(told.commands)} commands, {told.broken_off} broken off, 4 kills")
    assert told.broken_off > 3, "no request was under way at the kills: nothing is proved"


def test_told_to_stop_it_finishes_what_it_began_and_says_goodbye(process, district):
    told = Callers(seed=1)
    door = process.start()
    door.publish(district)
    callers = told.start(door)
    told.acknowledged(30)
    process.signal(signal.SIGTERM)
    for caller in callers:
        caller.join(30)
    assert process.ended() == 0
    assert b"Traceback" not in process.err.read_bytes()
    assert not (process.data / "log.db-wal").exists(), "the log was not closed"
    check(process.start(), told)
    process.kill()
    check_file(process.data / "log.db", told)


@pytest.mark.parametrize(("fault", "point"), [("late_commit", None), ("split_commit", "planted.between")])
def test_a_planted_fault_is_found(tmp_path, district, fault, point):
    sound = Process(tmp_path / "data")
    sound.start().publish(district)
    sound.stop()
    process, told = Process(tmp_path / "data", PLANTED), Callers(seed=7)
    try:
        door = process.start(PLANTED=fault, **({"GRIDCASE_CRASH_AT": point} if point else {}))
        callers = told.start(door)
        if point is None:
            told.acknowledged(20)
            process.kill()
        for caller in callers:
            caller.join(30)
        process.ended()
        door = process.start(PLANTED="split_commit")
        with pytest.raises(AssertionError):
            check(door, told, seconds=1)
    finally:
        process.stop()
