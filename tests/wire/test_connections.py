"""A relay writes nothing to a broker that came back before it has read what that broker holds."""

import asyncio

import pytest

from services.chassis.wire import relay as relay_module
from services.chassis.wire import sending
from services.chassis.wire.holding import ConnectionLost
from services.chassis.wire.topics import ensure_topics
from tests.contracts.rows import PARTITIONS
from tests.wire.topic import append, check, relay, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.mark.parametrize("waits", [True, False], ids=["before it sends", "while it sends"])
async def test_nothing_is_sent_to_a_broker_that_came_back_empty_before_it_is_seen_to_be(
    engine, kafka, waits, monkeypatch
):
    started = relay(engine, kafka)
    await started.start()
    streams = await append(engine, 100)
    await sent_all(started)

    async def another_broker() -> None:
        await asyncio.to_thread(kafka.wipe)
        await ensure_topics(kafka.address, PARTITIONS, 1)  # as another process does

    if waits:
        await another_broker()
        await append(engine, streams=streams)
    else:
        await append(engine, streams=streams)
        with monkeypatch.context() as patch:
            patch.setattr(relay_module, "send", _after(another_broker))
            with pytest.raises(ConnectionLost):
                await started.step()
        await started._drop()
    await sent_all(started)
    assert await check(engine, kafka) == 0
    await started.stop()


def _after(event):
    """Send once that has happened."""
    happened = False

    async def send(*args):
        nonlocal happened
        if not happened:
            happened = True
            await event()
        return await sending.send(*args)

    return send
