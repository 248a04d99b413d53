"""A short run of each target: every kind of fault that fits into a minute, and every promise kept."""

import os

import pytest

from tests.faults import faults, report, servers
from tests.faults.cluster_setting import ClusterSetting
from tests.faults.embedded_setting import EmbeddedSetting
from tests.faults.run import Plan, run
from tests.serving import hasty

pytestmark = [pytest.mark.slow, pytest.mark.flaky(reruns=0)]  # a run that failed once has failed


def seed() -> int:
    """The same each time, so that a run that failed can be repeated; `SEED` is another."""
    chosen = int(os.environ.get("SEED") or 7)
    print(f"SEED={chosen}")
    return chosen


async def test_one_process_keeps_its_promises_under_faults(tmp_path):
    points = (
        faults.KillAtPoint(f"{where}.{when}_commit") for where in ("batcher", "router") for when in ("before", "after")
    )
    deck = [*points, *(faults.Kill() for _ in range(4)), faults.Terminate(), faults.Rebuild()]
    made = await run(
        EmbeddedSetting(hasty(tmp_path, seconds=1)), Plan(seed(), 60, callers=6, deck=deck, rounds=1), tmp_path
    )
    assert made.verdict == report.PASSED, made.text()


@pytest.mark.cluster
async def test_a_cluster_keeps_its_promises_under_faults(tmp_path_factory):
    home = tmp_path_factory.mktemp("cluster")
    deck = [
        *(faults.KillAtPoint(point) for point in ("router.after_commit", "relay.acknowledged", "batcher.after_commit")),
        *(faults.Kill() for _ in range(3)),
        servers.KillServer("postgres"),
        servers.Repeat(),
    ]
    made = await run(ClusterSetting(hasty(home, seconds=2)), Plan(seed(), 60, callers=6, deck=deck, rounds=1))
    assert made.verdict == report.PASSED, made.text()
