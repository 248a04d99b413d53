"""The same services as processes of their own, on PostgreSQL; each process takes one role, many may take the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from router.dispatches import told_next
from services.chassis.consumer import Consumer
from services.chassis.databases import Databases, open_databases
from services.chassis.feed import Feed, LogFeed
from services.chassis.leases import Shared, Whole
from services.chassis.policies import PolicyWatch
from services.chassis.postgres_keyring import keeps_keys
from services.chassis.projection import ProjectionRunner
from services.chassis.read_model import Projection
from services.chassis.recounting import Recounting
from services.chassis.roles import Role
from services.chassis.sealing import read_or_make_master
from services.chassis.service import Service
from services.chassis.settings import KafkaNeeded, Settings
from services.chassis.store.engine import Statement, Transaction
from services.chassis.store.epochs import renewed_epoch
from services.chassis.store.postgres import PostgresEngine
from services.chassis.store.provisioning import provision
from services.chassis.timer import DeadlineTimer
from services.console.petition_list import PETITION_LIST
from services.console.search import PETITION_SEARCH
from services.console.search import create as create_search
from services.process import SERVICES, Process, Worker, at_work
from services.refilling import Refilling

LOOK_SECONDS = 0.05
"""How often a service looks for what other processes wrote, where no Kafka tells it."""
LIST_LOOK_SECONDS = 0.25
"""The same for read models, which gather what comes."""


def service_of(role: Role) -> Service | None:
    """The service that this role is; None for the front door and the console."""
    return next((service for service in SERVICES if service.name == role), None)


def feed_for(service: Service, settings: Settings, databases: Databases) -> Feed:
    """How a service of this process hears what was appended anywhere: from Kafka where there is one."""
    if settings.kafka is not None:
        from services.chassis.wire.kafka_feed import KafkaFeed

        hears = None if service.rows else {event.__name__ for event in service.hears}  # rows follow from every event
        return KafkaFeed(databases.runtime.log, settings.kafka, databases.epoch, settings.owner, hears)
    return LogFeed(databases.runtime.log, LOOK_SECONDS)


@asynccontextmanager
async def running(role: Role, settings: Settings) -> AsyncIterator[Process]:
    """A process in its role until the block ends; then its leases are given back at once."""
    process = stand_up(role, settings, await open_databases(settings))
    await process.start()
    async with at_work(process):
        yield process


def stand_up(role: Role, settings: Settings, databases: Databases) -> Process:
    """What the role does, not yet begun."""
    service = service_of(role)
    here = SERVICES if role is Role.API else (service,) if service else ()
    process = Process(databases, services=here, jobs=[PolicyWatch(databases.runtime.policies)])
    if service is not None and service.reactions:
        leases = Shared(databases.engine, service.name, settings.owner)
        consumer = Consumer(service, databases.runtime, feed_for(service, settings, databases), leases)
        process.consumers.append(consumer)
        if service.when_due:
            process.timer = DeadlineTimer(service, databases.runtime, lambda: consumer.reached)
        if service.when_calendar_comes:
            process.jobs.append(Recounting(service, databases.runtime, lambda: consumer.reached))
    if role in (Role.API, Role.CONSOLE):
        process.projections = [
            _read_model(PETITION_LIST, databases, databases.engine, settings),
            _read_model(PETITION_SEARCH, databases, databases.search, settings),
        ]
        process.follows = role is Role.CONSOLE
    if role is Role.RELAY:
        process.relays.extend(_relays(settings, databases))
    process.tells_of_all = not process.workers
    return process


def _relays(settings: Settings, databases: Databases) -> list[Worker]:
    """The log as it is, what it says to units and departments of their dispatches, and what could not be handled."""
    if settings.kafka is None:
        raise KafkaNeeded
    from services.chassis.wire import dead_letter_relay, dispatch_relay, relay

    engine, epoch, kafka, copies = databases.engine, databases.epoch, settings.kafka, settings.kafka_replication
    log, now = databases.runtime.log, databases.runtime.time
    leases, dispatch_leases, letter_leases = (
        Shared(engine, name, settings.owner) for name in (relay.NAME, dispatch_relay.NAME, dead_letter_relay.NAME)
    )
    return [
        relay.Relay(engine, epoch, kafka, leases, engine.partitions, copies, now),
        dispatch_relay.DispatchRelay(
            log, epoch, kafka, dispatch_leases, told_next, settings.kafka_departments, copies, now
        ),
        dead_letter_relay.DeadLetterRelay(engine, epoch, kafka, letter_leases, copies, now),
    ]


def _read_model(
    projection: Projection, databases: Databases, home: PostgresEngine, settings: Settings
) -> ProjectionRunner:
    """One process keeps it and the others stand by; each of them can rebuild it."""
    leases = Whole(home, projection.name, settings.owner, home.partitions)
    log = databases.runtime.log
    return ProjectionRunner(projection, log, home, leases, LogFeed(log, LIST_LOOK_SECONDS), Refilling(settings))


async def migrate(settings: Settings) -> None:
    """Bring the databases to this release, as their owner, and make the topics that are missing.

    The master key is made where its file is missing and no key needs it; raises MasterLost."""
    urls = settings.databases
    password = None if settings.service_password is None else settings.service_password.get_secret_value()
    words = {PETITION_SEARCH.table: create_search(PETITION_SEARCH.table, "", PostgresEngine.dialect)}
    await provision(urls, settings.partitions, words, password)
    read_or_make_master(settings.master_key_file, wraps_keys=await keeps_keys(urls.keys))
    if settings.kafka is not None:
        from services.chassis.wire.topics import ensure_topics

        await ensure_topics(settings.kafka, settings.partitions, settings.kafka_replication, settings.kafka_departments)


async def new_epoch(settings: Settings) -> str:
    """Have a restored log be a store of its own, as its owner; returns its epoch.

    What was sent to Kafka is sent again from the first event, dead letters too, and words are looked for in an empty
    table, which the console fills: neither stands where the log stands now. What fails leaves the epoch as it was.

    Raises StillInUse, OwnerNeeded, and what `open_databases` raises."""
    from services.chassis.wire import dispatch_relay, relay

    forget = f"DELETE FROM es_checkpoint WHERE subscriber = '{PETITION_SEARCH.name}'"  # noqa: S608 - a name of the code
    sql = (f"TRUNCATE {PETITION_SEARCH.table}", forget)
    async with renewed_epoch(settings.databases.log, (relay.NAME, dispatch_relay.NAME)) as epoch:
        databases = await open_databases(settings)
        try:
            await databases.search.transact(Transaction(statements=[Statement(one, [{}]) for one in sql]))
        finally:
            await databases.close()
    return epoch
