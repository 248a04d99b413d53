"""A read model that one process keeps and another one rebuilds."""

from pathlib import Path

import asyncpg
import pytest

from services import refilling
from services.chassis import projection, rebuilding
from services.chassis.clock import MachineTime
from services.chassis.feed import LogFeed
from services.chassis.leases import Whole
from services.chassis.log import Log
from services.chassis.postgres_keyring import PostgresKeyring
from services.chassis.problems import as_problem
from services.chassis.projection import ProjectionRunner, stands_at
from services.chassis.rebuilding import HelperLost, RebuildOvertaken, RebuildUnderWay, refill
from services.chassis.settings import Settings
from services.chassis.store.engine import LeaseLost, Statement, StoreUnavailable, Transaction
from services.console.petition_list import PETITION_LIST
from services.refilling import Refilling
from tests.contracts.petitions import accepted, entry, filing
from tests.contracts.rows import stream
from tests.contracts.stores import KEYS, PostgresStore

pytestmark = pytest.mark.postgres
NAME = PETITION_LIST.name
ONE_MORE = "SELECT * FROM petition_list LIMIT 1"


@pytest.fixture
async def keyring(server):
    """The keys as every process finds them: what is open is listed with traces of its words."""
    keys = await PostgresStore.emptied(server, KEYS)
    opened = PostgresKeyring(keys.url, b"m" * 32, MachineTime())
    opened.url = keys.url
    yield opened
    await opened.close()
    await keys.close()


@pytest.fixture
async def processes(postgres, keyring):
    """The process that keeps the list, which has three petitions, and another one."""
    made = []
    for owner in ("keeper", "another"):
        engine = await postgres.open()
        log = Log(engine, keyring)
        leases = Whole(engine, NAME, owner, engine.partitions)
        made.append(ProjectionRunner(PETITION_LIST, log, engine, leases, LogFeed(log, 0.01)))
    await made[0].start()
    await _file(made[0], 3)
    assert await made[0].step() == 3
    return made


async def _file(runner, count):
    await runner._log.append([filing(stream()) for _ in range(count)])


async def _listed(postgres):
    return len(await postgres.rows("SELECT petition FROM petition_list"))


async def test_it_is_rebuilt_with_everything_and_its_keeper_goes_on(postgres, processes):
    keeper, another = processes
    await postgres.do("DELETE FROM petition_list")
    await _file(keeper, 2)
    assert await another.rebuild() == 5
    assert await _listed(postgres) == 5
    await _file(keeper, 1)
    with pytest.raises(LeaseLost):
        await keeper.step()
    await keeper.start()
    assert await keeper.step() == 1
    assert await _listed(postgres) == 6
    assert await stands_at(NAME, keeper._home) == await keeper._log.heads()


async def test_it_can_be_taken_at_once_after_a_rebuild_that_failed(postgres, processes, monkeypatch):
    keeper, another = processes

    async def fail(*given):
        raise ConnectionError

    monkeypatch.setattr(another, "_switch", fail)
    with pytest.raises(ConnectionError):
        await another.rebuild()
    await _file(keeper, 1)
    await keeper.start()
    assert await keeper.step() == 1
    assert await _listed(postgres) == 4


async def test_while_one_process_rebuilds_it_another_is_refused(processes):
    keeper, another = processes
    await keeper._home.take_lease(f"{NAME}.rebuild", "a third")
    with pytest.raises(RebuildUnderWay):
        await another.rebuild()


async def test_nothing_is_switched_by_who_lost_the_model_while_its_keeper_went_on(postgres, processes, monkeypatch):
    keeper, another = processes
    switch = another._switch

    async def late(*given):
        await postgres.lapse()
        await keeper.start()
        await _file(keeper, 1)
        assert await keeper.step() == 1
        await switch(*given)

    monkeypatch.setattr(another, "_switch", late)
    with pytest.raises(RebuildOvertaken) as refused:
        await another.rebuild()
    told = as_problem(refused.value)
    assert (told.status, told.code) == (409, "rebuild_overtaken")
    assert told.en.endswith("nothing changed: ask again.")
    assert told.zh.endswith("请重新发起重建。")
    assert await _listed(postgres) == 4
    await _file(keeper, 1)
    assert await keeper.step() == 1
    assert await _listed(postgres) == 5


async def test_a_rebuild_that_stood_still_puts_nothing_half_filled_of_a_newer_one_in_place(
    postgres, processes, monkeypatch
):
    keeper, another = processes
    switch = another._switch

    async def late(*given):
        await postgres.do(f"UPDATE es_checkpoint SET lease_until = 0 WHERE subscriber = '{NAME}.rebuild'")
        assert await keeper._rebuild_lease._leases.take()
        await keeper._make()
        await switch(*given)

    monkeypatch.setattr(another, "_switch", late)
    with pytest.raises(RebuildUnderWay) as refused:
        await another.rebuild()
    assert as_problem(refused.value).code == "rebuild_under_way"
    assert await _listed(postgres) == 3


