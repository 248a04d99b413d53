"""Both servers as processes of their own, each on a port that the system picks."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from bench.client import HOST, connected, get
from bench.district import settle
from services.chassis.data_dir import serving_url

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60


class DidNotStart(Exception):
    """The server process ended before it answered."""


@asynccontextmanager
async def gridcase(directory: Path, *profiled: str) -> AsyncIterator[int]:
    """`gridcase up` on a fresh directory with the sample district; yields its port."""
    await settle(directory)
    command = ["services", "up", "--host", HOST, "--port", "0", "--data", str(directory)]

    def announced() -> int | None:
        url = serving_url(directory)
        return urlsplit(url).port if url else None

    async with _serving([*profiled, "-m", *command], announced) as port:
        yield port


@asynccontextmanager
async def naive(database: Path) -> AsyncIterator[int]:
    """The plain version on a fresh file; yields its port."""
    with socket.create_server((HOST, 0), backlog=1024) as listening:
        handle = listening.fileno()
        command = ["-m", "bench.naive", str(handle), str(database)]
        async with _serving(command, lambda: int(listening.getsockname()[1]), [handle]) as port:
            yield port


@asynccontextmanager
async def _serving(
    arguments: Sequence[str], port_of: Callable[[], int | None], handles: Sequence[int] = ()
) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL, pass_fds=handles
    )
    try:
        yield await asyncio.wait_for(_answering(process, port_of), START_SECONDS)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)  # a shell in the background has its children ignore SIGINT
        await process.wait()


async def _answering(process: asyncio.subprocess.Process, port_of: Callable[[], int | None]) -> int:
    """The server's port once it answers there."""
    while True:
        if process.returncode is not None:
            raise DidNotStart(f"the server ended with {process.returncode}")
        if (port := port_of()) is not None:
            with suppress(OSError, TimeoutError):
                async with connected(port, 1) as [connection], asyncio.timeout(START_SECONDS / 10):
                    if (await connection.ask(get("/healthz"))).status == 200:
                        return port
        await asyncio.sleep(0.05)
