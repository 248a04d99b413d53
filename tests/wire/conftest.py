"""A log on PostgreSQL and empty topics on Apache Kafka, for each test its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.broker.kafka import Broker
from deploy.database import PostgresServer
from services.chassis.clock import MachineTime
from services.chassis.log import Log
from services.chassis.sealing import FileKeyring
from services.chassis.store.engine import Engine
from services.chassis.store.migrating import make_tables
from services.chassis.store.tables import keys_metadata
from services.chassis.wire.topics import ensure_topics
from tests.contracts.rows import PARTITIONS
from tests.contracts.stores import PostgresStore


@pytest.fixture
async def store(postgres_server: PostgresServer) -> AsyncIterator[PostgresStore]:
    emptied = await PostgresStore.emptied(postgres_server)
    yield emptied
    await emptied.close()


@pytest.fixture
async def engine(store: PostgresStore) -> Engine:
    return await store.open()


@pytest.fixture
async def log(engine: Engine, tmp_path: Path) -> AsyncIterator[Log]:
    make_tables(tmp_path / "keys.db", keys_metadata)
    keyring = FileKeyring(tmp_path / "keys.db", b"m" * 32, MachineTime())
    yield Log(engine, keyring)
    await keyring.close()


@pytest.fixture
async def kafka(broker: Broker) -> Broker:
    """A broker that runs, with every topic and nothing in them."""
    broker.start()
    await forget(broker)
    await ensure_topics(broker.address, PARTITIONS, 1)
    return broker


async def forget(broker: Broker, *only: str) -> None:
    """Delete every topic there is, or only these."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    async with asyncio.timeout(20):
        await admin.start()
        try:
            while topics := [
                name for name in await admin.list_topics() if (name in only if only else not name.startswith("__"))
            ]:
                await admin.delete_topics(topics)
                await asyncio.sleep(0.05)
        finally:
            await admin.close()
