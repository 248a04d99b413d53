"""Named points where the process can be told to die, so that tests can kill it exactly there."""

import os
import signal

CRASH_AT = os.environ.get("GRIDCASE_CRASH_AT")


def crash_point(name: str) -> None:
    """Die as by kill -9 when `GRIDCASE_CRASH_AT` names this point; otherwise nothing."""
    if name == CRASH_AT:
        os.kill(os.getpid(), signal.SIGKILL)
