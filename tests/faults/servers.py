"""Faults of what a cluster stands on: PostgreSQL, the broker, the clocks, the disk, and poison in both."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from confluent_kafka import Producer

from tests.faults.cluster import ROLES, Cluster
from tests.faults.faults import BEYOND_THE_LEASE, Done
from tests.faults.history import History
from tests.faults.records import PETITIONS, Record, read_topics

OFFSET_SECONDS = 3_600
DELIVER_SECONDS = 20.0


class KillPostgres:
    """kill -9 of all of PostgreSQL; it comes back a moment later."""

    name: ClassVar[str] = "postgres_killed"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        done.kills.append(history.in_flight)
        await asyncio.to_thread(target.postgres.kill)
        await asyncio.sleep(luck.uniform(0.2, 3))
        await asyncio.to_thread(target.postgres.start)


class RestartPostgres:
    """A fast shutdown, and back."""

    name: ClassVar[str] = "postgres_restarted"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        await asyncio.to_thread(target.postgres.restart)


class PausePostgres:
    """PostgreSQL and every backend are frozen: connections stay open and nothing answers."""

    name: ClassVar[str] = "postgres_paused"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        target.postgres.pause()
        try:
            await asyncio.sleep(BEYOND_THE_LEASE)
        finally:
            target.postgres.resume()


class PauseBackend:
    """One backend is frozen, perhaps with locks that others wait for."""

    name: ClassVar[str] = "backend_paused"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        backends = _backends(target.postgres.pid)
        if not backends:
            return
        chosen = luck.choice(backends)
        done.to = _title(str(chosen))[:60]
        os.kill(chosen, signal.SIGSTOP)
        try:
            await asyncio.sleep(BEYOND_THE_LEASE)
        finally:
            os.kill(chosen, signal.SIGCONT)


class KillBroker:
    """kill -9 of the broker; it comes back a moment later."""

    name: ClassVar[str] = "broker_killed"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        done.kills.append(history.in_flight)
        await asyncio.to_thread(target.broker.kill)
        await asyncio.sleep(luck.uniform(0.2, 4))
        await asyncio.to_thread(target.broker.start)


class RestartBroker:
    """Stopped in good order, and back."""

    name: ClassVar[str] = "broker_restarted"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        await asyncio.to_thread(target.broker.restart)


class PauseBroker:
    """Frozen for longer than any session."""

    name: ClassVar[str] = "broker_paused"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        target.broker.pause()
        try:
            await asyncio.sleep(BEYOND_THE_LEASE)
        finally:
            target.broker.resume()


class WipeBroker:
    """Another, empty broker on the same port."""

    name: ClassVar[str] = "broker_wiped"

    def __init__(self, lost: Callable[[], None]) -> None:
        self._lost = lost

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        await asyncio.to_thread(target.broker.wipe)
        self._lost()


class CutBroker:
    """The broker dies, and the ends of some partitions are lost with it."""

    name: ClassVar[str] = "broker_lost_its_tail"

    def __init__(self, lost: Callable[[], None]) -> None:
        self._lost = lost

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        done.kills.append(history.in_flight)
        await asyncio.to_thread(target.broker.kill)
        done.said = _cut(target.broker.home / "data", luck)
        await asyncio.to_thread(target.broker.start)
        self._lost()


class Repeat:
    """Another relay sends again what stands on the topic: twice, and in any order."""

    name: ClassVar[str] = "duplicated_and_shuffled"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        records = (await asyncio.to_thread(read_topics, target.broker.address)).petitions
        chosen = [one for one in luck.sample(records, min(len(records), 200)) if one.id]
        luck.shuffle(chosen)
        await asyncio.to_thread(_produce, target.broker.address, chosen)
        done.said["records"] = len(chosen)


class PoisonTopic:
    """Records that are none of gridcase's: no headers, broken headers, no value."""

    name: ClassVar[str] = "poison_records"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        partitions = luck.sample(range(16), 4)
        made = [
            Record(PETITIONS, partition, 0, "", "", 0, b"\xff\xfe", b"\x00 not JSON", (("ce_id", b"\xff"),))
            for partition in partitions
        ]
        await asyncio.to_thread(_produce, target.broker.address, made)
        done.to = f"partitions {sorted(partitions)}"


class WrongClock:
    """The processes of a role believe that it is an hour later, or earlier."""

    name: ClassVar[str] = "clock"

    def __init__(self, seconds: float = 10.0) -> None:
        self._seconds = seconds

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        role, sign = luck.choice(ROLES), luck.choice("+-")
        done.to = f"{role} {sign}1 h"
        (target.folder / f"clock-{role}").write_text(f"{sign}{OFFSET_SECONDS}")
        try:
            await asyncio.sleep(self._seconds)
        finally:
            (target.folder / f"clock-{role}").write_text("+0")


def _backends(postmaster: int) -> list[int]:
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [int(child) for child in children if _title(child).startswith("postgres: gridcase")]


def _title(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _cut(data: Path, luck: random.Random) -> dict[str, int]:
    """Cut off the newest bytes of some partitions of both topics; returns how many."""
    said = {}
    folders = [one for one in sorted(data.glob("**/*.events.v1-*")) if one.is_dir()]
    for folder in luck.sample(folders, min(len(folders), 6)):
        segments = sorted(folder.glob("*.log"))
        if segments and (size := segments[-1].stat().st_size) > 0:
            less = luck.randint(1, min(size, 60_000))
            os.truncate(segments[-1], size - less)
            said[folder.name] = less
    return said


def _produce(bootstrap: str, records: list[Record]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0, "message.timeout.ms": 15_000})
    for one in records:
        producer.produce(one.topic, one.value, one.key, one.partition, headers=list(one.headers))
    end = time.monotonic() + DELIVER_SECONDS
    while producer.flush(1) and time.monotonic() < end:
        pass
