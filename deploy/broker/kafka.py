"""A real Apache Kafka of one node, which can be stopped, killed, paused, and started again on its data."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.broker.kit import Kit, settings
from deploy.ports import free_port

START_SECONDS = 60
STOP_SECONDS = 20


class NotStarted(Exception):
    """The broker ended, or did not answer in time."""


class Broker:
    """One broker; its data and its log lie in the folder `home`."""

    def __init__(self, home: Path, kit: Kit, *, port: int | None = None) -> None:
        self.home = home
        self.port = port or free_port()
        self.log = home / "broker.log"
        self._kit = kit
        self._data = home / "data"
        self._controller_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """What clients call the bootstrap server."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process; it has a session of its own."""
        assert self._process, "it was never started"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether its process lives; a paused one does."""
        return self._process is not None and self._process.poll() is None

    def start(self, options: Sequence[str] = ()) -> None:
        """Start it on the data that are there, else on empty ones, and wait until it serves."""
        if self.running:
            return
        if not self._data.exists():
            self._begin_empty()
        properties = self.home / "server.properties"
        properties.write_text(settings(self.port, self._controller_port, self._data), encoding="utf-8")
        options = options or [f"-XX:SharedArchiveFile={self._kit.classes}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._kit.java("kafka.Kafka", properties, options=options),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # an interrupt from the keyboard is for whoever holds the broker
            )
        self._wait_until_it_serves(time.monotonic() + START_SECONDS)

    def stop(self) -> None:
        """End it in good order; kill it when it takes too long."""
        if not self.running:
            return
        assert self._process
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)  # a paused process would not hear the first
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """As when its machine fails: nothing is closed, what the operating system holds remains."""
        if self.running:
            assert self._process
            self._signal(signal.SIGKILL)
            self._process.wait(STOP_SECONDS)

    def restart(self) -> None:
        """Stop it if it runs, and start it on the same data and port."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Lose everything: another, empty cluster on the same port."""
        self.kill()
        shutil.rmtree(self._data)
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused broker go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process, "it was never started"
        os.killpg(self._process.pid, number)

    def _begin_empty(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self._kit.formatted, self._data)
        meta = self._data / "meta.properties"
        lines = [line for line in meta.read_text(encoding="utf-8").splitlines() if not line.startswith("cluster.id=")]
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        meta.write_text("\n".join([*lines, f"cluster.id={cluster}", ""]), encoding="utf-8")

    def _wait_until_it_serves(self, end: float) -> None:
        while not _serves(self.port):
            if not self.running or time.monotonic() > end:
                self.kill()
                said = self.log.read_text(encoding="utf-8", errors="replace")[-3000:]
                raise NotStarted(f"the broker on {self.address} did not start; {self.log} ends with:\n{said}")
            time.sleep(0.02)


def _serves(port: int) -> bool:
    """Whether a broker is there that counts itself among the living, so that topics can be made."""
    metadata = struct.pack(">hhihi", 3, 0, 1, -1, 0)  # Metadata, version 0, correlation 1, no client id, all topics
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(metadata)) + metadata)
            head = connection.recv(12, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(head) == 12 and struct.unpack(">iii", head)[2] > 0  # size, correlation, number of brokers
