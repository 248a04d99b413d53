"""Whoever waits for a subscriber in vain is told which it is."""

import json
import os
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from bench.prefill import write_lives
from bench.settling import NotSettled, settled
from bench.stores import opened
from deploy.cluster.cluster import Cluster
from deploy.cluster.options import read_options
from deploy.database import PostgresServer
from services.chassis.store.engine import Move, Transaction

pytestmark = pytest.mark.postgres
NO_PROCESS = 2**22 + 1
"""Above the highest number that Linux gives."""
LETTER = """
    INSERT INTO es_dead_letter (subscriber, stream_id, partition, position, version, attempts, error, failed_at)
    VALUES ('router', $1, 0, 1, 1, 1, 'ValueError', 0)
"""


@pytest.fixture(scope="module")
def server():
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
async def databases(server):
    """The log of one petition, which is with its receiver, and nobody hears it."""
    async with opened(server) as databases:
        await write_lives(databases, range(1))
        yield databases


@pytest.fixture
async def router(server, databases):
    """Where a subscriber of this name stands: at the beginning."""
    yield await databases.engine.take_lease("router", "somebody")
    async with _connected(server) as connection:
        await connection.execute("DELETE FROM es_checkpoint")


@pytest.fixture
def cluster(server, tmp_path):
    """One that started a router, which lives, and a relay, which does not."""
    started = {"router-1": [os.getpid(), "1"], "relay-1": [NO_PROCESS, "1"]}
    (tmp_path / "cluster.json").write_text(json.dumps(started))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "relay-1.log").write_text("".join(f"line {number}\n" for number in range(100)))
    one = Cluster(replace(read_options({}), data=tmp_path))
    one.owner["GRIDCASE_DATABASE_URL"] = server.url("gridcase")
    return one


async def test_a_subscriber_that_does_not_come_to_the_end_is_named_with_all_that_can_be_seen_of_it(
    server, databases, router, cluster
):
    [(partition, head)] = [(p, head) for p, head in (await databases.engine.heads()).items() if head]
    async with _connected(server) as connection:
        await connection.execute(LETTER, uuid4())
        async with connection.transaction():
            await connection.execute("SELECT 'left open'")
            with pytest.raises(NotSettled) as raised:
                await settled(databases, cluster, 1.2)
    said = str(raised.value)
    assert f"router stands in partition {partition} at 0 of {head}, of somebody; at 0 when the wait began" in said
    assert said.count("stands in partition") == 1
    assert "dead letters: 1 of router" in said
    assert "idle in transaction, waits for ClientRead: SELECT 'left open'" in said
    assert "router-1: lives" in said
    assert "relay-1: is gone\n    line 90\n" in said


async def test_who_has_heard_everything_is_not_waited_for(databases, router, cluster):
    heads = await databases.engine.heads()
    moves = [Move("router", one.partition, 0, heads[one.partition], one.epoch) for one in router]
    await databases.engine.transact(Transaction(moves=moves))
    await databases.engine.take_lease("list.rebuild", "nobody any more")
    await settled(databases, cluster, 1)


@asynccontextmanager
async def _connected(server):
    connection = await asyncpg.connect(server.url("gridcase"))
    try:
        yield connection
    finally:
        await connection.close()
