"""What an engine promises of `transact`: checkpoints, events and rows together, or nothing."""

import asyncio

import pytest

from services.chassis.store.engine import (
    Appended,
    Engine,
    LeaseLost,
    Move,
    Statement,
    StreamsMoved,
    Transaction,
)
from tests.contracts.rows import PARTITIONS, entry, filing, stream, write

NAME = "reader"
PARK = Statement(
    "INSERT INTO es_parked VALUES (:subscriber, :stream_id)", [{"subscriber": NAME, "stream_id": stream()}]
)
BROKEN = Statement("INSERT INTO no_such_table VALUES (:n)", [{"n": 1}])


async def _positions(engine: Engine) -> dict[int, int]:
    rows = await engine.query("SELECT partition, position FROM es_checkpoint WHERE subscriber = :name", {"name": NAME})
    return dict(rows)


async def _parked(engine: Engine) -> int:
    return (await engine.query("SELECT count(*) FROM es_parked", {}))[0][0]


@pytest.fixture
async def epoch(engine: Engine) -> int:
    return (await engine.take_lease(NAME, "me"))[0].epoch


async def test_a_new_subscriber_stands_at_the_beginning_of_every_partition(engine):
    checkpoints = await engine.take_lease(NAME, "me")
    assert [(one.partition, one.position) for one in checkpoints] == [(p, 0) for p in range(PARTITIONS)]
    assert len({one.epoch for one in checkpoints}) == 1


async def test_checkpoint_events_and_rows_are_written_at_once(engine, epoch):
    petition = stream()
    outcomes = await engine.transact(Transaction([Move(NAME, 3, 0, 17, epoch)], [filing(petition)], [PARK]))
    assert [type(outcome) for outcome in outcomes] == [Appended]
    assert (await _positions(engine))[3] == 17
    assert len(await engine.load([petition])) == 1
    assert await _parked(engine) == 1


async def test_a_transaction_may_move_nothing(engine, epoch):
    await engine.transact(Transaction((), [filing(stream())], [PARK]))
    assert await _parked(engine) == 1


async def test_a_checkpoint_is_kept_over_a_restart(engine, epoch, reopened):
    await engine.transact(Transaction([Move(NAME, 3, 0, 17, epoch)]))
    checkpoints = await (await reopened()).take_lease(NAME, "me")
    assert checkpoints[3].position == 17
    assert checkpoints[3].epoch > epoch


@pytest.mark.parametrize("moves", [[(3, 5, 17, 0)], [(3, 0, 17, 1)], [(2, 0, 4, 0), (3, 5, 17, 0)]])
async def test_a_move_from_elsewhere_or_under_another_lease_undoes_everything(engine, epoch, moves):
    petition = stream()
    stale = [Move(NAME, partition, old, new, epoch + later) for partition, old, new, later in moves]
    with pytest.raises(LeaseLost):
        await engine.transact(Transaction(stale, [filing(petition)], [PARK]))
    assert set((await _positions(engine)).values()) == {0}
    assert await engine.load([petition]) == []
    assert await _parked(engine) == 0


async def test_who_lost_the_lease_moves_nothing(engine, epoch, store):
    await store.lapse()
    await engine.take_lease(NAME, "another")
    with pytest.raises(LeaseLost):
        await engine.transact(Transaction([Move(NAME, 0, 0, 1, epoch)]))


async def test_an_unknown_subscriber_has_no_lease(engine):
    with pytest.raises(LeaseLost):
        await engine.transact(Transaction([Move("nobody", 0, 0, 1, 1)]))


async def test_a_move_is_made_once(engine, epoch):
    move = Transaction([Move(NAME, 0, 0, 1, epoch)])
    await engine.transact(move)
    with pytest.raises(LeaseLost):
        await engine.transact(move)


async def test_a_stream_that_moved_on_undoes_everything_and_is_named(engine, epoch):
    moved, fine = stream(), stream()
    await engine.append([filing(moved)])
    told = []
    with pytest.raises(StreamsMoved) as raised:
        await engine.transact(
            Transaction([Move(NAME, 0, 0, 9, epoch)], [filing(fine), entry(write(moved, 0))], [PARK]), told.append
        )
    assert raised.value.streams == {moved}
    assert set((await _positions(engine)).values()) == {0}
    assert await engine.load([fine]) == []
    assert await _parked(engine) == 0
    assert told == []


async def test_a_statement_that_fails_undoes_everything(engine, epoch):
    petition = stream()
    with pytest.raises(Exception, match="no_such_table"):
        await engine.transact(Transaction([Move(NAME, 0, 0, 9, epoch)], [filing(petition)], [PARK, BROKEN]))
    assert await engine.load([petition]) == []
    assert set((await _positions(engine)).values()) == {0}


async def test_positions_that_were_undone_are_given_again(engine, epoch):
    petition, other = stream(partition=1), stream(partition=1)
    with pytest.raises(Exception, match="no_such_table"):
        await engine.transact(Transaction((), [filing(petition)], [BROKEN]))
    (outcome,) = await engine.append([filing(other)])
    assert isinstance(outcome, Appended)
    assert outcome.places[0].position == 1


async def test_a_transaction_that_fails_hurts_only_itself_among_those_committed_with_it(engine, epoch):
    good, bad = [stream(partition=2) for _ in range(30)], [stream(partition=2) for _ in range(15)]
    calls = []
    for index, petition in enumerate(good):
        calls.append(engine.append([filing(petition)]))
        if index % 2:
            calls.append(engine.transact(Transaction((), [filing(bad[index // 2])], [BROKEN])))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, Exception) for result in results) == 15
    assert len(await engine.load(good)) == 30
    assert await engine.load(bad) == []
    assert (await engine.heads())[2] == 30


async def test_of_two_subscribers_moves_in_flight_exactly_one_is_made(engine, epoch):
    moves = [engine.transact(Transaction([Move(NAME, 0, 0, new, epoch)])) for new in range(1, 9)]
    results = await asyncio.gather(*moves, return_exceptions=True)
    assert sum(isinstance(result, LeaseLost) for result in results) == 7


async def test_history_is_only_ever_added_to(engine, store):
    await engine.append([filing(stream(), "as it was")])
    for sql in ("UPDATE es_event SET data = 'changed'", "DELETE FROM es_event", "DROP TABLE es_event"):
        with pytest.raises(Exception, match=r"(?i)not authorized|prohibited|denied|must be owner"):
            await engine.transact(Transaction(statements=[Statement(sql, [{}])]))
    assert await store.rows("SELECT data FROM es_event") == [("as it was",)]
