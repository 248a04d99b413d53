"""A gridcase to ask over HTTP, as every caller does: in a thread of this process, or in a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

import httpx
import pytest

from schemas.policy import PolicyBundle
from services.chassis.clock import Time
from services.chassis.data_dir import Lock, serving_url
from services.chassis.policy_files import read_bundle
from services.chassis.settings import Settings
from services.server import serving

ROOT = Path(__file__).resolve().parents[1]
DISTRICT = Path(__file__).parent / "district.yaml"
START_SECONDS = 60
WARNED_SECONDS = 55.0
"""Of so short a time its receiver is just warned: eleven seconds before it is over."""
NAUGHTY = ROOT.parent / "shared" / "data" / "naughty"


def naughty(name: str) -> Path:
    """A public corpus that stands beside the checkout; it is not ours to copy."""
    path = NAUGHTY / name
    if not path.exists():
        message = f"the corpus {name} is not beside the checkout (shared/data/naughty)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    return path


def hasty(directory: Path, seconds: float) -> Path:
    """The small district with a kind, QUICK, that must be accepted within so many seconds, and one, WARNED, that leaves
    a little more than it takes for its receiver to be warned."""
    kinds = "".join(
        f"  - {{code: {code}, name: 限时签收, tier: grid, accept_hours: {within / 3600:.6f}, resolve_hours: 48}}\n"
        for code, within in (("QUICK", seconds), ("WARNED", WARNED_SECONDS))
    )
    path = directory / "hasty.yaml"
    path.write_text(DISTRICT.read_text(encoding="utf-8").replace("kinds:\n", "kinds:\n" + kinds), encoding="utf-8")
    return path


class Door:
    """A caller of one gridcase."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

    def file(
        self, *, key: str | None = None, wait: int | None = None, headers: Mapping[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        """File a petition; what the contract requires is filled in."""
        sent = dict(headers or {})
        if key is not None:
            sent["Idempotency-Key"] = key
        if wait is not None:
            sent["Prefer"] = f"wait={wait}"
        body = {"channel": "hotline", "text": "三单元楼道灯坏了两周，老人晚上下楼很危险。"} | body
        return self.http.post("/v1/petitions", json=body, headers=sent)

    def filed(self, **more: Any) -> dict[str, Any]:
        """A petition that was filed and routed."""
        answer = self.file(**({"wait": 10} | more))
        assert answer.status_code == 201, answer.text
        return self._object(answer)

    def command(
        self, petition: str, name: str, *, headers: Mapping[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        """Ask something of a petition."""
        return self.http.post(f"/v1/petitions/{petition}/{name}", json=body, headers=headers)

    def done(self, petition: str, name: str, **body: Any) -> dict[str, Any]:
        """A command that is carried out."""
        answer = self.command(petition, name, **({"by": "staff-1"} | body))
        assert answer.status_code == 200, answer.text
        return self._object(answer)

    def read(self, petition: str, **query: Any) -> dict[str, Any]:
        answer = self.http.get(f"/v1/petitions/{petition}", params=query)
        assert answer.status_code == 200, answer.text
        return self._object(answer)

    def timeline(self, petition: str) -> list[dict[str, Any]]:
        answer = self.http.get(f"/v1/petitions/{petition}/timeline")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def happened(self, petition: str) -> list[str]:
        """The types of the petition's events, in order."""
        return [item["type"] for item in self.timeline(petition)]

    def becomes(self, petition: str, status: str, *, seconds: float = 10, **more: Any) -> dict[str, Any]:
        """The petition once it has this status (and these other values)."""
        wanted = {"status": status, **more}
        return self.until(petition, lambda now: {name: now[name] for name in wanted} == wanted, seconds)

    def until(self, petition: str, reached: Callable[[dict[str, Any]], bool], seconds: float = 10) -> dict[str, Any]:
        """The petition once this holds for it."""
        end = time.monotonic() + seconds
        while not reached(now := self.read(petition)):
            assert time.monotonic() < end, [(one["type"], one["data"]) for one in self.timeline(petition)]
            time.sleep(0.02)
        return now

    def listed(self, **query: Any) -> dict[str, Any]:
        answer = self.http.get("/v1/petitions", params=query)
        assert answer.status_code == 200, answer.text
        return self._object(answer)

    def worklist(self, unit: str) -> list[str]:
        """Ids of what a unit has to do, the nearest deadline first."""
        answer = self.http.get(f"/v1/units/{unit}/worklist", params={"limit": 500})
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    def filed_together(self, bodies: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Petitions that were filed as one batch and routed, in their order."""
        lines = [json.dumps({"channel": "hotline", "key": uuid4().hex, **body}) for body in bodies]
        answer = self.http.post(
            "/v1/petitions/batch", content="\n".join(lines), headers={"Content-Type": "application/x-ndjson"}
        )
        assert answer.status_code == 200, answer.text
        filed = [json.loads(line)["id"] for line in answer.text.splitlines()]
        assert len(filed) == len(lines)
        return [self.becomes(petition, "routed") for petition in filed]

    def units(self, **query: Any) -> list[dict[str, Any]]:
        """The units that fit: of one tier, or right below a parent."""
        answer = self.http.get("/v1/units", params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def unit(self, code: str) -> dict[str, Any]:
        """A unit with those above it and its departments."""
        answer = self.http.get(f"/v1/units/{code}")
        assert answer.status_code == 200, answer.text
        return self._object(answer)

    def settled(self) -> None:
        """Return once the list has seen everything."""
        while self.listed(limit=1)["behind"]["events"]:
            time.sleep(0.01)

    def publish(self, bundle: PolicyBundle) -> None:
        """Put a district in force."""
        answer = self.http.post(
            "/v1/operations/policy",
            content=bundle.model_dump_json().encode(),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 200, answer.text

    def _object(self, answer: httpx.Response) -> dict[str, Any]:
        body: dict[str, Any] = answer.json()
        return body


@contextmanager
def in_thread(
    data: Path, *, key: str | None = None, district: Path | None = DISTRICT, time: Time | None = None
) -> Iterator[Door]:
    """A gridcase that serves from a thread until the block ends, by the machine's time unless another is given."""
    urls: SimpleQueue[str | BaseException] = SimpleQueue()
    stop = threading.Event()
    settings = Settings(host="127.0.0.1", port=0, data=data, key=key)  # type: ignore[arg-type]

    async def serve() -> None:
        lock = Lock(data)
        try:
            async with serving(settings, lock, time) as (url, *_):
                urls.put(url)
                await asyncio.to_thread(stop.wait)
        finally:
            lock.release()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            urls.put(error)
            raise

    thread = threading.Thread(target=run, name="gridcase")
    thread.start()
    try:
        url = urls.get(timeout=START_SECONDS)
        if isinstance(url, BaseException):
            raise url
        door = Door(url, key)
        answering(door)
        if district is not None:
            door.publish(read_bundle(district))
        yield door
        door.http.close()
    finally:
        stop.set()
        thread.join(START_SECONDS)
        assert not thread.is_alive(), "the server does not end"


class Process:
    """`gridcase up` in a process of its own, which can be killed and started again on the same data."""

    def __init__(self, data: Path, command: list[str] | None = None) -> None:
        self.data = data
        self._command = command or [sys.executable, "-m", "services"]
        self._process: subprocess.Popen[bytes] | None = None
        self._doors: list[Door] = []
        self.out = data.parent / f"{data.name}.out"
        self.err = data.parent / f"{data.name}.err"

    def start(self, **environment: str) -> Door:
        """Start it and wait until it answers."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("GRIDCASE_")} | environment
        with self.out.open("ab") as out, self.err.open("ab") as err:
            self._process = subprocess.Popen(
                [*self._command, "up", "--port", "0", "--data", str(self.data)],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=err,
            )
        door = Door(self._url())
        self._doors.append(door)
        answering(door)
        return door

    def _url(self) -> str:
        assert self._process
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            if (url := serving_url(self.data)) and f'"pid": {self._process.pid}' in (self.data / "lock").read_text():
                return url
            time.sleep(0.01)
        raise AssertionError(f"it does not start: {self.err.read_text()[-2000:]}")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process
        self._process.send_signal(number)

    def ended(self, seconds: float = 20) -> int:
        """Its exit code once it has ended; negative when a signal ended it."""
        assert self._process
        return self._process.wait(seconds)

    def kill(self) -> None:
        """As when the power of this one process is cut."""
        self.signal(signal.SIGKILL)
        self.ended()

    def stop(self) -> None:
        """End it if it still runs."""
        if self._process and self._process.poll() is None:
            self.kill()
        while self._doors:
            self._doors.pop().http.close()


def answering(door: Door, seconds: float = START_SECONDS, alive: Callable[[], bool] = lambda: True) -> None:
    """Return once the server answers; fail when it does not within this time, or is not alive any more."""
    end = time.monotonic() + seconds
    while True:
        try:
            if door.http.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            if time.monotonic() > end or not alive():
                raise
        time.sleep(0.02)
