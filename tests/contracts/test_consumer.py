"""A service hears the log in order, every effect once, whatever fails on the way."""

from datetime import timedelta

import pytest

from services.chassis import metrics
from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime, SetTime
from services.chassis.consumer import WORTH_A_NUDGE
from services.chassis.log import Log
from services.chassis.runtime import Runtime
from services.chassis.store.engine import LeaseLost, Statement
from tests.contracts.petitions import AT
from tests.contracts.probe import (
    NAME,
    Probe,
    checkpoints,
    effects,
    heard_all,
    letters,
    only,
    overtaken,
    tell,
    until,
    while_running,
)
from tests.contracts.rows import PARTITIONS, stream

SKIPPED = "gridcase_unknown_events_total"


async def test_every_event_heard_has_its_effect_once_and_in_order(probe, log):
    petitions = [stream() for _ in range(12)]
    for petition in petitions:
        await tell(log, petition, times=3)
    await probe.caught_up()
    assert [await effects(log, petition) for petition in petitions] == [[1, 2, 3]] * 12


async def test_silence_is_remembered_like_an_event(probe, log):
    await tell(log, stream(), times=2)
    await probe.caught_up()
    assert await checkpoints(log) == await log.heads()


async def test_after_a_restart_it_goes_on_where_it_stood(probe, log):
    petition = stream()
    await tell(log, petition)
    first, second = probe.consumer(), probe.consumer()
    await first.start()
    await heard_all(first)
    await tell(log, petition, times=2)
    await second.start()
    await heard_all(second)
    assert await effects(log, petition) == [1, 3, 4]


async def test_what_was_done_before_the_checkpoint_moved_is_not_done_again(probe, log):
    petition = stream()
    await tell(log, petition, times=3)
    await probe.caught_up()
    back = "UPDATE es_checkpoint SET position = 0 WHERE subscriber = :name"
    await log.transact([], [], [Statement(back, [{"name": NAME}])])
    again = probe.consumer()
    await again.start()
    await heard_all(again)
    assert await effects(log, petition) == [1, 2, 3]
    assert await checkpoints(log) == await log.heads()


async def test_who_lost_the_lease_writes_nothing(probe, log, store):
    petition = stream()
    await tell(log, petition)
    slow, quick = probe.consumer("slow"), probe.consumer("quick")
    await slow.start()
    await store.lapse()
    await quick.start()
    with pytest.raises(LeaseLost):
        await slow.step()
    assert await effects(log, petition) == []
    await heard_all(quick)
    assert await effects(log, petition) == [1]


async def test_who_lost_the_lease_takes_nothing_ahead_either(probe, log, store):
    petition = stream()
    await tell(log, petition)
    slow, quick = probe.consumer("slow"), probe.consumer("quick")
    await slow.start()
    slow.nudge(_far_ahead(await log.load([petition]), petition))
    await store.lapse()
    await quick.start()
    with pytest.raises(LeaseLost):
        await slow.step()
    assert await effects(log, petition) == []
    await heard_all(quick)
    assert await effects(log, petition) == [1]


async def test_what_is_anothers_is_not_taken_ahead(probe, log):
    petition = stream()
    await tell(log, petition)
    idle = probe.consumer()  # holds nothing yet
    idle.nudge(_far_ahead(await log.load([petition]), petition))
    await idle.step()
    assert await effects(log, petition) == []


def _far_ahead(streams, petition):
    """Its last event, as if others waited before it."""
    return streams[petition][-1]._replace(position=WORTH_A_NUDGE + 1)


async def test_a_running_consumer_takes_the_lease_again_and_repeats_nothing(probe, log, store):
    petition = stream()
    await tell(log, petition)
    consumer = probe.consumer()
    await consumer.start()
    async with while_running(consumer, log):
        await until(log, petition, [1])
        await store.lapse()
        await log.engine.take_lease(NAME, "another")
        await store.lapse()
        await tell(log, petition)
        await until(log, petition, [1, 3])


async def test_an_error_of_a_look_up_is_tried_again_and_never_parks(probe, log):
    petitions = [stream() for _ in range(3)]
    for petition in petitions:
        await tell(log, petition, times=2)
    probe.away = 3
    consumer = probe.consumer()
    await consumer.start()
    async with while_running(consumer, log):
        for petition in petitions:
            await until(log, petition, [1, 2])
    assert probe.looked_up >= 4
    assert await letters(log) == []


async def test_facts_are_looked_up_once_for_a_batch(probe, log):
    for _ in range(30):
        await tell(log, stream())
    consumer = probe.consumer()
    await consumer.start()
    await consumer.step()
    assert probe.looked_up == 1


async def test_a_petition_that_moves_on_meanwhile_is_decided_again(probe, log):
    petition = stream()
    await tell(log, petition)
    consumer = probe.consumer()
    await consumer.start()
    overtaken(log, petition)
    await heard_all(consumer)
    assert await effects(log, petition) == [1, 2]


async def test_what_is_decided_again_is_decided_at_the_later_moment(probe, log):
    time = SetTime(AT)
    probe.runtime = Runtime(log, time, probe.runtime.policies, probe.runtime.batcher)
    petition = stream()
    await tell(log, petition)
    consumer = probe.consumer()
    await consumer.start()
    overtaken(log, petition, lambda: time.advance(timedelta(seconds=9)))
    await consumer.step()
    assert (await log.load([petition]))[petition][-1].event.at == time.now()


async def test_an_event_of_a_later_release_is_skipped_and_counted(probe, log, engine):
    petition = stream()
    await tell(log, petition)
    sql = "INSERT INTO es_event VALUES (:p, 2, :stream, 2, 'PetitionSung', 1, '{}', :meta, 0)"
    meta = '{"service":"choir","causation":"song"}'
    row = {"p": petition.int & (PARTITIONS - 1), "stream": petition, "meta": meta}
    await engine.transact(only(Statement(sql, [row])))
    before = metrics.REGISTRY.get_sample_value(SKIPPED, {"subscriber": NAME}) or 0
    alone = Probe(probe.runtime)
    alone.runtime = Runtime(Log(engine, log.keyring), MachineTime(), probe.runtime.policies, Batcher(log))
    consumer = alone.consumer()
    await consumer.start()
    consumer.nudge((await alone.runtime.log.load([petition]))[petition][-1]._replace(position=WORTH_A_NUDGE + 1))
    await heard_all(consumer)
    assert await effects(alone.runtime.log, petition) == [1]
    assert await letters(log) == []
    assert metrics.REGISTRY.get_sample_value(SKIPPED, {"subscriber": NAME}) == before + 1
