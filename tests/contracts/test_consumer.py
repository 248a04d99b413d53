"""A service hears the log in order, every effect once, whatever fails on the way."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.event import EventRef
from services.chassis import dead_letters
from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime, SetTime, micros
from services.chassis.codec import encode_data
from services.chassis.log import Log
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from services.chassis.runtime import Runtime
from services.chassis.store.engine import Engine, LeaseLost, Statement, Transaction
from tests.contracts.petitions import AT, answered
from tests.contracts.probe import NAME, Probe, effects, tell, tell_last
from tests.contracts.rows import PARTITIONS, stream

DISTRICT = Path(__file__).parents[1] / "district.yaml"


@pytest.fixture
async def probe(log: Log, engine: Engine) -> Probe:
    policies = PolicyBook(engine, MachineTime())
    await policies.publish(read_bundle(DISTRICT))
    return Probe(Runtime(log, MachineTime(), policies, Batcher(log)))


async def _heard_all(consumer) -> None:
    while await consumer.step():
        pass
    await consumer.flush()


async def _checkpoints(log: Log) -> dict[int, int]:
    sql = "SELECT partition, position FROM es_checkpoint WHERE subscriber = :name"
    return dict(await log.engine.query(sql, {"name": NAME}))


async def _letters(log: Log) -> list[tuple[object, int]]:
    sql = "SELECT stream_id, version FROM es_dead_letter ORDER BY stream_id, version"
    return [tuple(row) for row in await log.engine.query(sql, {})]


async def _ask_for_redrive(log: Log) -> None:
    ask = Statement(dead_letters.ASK_ALL, [{"now": micros(MachineTime().now())}])
    await log.transact([], [], [ask])


async def test_every_event_heard_has_its_effect_once_and_in_order(probe, log):
    petitions = [stream() for _ in range(12)]
    for petition in petitions:
        await tell(log, petition, times=3)
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    assert [await effects(log, petition) for petition in petitions] == [[1, 2, 3]] * 12


async def test_silence_is_remembered_like_an_event(probe, log):
    await tell(log, stream(), times=2)
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    assert await _checkpoints(log) == await log.heads()


async def test_after_a_restart_it_goes_on_where_it_stood(probe, log):
    petition = stream()
    await tell(log, petition)
    first, second = probe.consumer(), probe.consumer()
    await first.start()
    await _heard_all(first)
    await tell(log, petition, times=2)
    await second.start()
    await _heard_all(second)
    assert await effects(log, petition) == [1, 3, 4]


async def test_what_was_done_before_the_checkpoint_moved_is_not_done_again(probe, log):
    petition = stream()
    await tell(log, petition, times=3)
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    back = "UPDATE es_checkpoint SET position = 0 WHERE subscriber = :name"
    await log.transact([], [], [Statement(back, [{"name": NAME}])])
    again = probe.consumer()
    await again.start()
    await _heard_all(again)
    assert await effects(log, petition) == [1, 2, 3]
    assert await _checkpoints(log) == await log.heads()


async def test_a_poisonous_event_parks_its_petition_with_everything_after_it(probe, log):
    sick, well = stream(partition=3), stream(partition=3)
    await tell(log, sick, times=3)
    await tell(log, well, times=3)
    probe.reacts_badly.add(EventRef(sick, 2))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    await tell_last(log, sick)
    await tell_last(log, well)
    await _heard_all(consumer)
    assert await effects(log, sick) == [1]
    assert await effects(log, well) == [1, 2, 3, 7]
    assert await _letters(log) == [(sick.bytes, 2), (sick.bytes, 3), (sick.bytes, 5)]
    assert await _checkpoints(log) == await log.heads()


async def test_what_cannot_be_decided_is_parked_and_its_neighbours_of_the_batch_are_not(probe, log):
    petitions = [stream() for _ in range(9)]
    for petition in petitions:
        await tell(log, petition, times=2)
    probe.decides_badly = {petitions[2], petitions[5]}
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    assert [len(await effects(log, petition)) for petition in petitions] == [2, 2, 0, 2, 2, 0, 2, 2, 2]
    assert len(await _letters(log)) == 4


async def test_a_parked_petition_stays_parked_over_a_restart(probe, log):
    sick = stream()
    await tell(log, sick)
    probe.reacts_badly.add(EventRef(sick, 1))
    first, second = probe.consumer(), probe.consumer()
    await first.start()
    await _heard_all(first)
    await tell(log, sick)
    await second.start()
    await _heard_all(second)
    assert await effects(log, sick) == []
    assert await _letters(log) == [(sick.bytes, 1), (sick.bytes, 2)]


async def test_a_dead_letter_says_what_failed_and_where_but_no_value(probe, log):
    sick = stream()
    await tell(log, sick)
    probe.reacts_badly.add(EventRef(sick, 1))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    (letter,) = await dead_letters.listed(log.engine)
    assert (letter.subscriber, letter.petition, letter.position) == (NAME, sick, 1)
    assert letter.error.startswith("Stumbled at _react:")
    assert str(sick) not in letter.error


async def test_redrive_restores_the_order(probe, log):
    sick = stream()
    await tell(log, sick, times=4)
    probe.reacts_badly.add(EventRef(sick, 2))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    probe.reacts_badly.clear()
    await tell_last(log, sick)
    await _heard_all(consumer)
    await _ask_for_redrive(log)
    assert await consumer.redrive() == 4
    await tell_last(log, sick)
    await _heard_all(consumer)
    assert await effects(log, sick) == [1, 2, 3, 4, 6, 11]
    assert await _letters(log) == []
    assert await dead_letters.parked_petitions(log.engine, NAME) == set()


async def test_a_redrive_that_fails_again_keeps_order_and_waits_to_be_asked(probe, log):
    sick = stream()
    await tell(log, sick, times=3)
    probe.reacts_badly.add(EventRef(sick, 2))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    await _ask_for_redrive(log)
    assert await consumer.redrive() == 0
    assert await consumer.redrive() == 0
    assert await effects(log, sick) == [1]
    assert [letter.attempts for letter in await dead_letters.listed(log.engine)] == [2, 1]


async def test_nothing_is_redriven_that_nobody_asked_for(probe, log):
    sick = stream()
    await tell(log, sick)
    probe.reacts_badly.add(EventRef(sick, 1))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    probe.reacts_badly.clear()
    assert await consumer.redrive() == 0
    assert await effects(log, sick) == []


async def test_a_running_consumer_redrives_when_asked(probe, log):
    sick = stream()
    await tell(log, sick, times=2)
    probe.reacts_badly.add(EventRef(sick, 1))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    probe.reacts_badly.clear()
    await _ask_for_redrive(log)
    async with _running(consumer, log):
        await _until(log, sick, [1, 2])


async def test_who_lost_the_lease_writes_nothing(probe, log):
    petition = stream()
    await tell(log, petition)
    slow, quick = probe.consumer("slow"), probe.consumer("quick")
    await slow.start()
    await quick.start()
    with pytest.raises(LeaseLost):
        await slow.step()
    assert await effects(log, petition) == []
    await _heard_all(quick)
    assert await effects(log, petition) == [1]


async def test_a_running_consumer_takes_the_lease_again_and_repeats_nothing(probe, log):
    petition = stream()
    await tell(log, petition)
    consumer = probe.consumer()
    await consumer.start()
    async with _running(consumer, log):
        await _until(log, petition, [1])
        await log.engine.take_lease(NAME, "another")
        await tell(log, petition)
        await _until(log, petition, [1, 3])


async def test_an_error_of_a_look_up_is_tried_again_and_never_parks(probe, log):
    petitions = [stream() for _ in range(3)]
    for petition in petitions:
        await tell(log, petition, times=2)
    probe.away = 3
    consumer = probe.consumer()
    await consumer.start()
    async with _running(consumer, log):
        for petition in petitions:
            await _until(log, petition, [1, 2])
    assert probe.looked_up >= 4
    assert await _letters(log) == []


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
    transact, moved = log.transact, []

    async def transact_late(moves, entries=(), statements=()):
        if not moved:
            moved.append(True)
            await tell(log, petition)
        return await transact(moves, entries, statements)

    log.transact = transact_late
    await _heard_all(consumer)
    assert await effects(log, petition) == [1, 2]


async def test_what_is_decided_again_is_decided_at_the_later_moment(probe, log):
    time = SetTime(AT)
    probe.runtime = Runtime(log, time, probe.runtime.policies, probe.runtime.batcher)
    petition = stream()
    await tell(log, petition)
    consumer = probe.consumer()
    await consumer.start()
    transact, moved = log.transact, []

    async def transact_late(moves, entries=(), statements=()):
        if not moved:
            moved.append(True)
            time.advance(timedelta(seconds=9))
            await tell(log, petition)
        return await transact(moves, entries, statements)

    log.transact = transact_late
    await consumer.step()
    assert (await log.load([petition]))[petition][-1].event.at == time.now()


async def test_a_redrive_that_is_cut_short_leaves_no_petition_parked_without_a_letter(probe, log):
    sick = stream()
    await tell(log, sick)
    probe.reacts_badly.add(EventRef(sick, 1))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    probe.reacts_badly.clear()
    await _ask_for_redrive(log)
    transact = log.transact

    async def transact_once(*given):
        await transact(*given)
        raise ConnectionError("the process ends here")

    log.transact = transact_once
    with pytest.raises(ConnectionError):
        await consumer.redrive()
    assert await effects(log, sick) == [1]
    assert await _letters(log) == []
    assert await dead_letters.parked_petitions(log.engine, NAME) == set()


async def test_what_was_nudged_before_its_petition_was_parked_waits_with_it(probe, log):
    sick, others = stream(partition=4), [stream(partition=4) for _ in range(12)]
    await tell(log, sick)
    for other in others:
        await tell(log, other)
    await tell_last(log, sick)
    probe.reacts_badly.add(EventRef(sick, 1))
    consumer = probe.consumer()
    await consumer.start()
    first, last = (await log.load([sick]))[sick]
    consumer.nudge(last)
    await consumer.handle([first])
    await _heard_all(consumer)
    assert await effects(log, sick) == []
    assert await _letters(log) == [(sick.bytes, 1), (sick.bytes, 2)]


async def test_an_event_of_a_later_release_is_skipped_and_counted(probe, log, engine):
    petition = stream()
    await tell(log, petition)
    sql = "INSERT INTO es_event VALUES (:p, 2, :stream, 2, 'PetitionSung', 1, '{}', :meta, 0)"
    meta = '{"service":"choir","causation":"song"}'
    row = {"p": petition.int & (PARTITIONS - 1), "stream": petition.bytes, "meta": meta}
    await engine.transact(_only(Statement(sql, [row])))
    alone = Probe(probe.runtime)
    alone.runtime = Runtime(Log(engine, log.keyring), MachineTime(), probe.runtime.policies, Batcher(log))
    consumer = alone.consumer()
    await consumer.start()
    await _heard_all(consumer)
    assert await effects(alone.runtime.log, petition) == [1]
    assert await _letters(log) == []


@pytest.mark.parametrize(
    ("data", "meta"),
    [
        ('{"at": 3', '{"service":"intake","causation":"door"}'),
        *((encode_data(answered()), meta) for meta in ("{", "[]", "null", "{}", '{"service":1,"causation":"door"}')),
    ],
)
async def test_a_broken_row_of_an_event_it_hears_parks_the_petition(probe, log, engine, data, meta):
    sick, well = stream(partition=1), stream(partition=1)
    sql = "INSERT INTO es_event VALUES (1, 1, :stream, 1, 'FeedbackReceived', 1, :data, :meta, 0)"
    await engine.transact(_only(Statement(sql, [{"stream": sick.bytes, "data": data, "meta": meta}])))
    alone = Log(engine, log.keyring)
    await tell(alone, well)
    probe.runtime = Runtime(alone, MachineTime(), probe.runtime.policies, Batcher(alone))
    consumer = probe.consumer()
    await consumer.start()
    await _heard_all(consumer)
    assert await effects(alone, well) == [1]
    assert await _letters(alone) == [(sick.bytes, 1)]


def _only(statement: Statement) -> Transaction:
    return Transaction(statements=[statement])


@asynccontextmanager
async def _running(consumer, log: Log):
    """The consumer runs until the block ends."""
    log.on_commit(lambda news: consumer.wake.set())
    task = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _until(log: Log, petition, wanted: list[int]) -> None:
    async def reached() -> None:
        while True:
            change = log.next_change(petition)
            if await effects(log, petition) == wanted:
                return
            await change

    await asyncio.wait_for(reached(), 10)
