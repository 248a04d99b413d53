"""Both sides as processes of their own on PostgreSQL and Kafka: `make cluster`, and the plain services."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from bench.client import HOST
from bench.district import DISTRICT, scratch
from bench.naive.database import open_server
from bench.naive.tables import Table
from bench.naive.wire import make_topic
from deploy.broker.cache import kit
from deploy.broker.kafka import Broker
from deploy.cluster.cluster import Cluster
from deploy.cluster.options import REPLICAS, Options
from deploy.database import PostgresServer
from deploy.ports import free_port
from services.chassis.roles import Role
from services.chassis.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60
LAST_LINES = 10
"""Of a log."""
ONE_OF_EACH = REPLICAS | {Role.ROUTER: 1, Role.RELAY: 1}
"""A process for each service: on two cores a second one only takes turns with the first."""
KEPT = ("GRIDCASE_POSTGRES", "GRIDCASE_CACHE")
"""Settings that say where programs are, not how gridcase is to be."""
PLAIN = ("intake", "severity", "router", "feedback", "escalation")


@dataclass(frozen=True)
class Plain:
    """The plain services: where intake listens, and what they share."""

    port: int
    database: str
    kafka: str
    pids: Sequence[int]
    """Their processes and those of the servers."""


class DidNotStart(Exception):
    """A process ended before it was ready."""


@asynccontextmanager
async def cluster(
    database: str | None = None, bootstrap: str | None = None, master_key: Path | None = None
) -> AsyncIterator[Cluster]:
    """`make cluster` with the sample district; ready when it is yielded. On servers of its own with fresh data, or on
    those that are named, whose keys this master key opens."""
    given = {"GRIDCASE_KAFKA_REPLICATION": "1"} if bootstrap else {}
    given |= {"GRIDCASE_MASTER_KEY": str(master_key)} if master_key else {}
    with scratch() as directory, _settings(given):
        directory.chmod(0o755)  # PostgreSQL runs as another user when root starts it
        options = Options(
            host=HOST,
            port=free_port(in_a_row=2),  # the console takes the one after it
            data=directory,
            district=DISTRICT,
            database_url=database,
            service_password=None,
            kafka=bootstrap,
            replicas=ONE_OF_EACH,
        )
        one = Cluster(options)
        async with one.running():
            yield one


@contextmanager
def _settings(given: Mapping[str, str]) -> Iterator[None]:
    """These settings of gridcase, and no others, until the block ends."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("GRIDCASE_") and name not in KEPT]:
        del os.environ[name]
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def settings_of(one: Cluster) -> Settings:
    """The settings that the cluster's own processes have."""
    names = {name.removeprefix("GRIDCASE_").lower(): value for name, value in one.environment.items()}
    return Settings(**{name: names[name] for name in ("database_url", "master_key", "kafka", "data")})  # type: ignore[arg-type]


def pids_of(one: Cluster) -> list[int]:
    """The processes that the cluster started, servers of its own included."""
    started = json.loads((one.options.data / "cluster.json").read_text())
    return [pid for name, (pid, _) in started.items() if name != "cluster"]


def tell(one: Cluster) -> Iterator[str]:
    """Of each process that the cluster started, whether it lives, and how its log ends."""
    for name, (pid, _) in json.loads((one.options.data / "cluster.json").read_text()).items():
        yield f"{name}: {'lives' if Path(f'/proc/{pid}').exists() else 'is gone'}"
        log = one.options.data / "logs" / f"{name}.log"
        if log.exists():
            yield from (f"  {line}" for line in log.read_text(errors="replace").splitlines()[-LAST_LINES:])


def cpu_seconds(pids: Iterable[int]) -> float:
    """What these processes, with all of their children, and this one have worked so far."""
    return process_time() + sum(map(_cpu, pids)) / os.sysconf("SC_CLK_TCK")


def _cpu(pid: int) -> int:
    """Of the process, of its children that ended, and of those that live."""
    process = Path(f"/proc/{pid}")
    try:
        worked = sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15]))
        return worked + sum(map(_cpu, map(int, (process / f"task/{pid}/children").read_text().split())))
    except FileNotFoundError:
        return 0


@contextmanager
def kafka() -> Iterator[Broker]:
    """A broker as `make cluster` starts it."""
    with scratch() as directory, Broker(directory, kit()) as broker:
        yield broker


@asynccontextmanager
async def plain() -> AsyncIterator[Plain]:
    """The plain services on servers of their own, which are as those of the cluster."""
    with PostgresServer() as database, kafka() as broker, socket.create_server((HOST, 0), backlog=1024) as listening:
        url = database.url()
        engine = open_server(url)
        Table.metadata.create_all(engine)
        engine.dispose()
        await make_topic(broker.address)
        async with AsyncExitStack() as running:
            environment = {"DATABASE_URL": url, "KAFKA": broker.address}
            commands = [["-m", "bench.naive.apart", role, str(listening.fileno())] for role in PLAIN]
            started = [_process(command, environment, [listening.fileno()]) for command in commands]
            pids = await asyncio.gather(*(running.enter_async_context(one) for one in started))
            yield Plain(listening.getsockname()[1], url, broker.address, [*pids, database.pid, broker.pid])


@asynccontextmanager
async def _process(
    arguments: Sequence[str], environment: Mapping[str, str], handles: Sequence[int]
) -> AsyncIterator[int]:
    """A process that says `ready`, until the block ends; yields its number."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env=os.environ | environment, stdout=asyncio.subprocess.PIPE,
        pass_fds=handles,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        if await asyncio.wait_for(process.stdout.readline(), START_SECONDS) != b"ready\n":
            raise DidNotStart(" ".join(arguments))
        yield process.pid
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)  # a shell in the background has its children ignore SIGINT
            try:
                await asyncio.wait_for(process.wait(), START_SECONDS)
            except TimeoutError:
                process.kill()
        await process.wait()
