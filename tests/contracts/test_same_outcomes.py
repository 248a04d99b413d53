"""One script of appends has the same outcomes and leaves the same rows in every database."""

import random
from pathlib import Path
from uuid import UUID

import pytest

from services.chassis.store.engine import Appended, Engine, EntryRows, Outcome, StreamsMoved, Transaction
from tests.contracts.rows import PARTITIONS, key, stream, write
from tests.contracts.stores import SqliteStore

pytestmark = pytest.mark.postgres

FROM_ZERO = dict.fromkeys(range(PARTITIONS), 0)


def _script(seed: int, calls: int) -> list[list[EntryRows]]:
    """Calls whose entries get in each other's way: few streams, few keys, versions right or wrong by luck."""
    luck = random.Random(seed)
    streams = [stream(partition=number % 4) for number in range(7)]
    guessed = dict.fromkeys(streams, 0)
    return [[_entry(luck, streams, guessed) for _ in range(luck.randint(1, 6))] for _ in range(calls)]


def _entry(luck: random.Random, streams: list[UUID], guessed: dict[UUID, int]) -> EntryRows:
    writes = []
    for one in luck.sample(streams, luck.choice([0, 1, 1, 1, 2])):
        data = [str(luck.random()) for _ in range(luck.randint(1, 3))]
        writes.append(write(one, max(0, guessed[one] + luck.choice([0, 0, 0, 0, -1, 1])), *data))
        guessed[one] += len(data) if luck.random() < 0.8 else 0
    names = luck.sample(range(30), luck.choice([0, 0, 1, 1, 2]))
    keys = [key(str(name), body=luck.choice("aab")) for name in names]
    named = luck.choice(streams) if keys and luck.random() < 0.8 else None
    return EntryRows(writes, keys, named)


def _plain(outcomes: list[Outcome]) -> list[object]:
    """Without the time, which is each database's own."""
    return [
        [place[:4] for place in outcome.places] if isinstance(outcome, Appended) else outcome for outcome in outcomes
    ]


async def _played(engine: Engine, script: list[list[EntryRows]]) -> list[object]:
    said: list[object] = []
    for number, entries in enumerate(script):
        if number % 3:
            said.append(_plain(await engine.append(entries)))
        else:
            try:
                said.append(_plain(await engine.transact(Transaction(entries=entries[:2]))))
            except StreamsMoved as moved:
                said.append(moved.streams)
    return said


@pytest.mark.parametrize("seed", range(8))
async def test_every_outcome_is_the_same(postgres, tmp_path: Path, seed):
    script = _script(seed, 60)
    sqlite = SqliteStore(tmp_path)
    here, there = await sqlite.open(), await postgres.open()
    said = await _played(here, script)
    assert await _played(there, script) == said
    kinds = {type(outcome).__name__ for one in said if isinstance(one, list) for outcome in one}
    assert kinds == {"list", "Conflict", "Duplicate", "KeysDisagree"}, "an invalid run"
    for limit in (1, 13, 10_000):
        rows = [[row[:8] for row in await one.read(FROM_ZERO, limit)] for one in (here, there)]
        assert rows[0] == rows[1]
    assert await here.heads() == await there.heads()
    keys = "SELECT scope, key_hash, stream_id, body_hmac FROM es_key ORDER BY key_hash"
    kept = [[(*row[:2], _id(row[2]), row[3]) for row in await one.rows(keys)] for one in (sqlite, postgres)]
    assert kept[0] == kept[1]
    await sqlite.close()


def _id(value: UUID | bytes) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=value)
