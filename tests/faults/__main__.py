"""`python -m tests.faults --seed N --seconds S --target cluster|embedded`: one run, its report, and an exit code.

0: every promise was kept. 1: one was not. 2: what had to happen did not, so that nothing is proved.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults.cluster_setting import ClusterSetting
from tests.faults.embedded_setting import EmbeddedSetting
from tests.faults.report import Report
from tests.faults.run import CALLERS, Plan, Setting, run
from tests.serving import hasty

SETTINGS: dict[str, type[ClusterSetting] | type[EmbeddedSetting]] = {
    "cluster": ClusterSetting, "embedded": EmbeddedSetting,
}  # fmt: skip
HASTE_SECONDS = 2.0
CALM_SECONDS = 100.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--seconds", type=float, default=900.0, help="how long faults are dealt; the first deck whole")
    parser.add_argument("--petitions", type=int, default=0, help="go on until so many are acknowledged")
    parser.add_argument("--target", choices=sorted(SETTINGS), default="cluster")
    parser.add_argument("--callers", type=int, default=CALLERS)
    parser.add_argument("--only", nargs="*", default=(), help="names of the faults to deal, or points to die at")
    parser.add_argument("--without", nargs="*", default=(), help="names of the faults to leave out")
    parser.add_argument("--calm", type=float, default=CALM_SECONDS, help="how long callers go on after the last fault")
    parser.add_argument("--planted", default="", help="a bug of tests/faults/planted.py")
    parser.add_argument("--out", type=Path, default=Path("faults"), help="folder for the reports")
    asked = parser.parse_args()
    command = (
        f"python -m tests.faults {' '.join(sys.argv[1:])}"
        if "--seed" in sys.argv
        else (f"python -m tests.faults --seed {asked.seed} {' '.join(sys.argv[1:])}")
    )
    asked.out.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="gridcase-faults-"))
    setting: Setting = SETTINGS[asked.target](hasty(home, HASTE_SECONDS))
    plan = Plan(asked.seed, asked.seconds, asked.callers, planted=asked.planted, command=command,
                calm_seconds=asked.calm, petitions=asked.petitions, only=asked.only, without=asked.without)  # fmt: skip
    print(f"seed {asked.seed}; histories and logs are in {home}", flush=True)
    made = asyncio.run(_until_told(setting, plan, home))
    made.write(asked.out)
    print(made.text())
    return made.exit_code


async def _until_told(setting: Setting, plan: Plan, home: Path) -> Report:
    """Told to stop, it ends what it started first."""
    work = asyncio.create_task(run(setting, plan, home))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    return await work


if __name__ == "__main__":
    sys.exit(main())
