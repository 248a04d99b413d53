"""What a service could not handle is parked, in order and for it alone, until somebody asks for it."""

from uuid import UUID

import pytest

from schemas.event import EventRef
from services.chassis import dead_letters
from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime, micros
from services.chassis.codec import encode_data
from services.chassis.consumer import Consumer
from services.chassis.leases import Alone
from services.chassis.log import Log
from services.chassis.runtime import Runtime
from services.chassis.store.engine import LeaseLost, Statement
from tests.contracts.petitions import answered
from tests.contracts.probe import (
    NAME,
    Probe,
    checkpoints,
    effects,
    heard_all,
    letters,
    only,
    tell,
    tell_last,
    until,
    while_running,
)
from tests.contracts.rows import stream


async def _ask_for_redrive(log: Log) -> None:
    ask = Statement(dead_letters.ASK_ALL, [{"now": micros(MachineTime().now())}])
    await log.transact([], [], [ask])


async def _sick(probe: Probe, log: Log, *, times: int = 1, at: int = 1) -> UUID:
    """A petition of which things are told, and the probe stumbles over the one of version `at`."""
    petition = stream()
    await tell(log, petition, times)
    probe.reacts_badly.add(EventRef(petition, at))
    return petition


async def test_a_poisonous_event_parks_its_petition_with_everything_after_it(probe, log):
    sick, well = stream(partition=3), stream(partition=3)
    await tell(log, sick, times=3)
    await tell(log, well, times=3)
    probe.reacts_badly.add(EventRef(sick, 2))
    consumer = await probe.caught_up()
    await tell_last(log, sick)
    await tell_last(log, well)
    await heard_all(consumer)
    assert await effects(log, sick) == [1]
    assert await effects(log, well) == [1, 2, 3, 7]
    assert await letters(log) == [(sick, 2), (sick, 3), (sick, 5)]
    assert await checkpoints(log) == await log.heads()


async def test_what_cannot_be_decided_is_parked_and_its_neighbours_of_the_batch_are_not(probe, log):
    petitions = [stream() for _ in range(9)]
    for petition in petitions:
        await tell(log, petition, times=2)
    probe.decides_badly = {petitions[2], petitions[5]}
    await probe.caught_up()
    assert [len(await effects(log, petition)) for petition in petitions] == [2, 2, 0, 2, 2, 0, 2, 2, 2]
    assert len(await letters(log)) == 4


async def test_a_parked_petition_stays_parked_over_a_restart(probe, log):
    sick = await _sick(probe, log)
    first, second = probe.consumer(), probe.consumer()
    await first.start()
    await heard_all(first)
    await tell(log, sick)
    await second.start()
    await heard_all(second)
    assert await effects(log, sick) == []
    assert await letters(log) == [(sick, 1), (sick, 2)]


async def test_a_dead_letter_says_what_failed_and_where_but_no_value(probe, log):
    sick = await _sick(probe, log)
    before = probe.runtime.time.now()
    await probe.caught_up()
    (letter,) = await dead_letters.listed(log.engine)
    assert (letter.subscriber, letter.petition, letter.position) == (NAME, sick, 1)
    assert letter.error.startswith("Stumbled at _react:")
    assert str(sick) not in letter.error
    assert before <= letter.failed_at <= probe.runtime.time.now()


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
    await heard_all(consumer)
    assert await effects(log, sick) == []
    assert await letters(log) == [(sick, 1), (sick, 2)]


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
    await engine.transact(only(Statement(sql, [{"stream": sick, "data": data, "meta": meta}])))
    alone = Log(engine, log.keyring)
    await tell(alone, well)
    probe.runtime = Runtime(alone, MachineTime(), probe.runtime.policies, Batcher(alone))
    await probe.caught_up()
    assert await effects(alone, well) == [1]
    assert await letters(alone) == [(sick, 1)]


