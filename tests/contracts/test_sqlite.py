"""What only the SQLite engine has to prove: its durability, its one writer, its file."""

import asyncio
import json
import resource
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.chassis.clock import MachineTime
from services.chassis.store import sqlite as engine_module
from services.chassis.store import sqlite_reader, sqlite_writer
from services.chassis.store.engine import OutcomeUnknown, Statement, StoreUnavailable, Transaction
from services.chassis.store.migrating import make_tables
from services.chassis.store.sqlite import SqliteEngine
from services.chassis.store.sqlite_reader import READERS
from services.chassis.store.tables import log_metadata
from tests.contracts.rows import PARTITIONS, filing, stream

ROOT = Path(__file__).resolve().parents[2]
LARGE = "x" * 500_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make_tables(tmp_path / "log.db", log_metadata)
    return tmp_path / "log.db"


@pytest.fixture
async def engine(path: Path):
    opened = SqliteEngine(path, MachineTime(), PARTITIONS)
    yield opened
    await opened.close()


@pytest.mark.parametrize(("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal")])
async def test_every_commit_reaches_the_disk(engine, pragma, value):
    assert await engine._writer.submit(lambda connection: connection.execute(f"PRAGMA {pragma}").fetchone()) == (value,)


async def test_streams_are_loaded_in_one_query(path, monkeypatch):
    asked: list[str] = []

    def traced(*where, **how):
        connection = sqlite3_open(*where, **how)
        connection.set_trace_callback(asked.append)
        return connection

    sqlite3_open = sqlite_reader.open_file
    monkeypatch.setattr(sqlite_reader, "open_file", traced)
    engine = SqliteEngine(path, MachineTime(), PARTITIONS)
    petitions = [stream() for _ in range(200)]
    await engine.append([filing(petition) for petition in petitions])
    await engine.load(petitions)
    await engine.close()
    assert sum("FROM es_event" in sql for sql in asked) == 1


async def test_what_queues_during_a_commit_shares_the_next_one(engine):
    gate, began, said = threading.Event(), asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def slow(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(said.append)
        loop.call_soon_threadsafe(began.set)
        gate.wait(10)

    first = asyncio.create_task(engine._writer.submit(slow))
    await began.wait()
    queued = [asyncio.create_task(engine.append([filing(stream())])) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *queued)
    assert said.count("COMMIT") == 2


async def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(engine, path):
    petition, small = stream(partition=0), stream(partition=0)
    await engine.append([filing(small)])
    pages = await engine._writer.submit(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    await engine._writer.submit(
        lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 20}").fetchone()
    )
    with pytest.raises(StoreUnavailable, match="full") as refused:
        await engine.append([filing(petition, "{}", LARGE), filing(stream(partition=0))])
    assert not isinstance(refused.value, OutcomeUnknown)
    assert await engine.load([petition]) == []
    assert (await engine.heads())[0] == 1
    await engine._writer.submit(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
    await engine.append([filing(petition, "{}", LARGE)])
    assert (await engine.heads())[0] == 3


async def test_whoever_shares_a_commit_with_a_full_disk_is_told_so_and_nothing_is_kept(engine):
    pages = await engine._writer.submit(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    await engine._writer.submit(
        lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 20}").fetchone()
    )
    petitions = [stream(partition=0) for _ in range(6)]
    calls = [
        engine.append([filing(petition, LARGE if index == 3 else "{}")]) for index, petition in enumerate(petitions)
    ]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [petition for petition, result in zip(petitions, results, strict=True) if isinstance(result, Exception)]
    assert petitions[3] in refused
    assert {str(result) for result in results if isinstance(result, Exception)} == {"database or disk is full"}
    assert await engine.load(refused) == []
    assert (await engine.heads())[0] == 6 - len(refused)
    await engine.append([filing(petition) for petition in refused])
    assert (await engine.heads())[0] == 6


FULL_DISK = """
import asyncio, json, resource, sys
from pathlib import Path
from services.chassis.clock import MachineTime
from services.chassis.store.engine import StoreUnavailable
from services.chassis.store.sqlite import SqliteEngine
from tests.contracts.rows import filing, stream

async def main():
    path, limit = Path(sys.argv[1]), int(sys.argv[2])
    engine = SqliteEngine(path, MachineTime(), 16)
    acknowledged, refused = [], []
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for _ in range(200):
        petition = stream(partition=0)
        try:
            await engine.append([filing(petition, "x" * 20_000, "y" * 20_000)])
            acknowledged.append(petition.hex)
        except StoreUnavailable as error:
            refused.append(str(error))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    last = stream(partition=0)
    await engine.append([filing(last, "x", "y")])
    await engine.close()
    print(json.dumps({"acknowledged": [*acknowledged, last.hex], "refused": refused}))

asyncio.run(main())
"""


def test_when_the_file_cannot_grow_nothing_acknowledged_is_lost_and_the_log_goes_on_later(path):
    limit = 2_000_000
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), str(limit)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["refused"]
    assert len(said["acknowledged"]) > 1
    with sqlite3.connect(path) as other:
        rows = other.execute(
            "SELECT lower(hex(stream_id)), position, version FROM es_event ORDER BY position"
        ).fetchall()
    other.close()
    assert [position for _, position, _ in rows] == list(range(1, len(rows) + 1))
    assert [name for name, _, version in rows if version == 1] == said["acknowledged"]
    assert [version for *_, version in rows] == [1, 2] * len(said["acknowledged"])
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


class FailsToCommit(sqlite3.Connection):
    """On a disk whose fsync fails."""

    def execute(self, sql, *more):
        if sql == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *more)


