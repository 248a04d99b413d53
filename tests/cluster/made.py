"""`make cluster`, as an operator runs it: in another process group, on data of its own."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from deploy.ports import free_port
from tests.serving import ROOT, Door, answering

READY_SECONDS = 240
"""On a bare machine `make cluster` installs first what it runs on."""


def clean_environment() -> dict[str, str]:
    """The environment without any setting of gridcase or of a make above."""
    settings = ("GRIDCASE_", "MAKE", "REPLICAS", "KAFKA", "DATABASE_URL")
    kept = ("GRIDCASE_CACHE", "GRIDCASE_POSTGRES")
    return {name: value for name, value in os.environ.items() if name in kept or not name.startswith(settings)}


class MadeCluster:
    """A cluster on one data directory, which may be started again."""

    def __init__(self, district: Path, **settings: str) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="gridcase-cluster-"))
        self.data.chmod(0o755)  # PostgreSQL runs as another user when root starts it
        self.port = free_port(in_a_row=2)
        self.said = self.data / "said"
        self._settings = {"PORT": self.port, "DATA": self.data, "DISTRICT": district, **settings}
        self._make: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Door:
        """Start it; returns when all of it is ready."""
        words = [f"{name}={value}" for name, value in self._settings.items()]
        with self.said.open("wb") as said:
            self._make = subprocess.Popen(
                ["make", "cluster", *words],
                cwd=ROOT,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        door = Door(self.url)
        answering(door, READY_SECONDS, self.runs)
        while "Ready after" not in self.words:
            assert self.runs(), self.words
        return door

    def runs(self) -> bool:
        return self._make is not None and self._make.poll() is None

    @property
    def words(self) -> str:
        """What it said so far."""
        return self.said.read_text(encoding="utf-8")

    def pid(self, name: str) -> int:
        """The process that has this name now."""
        pid: int = json.loads((self.data / "cluster.json").read_text())[name][0]
        return pid

    def environment(self) -> dict[str, str]:
        """The settings that its services have."""
        words = Path(f"/proc/{self.pid('api-1')}/environ").read_text().split("\0")
        return {name: value for name, _, value in (word.partition("=") for word in words) if value}

    def processes(self) -> set[int]:
        """Every process that it started, PostgreSQL's and Kafka's included."""
        return {pid for pid, _ in json.loads((self.data / "cluster.json").read_text()).values()}

    def interrupt(self) -> None:
        """Ctrl-C: the terminal tells every process of the group."""
        assert self._make
        os.killpg(self._make.pid, signal.SIGINT)

    def ended(self, seconds: float) -> None:
        """Wait until it has ended."""
        assert self._make
        self._make.wait(seconds)

    def close(self) -> None:
        """End what still runs and remove the data."""
        if self.runs():
            assert self._make
            self.interrupt()
            try:
                self._make.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._make.pid, signal.SIGKILL)
        shutil.rmtree(self.data, ignore_errors=True)
