"""What only the PostgreSQL engine has to prove: what it does when the database is away, slow or shared."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import asyncpg
import pytest

from services.chassis import deadline_rows
from services.chassis.log import Log
from services.chassis.projection import ProjectionRunner
from services.chassis.store import postgres_connections as connections_module
from services.chassis.store.engine import (
    Appended,
    Duplicate,
    LeaseLost,
    Move,
    OutcomeUnknown,
    Statement,
    StoreUnavailable,
    Transaction,
)
from services.chassis.store.postgres import PostgresEngine
from services.chassis.store.postgres_connections import SETTINGS, DatabaseTime
from services.chassis.store.postgres_rows import MANY, numbered
from services.chassis.store.tables import NAME, log_metadata
from services.console.petition_list import PETITION_LIST
from tests.contracts.petitions import accepted, entry, filing
from tests.contracts.rows import entry as row_entry
from tests.contracts.rows import filing as row_filing
from tests.contracts.rows import key, stream, write
from tests.contracts.stores import PostgresStore

pytestmark = pytest.mark.postgres


@pytest.fixture
async def engine(postgres: PostgresStore) -> PostgresEngine:
    return await postgres.open()


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT ':a', \":b\", 'it''s :c', :d", "SELECT ':a', \":b\", 'it''s :c', $1", ("d",)),
        ("SELECT :a::bigint, x::text", "SELECT $1::bigint, x::text", ("a",)),
        ("SELECT x[1:2], :a || ';'", "SELECT x[1:2], $1 || ';'", ("a",)),
    ],
)
def test_named_parameters_are_numbered_and_literals_left_alone(sql, text, names):
    assert numbered(sql) == (text, names)


async def test_every_connection_has_the_settings_that_the_promises_need(engine):
    await asyncio.gather(*(engine.heads() for _ in range(20)))
    wanted = {name: value for name, value in SETTINGS.items() if name != "role"}
    for name, value in wanted.items():
        rows = await asyncio.gather(*(engine.query(f"SHOW {name}", {}) for _ in range(4)))
        assert {row for ((row,),) in rows} == {value}
    assert await engine.query("SELECT current_user", {}) == [("gridcase_service",)]


async def test_a_database_that_is_down_is_an_error_at_once_and_then_works_again(postgres, engine):
    await engine.append([row_filing(stream(partition=0))])
    postgres.server.stop()
    began = time.monotonic()
    for ask in (engine.heads, lambda: engine.append([row_filing(stream(partition=0))])):
        with pytest.raises(StoreUnavailable) as refused:
            await ask()
        assert not isinstance(refused.value, OutcomeUnknown), "it was never asked to write anything"
    with pytest.raises(StoreUnavailable):
        await PostgresEngine.open(postgres.url)
    assert time.monotonic() - began < 2
    postgres.server.start()
    await engine.append([row_filing(stream(partition=0))])
    assert (await engine.heads())[0] == 2


async def test_what_was_acknowledged_is_there_after_kill_9(postgres, engine):
    petitions = [stream() for _ in range(20)]
    await engine.append([row_filing(petition) for petition in petitions])
    postgres.server.kill()
    postgres.server.start()
    assert len(await (await postgres.open()).load(petitions)) == 20


async def test_whether_it_was_kept_is_known_of_what_the_database_undid(engine):
    too_long = "SET statement_timeout = '10ms'; SELECT pg_sleep(5)"
    with pytest.raises(StoreUnavailable, match="QueryCanceled") as undone:
        await engine._connections.run(lambda one: one.execute(too_long), writes=True)
    assert not isinstance(undone.value, OutcomeUnknown)


async def test_no_call_waits_for_a_paused_database_longer_than_the_bound(postgres, engine, monkeypatch):
    monkeypatch.setattr(connections_module, "LONGEST_WAIT", 0.5)
    await engine.heads()
    postgres.server.pause()
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="Timeout"):
        await engine.append([row_filing(stream())])
    with pytest.raises(StoreUnavailable, match="Timeout") as unread:
        await engine.heads()
    assert not isinstance(unread.value, OutcomeUnknown)
    assert time.monotonic() - began < 3
    postgres.server.resume()
    monkeypatch.undo()
    await engine.append([row_filing(stream())])


async def test_a_process_that_freezes_in_a_transaction_blocks_nobody_for_long(postgres, engine):
    frozen = await asyncpg.connect(postgres.url, server_settings=SETTINGS)
    await frozen.execute("BEGIN")
    await frozen.execute("SELECT es_lock(ARRAY[0]::smallint[])")
    began = time.monotonic()
    (outcome,) = await engine.append([row_filing(stream(partition=0))])
    assert isinstance(outcome, Appended)
    assert 1 < time.monotonic() - began < 4
    frozen.terminate()


async def test_a_commit_of_another_partition_does_not_wait(postgres, engine):
    holder = await asyncpg.connect(postgres.url)
    async with holder.transaction():
        await holder.execute("SELECT es_lock(ARRAY[0]::smallint[])")
        await asyncio.wait_for(engine.append([row_filing(stream(partition=1))]), 2)
        blocked = asyncio.create_task(engine.append([row_filing(stream(partition=0))]))
        assert not (await asyncio.wait([blocked], timeout=0.2))[0]
    await asyncio.wait_for(blocked, 5)
    await holder.close()


async def test_of_two_processes_that_claim_one_key_at_once_one_is_the_duplicate(postgres):
    engines = [await postgres.open() for _ in range(4)]
    for number in range(10):
        petitions = [stream() for _ in engines]
        outcomes = await asyncio.gather(
            *(one.append([row_filing(p, keys=[key(f"{number}")])]) for one, p in zip(engines, petitions, strict=True))
        )
        (winner,) = [p for p, (o,) in zip(petitions, outcomes, strict=True) if isinstance(o, Appended)]
        assert [o for (o,) in outcomes if not isinstance(o, Appended)] == [Duplicate(winner, same_body=True)] * 3


async def test_transactions_that_meet_in_the_other_order_are_tried_again(postgres):
    one, other = await postgres.open(), await postgres.open()
    rows = [{"subscriber": name, "stream_id": stream()} for name in ("a", "b")]
    park = "INSERT INTO es_parked VALUES (:subscriber, :stream_id) ON CONFLICT DO NOTHING"
    for _ in range(20):
        await asyncio.gather(
            one.transact(Transaction(statements=[Statement(park, rows)])),
            other.transact(Transaction(statements=[Statement(park, rows[::-1])])),
        )
        await one.transact(Transaction(statements=[Statement("DELETE FROM es_parked", [{}])]))


async def test_of_two_processes_on_one_expected_version_exactly_one_is_appended(postgres):
    engines = [await postgres.open() for _ in range(4)]
    petition = stream()
    await engines[0].append([row_filing(petition)])
    for version in range(1, 11):
        outcomes = await asyncio.gather(*(one.append([row_entry(write(petition, version))]) for one in engines))
        assert sum(isinstance(outcome, Appended) for (outcome,) in outcomes) == 1


async def test_text_that_the_database_refuses_is_not_taken_for_its_absence(engine):
    with pytest.raises(asyncpg.PostgresError):
        await engine.append([row_filing(stream(), "\0")])
    bad = Statement("INSERT INTO es_parked VALUES (:subscriber, :stream_id)", [{"subscriber": 3, "stream_id": 4}])
    with pytest.raises(asyncpg.DataError, match="expected"):
        await engine.transact(Transaction(statements=[bad]))


async def test_a_caller_that_gives_up_does_not_undo_its_write(engine):
    petition = stream()
    call = asyncio.create_task(engine.append([row_filing(petition)]))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await engine.append([row_filing(stream())])
    assert len(await engine.load([petition])) == 1


async def test_close_finishes_what_was_submitted(postgres):
    engine = await postgres.open()
    submitted = [asyncio.create_task(engine.append([row_filing(stream())])) for _ in range(10)]
    await asyncio.sleep(0)
    await engine.close()
    await asyncio.gather(*submitted)
    assert await postgres.rows("SELECT count(*) FROM es_event") == [(10,)]


async def test_committed_is_told_in_the_order_of_the_positions(engine):
    told: list[int] = []

    def remember(outcomes) -> None:
        told.extend(place.position for outcome in outcomes for place in outcome.places)

    calls = [
        engine.append([row_filing(stream(partition=0))], remember)
        if number % 2
        else engine.transact(Transaction(entries=[row_filing(stream(partition=0))]), remember)
        for number in range(30)
    ]
    await asyncio.gather(*calls)
    assert told == list(range(1, 31))


async def test_the_checkpoint_is_looked_at_before_any_partition_is_locked(postgres, engine):
    """Whoever lost its lease must not make the new owner wait."""
    holder = await asyncpg.connect(postgres.url)
    async with holder.transaction():
        await holder.execute("SELECT es_lock(ARRAY[0]::smallint[])")
        lost = Transaction([Move("nobody", 0, 0, 1, 1)], [row_filing(stream(partition=0))])
        with pytest.raises(LeaseLost):
            await asyncio.wait_for(engine.transact(lost), 2)
    await holder.close()


async def test_recorded_at_is_the_time_of_the_database(postgres, engine):
    await engine.append([row_filing(stream())])
    ((apart,),) = await postgres.rows("SELECT extract(epoch FROM clock_timestamp()) - recorded_at / 1e6 FROM es_event")
    assert abs(apart) < 5


class Clock:
    """A database that says what time it is."""

    def __init__(self, said: datetime) -> None:
        self.said = said

    async def fetchval(self, sql: str) -> float:
        return self.said.timestamp()


async def test_the_time_is_measured_and_never_goes_back():
    clock, far = DatabaseTime(), datetime(2031, 5, 1, tzinfo=UTC)
    assert not clock.fresh
    await clock.measure(Clock(far))
    assert clock.fresh
    now = clock.now()
    assert far <= now < far + timedelta(seconds=5)
    await clock.measure(Clock(far - timedelta(hours=1)))
    assert now <= clock.now() < now + timedelta(seconds=5)


async def test_a_database_that_answers_late_does_not_make_it_later_than_it_is(monkeypatch):
    """As one that was stopped and looks at its clock when it goes on; an early breach could not be taken back."""
    clock, far, ticks = DatabaseTime(), datetime(2031, 5, 1, tzinfo=UTC), [100.0, 104.0, 104.0]
    monkeypatch.setattr(connections_module, "time", SimpleNamespace(monotonic=lambda: ticks.pop(0)))
    await clock.measure(Clock(far))
    assert clock.now() <= far
    ticks += [104.5, 105.5]
    assert [clock.fresh, clock.fresh] == [True, False], "what took so long is asked for again soon"


async def test_what_is_compared_is_compared_byte_by_byte(postgres):
    sql = (
        "SELECT attrelid::regclass::text, attname::text FROM pg_attribute"
        " WHERE attcollation = 'pg_catalog.\"C\"'::regcollation AND attrelid::regclass::text ~ '^(es_|deadline)'"
        " AND attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r')"
    )
    assert set(await postgres.rows(sql)) == {
        (table, column.name)
        for table, columns in ((name, one.columns) for name, one in log_metadata.tables.items())
        for column in columns
        if column.type is NAME
    }


async def test_what_is_run_for_many_rows_is_planned_once_and_as_a_look_up_while_the_table_is_empty(engine):
    stops = [{"stream_id": stream(), "family": "accept"} for _ in range(MANY)]
    await engine.transact(Transaction(statements=[Statement(deadline_rows.STOP, stops)]))
    kept = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE 'DELETE FROM deadline%'"
    assert await engine.query(kept, {}) == [(MANY, 0)]
    for name in ("plan_cache_mode", "enable_seqscan"):
        (now,) = await engine.query(f"SELECT setting = reset_val FROM pg_settings WHERE name = '{name}'", {})
        assert now == (True,), "the next transaction has the settings of the connection"
    row = {"stage": "due", "partition": 0, "due_at": 5, "next_at": 5}
    starts = [
        {**row, "stream_id": stop["stream_id"], "deadline_id": f"accept:{number}"} for number, stop in enumerate(stops)
    ]
    await engine.transact(Transaction(statements=[Statement(deadline_rows.START, starts)]))
    await engine.transact(Transaction(statements=[Statement(deadline_rows.STOP, stops[1:])]))
    assert await engine.query("SELECT deadline_id FROM deadline", {}) == [("accept:0",)]


async def test_families_of_deadlines_end_where_they_should_in_any_language(server):
    shared = await PostgresStore.emptied(server)
    (with_icu,) = await shared.rows("SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'en-x-icu')")
    english = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
    made = await PostgresStore.made(server, how=english if with_icu[0] else "")
    engine, petition = await made.open(), stream()
    names = ["accept", "accept:1", "accept;", "acceptance", "ACCEPT", "resolve"]
    row = {"stream_id": petition, "stage": "due", "partition": 0, "due_at": 5, "next_at": 5}
    start = [{**row, "deadline_id": name} for name in names]
    await engine.transact(Transaction(statements=[Statement(deadline_rows.START, start)]))
    stop = Statement(deadline_rows.STOP, [{"stream_id": petition, "family": "accept"}])
    await engine.transact(Transaction(statements=[stop]))
    left = await engine.query("SELECT deadline_id FROM deadline", {})
    assert sorted(name for (name,) in left) == sorted(["accept;", "acceptance", "ACCEPT", "resolve"])
    await made.close()
    await made.drop()


async def test_the_list_follows_and_is_rebuilt_beside_itself(engine, keyring):
    log = Log(engine, keyring)
    runner = ProjectionRunner(PETITION_LIST, log, engine)
    await runner.start()
    petitions = [stream() for _ in range(30)]
    await log.append([filing(petition) for petition in petitions])
    while await runner.step():
        pass
    live = sorted(await engine.query("SELECT * FROM petition_list", {}))
    for _ in range(3):
        assert await runner.rebuild() == 30
        assert sorted(await engine.query("SELECT * FROM petition_list", {})) == live
    await log.append([entry(petitions[0], 1, accepted())])
    while await runner.step():
        pass
    assert len(await engine.query("SELECT * FROM petition_list WHERE version = 2", {})) == 1
