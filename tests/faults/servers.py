"""Faults of what a cluster stands on: PostgreSQL, the broker, the clocks, the disk, and poison in both."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Protocol

from confluent_kafka import KafkaError, Message, Producer

from tests.faults.cluster import ROLES, Cluster
from tests.faults.faults import BEYOND_THE_LEASE, Done, Fault
from tests.faults.history import History
from tests.faults.records import DEAD_LETTERS, PETITIONS, TOPICS, Record, read_topics
from tests.faults.target import replicas_of

OFFSET_SECONDS = 3_600
DELIVER_SECONDS = 20.0
LETTER_SECONDS = 10.0
"""How long to wait for a dead letter on its topic before the broker loses it."""


class Server(Protocol):
    """PostgreSQL or the broker, of which all processes are meant."""

    @property
    def running(self) -> bool: ...

    def start(self) -> None: ...

    def kill(self) -> None: ...

    def restart(self) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class OfServer:
    """A fault of `postgres` or of the `broker`."""

    what: ClassVar[str]

    def __init__(self, server: str) -> None:
        self.name = f"{server}_{self.what}"
        self._server = server

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        server: Server = getattr(target, self._server)
        if server.running:
            await self._do(server, history, luck, done)
        else:
            done.nothing = "it was not running"

    async def _do(self, server: Server, history: History, luck: random.Random, done: Done) -> None:
        raise NotImplementedError


class KillServer(OfServer):
    """kill -9 of all of it; it comes back a moment later."""

    what = "killed"

    async def _do(self, server: Server, history: History, luck: random.Random, done: Done) -> None:
        in_flight = history.in_flight
        await asyncio.to_thread(server.kill)
        done.kills.append(in_flight)
        await asyncio.sleep(luck.uniform(0.2, 4))
        await asyncio.to_thread(server.start)


class RestartServer(OfServer):
    """Stopped in good order, and back."""

    what = "restarted"

    async def _do(self, server: Server, history: History, luck: random.Random, done: Done) -> None:
        await asyncio.to_thread(server.restart)


class PauseServer(OfServer):
    """Frozen for longer than any lease or session: connections stay open and nothing answers."""

    what = "paused"

    async def _do(self, server: Server, history: History, luck: random.Random, done: Done) -> None:
        server.pause()
        try:
            await asyncio.sleep(BEYOND_THE_LEASE)
        finally:
            server.resume()


class PauseBackend:
    """One backend is frozen, perhaps with locks that others wait for."""

    name: ClassVar[str] = "backend_paused"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        backends = _backends(target.postgres.pid)
        if not backends:
            done.nothing = "no service was connected"
            return
        chosen = luck.choice(backends)
        done.to = _title(str(chosen))[:60]
        os.kill(chosen, signal.SIGSTOP)
        try:
            await asyncio.sleep(BEYOND_THE_LEASE)
        finally:
            os.kill(chosen, signal.SIGCONT)


class WipeBroker:
    """Another, empty broker on the same port."""

    name: ClassVar[str] = "broker_wiped"

    def __init__(self, look_away: Callable[[], None], lost: Callable[[], None]) -> None:
        """What readers that look on are told before and after."""
        self._look_away = look_away
        self._lost = lost

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        self._look_away()
        try:
            await asyncio.to_thread(target.broker.wipe)
        finally:
            self._lost()


class CutBroker:
    """The broker dies, and the ends of some partitions are lost with it."""

    name: ClassVar[str] = "broker_lost_its_tail"

    def __init__(self, look_away: Callable[[], None], lost: Callable[[], None], spoil: Fault) -> None:
        """What readers that look on are told before and after; `spoil` makes a dead letter, so that there is one to
        lose."""
        self._look_away = look_away
        self._lost = lost
        self._spoil = spoil

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        data = target.broker.home / "data"
        await self._spoil.strike(target, history, luck, done)
        end = time.monotonic() + (0.0 if done.nothing else LETTER_SECONDS)
        for _ in iter(lambda: not _segments(data, DEAD_LETTERS) and time.monotonic() < end, False):
            await asyncio.sleep(0.1)
        self._look_away()
        try:
            in_flight = history.in_flight
            await asyncio.to_thread(target.broker.kill)
            done.kills.append(in_flight)
            done.to, done.said = "", _cut(data, luck)
            await asyncio.to_thread(target.broker.start)
        finally:
            self._lost()
        whole = [topic for topic in TOPICS if not any(name.startswith(topic) for name in done.said)]
        done.nothing = f"nothing was cut off {', '.join(whole)}" if whole else ""


class Repeat:
    """Another relay sends again what stands on the topic: twice, and in any order."""

    name: ClassVar[str] = "duplicated_and_shuffled"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        records = (await asyncio.to_thread(read_topics, target.broker.address)).petitions
        chosen = [one for one in luck.sample(records, min(len(records), 200)) if one.id]
        luck.shuffle(chosen)
        done.said["records"] = await asyncio.to_thread(produce, target.broker.address, chosen)
        if done.said["records"] < len(chosen) or not chosen:
            done.nothing = f"{done.said['records']} of {len(chosen)} records were repeated"


class PoisonTopic:
    """Records that are none of gridcase's: no headers, broken headers, no value."""

    name: ClassVar[str] = "poison_records"

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        partitions = luck.sample(range(16), 4)
        made = [
            Record(PETITIONS, partition, 0, "", "", 0, b"\xff\xfe", b"\x00 not JSON", (("ce_id", b"\xff"),))
            for partition in partitions
        ]
        done.to = f"partitions {sorted(partitions)}"
        if await asyncio.to_thread(produce, target.broker.address, made) < len(made):
            done.nothing = "the broker did not take every record"


