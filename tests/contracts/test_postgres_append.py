"""Many processes append to one PostgreSQL at once, some are killed, and no reader ever sees a hole.

A checker that was never seen red proves nothing: the same run is made with the mistakes that others made here.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from services.chassis.store import postgres as engine_module
from services.chassis.store.engine import (
    Appended,
    Duplicate,
    EntryRows,
    Statement,
    StoreUnavailable,
    StreamsMoved,
    Transaction,
)
from services.chassis.store.postgres import PostgresEngine
from tests.contracts.history import ALL, Hole, Tail, check
from tests.contracts.rows import entry, key, stream, write
from tests.contracts.stores import PostgresStore

pytestmark = pytest.mark.postgres

FUNCTIONS = Path(engine_module.__file__).with_name("postgres.sql").read_text()
UNDONE = Statement("INSERT INTO no_such_table VALUES (1)", [{}])
WRITERS = 6
STREAMS = 12
LONGEST = 20
"""How many times longer a run may go on until everything it is about has happened."""


@dataclass
class Run:
    """What happened."""

    seed: int
    streams: list[UUID]
    acknowledged: dict[str, tuple[UUID, int, int, int]] = field(default_factory=dict)
    keys: dict[str, UUID] = field(default_factory=dict)
    refused: int = 0
    undone: int = 0
    cut: int = 0
    kills: int = 0
    about: tuple[str, ...] = ()

    def wants(self) -> list[str]:
        """What the run is about and has not happened yet."""
        return [name for name in self.about if not getattr(self, name)]


async def _writer(run: Run, engine: PostgresEngine, number: int, calls: int) -> None:
    luck = random.Random(run.seed * 1_000 + number)
    call = -1
    while (call := call + 1) < calls or (run.wants() and call < LONGEST * calls):
        chosen = luck.sample(run.streams, luck.randint(1, 4))
        versions = {one: 0 for one in chosen}
        for row in await _patiently(engine.load, chosen):
            versions[row.stream_id] = row.version
        entries, words = [], []
        for index, one in enumerate(chosen):
            data = [f"{number}-{call}-{index}-{n}" for n in range(luck.randint(1, 3))]
            claim = [key(f"{luck.randint(0, 400)}")] if luck.random() < 0.3 else []
            entries.append(entry(write(one, versions[one], *data), keys=claim))
            words.append(data)
        await _append(run, engine, entries, words, luck)


async def _append(run: Run, engine: PostgresEngine, entries: list[EntryRows], words: list[list[str]], luck) -> None:
    try:
        match luck.choice(["append", "append", "transact", "undone"]):
            case "append":
                outcomes = await engine.append(entries)
            case "transact":
                outcomes = await engine.transact(Transaction(entries=entries))
            case _:
                with pytest.raises((asyncpg.UndefinedTableError, StreamsMoved, StoreUnavailable)):
                    await engine.transact(Transaction(entries=entries, statements=[UNDONE]))
                run.undone += 1
                return
    except StreamsMoved:
        run.refused += len(entries)
        return
    except StoreUnavailable:  # killed before or after the commit: nobody knows
        run.cut += 1
        return
    for one, outcome, data in zip(entries, outcomes, words, strict=True):
        if isinstance(outcome, Appended):
            run.acknowledged |= {
                said: (p.stream, p.version, p.partition, p.position)
                for said, p in zip(data, outcome.places, strict=True)
            }
            for claim in one.keys:
                first = run.keys.setdefault(claim.key_hash.hex(), one.names)
                assert first == one.names, "one key was given to two petitions"
        else:
            run.refused += 1
            assert not isinstance(outcome, Duplicate) or outcome.stream in run.streams


async def _patiently(ask, *given):
    while True:
        with suppress(StoreUnavailable):
            return await ask(*given)


Fault = Callable[[Run, PostgresStore, asyncio.Event], Coroutine[None, None, None]]


async def _killer(run: Run, store: PostgresStore, done: asyncio.Event) -> None:
    luck = random.Random(run.seed)
    connection = await asyncpg.connect(store.server.url(store.name))
    victims = "SELECT pid FROM pg_stat_activity WHERE application_name = 'gridcase' AND datname = current_database()"
    while not done.is_set():
        await asyncio.sleep(luck.uniform(0.02, 0.1))
        if pids := [pid for (pid,) in await connection.fetch(victims)]:
            run.kills += await connection.fetchval("SELECT pg_terminate_backend($1)", luck.choice(pids))
    await connection.close()


async def _power_cuts(run: Run, store: PostgresStore, done: asyncio.Event) -> None:
    luck = random.Random(run.seed)
    while not done.is_set() and run.kills < 4:
        await asyncio.sleep(luck.uniform(0.2, 0.6))
        await asyncio.to_thread(store.server.kill)
        await asyncio.to_thread(store.server.start)
        run.kills += 1


async def _follow(tail: Tail, done: asyncio.Event) -> None:
    while not done.is_set() or await _patiently(tail.step):
        await _patiently(tail.step)
        await asyncio.sleep(0)


async def _storm(
    store: PostgresStore, seed: int, calls: int = 25, fault: Fault | None = None, about: tuple[str, ...] = ()
) -> Run:
    """All writers at once with readers at their heels; then the whole log is checked."""
    run = Run(seed, [stream(partition=number % 3) for number in range(STREAMS)], about=about)
    engines = [await store.open() for _ in range(WRITERS)]
    tails = [Tail(await store.open(), limit) for limit in (1, 7, 1_000)]
    done = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for tail in tails:
            group.create_task(_follow(tail, done))
        if fault:
            group.create_task(fault(run, store, done))
        async with asyncio.TaskGroup() as writers:
            for number, engine in enumerate(engines):
                writers.create_task(_writer(run, engine, number, calls))
        done.set()
    rows = await store.rows(ALL)
    check(rows, run.acknowledged)
    heads = await _patiently(engines[0].heads)
    assert [tail.position for tail in tails] == [heads] * len(tails)
    return run


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_hole_no_gap_nothing_lost_and_nothing_twice_under_kills_and_rollbacks(postgres, seed):
    run = await _storm(postgres, seed, fault=_killer, about=("kills", "cut", "refused", "undone"))
    assert not run.wants(), f"an invalid run: {run}"
    assert len(run.acknowledged) > 100, f"an invalid run: {run}"


async def test_nothing_acknowledged_is_lost_when_the_whole_server_is_killed(postgres):
    run = await _storm(postgres, seed=4, calls=60, fault=_power_cuts, about=("kills", "cut", "refused"))
    assert not run.wants(), f"an invalid run: {run}"
    assert len(run.acknowledged) > 100, f"an invalid run: {run}"


@pytest.fixture
async def planted(postgres_server) -> AsyncIterator[PostgresStore]:
    """A database of its own, to be broken."""
    made = await PostgresStore.made(postgres_server)
    yield made
    await made.close()
    await made.drop()


def _without_locks() -> str:
    return FUNCTIONS.replace("PERFORM pg_advisory_xact_lock(1702063980, one)", "NULL")


def _heads_before_the_lock() -> str:
    """The look-ups and the insert see the log as it was when the whole statement began, as in one big WITH."""
    broken = FUNCTIONS.replace(
        "  PERFORM es_lock(_partitions);\n",
        "  FOREACH one IN ARRAY _partitions LOOP\n"
        "    heads[one] := coalesce((SELECT max(e.position) FROM es_event e WHERE e.partition = one), 0);\n"
        "    answer := answer || heads[one];\n"
        "  END LOOP;\n"
        "  PERFORM es_lock(_partitions);\n",
    )
    first, _, rest = broken.rpartition("  FOREACH one IN ARRAY")
    return first + rest.partition("  END LOOP;\n")[2]


@pytest.mark.parametrize("plant", [_without_locks, _heads_before_the_lock])
async def test_the_check_finds_the_mistakes_that_others_made(planted, plant):
    broken = plant()
    assert broken != FUNCTIONS
    await planted.do(broken)
    with pytest.raises(BaseExceptionGroup) as found:
        await _storms(planted)
    errors = list(_leaves(found.value))
    assert all(isinstance(one, Hole | asyncpg.UniqueViolationError) for one in errors), errors


async def _storms(store: PostgresStore) -> None:
    for seed in range(5):
        await _storm(store, seed)


def _leaves(group: BaseExceptionGroup):
    for one in group.exceptions:
        yield from _leaves(one) if isinstance(one, BaseExceptionGroup) else [one]
