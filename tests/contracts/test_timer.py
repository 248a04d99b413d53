"""The timer notices what is due, on the newest state and at the moment it decides."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis import deadline_rows, giving_way
from services.chassis.batcher import Batcher
from services.chassis.clock import SetTime, micros
from services.chassis.feed import LogFeed
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.store.engine import Statement
from services.chassis.timer import DeadlineTimer
from tests.contracts.petitions import AT
from tests.contracts.probe import Confirm, Probe, only, overtaken, tell
from tests.contracts.rows import PARTITIONS, stream

DISTRICT = Path(__file__).parents[1] / "district.yaml"


@pytest.fixture
def time() -> SetTime:
    return SetTime(AT + timedelta(hours=1))


async def _timer(log, engine, time, owned=None) -> DeadlineTimer:
    """It confirms whatever is due."""
    policies = PolicyBook(engine, time)
    await policies.publish(read_bundle(DISTRICT))
    runtime = Runtime(log, time, policies, Batcher(log))
    decider = Probe(runtime).service().decider
    service = Service(decider, frozenset(), when_due=lambda petition, facts: Confirm(petition, facts.now))
    return DeadlineTimer(service, runtime, owned)


async def _due(log, petition, at=AT, near=None) -> None:
    """A petition with a deadline."""
    await tell(log, petition)
    place = {"stream_id": petition, "partition": petition.int & (PARTITIONS - 1)}
    row = {**place, "deadline_id": "assess", "stage": "due", "due_at": micros(at), "next_at": micros(near or at)}
    await log.transact([], [], [Statement(deadline_rows.START, [row])])


async def test_it_looks_at_the_partitions_it_owns_and_at_what_is_due_there(log, engine, time):
    petitions = [stream(partition) for partition in (3, 5, 9)]
    for petition in petitions:
        await _due(log, petition)
    await _due(log, stream(3), AT + timedelta(hours=1))
    timer = await _timer(log, engine, time, lambda: {3, 9})
    assert await timer.fire() == 2
    assert await timer.fire() == 0
    assert [len((await log.load([one]))[one]) for one in petitions] == [2, 1, 2]
    nothing = await _timer(log, engine, time, set)
    assert await nothing.fire() == 0


async def test_of_more_than_a_batch_what_has_passed_comes_before_what_is_only_near(log, engine, time, monkeypatch):
    monkeypatch.setattr("services.chassis.timer.BATCH", 3)
    soon, near, over = AT + timedelta(hours=9), [stream(2) for _ in range(5)], [stream(7) for _ in range(2)]
    for petition in near:
        await _due(log, petition, soon, near=AT)
    for petition in over:
        await _due(log, petition)
    timer = await _timer(log, engine, time)
    assert await timer.fire() == 3
    assert [len((await log.load([one]))[one]) for one in over] == [2, 2]
    assert [await timer.fire(), await timer.fire()] == [3, 1]
    assert [len((await log.load([one]))[one]) for one in near] == [2] * 5


async def test_the_database_is_asked_once_for_all_partitions(log, engine, time, monkeypatch):
    timer, asked, query = await _timer(log, engine, time), [], engine.query

    async def counted(*question):
        asked.append(question)
        return await query(*question)

    monkeypatch.setattr(engine, "query", counted)
    assert await timer.fire() == 0
    assert len(asked) == 1


async def test_the_question_is_answered_from_the_index_in_its_order(store, engine):
    rows = [
        {
            "stream_id": stream(),
            "deadline_id": "assess",
            "stage": "due",
            "partition": number % PARTITIONS,
            "due_at": number,
            "next_at": number,
        }
        for number in range(20_000)
    ]
    await engine.transact(only(Statement(deadline_rows.START, rows)))
    asked = deadline_rows.due_in(range(PARTITIONS)).replace(":now", "8000").replace(":limit", "500")
    if engine.dialect == "postgresql":
        await store.do("ANALYZE deadline")
        plan = " ".join(line for (line,) in await store.rows(f"EXPLAIN {asked}"))
        assert "Index Scan using deadline_next" in plan
        assert "Sort" not in plan
    else:
        (step,) = await store.rows(f"EXPLAIN QUERY PLAN {asked}")
        assert step[-1] == "SEARCH deadline USING INDEX deadline_next (partition=? AND next_at<?)"


async def test_what_is_decided_again_is_decided_at_the_later_moment(log, engine, time):
    timer = await _timer(log, engine, time)
    petition = stream()
    await _due(log, petition)
    overtaken(log, petition, lambda: time.advance(timedelta(seconds=9)))
    assert await timer.fire() == 1
    assert (await log.load([petition]))[petition][-1].event.at == time.now()


async def test_while_more_is_due_than_a_batch_whoever_reads_the_log_waits(log, engine, time, monkeypatch):
    monkeypatch.setattr("services.chassis.timer.BATCH", 2)
    monkeypatch.setattr("services.chassis.timer.FEW", 0)
    monkeypatch.setattr("services.chassis.timer.WAKE_SECONDS", 0)
    timer, asked = await _timer(log, engine, time), []
    for _ in range(5):
        await _due(log, stream())
    fire = timer.fire

    async def watched() -> int:
        asked.append(log.giving_way.asked)
        return await fire()

    monkeypatch.setattr(timer, "fire", watched)
    await timer._look()
    assert asked == [False, True, True, True], "until nothing more has passed meanwhile"
    assert not log.giving_way.asked
    assert await LogFeed(log).batch({0: 0}, 1) is not None


async def test_nobody_waits_for_ever(log, monkeypatch):
    monkeypatch.setattr(giving_way, "LONGEST_SECONDS", 0.01)
    log.giving_way.begin()
    await LogFeed(log).batch({0: 0}, 1)
    assert log.giving_way.asked
