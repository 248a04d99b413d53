"""Opening a data directory: time goes on where it was, and a long log opens as fast as a short one."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from services.chassis.clock import SetTime, Time
from services.chassis.data_dir import DataDir, open_data
from services.chassis.sealing import MasterLost
from services.chassis.store import sqlite_reader
from services.chassis.store.sqlite_writer import open_file
from services.console.search import PETITION_SEARCH
from services.embedded import running
from tests.contracts.petitions import filing
from tests.contracts.rows import PARTITIONS, stream

TOMORROW = datetime.now(UTC) + timedelta(days=1)


async def _opened(directory: Path, time: Time | None = None) -> DataDir:
    return await open_data(directory, PARTITIONS, MetaData(), time)


async def _filed_until_tomorrow(directory: Path) -> None:
    """Petitions in some partitions; the newest is of tomorrow, as this machine's clock has it."""
    time = SetTime(TOMORROW - timedelta(hours=3))
    data = await _opened(directory, time)
    for partition in (9, 2, 5):
        time.advance(timedelta(hours=1))
        await data.runtime.log.append([filing(stream(partition))])
    await data.close()


async def test_the_clock_of_a_new_process_is_never_before_the_newest_event(tmp_path):
    await _filed_until_tomorrow(tmp_path)
    data = await _opened(tmp_path)
    assert abs(data.runtime.time.now() - TOMORROW) < timedelta(seconds=1)
    await data.close()


async def test_opening_reads_no_table_from_end_to_end(tmp_path, monkeypatch):
    await _filed_until_tomorrow(tmp_path)
    asked: list[str] = []

    def watched(*given: Any, **more: Any) -> sqlite3.Connection:
        connection = open_file(*given, **more)
        connection.set_trace_callback(asked.append)
        return connection

    monkeypatch.setattr(sqlite_reader, "open_file", watched)
    data = await _opened(tmp_path)
    await data.close()
    with sqlite3.connect(tmp_path / "log.db") as other:
        plans = [
            step for sql in asked if sql.startswith("SELECT") for *_, step in other.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]
    other.close()
    events = [step for step in plans if "es_event" in step]
    assert events
    assert not [step for step in events if " USING " not in step]


@pytest.fixture
def still_open() -> Callable[[], set[str]]:
    """Which files have a writer in this process that had none before the test."""
    before = set(threading.enumerate())
    return lambda: {one.name for one in set(threading.enumerate()) - before if one.name.startswith("writer ")}


async def test_a_directory_that_cannot_be_opened_is_let_go_of(tmp_path, still_open):
    await (await _opened(tmp_path)).close()
    with sqlite3.connect(tmp_path / "log.db") as other:
        other.execute("DROP TABLE policy")
        other.execute("CREATE TABLE policy (version)")
    other.close()
    with pytest.raises(sqlite3.OperationalError):
        await _opened(tmp_path)
    assert not still_open()


async def test_a_directory_in_which_nothing_can_stand_up_is_let_go_of(tmp_path, still_open):
    await (await _opened(tmp_path)).close()
    with sqlite3.connect(tmp_path / "search.db") as other:
        other.execute("CREATE TABLE other (id)")
        other.execute(f"CREATE INDEX {PETITION_SEARCH.table} ON other (id)")
    other.close()
    with pytest.raises(sqlite3.OperationalError):
        async with running(tmp_path, PARTITIONS):
            pass
    assert not still_open()


async def test_the_files_are_closed_also_when_a_part_of_the_work_failed(tmp_path, still_open):
    async def fails() -> None:
        raise ZeroDivisionError

    async def runs() -> None:
        async with running(tmp_path, PARTITIONS) as embedded:
            embedded.tasks.append(asyncio.create_task(fails()))
            await asyncio.sleep(0)

    with pytest.raises(ZeroDivisionError):
        await runs()
    assert not still_open()


async def test_a_lost_master_key_is_asked_for_and_not_replaced_once_it_wraps_keys(tmp_path):
    await (await _opened(tmp_path)).close()
    master = tmp_path / "master.key"
    master.unlink()
    await _filed_until_tomorrow(tmp_path)  # it had wrapped nothing yet, so another one was made
    kept = master.read_bytes()
    master.unlink()
    with pytest.raises(MasterLost, match=r"backup.*备份"):
        await _opened(tmp_path)
    assert not master.exists()
    master.write_bytes(kept)
    await (await _opened(tmp_path)).close()
