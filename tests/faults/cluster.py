"""`make cluster` on a PostgreSQL and a Kafka that this run holds, so that they can be killed and started again."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from deploy.broker.cache import kit
from deploy.broker.kafka import Broker
from deploy.database import PostgresServer
from deploy.ports import free_port
from tests.faults.disk import Disk
from tests.faults.target import NotThere
from tests.serving import ROOT

START_SECONDS = 120
DISK_MEGABYTES = 2_000
STOP_SECONDS = 30
REPLICAS: Mapping[str, int] = {
    "api": 1, "intake": 1, "severity": 1, "router": 2, "escalation": 3, "feedback": 1, "relay": 3, "console": 1,
}  # fmt: skip
"""Three of relay and escalation: what two of them do at once would be done twice."""
ROLES = tuple(REPLICAS)


class Cluster:
    """PostgreSQL, Kafka, and the keeper of the services."""

    def __init__(self, home: Path, district: Path, planted: str = "", replicas: Mapping[str, int] = REPLICAS) -> None:
        """`home` must be one that PostgreSQL's unprivileged user can reach."""
        self.folder = home / "faults"
        self.data = home / "cluster"
        self.said = home / "said"
        self.disk = Disk(home / "disk", DISK_MEGABYTES)
        (home / "disk" / "postgres").mkdir()
        self.postgres = PostgresServer(home / "disk" / "postgres")
        self.broker = Broker(home / "kafka", kit())
        self._district = district
        self._planted = planted
        self._replicas = replicas
        self._port = free_port()
        self._password = secrets.token_urlsafe(16)
        """With it the services log in as `gridcase_service`, who can only add to the log, as where gridcase serves."""
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def database_url(self) -> str:
        return self.postgres.url("gridcase")

    @property
    def names(self) -> Sequence[str]:
        return [f"{role}-{number}" for role, count in self._replicas.items() for number in range(1, count + 1)]

    def pid(self, name: str) -> int:
        pid: int = json.loads((self.data / "cluster.json").read_text())[name][0]
        return pid

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for role in ROLES:
            (self.folder / f"clock-{role}").write_text("+0")
        await asyncio.gather(asyncio.to_thread(self.postgres.start), asyncio.to_thread(self.broker.start))
        await self.start_services()

    def environment(self) -> dict[str, str]:
        """Settings of a command of the command line, as the owner of the databases."""
        return _clean() | {
            "GRIDCASE_DATABASE_URL": self.database_url,
            "GRIDCASE_MASTER_KEY": str(self.data / "master.key"),
            "GRIDCASE_DATA": str(self.data),
            "GRIDCASE_KAFKA": self.broker.address,
            "GRIDCASE_KAFKA_REPLICATION": "1",
            "GRIDCASE_SERVICE_PASSWORD": self._password,
        }

    async def start_services(self) -> None:
        """Start the keeper, and wait until everything is ready; raises NotThere."""
        more = {
            "FAULTS": str(self.folder),
            "PLANTED": self._planted,
            "PORT": str(self._port),
            "DATA": str(self.data),
            "DISTRICT": str(self._district),
            "REPLICAS": " ".join(f"{role}={count}" for role, count in self._replicas.items()),
            "DATABASE_URL": self.database_url,
            "KAFKA": self.broker.address,
            "GRIDCASE_KAFKA_REPLICATION": "1",
            "GRIDCASE_SERVICE_PASSWORD": self._password,
        }
        await asyncio.to_thread(self._start_keeper, _clean() | more)
        await self.all_ready(START_SECONDS)

    def _start_keeper(self, environment: Mapping[str, str]) -> None:
        with self.said.open("ab") as said:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.keeper"],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    async def stop_services(self) -> None:
        """End the keeper and with it every service."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        keeper.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(keeper.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(keeper.pid, signal.SIGKILL)
            keeper.wait()

    async def stop(self) -> None:
        await self.stop_services()
        await asyncio.to_thread(self.broker.stop)
        await asyncio.to_thread(self.postgres.close)
        self.disk.close()

    def revive(self) -> None:
        """PostgreSQL gives up where it cannot write its log even to recover."""
        if not self.postgres.running:
            self.postgres.start()

    async def all_ready(self, seconds: float) -> None:
        await self._are_ready(self.names, seconds)

    async def door_open(self, seconds: float) -> None:
        await self._are_ready(["api-1"], seconds)

    async def _are_ready(self, names: Sequence[str], seconds: float) -> None:
        end = time.monotonic() + seconds
        waiting = list(names)
        async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
            while waiting:
                if self._keeper is None or self._keeper.poll() is not None:
                    raise NotThere(f"the keeper ended; what it said is in {self.said}")
                ready = [await self._ready(http, name) for name in waiting]
                waiting = [name for name, is_ready in zip(waiting, ready, strict=True) if not is_ready]
                if waiting and time.monotonic() > end:
                    raise NotThere(f"not ready after {seconds:.0f} s: {', '.join(waiting)}; logs in {self.data}/logs")
                await asyncio.sleep(0.1)

    async def _ready(self, http: httpx.AsyncClient, name: str) -> bool:
        with contextlib.suppress(httpx.TransportError, OSError, KeyError, ValueError):
            return (await http.get(f"http://127.0.0.1:{self._port_of(name)}/readyz")).status_code == 200
        return False

    def _port_of(self, name: str) -> str:
        words = Path(f"/proc/{self.pid(name)}/cmdline").read_text().split("\0")
        return words[words.index("--port") + 1]


def _clean() -> dict[str, str]:
    kept = {"GRIDCASE_CACHE", "GRIDCASE_POSTGRES"}
    return {name: value for name, value in os.environ.items() if name in kept or not name.startswith("GRIDCASE_")}
