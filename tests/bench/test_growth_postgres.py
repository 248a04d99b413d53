"""A window on a long log begins where everybody has heard everything, and not with telling it anew."""

import pytest

from bench.bulk import fill
from bench.growth_postgres import _as_if_told
from bench.stores import opened_with, settings_for
from router.dispatches import told
from schemas.topics import DISPATCH_EVENTS
from services.chassis.leases import Shared
from services.chassis.store.engine import Statement, Transaction
from services.chassis.wire import dispatch_relay, relay

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]
LEFT = {"topic": DISPATCH_EVENTS, "partition": 0, "ends": 700}
"""Where a topic ended that was wiped since."""


@pytest.fixture
async def databases(postgres_server, tmp_path):
    settings = settings_for(postgres_server, tmp_path, "bench_growth")
    async with opened_with(settings) as databases:
        await fill(databases, settings.databases, 20)
        yield databases


async def test_after_another_window_on_the_same_log_no_relay_finds_anything_to_tell(databases, broker):
    engine, epoch = databases.engine, databases.epoch
    await engine.transact(Transaction(statements=[Statement(dispatch_relay.NOTE_ENDS, [LEFT])]))
    broker.wipe()
    await _as_if_told(broker, databases)
    leases = [Shared(engine, name, "one") for name in (relay.NAME, dispatch_relay.NAME)]
    log, departments, copies = databases.runtime.log, (), 1
    relays = [
        relay.Relay(engine, epoch, broker.address, leases[0], engine.partitions, copies),
        dispatch_relay.DispatchRelay(log, epoch, broker.address, leases[1], told, departments, copies),
    ]
    for one in relays:
        await one.start()
        await one.step()
        await one.stop()
    rows = await engine.query("SELECT subscriber, partition, position FROM es_checkpoint", {})
    stood = {(name, p): position for name, p, position in rows}
    heads = await engine.heads()
    assert {stood[name, p] - head for name in (relay.NAME, dispatch_relay.NAME) for p, head in heads.items()} == {0}
