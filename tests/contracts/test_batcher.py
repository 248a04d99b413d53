"""All HTTP writes of a process go to the log together, and none hurts another."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import structlog.testing

from services.chassis.batcher import MOST_ENTRIES, Batcher, Overloaded
from services.chassis.log import Cause, Entry, Log, Result, Write, Written
from services.chassis.store.engine import Conflict, Duplicate, StoreUnavailable
from tests.contracts.petitions import confirmed, entry, filed, filing
from tests.contracts.rows import key, stream


class GatedLog:
    """A log whose commits wait until the gate is open; remembers what came together."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.gate = asyncio.Event()
        self.calls: list[list[Entry]] = []
        self._called = asyncio.Semaphore(0)

    async def append(self, entries: Sequence[Entry]) -> list[Result]:
        self.calls.append(list(entries))
        self._called.release()
        await self.gate.wait()
        return await self._log.append(entries)

    async def began(self) -> None:
        """Return once a call has come."""
        await asyncio.wait_for(self._called.acquire(), 5)


@pytest.fixture
def gated(log: Log) -> GatedLog:
    return GatedLog(log)


@pytest.fixture
async def batcher(gated: GatedLog) -> AsyncIterator[Batcher]:
    made = Batcher(gated, most_waiting=250)
    made.start()
    yield made
    gated.gate.set()
    await made.stop()


def _sizes(gated: GatedLog) -> list[int]:
    return [len(call) for call in gated.calls]


async def _asked(batcher: Batcher, *entries: Entry) -> list["asyncio.Task[Result]"]:
    """Callers whose entries have reached the batcher."""
    tasks = [asyncio.create_task(batcher.append(one)) for one in entries]
    await asyncio.sleep(0)
    return tasks


async def test_a_lone_entry_waits_for_nobody(batcher, gated):
    gated.gate.set()
    result = await asyncio.wait_for(batcher.append(filing(stream())), 5)
    assert isinstance(result, Written)
    assert _sizes(gated) == [1]


async def test_what_queues_while_a_commit_runs_is_the_next_call(batcher, gated):
    first = await _asked(batcher, filing(stream()))
    await gated.began()
    rest = await _asked(batcher, *(filing(stream()) for _ in range(30)))
    gated.gate.set()
    assert all(isinstance(result, Written) for result in await asyncio.gather(*first, *rest))
    assert _sizes(gated) == [1, 30]


async def test_a_call_has_a_largest_size(batcher, gated):
    first = await _asked(batcher, filing(stream()))
    await gated.began()
    rest = await _asked(batcher, *(filing(stream()) for _ in range(230)))
    gated.gate.set()
    await asyncio.gather(*first, *rest)
    assert _sizes(gated) == [1, MOST_ENTRIES, MOST_ENTRIES, 30]


async def test_a_second_entry_for_the_same_key_waits_for_the_next_call(batcher, gated):
    first = await _asked(batcher, filing(stream()))
    await gated.began()
    one, other = stream(), stream()
    twice = await _asked(batcher, *(filing(p, keys=[key("k")]) for p in (one, other)), filing(stream()))
    gated.gate.set()
    results = await asyncio.gather(*first, *twice)
    assert _sizes(gated) == [1, 2, 1]
    assert results[2] == Duplicate(one, same_body=True)


async def test_a_second_entry_for_the_same_petition_waits_for_the_next_call(batcher, gated):
    petition = stream()
    filed_first = await _asked(batcher, filing(petition))
    await gated.began()
    both = await _asked(batcher, entry(petition, 1, confirmed()), entry(petition, 1, confirmed()))
    gated.gate.set()
    results = await asyncio.gather(*filed_first, *both)
    assert _sizes(gated) == [1, 1, 1]
    assert [type(result) for result in results] == [Written, Written, Conflict]


async def test_entries_of_one_petition_are_written_in_the_order_they_came(batcher, gated):
    petition = stream()
    tasks = await _asked(batcher, filing(petition), *(entry(petition, n, confirmed()) for n in range(1, 9)))
    gated.gate.set()
    results = await asyncio.gather(*tasks)
    assert [result.events[0].version for result in results] == list(range(1, 10))


async def test_a_full_queue_refuses_at_once_and_keeps_what_it_took(batcher, gated, log):
    first = await _asked(batcher, filing(stream()))
    await gated.began()
    taken = [stream() for _ in range(250)]
    waiting = await _asked(batcher, *(filing(petition) for petition in taken))
    refused = stream()
    with pytest.raises(Overloaded):
        await asyncio.wait_for(batcher.append(filing(refused)), 1)
    assert batcher.waiting == 250
    gated.gate.set()
    await asyncio.gather(*first, *waiting)
    assert all(len(one) == 1 for one in (await log.load(taken)).values())
    assert await log.load([refused]) == {refused: ()}


