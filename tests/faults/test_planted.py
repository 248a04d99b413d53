"""A run finds the bug that was planted, and says which promise it broke."""

import pytest

from tests.faults import leading
from tests.faults.cluster import REPLICAS
from tests.faults.cluster_setting import ClusterSetting
from tests.faults.embedded_setting import EmbeddedSetting
from tests.faults.faults import Kill, KillAtPoint
from tests.faults.run import Plan, run
from tests.serving import hasty

pytestmark = [pytest.mark.slow, pytest.mark.flaky(reruns=0)]
SEED = 2


BETWEEN = "planted.between"


@pytest.mark.parametrize(
    ("planted", "invariants", "fault"),
    [
        ("late_commit", {1}, Kill()),
        ("effects_in_the_background", {10}, Kill()),
        ("checkpoint_first", {10}, KillAtPoint(BETWEEN)),
        ("effects_first", {10}, KillAtPoint(BETWEEN)),
        ("silence_is_forgotten", {23}, Kill()),
        ("timers_ignore_the_lease", {10, 13}, Kill()),
        ("timers_are_early", {14}, Kill()),
        ("timers_in_memory", {23}, Kill()),
        ("keys_are_forgotten", {3}, Kill()),
    ],
)
async def test_a_planted_bug_is_found(tmp_path, planted, invariants, fault):
    # Who dies where nothing was being done loses nothing: so it dies there several times.
    times = 5 if isinstance(fault, KillAtPoint) else 2
    plan = Plan(SEED, seconds=1.5 * times, callers=5, planted=planted, deck=[fault] * times, drain_seconds=3)
    made = await run(EmbeddedSetting(hasty(tmp_path, seconds=1)), plan, tmp_path)
    assert invariants <= {one.invariant for one in made.wrong}, made.text()


@pytest.mark.parametrize(
    ("planted", "invariants"), [("roll_up_is_forgotten", {10}), ("claims_are_taken_over", {6, 10})]
)
async def test_a_planted_bug_is_found_in_what_takes_more_than_one(tmp_path, monkeypatch, planted, invariants):
    monkeypatch.setattr(leading, "ERRANDS", 0.9)  # nearly all that callers do, so that seconds are enough
    plan = Plan(SEED, seconds=4, callers=5, planted=planted, deck=[Kill()] * 2, drain_seconds=10)
    made = await run(EmbeddedSetting(hasty(tmp_path, seconds=1)), plan, tmp_path)
    assert invariants <= {one.invariant for one in made.wrong}, made.text()


@pytest.mark.cluster
@pytest.mark.timeout(600)  # until a topic with a gap is given up on, and is then read to its end
async def test_a_relay_that_leaves_a_gap_where_the_broker_lost_its_tail_is_found(tmp_path_factory):
    alone = dict.fromkeys(REPLICAS, 1) | {"console": 0}
    setting = ClusterSetting(hasty(tmp_path_factory.mktemp("cluster"), seconds=1), alone)
    plan = Plan(
        SEED, seconds=1, callers=5, planted="relay_from_the_higher", only=["broker_lost_its_tail"], rounds=1,
        drain_seconds=8,
    )  # fmt: skip
    made = await run(setting, plan)
    assert 8 in {one.invariant for one in made.wrong}, made.text()
