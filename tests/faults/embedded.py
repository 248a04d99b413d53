"""`gridcase up`: one process on SQLite, started again whenever it ends."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from deploy.ports import free_port
from tests.faults.disk import Disk
from tests.faults.target import NotThere
from tests.serving import ROOT

START_SECONDS = 30
DISK_MEGABYTES = 400
STOP_SECONDS = 20


class Embedded:
    """The process and the data that it is always started on again."""

    def __init__(self, home: Path, district: Path, planted: str = "") -> None:
        self.folder = home / "faults"
        self.disk = Disk(home / "disk", DISK_MEGABYTES)
        self.data = home / "disk" / "data"
        self.log = home / "log"
        self._district = district
        self._planted = planted
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.kept_down = False
        """While true it is not started again."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def names(self) -> Sequence[str]:
        return ["gridcase"]

    def pid(self, name: str) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        words = ["import", str(self._district), "--data", str(self.data)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services", *words, cwd=ROOT, env=_clean(), stdout=asyncio.subprocess.DEVNULL
        )
        if await asyncio.wait_for(process.wait(), START_SECONDS):
            raise NotThere("the district could not be imported")
        self._start()
        self._keeping = asyncio.create_task(self._keep())
        await self.all_ready(START_SECONDS)

    async def stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.disk.close()

    def revive(self) -> None:
        """It is started again by itself."""

    async def all_ready(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(f"{self.url}/readyz")).status_code == 200:
                        return
                if time.monotonic() > end:
                    raise NotThere(f"not ready after {seconds:.0f} s; its log is {self.log}")
                await asyncio.sleep(0.05)

    async def door_open(self, seconds: float) -> None:
        await self.all_ready(seconds)

    async def _keep(self) -> None:
        while True:
            assert self._process is not None
            if self._process.poll() is not None and not self.kept_down:
                self._start()
            await asyncio.sleep(0.02)

    def _start(self) -> None:
        words = ["up", "--port", str(self._port), "--data", str(self.data)]
        more = {"FAULTS": str(self.folder), "PLANTED": self._planted}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.program", *words],
                cwd=ROOT,
                env=_clean() | more,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GRIDCASE_")}
