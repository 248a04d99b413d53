"""What `gridcase verify` finds, and that it finds nothing where nothing is wrong."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from schemas.cloudevents import Logged, encode
from services.chassis.clock import MachineTime
from services.chassis.codec import read_meta
from services.chassis.log import Cause, Entry, Write
from services.chassis.policy_files import read_bundle
from services.chassis.sealing import FileKeyring, read_master
from services.chassis.verifying import Verified, verify
from services.chassis.wire.verifying import _compare
from services.embedded import running
from services.process import Process
from tests.contracts.petitions import filed
from tests.contracts.rows import stream

DISTRICT = Path(__file__).parents[1] / "district.yaml"
TIMED = "escalation"
EPOCH = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    """Four petitions, routed, each with its deadlines."""
    async with running(tmp_path) as running_process:
        await running_process.runtime.policies.publish(read_bundle(DISTRICT))
        for _ in range(4):
            petition = stream()
            entry = Entry(Cause("intake", str(petition)), [Write(petition, 0, [filed(place_unit="SA11")])])
            await running_process.runtime.batcher.append(entry)
        await running_process.settled()
        yield running_process


def _changed(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path / "log.db")) as other, other:
        assert other.execute(sql).rowcount == 1


async def test_nothing_is_wrong_with_a_log_that_was_only_written(process):
    found = await verify(process.data.engine, TIMED)
    assert (found.faults, found.petitions) == ([], 4)
    assert found.events == sum((await process.runtime.log.heads()).values())
    assert found.deadlines > 4


ONE = "(SELECT stream_id FROM es_event WHERE version = 2 LIMIT 1)"
FIRST = "(stream_id, deadline_id) IN (SELECT stream_id, deadline_id FROM deadline LIMIT 1)"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"DELETE FROM es_event WHERE version = 2 AND stream_id = {ONE}", "follows version 1"),
        (f"DELETE FROM es_event WHERE version = 2 AND stream_id = {ONE}", "the position before it is"),
        (f"UPDATE deadline SET due_at = due_at + 1 WHERE {FIRST}", "the table says"),
        (f"DELETE FROM deadline WHERE {FIRST}", "the table says None"),
        ("INSERT INTO deadline SELECT stream_id, 'resolve:9', 'due', partition, 1, 1, 0 FROM deadline LIMIT 1",
         "its events None"),
    ],
)  # fmt: skip
async def test_a_hole_or_a_wrong_deadline_is_found(process, tmp_path, change, said):
    _changed(tmp_path, change)
    found = await verify(process.data.engine, TIMED)
    assert any(said in fault for fault in found.faults), found.faults


async def test_what_the_timed_service_has_not_heard_yet_is_not_held_against_it(process, tmp_path):
    with closing(sqlite3.connect(tmp_path / "log.db")) as other, other:
        other.execute(f"UPDATE es_checkpoint SET position = 0 WHERE subscriber = '{TIMED}'")
        other.execute("DELETE FROM deadline")
    assert (await verify(process.data.engine, TIMED)).faults == []


async def test_a_petition_whose_key_is_gone_is_found(process, tmp_path):
    with closing(sqlite3.connect(tmp_path / "keys.db")) as keys, keys:
        (gone,) = keys.execute("DELETE FROM subject_key WHERE rowid = 1 RETURNING stream_id").fetchone()
    keyring = FileKeyring(tmp_path / "keys.db", read_master(tmp_path / "master.key"), MachineTime())
    found = await verify(process.data.engine, TIMED, keyring=keyring)
    await keyring.close()
    assert found.faults == [
        f"{UUID(bytes=gone)}: there is no key that the master key opens, so its words cannot be read"
    ]


async def test_a_petition_that_was_erased_is_no_fault(process, tmp_path):
    with closing(sqlite3.connect(tmp_path / "keys.db")) as keys, keys:
        keys.execute("UPDATE subject_key SET wrapped = NULL, shredded_at = 1 WHERE rowid = 1")
    keyring = FileKeyring(tmp_path / "keys.db", read_master(tmp_path / "master.key"), MachineTime())
    found = await verify(process.data.engine, TIMED, keyring=keyring)
    await keyring.close()
    assert found.faults == []


def _record(row, offset, **changed):
    meta = read_meta(row.meta)
    logged = Logged(
        row.partition, row.position, row.stream_id, row.version, row.type, row.schema_version, row.data,
        meta["service"], meta["causation"], None, row.recorded_at,
    )  # fmt: skip
    message = encode(logged._replace(**changed), EPOCH)
    return SimpleNamespace(
        key=message.key, value=message.value, headers=message.headers, partition=row.partition, offset=offset
    )


@pytest.fixture
async def rows(process):
    """The events of the busiest partition."""
    heads = await process.runtime.log.heads()
    return await process.data.engine.read({max(heads, key=heads.__getitem__): 0}, 100)


async def _compared(process, records):
    found = Verified()
    newest = await _compare(process.data.engine, EPOCH, records, 0, found)
    return newest, found.faults


async def test_a_topic_that_repeats_is_right(process, rows):
    records = [_record(row, offset) for offset, row in enumerate([*rows, *rows])]
    assert await _compared(process, records) == (rows[-1].position, [])


async def test_a_topic_with_a_hole_or_with_other_words_is_wrong(process, rows):
    _, faults = await _compared(process, [_record(rows[0], 0), _record(rows[2], 1)])
    assert faults == [f"petition.events.v1 {rows[0].partition}, offset 1: 2 to 2 are missing"]
    _, faults = await _compared(process, [_record(rows[0], 0, data="{}")])
    assert faults == [f"petition.events.v1 {rows[0].partition}, offset 0: not what the log holds at 1"]