async def test_a_rebuild_that_stood_still_does_not_take_the_live_model(postgres, processes, monkeypatch):
    keeper, another = processes
    refill = another._refill

    async def late(*given):
        await postgres.lapse()
        assert await keeper._rebuild_lease._leases.take()
        return await refill(*given)

    monkeypatch.setattr(another, "_refill", late)
    with pytest.raises(RebuildUnderWay):
        await another.rebuild()
    await _file(keeper, 1)
    assert await keeper.step() == 1
    assert await _listed(postgres) == 4


async def test_what_an_earlier_rebuild_still_writes_does_not_come_into_a_later_one(postgres, processes, monkeypatch):
    keeper, another = processes
    made, refill = [], another._refill

    async def outlived(beside, progress):
        await keeper._home.transact(Transaction(statements=[Statement(f"INSERT INTO {made[0]} {ONE_MORE}", [{}])]))
        return await refill(beside, progress)

    made.append(PETITION_LIST.beside(await keeper._make()))  # of a rebuild whose process was killed
    monkeypatch.setattr(another, "_refill", outlived)
    with pytest.raises(asyncpg.UndefinedTableError):
        await another.rebuild()
    monkeypatch.setattr(another, "_refill", refill)
    assert await another.rebuild() == 3
    assert await _listed(postgres) == 3
    assert await postgres.rows("SELECT relname FROM pg_class WHERE relname LIKE '%\\_\\_new%' AND relkind = 'r'") == []


async def test_a_rebuild_whose_table_a_later_one_dropped_says_that_it_is_under_way(processes, monkeypatch):
    keeper, another = processes
    refill = another._refill

    async def late(beside, progress):
        await keeper._home.seize_lease(f"{NAME}.rebuild", "keeper")
        await keeper._make()
        return await refill(beside, progress)

    monkeypatch.setattr(another, "_refill", late)
    with pytest.raises(RebuildUnderWay):
        await another.rebuild()


@pytest.fixture
async def helped(postgres, processes, keyring, monkeypatch, tmp_path):
    """Another process, which starts two helpers for logs however short, and gives them two or three events a time."""
    (tmp_path / "master.key").write_bytes(b"m" * 32)
    monkeypatch.setattr(projection, "WORTH_HELPERS", 0)
    monkeypatch.setattr(refilling, "PIECE", 2)
    monkeypatch.setattr(refilling.os, "cpu_count", lambda: 2)
    processes[1]._helpers = _refilling(postgres.url, keyring.url, tmp_path)
    return processes[1]


def _refilling(url: str, keys_url: str, data: Path) -> Refilling:
    return Refilling(Settings(database_url=url, keys_url=keys_url, data=data))


async def test_helpers_make_the_rows_that_its_keeper_made(postgres, processes, helped):
    keeper, _ = processes
    petitions = [stream() for _ in range(9)]
    await keeper._log.append([filing(petition) for petition in petitions])
    await keeper._log.append([entry(petition, 1, accepted()) for petition in petitions[::2]])
    await keeper.step()
    live = sorted(await postgres.rows("SELECT * FROM petition_list"), key=str)
    told = []

    async def progress(count):
        told.append(count)

    assert await helped.rebuild(progress) == 17
    assert sorted(await postgres.rows("SELECT * FROM petition_list"), key=str) == live
    assert len(live) == 12
    assert len(told) > 4
    assert told[-1] == 17


async def test_nothing_is_switched_when_every_helper_is_lost(postgres, helped, keyring, tmp_path):
    helped._helpers = _refilling(f"{postgres.url}_not_there", keyring.url, tmp_path)
    with pytest.raises(HelperLost) as refused:
        await helped.rebuild()
    told = as_problem(refused.value)
    assert (told.status, told.code) == (503, "rebuild_helper_lost")
    assert told.en.endswith("then ask again.")
    assert told.zh.endswith("然后重新发起重建。")
    assert await _listed(postgres) == 3


class AwayOnce:
    """A database whose first commit is durable, and its answer lost."""

    def __init__(self, home):
        self._home = home
        self._away = True

    async def transact(self, transaction):
        await self._home.transact(transaction)
        if self._away:
            self._away = False
            raise StoreUnavailable


async def test_a_page_that_may_have_been_written_is_written_again(postgres, processes, monkeypatch):
    keeper, _ = processes
    monkeypatch.setattr(rebuilding, "AGAIN_SECONDS", 0.001)
    table = PETITION_LIST.beside(await keeper._make())
    counts = []

    async def filled(count):
        counts.append(count)

    projector = PETITION_LIST.projector(keeper._log, "postgresql")
    heads = await keeper._log.heads()
    await refill(projector, keeper._log, AwayOnce(keeper._home), table, heads, filled)
    assert counts == [3]
    await refill(projector, keeper._log, keeper._home, table, heads, filled, anew=False)
    assert await postgres.rows(f"SELECT * FROM {table} ORDER BY 1") == await postgres.rows(
        "SELECT * FROM petition_list ORDER BY 1"
    )
