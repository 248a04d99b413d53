"""A real server in another process, and the command line as a person types it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner, Result

from services.chassis.data_dir import serving_url
from services.cli import app

ROOT = Path(__file__).parents[2]
DISTRICT = ROOT / "tests" / "district.yaml"
START_SECONDS = 30
ENGLISH = {"LANG": "C.UTF-8", "LC_ALL": None}


def clean_environment() -> dict[str, str]:
    """The environment without any setting of gridcase."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GRIDCASE_")} | {
        "COLUMNS": "160",
        **{name: value for name, value in ENGLISH.items() if value is not None},
    }


def gridcase(*words: object, **environment: str) -> Result:
    """The command in this process, in English unless told; it asks a server, so nothing here opens the data."""
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "160", **ENGLISH, **environment})


def gridcase_alone(*words: object, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, as it must be when it opens the data."""
    return subprocess.run(command(words), capture_output=True, text=True, env=clean_environment(), cwd=cwd)


def gridcase_beside(*words: object) -> "subprocess.Popen[str]":
    """The command started in a process of its own, to go on while the test does something to the server."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command(words), stdout=pipe, stderr=pipe, text=True, env=clean_environment(), cwd=ROOT,
        preexec_fn=_may_be_interrupted,
    )  # fmt: skip


def _may_be_interrupted() -> None:
    """What runs in the background of a shell ignores Ctrl-C, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def command(words: Sequence[object]) -> list[str]:
    return [sys.executable, "-m", "services", *(str(word) for word in words)]


@dataclass
class Served:
    """A server on a data directory."""

    data: Path
    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, data: Path) -> "Served":
        """Serve the directory on a free port; returns when it takes petitions."""
        with (data.parent / "server.log").open("ab") as log:
            process = subprocess.Popen(
                command(["up", "--port", 0, "--data", data]), stdout=log, stderr=log, env=clean_environment(), cwd=ROOT
            )
        served = cls(data, process)
        end = time.monotonic() + START_SECONDS
        while not served.ready():
            ended = process.poll() is not None or time.monotonic() > end
            assert not ended, (data.parent / "server.log").read_text()[-2_000:]
            time.sleep(0.05)
        return served

    @property
    def url(self) -> str:
        return serving_url(self.data) or ""

    def ready(self) -> bool:
        """Whether it takes petitions; a killed one's last word may still stand in the lock file."""
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        except (httpx.TransportError, httpx.UnsupportedProtocol):
            return False

    def listed(self) -> None:
        """Return once the list shows everything that was filed."""
        while self._first()["behind"]["events"]:
            time.sleep(0.01)

    def newest(self) -> object:
        """The first petition of its list, None while there is none."""
        items = self._first()["items"]
        return items[0]["id"] if items else None

    def _first(self) -> dict[str, Any]:
        page: dict[str, Any] = httpx.get(f"{self.url}/v1/petitions", params={"limit": 1}, trust_env=False).json()
        return page

    def petitions(self) -> list[dict[str, object]]:
        """Every petition in its list."""
        items: list[dict[str, object]] = []
        cursor: dict[str, str] = {}
        while True:
            page = httpx.get(f"{self.url}/v1/petitions", params={"limit": 500, **cursor}, trust_env=False).json()
            items += page["items"]
            if page["next"] is None:
                return items
            cursor = {"cursor": page["next"]}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def new_data(directory: Path) -> Path:
    """A data directory with the small district in force."""
    data = directory / "data"
    imported = gridcase_alone("import", DISTRICT, "--data", data)
    assert imported.returncode == 0, imported.stderr
    return data