async def test_redrive_restores_the_order(probe, log):
    sick = await _sick(probe, log, times=4, at=2)
    consumer = await probe.caught_up()
    probe.reacts_badly.clear()
    await tell_last(log, sick)
    await heard_all(consumer)
    await _ask_for_redrive(log)
    assert await consumer.redrive() == 4
    await tell_last(log, sick)
    await heard_all(consumer)
    assert await effects(log, sick) == [1, 2, 3, 4, 6, 11]
    assert await letters(log) == []
    assert await dead_letters.parked_petitions(log.engine, NAME) == set()


async def test_a_redrive_that_fails_again_keeps_order_and_waits_to_be_asked(probe, log):
    sick = await _sick(probe, log, times=3, at=2)
    consumer = await probe.caught_up()
    waiting, behind = await dead_letters.listed(log.engine)
    await _ask_for_redrive(log)
    assert await consumer.redrive() == 0
    assert await consumer.redrive() == 0
    assert await effects(log, sick) == [1]
    again, still_behind = await dead_letters.listed(log.engine)
    assert (again.attempts, still_behind) == (2, behind)
    assert again.failed_at > waiting.failed_at


async def test_a_redrive_that_is_cut_short_leaves_no_petition_parked_without_a_letter(probe, log):
    sick = await _sick(probe, log)
    consumer = await probe.caught_up()
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
    assert await letters(log) == []
    assert await dead_letters.parked_petitions(log.engine, NAME) == set()


async def test_nothing_is_redriven_that_nobody_asked_for(probe, log):
    sick = await _sick(probe, log)
    consumer = await probe.caught_up()
    probe.reacts_badly.clear()
    assert await consumer.redrive() == 0
    assert await effects(log, sick) == []


async def test_a_running_consumer_redrives_when_asked(probe, log):
    sick = await _sick(probe, log, times=2)
    consumer = await probe.caught_up()
    probe.reacts_badly.clear()
    await _ask_for_redrive(log)
    async with while_running(consumer, log):
        await until(log, sick, [1, 2])


async def _owner_of(probe: Probe, owner: str, partition: int) -> Consumer:
    """It owns this partition only."""
    leases = Alone(probe.runtime.log.engine, NAME, owner)
    leases.take = lambda: probe.runtime.log.engine.take_lease(NAME, owner, {partition})
    consumer = Consumer(probe.service(), probe.runtime, leases=leases)
    await consumer.start()
    return consumer


async def test_only_the_owner_of_its_partition_redrives_a_petition_and_goes_on_with_it(probe, log):
    sick = stream(partition=3)
    await tell(log, sick)
    probe.reacts_badly.add(EventRef(sick, 1))
    owner = await _owner_of(probe, "one", 3)
    await heard_all(owner)
    other = await _owner_of(probe, "other", 5)
    probe.reacts_badly.clear()
    await _ask_for_redrive(log)
    assert await other.redrive() == 0
    assert await letters(log) == [(sick, 1)]
    assert await owner.redrive() == 1
    await tell_last(log, sick)
    await heard_all(owner)
    assert await effects(log, sick) == [1, 3]
    assert await letters(log) == []


@pytest.mark.parametrize("mended", [True, False])
async def test_who_lost_the_partition_redrives_nothing_there(probe, log, store, mended):
    sick = await _sick(probe, log)
    before = await probe.caught_up()
    await store.lapse()
    now = probe.consumer("two")
    await now.start()
    waiting = await dead_letters.listed(log.engine)
    await _ask_for_redrive(log)
    if mended:
        probe.reacts_badly.clear()
    with pytest.raises(LeaseLost):
        await before.redrive()
    assert await dead_letters.listed(log.engine) == waiting
    assert await effects(log, sick) == []
    probe.reacts_badly.clear()
    assert await now.redrive() == 1
    await tell_last(log, sick)
    await heard_all(now)
    assert await effects(log, sick) == [1, 3]