class WrongClock:
    """The processes of a role believe that it is an hour later, or earlier; those of a named role first the one and
    then the other."""

    name: ClassVar[str] = "clock"

    def __init__(self, role: str = "", seconds: float = 10.0) -> None:
        self.role = role
        self._seconds = seconds

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        role, signs = (self.role, "+-") if self.role else (luck.choice(ROLES), luck.choice("+-"))
        done.to = f"{role} {', '.join(f'{sign}1 h' for sign in signs)}"
        if not any(_has_a_clock_of_its_own(target, name) for name in replicas_of(target, role)):
            done.nothing = f"no process of {role} runs with libfaketime"
            return
        try:
            for sign in signs:
                (target.folder / f"clock-{role}").write_text(f"{sign}{OFFSET_SECONDS}")
                await asyncio.sleep(self._seconds)
        finally:
            (target.folder / f"clock-{role}").write_text("+0")


def _has_a_clock_of_its_own(target: Cluster, name: str) -> bool:
    try:
        return "libfaketime" in Path(f"/proc/{target.pid(name)}/maps").read_text()
    except (OSError, KeyError):
        return False


def _backends(postmaster: int) -> list[int]:
    """Those of services, which log in with a role of their own."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [int(child) for child in children if _title(child).startswith("postgres: gridcase_service ")]


def _title(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _cut(data: Path, luck: random.Random) -> dict[str, int]:
    """Cut off the newest bytes of some partitions of each topic; returns how many."""
    said = {}
    for topic in TOPICS:
        segments = _segments(data, topic)
        for segment in luck.sample(segments, min(len(segments), 3)):
            size = segment.stat().st_size
            said[segment.parent.name] = less = luck.randint(1, min(size, 60_000))
            os.truncate(segment, size - less)
    return said


def _segments(data: Path, topic: str) -> list[Path]:
    """The newest of each partition that holds something."""
    newest = [max(folder.glob("*.log"), default=None) for folder in sorted(data.glob(f"**/{topic}-*"))]
    return [one for one in newest if one and one.stat().st_size]


def produce(bootstrap: str, records: list[Record], seconds: float = DELIVER_SECONDS) -> int:
    """How many of them the broker took: what it is too late for counts as little as what it refused."""
    taken: list[Message] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is None:
            taken.append(message)

    late = round(seconds * 750)
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0, "message.timeout.ms": late})
    for one in records:
        producer.produce(one.topic, one.value, one.key, one.partition, delivered, headers=list(one.headers))
    producer.flush(seconds)
    return len(taken)
