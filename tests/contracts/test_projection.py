"""Read models: always what their rebuild from nothing would be, also when rebuilt while petitions come in."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schemas.sealed import Sealed
from services.chassis import projection
from services.chassis.leases import Alone
from services.chassis.log import Cause, Entry, Write
from services.chassis.policy_files import read_bundle
from services.chassis.problems import as_problem
from services.chassis.projection import ProjectionRunner
from services.chassis.rebuilding import RebuildIncomplete
from services.chassis.store.engine import LeaseLost, Statement, Transaction
from services.embedded import build, running
from services.process import Process
from tests.contracts.petitions import accepted, filed
from tests.contracts.rows import stream

DISTRICT = Path(__file__).parents[1] / "district.yaml"
MODELS = ("petition_list", "petition_search")


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Process]:
    async with running(tmp_path) as opened:
        await opened.runtime.policies.publish(read_bundle(DISTRICT))
        yield opened


async def _file(embedded: Process, count: int, unit: str | None = "SA11") -> list[Any]:
    petitions = [stream() for _ in range(count)]
    for petition in petitions:
        event = filed(f"楼道灯不亮 {petition}", title=Sealed.of("楼道灯"), place_unit=unit)
        await embedded.runtime.batcher.append(Entry(Cause("intake", str(petition)), [Write(petition, 0, [event])]))
    return petitions


async def _rows(embedded: Process, model: str) -> list[Any]:
    engine = embedded.data.engine if model == "petition_list" else embedded.data.search
    return sorted(await engine.query(f"SELECT * FROM {model}", {}))


async def _checkpoint(embedded: Process, model: str) -> dict[int, int]:
    engine = embedded.data.engine if model == "petition_list" else embedded.data.search
    sql = "SELECT partition, position FROM es_checkpoint WHERE subscriber = :name"
    return dict(await engine.query(sql, {"name": model}))


@pytest.mark.parametrize("model", MODELS)
async def test_a_rebuild_of_a_quiet_log_changes_nothing(embedded, model):
    await _file(embedded, 40)
    await embedded.settled()
    live = await _rows(embedded, model)
    assert await embedded.projection(model).rebuild() == sum((await embedded.runtime.log.heads()).values())
    assert await _rows(embedded, model) == live
    assert len(live) == 40
    assert await _checkpoint(embedded, model) == await embedded.runtime.log.heads()


@pytest.mark.parametrize("model", MODELS)
async def test_a_rebuild_beside_the_live_model_while_petitions_come_in_equals_one_from_zero(embedded, model):
    await _file(embedded, 60)
    stop = asyncio.Event()

    async def keep_filing() -> int:
        count = 0
        while not stop.is_set():
            await _file(embedded, 3)
            count += 3
        return count

    filing = [asyncio.create_task(keep_filing()) for _ in range(3)]
    for _ in range(3):
        await embedded.projection(model).rebuild()
    stop.set()
    more = sum(await asyncio.gather(*filing))
    await embedded.settled()
    under_load = await _rows(embedded, model)
    await embedded.projection(model).rebuild()
    assert more > 0
    assert len(under_load) == 60 + more
    assert await _rows(embedded, model) == under_load


@pytest.mark.parametrize("model", MODELS)
async def test_two_rebuilds_at_once_take_turns(embedded, model):
    await _file(embedded, 30)
    await embedded.settled()
    live = await _rows(embedded, model)
    runner = embedded.projection(model)
    counts = await asyncio.gather(runner.rebuild(), runner.rebuild(), _file(embedded, 10))
    assert counts[0] <= counts[1]
    await embedded.settled()
    assert len(await _rows(embedded, model)) == len(live) + 10


@pytest.mark.parametrize("model", MODELS)
async def test_the_model_follows_on_after_a_rebuild(embedded, model):
    await _file(embedded, 5)
    await embedded.projection(model).rebuild()
    await _file(embedded, 5)
    await embedded.settled()
    assert len(await _rows(embedded, model)) == 10


@pytest.mark.parametrize("told", [(8, 12), (500, 500), ()], ids=["half of them", "some twice", "none"])
async def test_a_new_table_that_did_not_come_from_every_event_once_is_not_put_in_place(embedded, monkeypatch, told):
    await _file(embedded, 10)
    await embedded.settled()
    live = await _rows(embedded, "petition_list")
    runner = embedded.projection("petition_list")

    async def lose_some(log, name, table, heads, filled):
        for events in told:
            await filled(events)

    monkeypatch.setattr(projection, "WORTH_HELPERS", 0)
    monkeypatch.setattr(runner, "_helpers", lose_some)
    with pytest.raises(RebuildIncomplete) as refused:
        await runner.rebuild()
    problem = as_problem(refused.value)
    assert (problem.status, problem.code) == (500, "rebuild_incomplete")
    assert "verify" in problem.en
    assert "verify" in problem.zh
    assert await _rows(embedded, "petition_list") == live


async def test_a_model_keeps_its_rows_over_a_restart_and_goes_on(tmp_path):
    async with running(tmp_path) as first:
        await first.runtime.policies.publish(read_bundle(DISTRICT))
        (petition,) = await _file(first, 1)
        await first.settled()
    async with running(tmp_path) as second:
        version = len((await second.runtime.log.load([petition]))[petition])
        event = accepted(f"{petition}:{version}")
        await second.runtime.log.append([Entry(Cause("router", "door"), [Write(petition, version, [event])])])
        await second.settled()
        (row,) = await second.data.engine.query("SELECT status, version FROM petition_list", {})
        assert row == ("accepted", version + 1)


async def test_a_model_rebuilt_from_a_reopened_log_is_the_same(tmp_path):
    async with running(tmp_path) as first:
        await first.runtime.policies.publish(read_bundle(DISTRICT))
        await _file(first, 25)
        await _file(first, 5, unit=None)
        await first.settled()
        live = [await _rows(first, model) for model in MODELS]
    async with running(tmp_path) as second:
        for model in MODELS:
            await second.projection(model).rebuild()
        assert [await _rows(second, model) for model in MODELS] == live


async def test_a_model_whose_lease_was_taken_takes_it_again_and_misses_nothing(embedded):
    await _file(embedded, 5)
    await embedded.settled()
    await embedded.data.engine.take_lease("petition_list", "another")
    await _file(embedded, 5)
    await embedded.settled()
    assert len(await _rows(embedded, "petition_list")) == 10


async def test_what_was_remembered_of_a_petition_is_dropped_with_a_lost_lease(tmp_path):
    standing = await build(tmp_path, 16)
    mine = standing.projection("petition_list")
    await standing.runtime.policies.publish(read_bundle(DISTRICT))
    (petition,) = await _file(standing, 1)
    await mine.step()
    others = ProjectionRunner(
        mine.projection, standing.runtime.log, standing.data.engine, Alone(standing.data.engine, mine.name, "another")
    )
    await others.start()
    await _accept(standing, petition, 1)
    with pytest.raises(LeaseLost):
        await mine.step()
    await _accept(standing, petition, 2)
    await others.step()
    await mine.start()
    await _accept(standing, petition, 3)
    await mine.step()
    (row,) = await standing.data.engine.query("SELECT version FROM petition_list", {})
    assert row == (4,)
    await standing.data.close()


async def _accept(embedded: Process, petition: Any, version: int) -> None:
    event = accepted(f"{petition}:{version}")
    await embedded.runtime.log.append([Entry(Cause("router", f"{version}"), [Write(petition, version, [event])])])


async def test_rows_and_checkpoint_move_together_or_not_at_all(embedded):
    await _file(embedded, 2)
    await embedded.settled()
    stands = await _checkpoint(embedded, "petition_list")
    away = Statement("ALTER TABLE petition_list RENAME TO petition_list_away", [{}])
    back = Statement("ALTER TABLE petition_list_away RENAME TO petition_list", [{}])
    await embedded.data.engine.transact(Transaction(statements=[away]))
    await _file(embedded, 3)
    assert await _checkpoint(embedded, "petition_list") == stands
    await embedded.data.engine.transact(Transaction(statements=[back]))
    await asyncio.wait_for(embedded.settled(), 10)
    assert len(await _rows(embedded, "petition_list")) == 5


@pytest.mark.parametrize("worker", ["severity", "router", "petition_list"])
async def test_a_worker_that_is_woken_as_it_is_stopped_stops(embedded, worker):
    (task,) = [task for task in embedded.tasks if task.get_name() == worker]
    (one,) = [one for one in embedded.workers if one.name == worker]
    for _ in range(20):
        await asyncio.sleep(0.01)
        one.wake.set()
    await asyncio.sleep(0.1)
    one.wake.set()
    task.cancel()
    await asyncio.wait([task], timeout=3)
    assert task.cancelled()
