"""One history makes the tables of both databases, and they are those that the code reads."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.database import PostgresServer
from services.chassis.data_dir import open_data
from services.chassis.store import migrating
from services.chassis.store.migrating import PartitionsFixed, Tables, make_tables, migrate, settle_file
from services.chassis.store.tables import keys_metadata, log_metadata
from services.console.tables import ReadModel
from tests.contracts.rows import PARTITIONS, filing, stream
from tests.contracts.stores import PostgresStore

READ: dict[Tables, list[MetaData]] = {"log": [log_metadata, ReadModel.metadata], "keys": [keys_metadata]}


def _in_file(path: Path, work: Callable[[Connection], Any]) -> Any:
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


def as_stored(petition: UUID, dialect: str) -> UUID | bytes:
    return petition.bytes if dialect == "sqlite" else petition


def _revision(path: Path) -> str:
    return _in_file(path, lambda one: one.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


@pytest.mark.parametrize("tables", ["log", "keys"])
def test_the_history_makes_in_sqlite_what_the_code_reads(tmp_path, tables):
    def upgraded(connection: Connection) -> None:
        migrating.upgrade(connection, tables)
        command.check(migrating.revisions(connection, tables, READ[tables]))

    _in_file(tmp_path / "new.db", upgraded)


@pytest.mark.postgres
@pytest.mark.parametrize("tables", ["log", "keys"])
async def test_the_history_makes_in_postgres_what_the_code_reads(postgres, tables):
    name = f"t_{uuid4().hex}"
    await postgres.do(f"CREATE DATABASE {name}")
    url = postgres.server.url(name)
    await migrate(url, tables)
    await migrate(url, tables)
    engine = create_async_engine(url.replace("postgresql", "postgresql+asyncpg", 1))
    async with engine.begin() as connection:
        await connection.run_sync(lambda one: command.check(migrating.revisions(one, tables, READ[tables])))
    await engine.dispose()
    await postgres.do(f"DROP DATABASE {name}")


def test_a_database_that_differs_from_what_the_code_reads_is_found(tmp_path):
    def changed(connection: Connection) -> None:
        migrating.upgrade(connection, "log")
        connection.exec_driver_sql("ALTER TABLE deadline DROP COLUMN attempts")
        command.check(migrating.revisions(connection, "log", READ["log"]))

    with pytest.raises(Exception, match="attempts"):
        _in_file(tmp_path / "new.db", changed)


def test_new_files_get_the_newest_tables_without_the_history(tmp_path):
    def head(connection: Connection) -> str | None:
        command.check(migrating.revisions(connection, "log", READ["log"]))
        return ScriptDirectory.from_config(migrating.revisions(connection, "log")).get_current_head()

    settle_file(tmp_path / "log.db", "log", *READ["log"])
    assert _in_file(tmp_path / "log.db", head) == _revision(tmp_path / "log.db") == migrating.NEWEST


async def test_a_directory_from_before_the_history_still_opens_and_keeps_everything(tmp_path):
    make_tables(tmp_path / "log.db", *READ["log"])
    make_tables(tmp_path / "keys.db", *READ["keys"])
    with closing(sqlite3.connect(tmp_path / "log.db")) as before:
        before.execute("DROP TABLE es_member")  # what came with the second revision
        before.execute("DROP TABLE es_outlet")  # with the eighth
        before.execute("DROP INDEX es_dead_letter_news")  # and with the fourth
        before.execute("ALTER TABLE es_dead_letter DROP COLUMN failed_at")
        before.execute("ALTER TABLE es_dead_letter DROP COLUMN told")
        before.execute("DROP TABLE policy_proposal")  # with the fifth
        for column in ("effective_from", "published_by", "approved_by", "reason"):
            before.execute(f"ALTER TABLE policy DROP COLUMN {column}")
    petition = stream()
    for _ in range(2):
        data = await open_data(tmp_path, PARTITIONS, ReadModel.metadata)
        await data.engine.append([filing(petition)])
        await data.close()
    assert [_revision(tmp_path / name) for name in ("log.db", "keys.db")] == [migrating.NEWEST] * 2
    data = await open_data(tmp_path, PARTITIONS, ReadModel.metadata)
    assert len(await data.engine.load([petition])) == 1
    await data.close()


def _with_dead_letters(connection: Connection) -> None:
    """The log of the release before, with a letter about an event and one about an event that is not there."""
    command.upgrade(migrating.revisions(connection, "log"), "0003")
    event = {"stream": as_stored(stream(1), connection.dialect.name), "at": 1_800_000_000_000_000}
    connection.execute(
        text("INSERT INTO es_event VALUES (1, 1, :stream, 1, 'PetitionFiled', 1, '{}', '{}', :at)"), event
    )
    for position in (1, 2):
        letter = (
            "INSERT INTO es_dead_letter (subscriber, stream_id, partition, position, version, attempts, next_at, error)"
            " VALUES ('router', :stream, 1, :position, 1, 3, NULL, 'KeyError at fold:12')"
        )
        connection.execute(text(letter), {"stream": event["stream"], "position": position})


def _letters_of_now(connection: Connection) -> list[Any]:
    """What an upgrade made of them, and whether the tables are those that the code reads."""
    migrating.upgrade(connection, "log")
    command.check(migrating.revisions(connection, "log", READ["log"]))
    found = "SELECT position, attempts, error, failed_at, told FROM es_dead_letter ORDER BY position"
    return [tuple(row) for row in connection.execute(text(found))]


KEPT = [(1, 3, "KeyError at fold:12", 1_800_000_000_000_000, 0), (2, 3, "KeyError at fold:12", 0, 0)]


def test_dead_letters_of_the_release_before_are_kept_and_not_told_yet_in_sqlite(tmp_path):
    _in_file(tmp_path / "log.db", _with_dead_letters)
    assert _in_file(tmp_path / "log.db", _letters_of_now) == KEPT


@pytest.mark.postgres
async def test_dead_letters_of_the_release_before_are_kept_and_not_told_yet_in_postgres(postgres):
    name = f"t_{uuid4().hex}"
    await postgres.do(f"CREATE DATABASE {name}")
    engine = create_async_engine(postgres.server.url(name).replace("postgresql", "postgresql+asyncpg", 1))
    async with engine.begin() as connection:
        await connection.run_sync(_with_dead_letters)
    async with engine.begin() as connection:
        assert await connection.run_sync(_letters_of_now) == KEPT
    await engine.dispose()
    await postgres.do(f"DROP DATABASE {name}")


def test_a_list_that_was_rebuilt_before_has_the_same_indexes_afterwards(tmp_path):
    def indexes(connection: Connection) -> list[tuple[list[str | None], bool]]:
        found = inspect(connection).get_indexes("petition_list")
        return sorted((one["column_names"], "where" in str(one["dialect_options"])) for one in found)

    def rebuilt_before(connection: Connection) -> list[tuple[list[str | None], bool]]:
        command.upgrade(migrating.revisions(connection, "log"), "0009")
        connection.execute(text("DROP INDEX petition_list_place"))
        connection.execute(text("CREATE INDEX petition_list_place__new ON petition_list (place, filed_at)"))
        migrating.upgrade(connection, "log")
        return indexes(connection)

    make_tables(tmp_path / "new.db", ReadModel.metadata)
    assert _in_file(tmp_path / "old.db", rebuilt_before) == _in_file(tmp_path / "new.db", indexes)


@pytest.mark.postgres
async def test_the_number_of_partitions_is_fixed_when_the_store_is_made(postgres):
    with pytest.raises(PartitionsFixed, match=str(PARTITIONS)):
        await migrate(postgres.server.url(postgres.name), "log", PARTITIONS * 2)
    assert (await postgres.open()).partitions == PARTITIONS


@pytest.mark.postgres
async def test_a_url_may_say_how_to_connect(postgres):
    url = postgres.server.url(postgres.name)
    await migrate(f"{url}{'&' if '?' in url else '?'}sslmode=prefer", "log", PARTITIONS)


@pytest.mark.postgres
async def test_two_processes_may_bring_one_database_forward_at_once(postgres):
    name = f"t_{uuid4().hex}"
    await postgres.do(f"CREATE DATABASE {name}")
    await asyncio.gather(*(migrate(postgres.server.url(name), "log", PARTITIONS) for _ in range(3)))
    await postgres.do(f"DROP DATABASE {name}")


@pytest.mark.postgres
async def test_an_owner_without_other_rights_brings_its_databases_forward(server):
    """On a server of its own: roles belong to all databases of a server."""
    with PostgresServer(binaries=server.binaries) as alone:
        postgres = PostgresStore(alone, "postgres")
        await postgres.do("CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'secret'")
        for tables in ("log", "keys", "search"):
            await postgres.do(f"CREATE DATABASE {tables} OWNER owner")
            await migrate(alone.url(tables, "owner", "secret"), tables)


HISTORY = ("es_event", "es_key", "policy")


@pytest.mark.postgres
@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"])
async def test_a_service_can_only_add_to_history(postgres: PostgresStore, table, change):
    column = {"es_event": "data", "es_key": "scope", "policy": "bundle"}[table]
    with pytest.raises(Exception, match=r"permission denied|must be owner"):
        await postgres.do_as_service(change.format(table, column, column))


@pytest.mark.postgres
async def test_an_engine_can_only_add_to_history_even_when_the_owner_logs_in(postgres):
    engine = await postgres.open(as_owner=True)
    await engine.append([filing(stream())])
    for sql in ("UPDATE es_event SET data = ''", "DELETE FROM es_event", "ALTER TABLE es_event DISABLE TRIGGER ALL"):
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            await engine.query(sql, {})
