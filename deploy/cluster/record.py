"""Which processes a cluster started, so that it can be told to stop and what a killed one left behind can be ended."""

import fcntl
import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

END_SECONDS = 15


class Running(Exception):
    """Another cluster runs on the same data."""


class Record:
    """`cluster.json` in the data: the process that keeps the cluster, and those that it started."""

    def __init__(self, data: Path) -> None:
        self._file = data / "cluster.json"
        self._data = data
        self._lock: IO[str] | None = None
        self._pids: dict[str, int] = {}

    def begin(self) -> None:
        """Keep other clusters off these data, and end what a killed one left behind; raises Running."""
        self._lock = (self._data / "cluster.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Running(f"a cluster runs on {self._data} already: `make cluster-stop` ends it") from None
        self.end_what_is_left()
        self.note("cluster", os.getpid())

    def note(self, name: str, pid: int) -> None:
        """Remember a process that was started."""
        self._pids[name] = pid
        started = {name: [pid, _started(pid)] for name, pid in self._pids.items()}
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(started))
        beside.replace(self._file)

    def forget(self) -> None:
        """Everything has ended."""
        self._file.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def keeper(self) -> int | None:
        """The process that keeps a cluster on these data now."""
        return self._living().get("cluster")

    def end_what_is_left(self) -> list[str]:
        """End what still runs of a cluster whose keeper is gone; returns the names."""
        left = {name: pid for name, pid in self._living().items() if name != "cluster"}
        for name, pid in left.items():
            _send(
                pid, signal.SIGINT if name == "postgres" else signal.SIGTERM
            )  # for PostgreSQL: do not wait for clients
        end = time.monotonic() + END_SECONDS
        while self._living().keys() & left and time.monotonic() < end:
            time.sleep(0.05)
        for name, pid in self._living().items():
            if name in left:
                _send(pid, signal.SIGKILL)
        return sorted(left)

    def _living(self) -> dict[str, int]:
        try:
            said = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return {name: pid for name, (pid, started) in said.items() if started and _started(pid) == started}


def _started(pid: int) -> str | None:
    """When the process began, which no later one with its number shares; None when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if stat[0] == "Z" else stat[19]


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
