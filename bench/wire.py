"""(e) The relay ÷ `send_batch` of its records from memory; a service that says nothing ÷ bare `getmany`."""

import asyncio
import cProfile
import pstats
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from time import perf_counter

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.district import PARTITIONS
from bench.lives import LONGEST_SECONDS, UNWATCHED
from bench.measuring import Figure, ratio
from bench.prefill import AT_ONCE, write_lives
from bench.processes import kafka
from bench.stores import opened
from deploy.broker.kafka import Broker
from deploy.database import PostgresServer
from schemas.cloudevents import Message, encode
from schemas.event import Event
from schemas.events import EVENT_TYPES
from schemas.topics import PETITION_EVENTS
from services.chassis.consumer import Consumer
from services.chassis.databases import Databases
from services.chassis.deciding import Decider
from services.chassis.leases import Alone
from services.chassis.service import Service
from services.chassis.wire import relay
from services.chassis.wire.clients import abandon, acknowledged, open_consumer, open_producer
from services.chassis.wire.kafka_feed import FETCH_MS, KafkaFeed
from services.chassis.wire.sending import send

NAME = "wire"
AIM = "≥ 0.5"
BARE = "bare"


@dataclass(frozen=True)
class Scale:
    """A log of so many lives, of eight events nearly all."""

    runs: int = 5
    lives: int = 6_000


QUICK = Scale(runs=1, lives=20)


async def measure(scale: Scale) -> list[Figure]:
    """Each run begins with an empty broker: both ways of sending in turn, then both ways of hearing."""
    sent, bare_sent, heard, passed, bare_heard = [], [], [], [], []
    async with _filled(scale) as (databases, broker):
        pages = await _pages(databases)
        for run in range(scale.runs + 1):
            relayed = await _relay(databases, broker)
            handed = await _send_batch(broker, pages)
            silence = await _silence(databases, broker, f"silent-{run}", EVENT_TYPES.values())
            deafness = await _silence(databases, broker, f"deaf-{run}", ())
            got = await _getmany(broker, sum(len(messages) for page in pages for _, messages in page))
            if run:  # the first run only warms up
                sent.append(relayed)
                bare_sent.append(handed)
                heard.append(silence)
                passed.append(deafness)
                bare_heard.append(got)
            await asyncio.to_thread(broker.wipe)
    return [
        Figure(NAME, "relay", "events/s", sent),
        Figure(NAME, "send_batch from memory", "events/s", bare_sent),
        ratio(NAME, "relay ÷ send_batch", sent, bare_sent, AIM),
        Figure(NAME, "a service that hears all and says nothing", "events/s", heard),
        Figure(NAME, "a service that hears nothing", "events/s", passed),
        Figure(NAME, "getmany", "events/s", bare_heard),
        ratio(NAME, "hearing all ÷ getmany", heard, bare_heard, AIM),
        ratio(NAME, "hearing nothing ÷ getmany", passed, bare_heard),
    ]


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread while it relays and then hears."""
    profile = cProfile.Profile()
    async with _filled(scale) as (databases, broker):
        await _relay(databases, broker, profile)
        await _silence(databases, broker, "silent", EVENT_TYPES.values(), profile)
    return pstats.Stats(profile)


@asynccontextmanager
async def _filled(scale: Scale) -> AsyncIterator[tuple[Databases, Broker]]:
    with PostgresServer() as server, kafka() as broker:
        async with opened(server) as databases:
            for first in range(0, scale.lives, AT_ONCE):
                await write_lives(databases, range(first, min(first + AT_ONCE, scale.lives)))
            yield databases, broker


async def _pages(databases: Databases) -> list[list[tuple[int, list[Message]]]]:
    """What the relay sends, page by page: each partition's messages."""
    position, pages = dict.fromkeys(range(PARTITIONS), 0), []
    while rows := await databases.engine.read(position, relay.BATCH):
        position |= {row.partition: row.position for row in rows}
        pages.append(
            [
                (partition, [encode(relay._logged(row), databases.epoch) for row in some])
                for partition, some in groupby(rows, lambda row: row.partition)
            ]
        )
    return pages


async def _relay(databases: Databases, broker: Broker, watch: AbstractContextManager[object] = UNWATCHED) -> float:
    """Events per second from the log to the topic, checkpoints included, after its first page."""
    engine = databases.engine
    one = relay.Relay(engine, databases.epoch, broker.address, Alone(engine, relay.NAME), PARTITIONS, 1)
    await one.start()
    try:
        count = -await one.step()  # the first also makes the topics and asks where they end
        began = perf_counter()
        with watch:
            while await one.step():
                pass
        return (count + sum(one.reached.values())) / (perf_counter() - began)
    finally:
        await one.stop()


async def _send_batch(broker: Broker, pages: Sequence[Sequence[tuple[int, list[Message]]]]) -> float:
    await _make_bare(broker)
    producer = await open_producer(broker.address, "bench")
    try:
        began = perf_counter()
        sent = [
            batch.place
            for page in pages
            for partition, messages in page
            for batch in await send(producer, BARE, partition, messages)
        ]
        await acknowledged(sent)
        return sum(len(messages) for page in pages for _, messages in page) / (perf_counter() - began)
    finally:
        await abandon(producer)


async def _make_bare(broker: Broker) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(BARE, PARTITIONS, 1)])
        while (await admin.describe_topics([BARE]))[0]["error_code"]:  # noqa: ASYNC110 - the broker only answers
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def _silence(
    databases: Databases,
    broker: Broker,
    name: str,
    hears: Collection[type[Event]],
    watch: AbstractContextManager[object] = UNWATCHED,
) -> float:
    """A service that hears such events and has nothing to say: fetched, decoded, reacted to, checkpoint moved."""
    decider = Decider(name, None, lambda state, command: [], lambda state, event, ref: state)
    service = Service(decider, frozenset(), dict.fromkeys(hears, lambda event, facts: []))
    log = databases.runtime.log
    feed = KafkaFeed(log, broker.address, databases.epoch, service.name, {event.__name__ for event in hears})
    consumer = Consumer(service, databases.runtime, feed, Alone(log.engine, service.name))
    heads = await log.heads()
    await consumer.start()
    try:
        began = perf_counter()
        with watch:
            async with asyncio.timeout(LONGEST_SECONDS):
                while consumer.reached != heads:
                    if not await consumer.step():
                        await feed.wait(1.0)
        return sum(heads.values()) / (perf_counter() - began)
    finally:
        await consumer.stop()


async def _getmany(broker: Broker, count: int) -> float:
    began = perf_counter()
    consumer: AIOKafkaConsumer = await open_consumer(broker.address, "bench")
    try:
        topics = [TopicPartition(PETITION_EVENTS, number) for number in range(PARTITIONS)]
        consumer.assign(topics)
        for topic in topics:
            consumer.seek(topic, 0)
        got = 0
        async with asyncio.timeout(LONGEST_SECONDS):
            while got < count:
                got += sum(map(len, (await consumer.getmany(timeout_ms=FETCH_MS)).values()))
        return got / (perf_counter() - began)
    finally:
        await consumer.stop()
