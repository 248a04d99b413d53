"""The topic as another program sees it, and the checker that compares it with the log."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from deploy.broker.kafka import Broker
from schemas.topics import PETITION_EVENTS
from services.chassis.keep_going import ended
from services.chassis.leases import Shared
from services.chassis.store.engine import Engine, EntryRows
from services.chassis.wire.relay import NAME, Relay
from tests.contracts.rows import PARTITIONS, stream, write

EPOCH = "epoch-1"
SECONDS = 30


class Wrong(AssertionError):
    """The topic is not what the log says."""


def relay(engine: Engine, broker: Broker, owner: str = "one", epoch: str = EPOCH) -> Relay:
    """A relay on a cluster of one broker."""
    return Relay(engine, epoch, broker.address, Shared(engine, NAME, owner), PARTITIONS, 1)


@asynccontextmanager
async def running(*workers: Any):
    """They run until the block ends, and are then stopped."""
    for worker in workers:
        await worker.start()
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        await ended(tasks)
        for worker in workers:
            await worker.stop()


async def append(engine: Engine, count: int = 1, streams: Sequence[UUID] | None = None) -> list[UUID]:
    """New streams of one event each, or one more event of each of these."""
    chosen = list(streams) if streams is not None else [stream() for _ in range(count)]
    versions = dict.fromkeys(chosen, 0)
    for row in await engine.load(chosen):
        versions[row.stream_id] = row.version
    await engine.append([EntryRows([write(one, versions[one], f'{{"n":{versions[one]}}}')]) for one in chosen])
    return chosen


async def sent_all(relay: Relay) -> None:
    """It has sent everything and says so."""
    while await relay.step():
        pass


async def records(broker: Broker, topic: str = PETITION_EVENTS) -> list[ConsumerRecord]:
    """Everything in the topic, each partition in order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.address, group_id=None, enable_auto_commit=False, fetch_max_wait_ms=10
    )
    found: list[ConsumerRecord] = []
    async with asyncio.timeout(SECONDS):
        await consumer.start()
        try:
            while not (partitions := consumer.partitions_for_topic(topic)):
                await consumer._client.force_metadata_update()
            topics = [TopicPartition(topic, partition) for partition in sorted(partitions)]
            consumer.assign(topics)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(topics)
            while any([await consumer.position(one) < end for one, end in ends.items()]):
                for part in (await consumer.getmany(timeout_ms=200)).values():
                    found += part
        finally:
            await consumer.stop()
    return found


async def check(engine: Engine, broker: Broker, *, in_order: bool = True) -> int:
    """The topic deduped by id equals the log, first occurrences in order, repeats byte for byte; returns the repeats.

    Reads rows and records with code of its own. Where records were lost and others written meanwhile, the lost ones
    come again behind those, so `in_order` does not hold.
    """
    rows = await engine.read(dict.fromkeys(range(PARTITIONS), 0), 10_000_000)
    log = [(row.partition, f"{row.stream_id}:{row.version}", row.data) for row in rows]
    seen: dict[bytes, tuple[Any, ...]] = {}
    first: list[tuple[int, str, str]] = []
    repeats = 0
    for record in await records(broker):
        headers = dict(record.headers)
        said = (record.partition, record.key, record.value, record.headers)
        if headers["ce_id"] in seen:
            repeats += 1
            if seen[headers["ce_id"]] != said:
                raise Wrong(f"{headers['ce_id']} came twice and differs")
            continue
        seen[headers["ce_id"]] = said
        first.append((record.partition, headers["ce_id"].decode(), record.value.decode()))
    by_partition = (lambda one: one[0]) if in_order else None
    if sorted(first, key=by_partition) != sorted(log, key=by_partition):
        missing = len(set(log) - set(first))
        raise Wrong(f"{len(first)} different records and {len(log)} events, of which {missing} are missing")
    return repeats


async def until_checked(engine: Engine, broker: Broker, seconds: float = SECONDS) -> int:
    """Return once the topic equals the log."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await check(engine, broker)
        except Wrong:
            if asyncio.get_running_loop().time() > end:
                raise
            await asyncio.sleep(0.1)
