"""No row stands in the log before the key that sealed it is durable."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from services.chassis.clock import MachineTime
from services.chassis.log import Log, Written
from services.chassis.sealing import FileKeyring, KeyRow
from services.chassis.store.engine import StoreUnavailable
from tests.contracts.petitions import filing
from tests.contracts.rows import stream

WORDS = "王秀英，电话 13912345678，住锚地路 9 号"


class SlowSafe(FileKeyring):
    """Makes no key durable until the gate is open."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, b"m" * 32, MachineTime())
        self.asked, self.gate = asyncio.Event(), asyncio.Event()
        self.broken = False

    async def _insert(self, rows: Sequence[KeyRow]) -> frozenset[UUID]:
        self.asked.set()
        await self.gate.wait()
        if self.broken:
            raise StoreUnavailable("no connection")
        return await super()._insert(rows)


@pytest.fixture
async def slow(keyring, tmp_path) -> AsyncIterator[SlowSafe]:
    made = SlowSafe(tmp_path / "keys.db")
    yield made
    await made.close()


async def test_no_row_is_in_the_log_before_the_key_that_sealed_it_is_durable(engine, slow, store):
    appending = asyncio.create_task(Log(engine, slow).append([filing(stream(), WORDS)]))
    await asyncio.wait_for(slow.asked.wait(), 5)
    await asyncio.sleep(0.1)
    assert await store.rows("SELECT count(*) FROM es_event") == [(0,)]
    slow.gate.set()
    (result,) = await asyncio.wait_for(appending, 5)
    assert isinstance(result, Written)
    assert await store.rows("SELECT count(*) FROM es_event") == [(1,)]


async def test_without_the_key_nothing_is_written(engine, slow, store):
    slow.broken = True
    slow.gate.set()
    with pytest.raises(StoreUnavailable):
        await Log(engine, slow).append([filing(stream(), WORDS)])
    assert await store.rows("SELECT count(*) FROM es_event") == [(0,)]
