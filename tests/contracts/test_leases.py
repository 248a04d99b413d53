"""Who may move a subscriber's checkpoint, and for how long."""

import pytest

from services.chassis.store.engine import LEASE_SECONDS, LeaseLost, Move, Transaction
from tests.contracts.rows import PARTITIONS

NAME = "reader"
ALL = set(range(PARTITIONS))


def _partitions(checkpoints) -> set[int]:
    return {one.partition for one in checkpoints}


async def test_an_owner_takes_its_lease_again_at_once_under_a_new_epoch(engine):
    first = await engine.take_lease(NAME, "me")
    again = await engine.take_lease(NAME, "me")
    assert _partitions(again) == ALL
    assert all(later.epoch > earlier.epoch for earlier, later in zip(first, again, strict=True))


async def test_only_the_partitions_that_are_named_are_taken(engine):
    assert _partitions(await engine.take_lease(NAME, "me", {3, 5})) == {3, 5}
    assert await engine.renew_lease(NAME, "me") == {3, 5}


async def test_a_lease_that_ran_out_is_taken_and_its_owner_writes_nothing(engine, store):
    (before,) = await engine.take_lease(NAME, "me", {3})
    await store.lapse()
    (now,) = await engine.take_lease(NAME, "another", {3})
    assert await engine.renew_lease(NAME, "me") == set()
    with pytest.raises(LeaseLost):
        await engine.transact(Transaction([Move(NAME, 3, 0, 1, before.epoch)]))
    await engine.transact(Transaction([Move(NAME, 3, 0, 1, now.epoch)]))


async def test_what_was_released_is_taken_at_once(engine):
    await engine.take_lease(NAME, "me")
    await engine.release_lease(NAME, "me")
    assert _partitions(await engine.take_lease(NAME, "another")) == ALL


@pytest.mark.postgres
async def test_what_another_live_owner_holds_is_not_taken(postgres):
    one, other = await postgres.open(), await postgres.open()
    await one.take_lease(NAME, "one", {0, 1, 2})
    assert _partitions(await other.take_lease(NAME, "other")) == ALL - {0, 1, 2}
    assert await other.take_lease(NAME, "other", {0, 1, 2}) == []
    assert await one.renew_lease(NAME, "one") == {0, 1, 2}
    assert await other.renew_lease(NAME, "other") == ALL - {0, 1, 2}


@pytest.mark.postgres
async def test_a_lease_that_is_renewed_does_not_run_out(postgres):
    engine = await postgres.open()
    await engine.take_lease(NAME, "me", {7})
    await postgres.lapse()
    await engine.renew_lease(NAME, "me")
    assert await engine.take_lease(NAME, "another", {7}) == []


@pytest.mark.postgres
async def test_a_lease_runs_by_the_clock_of_the_database(postgres):
    engine = await postgres.open()
    await engine.take_lease(NAME, "me", {7})
    left = "SELECT lease_until / 1000000.0 - extract(epoch FROM clock_timestamp()) FROM es_checkpoint"
    ((seconds,),) = await postgres.rows(left)
    assert LEASE_SECONDS - 2 < seconds <= LEASE_SECONDS


@pytest.mark.postgres
async def test_subscribers_do_not_share_a_lease(postgres):
    engine = await postgres.open()
    await engine.take_lease(NAME, "me")
    assert _partitions(await engine.take_lease("another reader", "another")) == ALL


@pytest.mark.postgres
async def test_partitions_are_shared_out_evenly_between_those_that_come_and_go(postgres):
    engine = await postgres.open()
    assert _partitions(await engine.share_lease(NAME, "one")) == ALL
    assert await engine.share_lease(NAME, "two") == []  # nothing is free yet
    half = _partitions(await engine.share_lease(NAME, "one"))
    assert len(half) == PARTITIONS / 2
    assert _partitions(await engine.share_lease(NAME, "two")) == ALL - half
    await engine.leave_lease(NAME, "two")
    assert _partitions(await engine.share_lease(NAME, "one")) == ALL


@pytest.mark.postgres
async def test_what_stays_with_its_owner_keeps_its_epoch(postgres):
    engine = await postgres.open()
    before = {one.partition: one.epoch for one in await engine.share_lease(NAME, "one")}
    await engine.share_lease(NAME, "two")
    assert all(one.epoch == before[one.partition] for one in await engine.share_lease(NAME, "one"))
    assert all(one.epoch == before[one.partition] + 1 for one in await engine.share_lease(NAME, "two"))


@pytest.mark.postgres
async def test_the_share_of_one_that_fell_silent_is_taken_when_its_lease_ran_out(postgres):
    engine = await postgres.open()
    silent = await engine.share_lease(NAME, "silent")
    await engine.share_lease(NAME, "one")
    await postgres.lapse()
    assert _partitions(await engine.share_lease(NAME, "one")) == ALL
    with pytest.raises(LeaseLost):
        await engine.transact(Transaction([Move(NAME, 3, 0, 1, silent[3].epoch)]))


@pytest.mark.postgres
async def test_a_lease_that_is_seized_is_lost_to_its_live_owner_until_it_is_released(postgres):
    engine = await postgres.open()
    (first, *_) = await engine.take_lease(NAME, "owner")
    assert _partitions(await engine.seize_lease(NAME, "another")) == ALL
    with pytest.raises(LeaseLost):
        await engine.transact(Transaction([Move(NAME, first.partition, 0, 1, first.epoch)]))
    assert await engine.take_lease(NAME, "owner") == []
    await engine.release_lease(NAME, "another")
    assert _partitions(await engine.take_lease(NAME, "owner")) == ALL