async def test_whether_it_was_kept_is_not_known_when_the_commit_itself_failed(path, monkeypatch):
    monkeypatch.setattr(sqlite_writer, "open_file", lambda path: sqlite3.connect(path, factory=FailsToCommit))
    engine = SqliteEngine(path, MachineTime(), PARTITIONS)
    with pytest.raises(OutcomeUnknown, match="I/O"):
        await engine.append([filing(stream(partition=0))])
    await engine.close()


async def test_a_file_that_may_not_be_written_is_an_error(engine):
    await engine.append([filing(stream(partition=0))])
    await engine._writer.submit(lambda connection: connection.execute("PRAGMA query_only = ON"))
    with pytest.raises(StoreUnavailable, match="readonly"):
        await engine.append([filing(stream(partition=0))])
    assert (await engine.heads())[0] == 1


LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000) SELECT count(*) FROM n"


async def test_what_nobody_waits_for_any_more_keeps_no_reader_busy(engine):
    given_up = [asyncio.create_task(engine.query(LONG, {})) for _ in range(READERS + 1)]
    await asyncio.sleep(0.2)
    for one in given_up:
        one.cancel()
    assert await asyncio.wait_for(engine.query("SELECT 1", {}), 5) == [(1,)]


async def test_a_read_that_is_given_up_ends_its_snapshot(engine, monkeypatch):
    await engine.append([filing(stream(partition=0))])
    monkeypatch.setattr(engine_module.rows, "head", lambda connection, _: connection.execute(LONG).fetchone()[0])
    given_up = [asyncio.create_task(engine.read({0: 0}, 1)) for _ in range(READERS)]
    await asyncio.sleep(0.2)
    for one in given_up:
        one.cancel()
    monkeypatch.undo()
    again = asyncio.gather(*(engine.read({0: 0}, 1) for _ in range(20)))
    assert [len(found) for found in await asyncio.wait_for(again, 5)] == [1] * 20


async def test_a_closed_file_refuses_instead_of_waiting(path):
    engine = SqliteEngine(path, MachineTime(), PARTITIONS)
    await engine.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        await engine.append([filing(stream())])


async def test_a_file_that_cannot_be_opened_refuses_instead_of_waiting_and_is_tried_again(path):
    away = path.rename(path.with_name("away.db"))
    path.mkdir()
    engine = SqliteEngine(path, MachineTime(), PARTITIONS)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="unable to open"):
            await asyncio.wait_for(engine.append([filing(stream())]), 5)
    path.rmdir()
    away.rename(path)
    await asyncio.wait_for(engine.append([filing(stream())]), 5)
    await engine.close()


async def test_close_finishes_what_was_submitted(path):
    engine = SqliteEngine(path, MachineTime(), PARTITIONS)
    submitted = [asyncio.create_task(engine.append([filing(stream())])) for _ in range(30)]
    await asyncio.sleep(0)
    await engine.close()
    await asyncio.gather(*submitted)
    again = SqliteEngine(path, MachineTime(), PARTITIONS)
    assert sum((await again.heads()).values()) == 30
    await again.close()


async def test_a_caller_that_gives_up_does_not_undo_its_write(engine):
    petition = stream()
    call = asyncio.create_task(engine.append([filing(petition)]))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await engine.append([filing(stream())])
    assert len(await engine.load([petition])) == 1


async def test_a_listener_that_fails_leaves_no_other_caller_waiting(engine):
    def fails(_: object) -> None:
        raise RuntimeError("listener")

    calls = [engine.append([filing(stream())], fails if index == 2 else None) for index in range(6)]
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
    assert [isinstance(result, RuntimeError) for result in results] == [False, False, True, False, False, False]


async def test_a_reader_cannot_write(engine):
    with pytest.raises(sqlite3.OperationalError):
        await engine.query("INSERT INTO es_parked VALUES ('x', x'00')", {})


async def test_a_job_with_bad_parameters_is_undone_alone(engine):
    bad = Statement("INSERT INTO es_parked VALUES (:subscriber, :stream_id)", [{"subscriber": "a"}])
    with pytest.raises(sqlite3.Error):
        await engine.transact(Transaction((), [filing(stream(partition=0))], [bad]))
    assert (await engine.heads())[0] == 0
