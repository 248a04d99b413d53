"""The services of a cluster, each a process of its own that is started again, and said so, when it ends."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from deploy.cluster.record import Record
from services.chassis.roles import Role

PROGRAM = "services"
"""The module that every one of them runs."""
PAUSE_SECONDS = 1.0
STOP_SECONDS = 8.0
LOOK_SECONDS = 0.1


class Replica:
    """One process in a role; what it says goes to a file."""

    def __init__(self, role: Role, number: int, host: str, port: int, log: Path, record: Record) -> None:
        self.role = role
        self.name = f"{role}-{number}"
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._words = ["serve", role, "--host", host, "--port", str(port)]
        self._log = log
        self._record = record
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self, environment: Mapping[str, str]) -> None:
        """Start it, and again whenever it ends, until cancelled."""
        while True:
            code = await self._run(environment)
            print(f"{self.name} ended ({_how(code)}), its log is {self._log}; starting it again", flush=True)
            await asyncio.sleep(PAUSE_SECONDS)

    async def ready(self, http: httpx.AsyncClient) -> bool:
        """Whether it says that it can do its work."""
        try:
            return (await http.get(f"{self.url}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def stop(self) -> bool:
        """Let it finish and give back what it holds; killed, and False, when that takes too long."""
        process = self._process
        if process is None or process.returncode is not None:
            return True
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            return False
        return True

    async def _run(self, environment: Mapping[str, str]) -> int:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                PROGRAM,
                *self._words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(environment),
            )
        self._record.note(self.name, self._process.pid)
        return await self._process.wait()


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
