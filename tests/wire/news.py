"""Petitions whose news receivers should hear, and what they heard."""

import asyncio
import time
from uuid import UUID

from confluent_kafka import KafkaException

from router.dispatches import told, told_next
from schemas.event import EventRef
from schemas.topics import DISPATCH_EVENTS
from services.chassis.leases import Shared
from services.chassis.wire.dispatch_relay import NAME, DispatchRelay
from tests.contracts.lives import happens
from tests.contracts.rows import stream
from tests.past import accepted, assessed, filed, routed
from tests.wire.reading import read_all
from tests.wire.topic import EPOCH

UNIT = "SA11"


def dispatch_relay_of(log, kafka, translate=told_next, departments=(), owner="one") -> DispatchRelay:
    leases = Shared(log.engine, NAME, owner)
    return DispatchRelay(log, EPOCH, kafka.address, leases, translate, departments, 1)


async def lives(log, count: int = 1) -> list[UUID]:
    """Petitions that are dispatched to a unit, accepted and resolved."""
    petitions = [stream() for _ in range(count)]
    for petition in petitions:
        await happens(log, petition, filed(), assessed(), routed("grid", UNIT))
    return petitions


async def done(log, petition) -> None:
    dispatch = str(EventRef(petition, 3))
    await happens(log, petition, accepted(dispatch), routed("community", "SA1", rule="escalated"))


async def expected(log, petitions) -> set[str]:
    return {one.id for life in (await log.load(petitions)).values() for one in told(life)}


async def until_heard(log, kafka, petitions, seconds=30):
    due, end = await expected(log, petitions), time.monotonic() + seconds
    while True:
        try:
            records = await asyncio.to_thread(read_all, kafka.address, DISPATCH_EVENTS)
        except (KafkaException, KeyError):  # the topic is being made again
            records = []
        found = {dict(record.headers())["ce_id"].decode() for record in records}
        if found == due or time.monotonic() > end:
            assert found == due
            return records
        await asyncio.sleep(0.2)


async def ids(kafka, topic: str = DISPATCH_EVENTS) -> list[str]:
    """Of all news in the topic, repeats too."""
    records = await asyncio.to_thread(read_all, kafka.address, topic)
    return [dict(one.headers())["ce_id"].decode() for one in records if one.headers()]
