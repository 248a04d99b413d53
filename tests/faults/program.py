"""`gridcase` as it runs under faults: a file tells it at which point to die, another how far its clock is off.

`FAULTS`: a folder. `FAULTS/point` names a crash point; whoever comes there first takes the file away and dies.
`FAULTS/clock-<role>` holds an offset for libfaketime, which may change while the process runs. `PLANTED` names bugs to
plant (tests/faults/planted.py).
"""

import os
import signal
import sys
from pathlib import Path

WORTH_HELPERS = 500
PIECE = 2_000
"""Events. A run of minutes has never so many as a rebuild starts helpers for; here each gets several pieces."""
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def with_a_clock_of_its_own(folder: Path, words: list[str]) -> None:
    """Begin again with libfaketime, where it is installed and the role has a file for it."""
    role = words[1] if words[:1] == ["serve"] else "embedded"
    offset = folder / f"clock-{role}"
    if LIBRARY is None or "LD_PRELOAD" in os.environ or not offset.exists():
        return
    more = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    os.execve(sys.executable, [sys.executable, "-m", "tests.faults.program", *words], os.environ | more)


def armed_by(point: Path) -> None:
    """Crash points look at the file each time they are passed."""
    from services.chassis import crash

    def crash_point(name: str) -> None:
        try:
            if point.read_text() != name:
                return
            point.unlink()  # of several processes that come here, one dies
        except OSError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    crash.crash_point = crash_point


def start_helpers_early() -> None:
    """Rebuilds have helpers also where the log is short."""
    from services import refilling
    from services.chassis import projection

    projection.WORTH_HELPERS, refilling.PIECE = WORTH_HELPERS, PIECE


def main() -> None:
    folder = Path(os.environ["FAULTS"])
    with_a_clock_of_its_own(folder, sys.argv[1:])
    armed_by(folder / "point")  # before anything imports the points
    start_helpers_early()
    if planted := os.environ.get("PLANTED"):
        from tests.faults.planted import plant

        plant(planted)
    from services.cli import app

    app()


if __name__ == "__main__":
    main()