async def test_a_caller_that_hangs_up_does_not_undo_its_entry_nor_its_neighbours(batcher, gated, log):
    leaving, staying = stream(), stream()
    blocking = await _asked(batcher, filing(stream()))
    await gated.began()
    left, stayed = await _asked(batcher, filing(leaving), filing(staying))
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    gated.gate.set()
    await asyncio.gather(*blocking, stayed)
    assert [len(one) for one in (await log.load([leaving, staying])).values()] == [1, 1]


async def test_one_bad_entry_does_not_fail_its_neighbours(batcher, gated, log):
    first = await _asked(batcher, filing(stream()))
    await gated.began()
    good = [stream() for _ in range(20)]
    entries = [filing(petition, keys=[key(str(petition))]) for petition in good]
    entries.insert(7, Entry(Cause("severity", "not its own"), [Write(stream(), 0, [filed()])]))
    tasks = await _asked(batcher, *entries)
    gated.gate.set()
    with structlog.testing.capture_logs() as said:
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert said == [{"event": "batch_halved", "entries": 21, "refused": 1, "log_level": "warning"}]
    assert [index for index, result in enumerate(results) if isinstance(result, Exception)] == [7]
    assert all(isinstance(result, Written) for index, result in enumerate(results) if index != 7)
    assert all(len(one) == 1 for one in (await log.load(good)).values())
    await asyncio.gather(*first)


async def test_stop_writes_what_was_taken(log):
    gated = GatedLog(log)
    batcher = Batcher(gated)
    batcher.start()
    tasks = await _asked(batcher, filing(stream()))
    await gated.began()
    tasks += await _asked(batcher, *(filing(stream()) for _ in range(5)))
    stopping = asyncio.create_task(batcher.stop())
    await asyncio.sleep(0)
    gated.gate.set()
    await asyncio.wait_for(stopping, 5)
    assert all(isinstance(result, Written) for result in await asyncio.wait_for(asyncio.gather(*tasks), 5))


async def test_stop_waits_for_the_commit_that_runs(log):
    gated = GatedLog(log)
    batcher = Batcher(gated)
    batcher.start()
    (running,) = await _asked(batcher, filing(stream()))
    await gated.began()
    stopping = asyncio.create_task(batcher.stop())
    await asyncio.sleep(0)
    gated.gate.set()
    await asyncio.wait_for(stopping, 5)
    assert isinstance(await asyncio.wait_for(running, 5), Written)


async def test_a_caller_that_goes_on_while_it_stops_is_refused_and_never_left_waiting(log):
    gated = GatedLog(log)
    batcher = Batcher(gated)
    batcher.start()
    answered = []

    async def goes_on() -> None:
        while True:
            answered.append(await batcher.append(filing(stream())))

    caller = asyncio.create_task(goes_on())
    await gated.began()
    stopping = asyncio.create_task(batcher.stop())
    await asyncio.sleep(0)
    gated.gate.set()
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(caller, 5)
    assert [type(result) for result in answered] == [Written]
    await asyncio.wait_for(stopping, 5)


async def test_nothing_is_taken_once_it_stopped(log):
    batcher = Batcher(log)
    batcher.start()
    await batcher.stop()
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(batcher.append(filing(stream())), 5)


class FullLog:
    """A log on a disk that can be full."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.full = True

    async def append(self, entries: Sequence[Entry]) -> list[Result]:
        if self.full:
            raise StoreUnavailable("database or disk is full")
        return await self._log.append(entries)


async def test_it_knows_that_writes_fail_until_one_succeeds(log):
    disk = FullLog(log)
    batcher = Batcher(disk)
    batcher.start()
    assert not batcher.failing
    with pytest.raises(StoreUnavailable):
        await batcher.append(filing(stream()))
    assert batcher.failing
    disk.full = False
    await batcher.append(filing(stream()))
    assert not batcher.failing
    await batcher.stop()


async def test_a_failure_of_long_ago_says_nothing_about_the_next_write(log):
    batcher = Batcher(FullLog(log), failing_seconds=0)
    batcher.start()
    with pytest.raises(StoreUnavailable):
        await batcher.append(filing(stream()))
    assert not batcher.failing
    await batcher.stop()
