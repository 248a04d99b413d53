"""(d) What one petition costs from filed to routed in the cluster, on a log of 10,000, 100,000 or 1,000,000 of them."""

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from bench import processes
from bench.bulk import fill
from bench.client import connected
from bench.district import PARTITIONS, scratch
from bench.load import at_most
from bench.measuring import Figure, say
from bench.settling import settled
from bench.stores import opened_with, settings_for
from deploy.broker.kafka import Broker
from deploy.database import PostgresServer
from schemas.cloudevents import encode
from schemas.topics import DISPATCH_EVENTS, PETITION_EVENTS
from services.chassis.databases import Databases, open_databases
from services.chassis.store.engine import Statement, Transaction
from services.chassis.wire import dispatch_relay, relay
from services.chassis.wire.clients import abandon, open_producer
from services.chassis.wire.topics import ensure_topics

NAME = "growth-postgres"
AIM = "≤ 15 %"
COPIED = 100_000
"""Up to so many petitions, each window has a fresh copy of the log; a larger one hardly grows by its windows."""
PURPOSES = ("", "_keys", "_search")


@dataclass(frozen=True)
class Scale:
    """A window of so many petitions by so many clients, on logs of these sizes."""

    runs: int = 3
    window: int = 5_000
    clients: int = 50
    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)


QUICK = Scale(runs=1, window=20, clients=2, sizes=(20,))


@dataclass
class _Costs:
    """Microseconds for each petition of a window, one sample from each run."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


async def measure(scale: Scale) -> list[Figure]:
    """Fills the logs once; each run then takes the sizes turn by turn, with processes and a broker that are new."""
    costs = {size: _Costs() for size in scale.sizes}
    with PostgresServer() as server, processes.kafka() as broker, scratch() as directory:
        for size in scale.sizes:
            settings = settings_for(server, directory, _name(size))
            async with opened_with(settings) as databases:
                spent = await fill(databases, settings.databases, size)
            print(f"{size:,} petitions filled in {spent:.0f} s", file=sys.stderr)
        for run in range(scale.runs):
            for size in scale.sizes:
                await _window(scale, server, broker, directory, size, run, costs[size])
    smallest = costs[scale.sizes[0]]
    return [
        *(Figure(NAME, f"a petition on {size:,}", "µs", costs[size].wall) for size in scale.sizes),
        *(Figure(NAME, f"its CPU time on {size:,}", "µs", costs[size].cpu) for size in scale.sizes),
        *(_growth(f"growth to {size:,}", smallest.wall, costs[size].wall, AIM) for size in scale.sizes[1:]),
        *(_growth(f"growth of CPU time to {size:,}", smallest.cpu, costs[size].cpu) for size in scale.sizes[1:]),
    ]


async def _window(
    scale: Scale, server: PostgresServer, broker: Broker, directory: Path, size: int, run: int, costs: _Costs
) -> None:
    name = await _copy(server, size) if size <= COPIED else _name(size)
    settings = settings_for(server, directory, name)
    databases = await open_databases(settings)
    try:
        await asyncio.to_thread(broker.wipe)
        await _as_if_told(broker, databases)
        async with processes.cluster(server.url(name), broker.address, settings.master_key_file) as cluster:
            pids = [*processes.pids_of(cluster), server.pid, broker.pid]
            async with connected(cluster.options.port, scale.clients) as clients:
                await at_most(clients, databases, f"warm-{run}", max(scale.clients, scale.window // 10))
            await settled(databases, cluster)
            async with connected(cluster.options.port, scale.clients) as clients:
                began, worked = perf_counter(), processes.cpu_seconds(pids)
                await at_most(clients, databases, f"window-{run}", scale.window)
                await settled(databases, cluster)
            costs.wall.append((perf_counter() - began) / scale.window * 1e6)
            costs.cpu.append((processes.cpu_seconds(pids) - worked) / scale.window * 1e6)
            say(NAME, f"on {size:,}", costs.wall[-1], "µs a petition")
            say(NAME, f"on {size:,}", costs.cpu[-1], "µs of CPU a petition")
    finally:
        await databases.close()


def _name(size: int) -> str:
    return f"gridcase_{size}"


async def _copy(server: PostgresServer, size: int) -> str:
    """Fresh copies of the three databases; returns the name of the log's."""
    connection = await asyncpg.connect(server.url())
    try:
        for purpose in PURPOSES:
            await connection.execute(f"DROP DATABASE IF EXISTS fresh{purpose}")
            await connection.execute(
                f"CREATE DATABASE fresh{purpose} TEMPLATE {_name(size)}{purpose} STRATEGY file_copy"
            )
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    return "fresh"


async def _as_if_told(broker: Broker, databases: Databases) -> None:
    """Topics as if all of the log had been sent: each partition holds its last event, what came before has expired.

    Where those of another window ended is forgotten: the dispatch relay would see a loss and tell everything anew."""
    await ensure_topics(broker.address, PARTITIONS, 1)
    await databases.engine.transact(Transaction(statements=[Statement(dispatch_relay.FORGET_ENDS, [{}])]))
    heads = await databases.engine.heads()
    rows = await databases.engine.read({number: head - 1 for number, head in heads.items() if head}, len(heads))
    producer = await open_producer(broker.address, "bench")
    try:
        for row in rows:
            key, value, headers = encode(relay._logged(row), databases.epoch)
            await producer.send_and_wait(PETITION_EVENTS, b"", partition=row.partition)
            await producer.send_and_wait(PETITION_EVENTS, value, key, partition=row.partition, headers=headers)
        for number in range(PARTITIONS):
            await producer.send_and_wait(DISPATCH_EVENTS, b"", partition=number)
    finally:
        await abandon(producer)
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(PETITION_EVENTS, row.partition): RecordsToDelete(1) for row in rows})
    finally:
        await admin.close()


def _growth(name: str, small: list[float], large: list[float], aim: str = "") -> Figure:
    return Figure(
        NAME, name, "%", [(after / before - 1) * 100 for before, after in zip(small, large, strict=True)], aim
    )
