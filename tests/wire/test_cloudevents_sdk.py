"""Both topics are CloudEvents to CloudEvents' own library, with all that it asks of them."""

import json

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event

from router.dispatches import told_next
from schemas.topics import DISPATCH_EVENTS, PETITION_EVENTS
from services.chassis.leases import Shared
from services.chassis.wire.dispatch_relay import NAME, DispatchRelay
from tests.contracts.lives import happens
from tests.contracts.rows import PARTITIONS, stream
from tests.past import assessed, filed, routed
from tests.wire.topic import EPOCH, records, relay, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def _read(kafka, topic):
    found = await records(kafka, topic)
    return [from_binary_event(KafkaMessage(dict(one.headers), one.key, one.value)) for one in found]


async def test_what_is_in_the_log_and_what_departments_hear(engine, log, kafka):
    petition = stream()
    await happens(log, petition, filed(), assessed(), routed("grid", "SA11"))
    events = relay(engine, kafka)
    news = DispatchRelay(log, EPOCH, kafka.address, Shared(engine, NAME, "one"), told_next, (), 1)
    for one in (events, news):
        await one.start()
        await sent_all(one)
        await one.stop()
    rows = await engine.read(dict.fromkeys(range(PARTITIONS), 0), 10)
    said = await _read(kafka, PETITION_EVENTS)
    assert [one.get_id() for one in said] == [f"{petition}:{row.version}" for row in rows]
    assert [one.get_type() for one in said] == [f"gridcase.{row.type}.v1" for row in rows]
    assert [one.get_data() for one in said] == [json.loads(row.data) for row in rows]
    assert [one.get_subject() for one in said] == [str(petition)] * 3
    (issued,) = await _read(kafka, DISPATCH_EVENTS)
    assert issued.get_id() == f"{petition}:3:SA11"
    assert issued.get_type() == "gridcase.DispatchIssued.v1"
    assert issued.get_data()["target"] == "SA11"
