"""A run finds the bug that was planted, and says which promise it broke."""

import pytest

from tests.faults.embedded_setting import EmbeddedSetting
from tests.faults.faults import Kill, KillAtPoint
from tests.faults.run import Plan, run
from tests.serving import hasty

pytestmark = pytest.mark.slow
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
        ("keys_are_forgotten", {3}, Kill()),
    ],
)
async def test_a_planted_bug_is_found(tmp_path, planted, invariants, fault):
    plan = Plan(SEED, seconds=3, callers=5, planted=planted, deck=[fault, fault], drain_seconds=3)
    made = await run(EmbeddedSetting(hasty(tmp_path, seconds=1)), plan, tmp_path)
    assert invariants <= {one.invariant for one in made.wrong}, made.text()
