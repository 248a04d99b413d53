"""Brings a database's tables to what this release reads: one history of revisions for SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from sqlalchemy import Connection, MetaData, create_engine, inspect, text

from services.chassis.store.rights import rights

if TYPE_CHECKING:
    from alembic.config import Config

Tables = Literal["log", "keys", "search"]
"""Which database: the log with its read models, the petitions' keys, or the opened words."""
BASELINE = "0001"
"""What a database has that was made before there were revisions."""
NEWEST = "0010"
MIGRATIONS_LOCK = 1702063981


class PartitionsFixed(Exception):
    """The store was made with another number of partitions."""

    def __init__(self, made_with: int, asked: int) -> None:
        super().__init__(
            f"the store has {made_with} partitions, fixed when it was made; set GRIDCASE_PARTITIONS={made_with}"
            f" instead of {asked} / 分区数建库时已固定"
        )


def make_tables(path: Path, *metadata: MetaData) -> None:
    """Create what is missing in a SQLite file; WAL from the first write on."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        for one in metadata:
            one.create_all(connection)
    engine.dispose()
    path.chmod(0o600)


def settle_file(path: Path, tables: Tables, *metadata: MetaData) -> None:
    """Make a SQLite file's tables, or bring them forward. A new one gets the newest at once, without the history."""
    make_tables(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # or each CREATE would be committed by itself
        empty, revision = _stands_at(connection)
        if empty:
            for one in metadata:
                one.create_all(connection)
        if revision is None:
            _stamp(connection, NEWEST if empty else BASELINE)
        if not empty and revision != NEWEST:
            upgrade(connection, tables)
    engine.dispose()


def upgrade(connection: Connection, tables: Tables) -> None:
    """Run the revisions that a database has not seen, in the transaction that the connection is in."""
    from alembic import command

    command.upgrade(revisions(connection, tables), "head")


async def migrate(
    url: str, tables: Tables, partitions: int | None = None, models: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Bring a PostgreSQL database forward, as its owner. The log's number of partitions is fixed the first time.

    `models`: read models that no revision makes, each with the DDL that makes it where it is missing."""
    import asyncpg
    from sqlalchemy.ext.asyncio import create_async_engine

    # Only asyncpg reads all that may stand in a URL, such as ?sslmode=require.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATIONS_LOCK})"))
            await connection.run_sync(upgrade, tables)
            for sql in (*(ddl for model in (models or {}).values() for ddl in model), *rights(models or ())):
                await connection.exec_driver_sql(sql)
            if partitions is not None:
                await connection.run_sync(fix_partitions, partitions)
    finally:
        await engine.dispose()


def fix_partitions(connection: Connection, partitions: int) -> None:
    """Write what is fixed when a store is made; raises PartitionsFixed when it was made otherwise."""
    fixed: dict[str, str] = {row.name: row.value for row in connection.execute(text("SELECT name, value FROM es_meta"))}
    if not fixed:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        made = {"partitions": str(partitions), "epoch": str(uuid4()), "created_at": now}
        rows = [{"name": name, "value": value} for name, value in made.items()]
        connection.execute(text("INSERT INTO es_meta VALUES (:name, :value)"), rows)
    elif int(fixed["partitions"]) != partitions:
        raise PartitionsFixed(int(fixed["partitions"]), partitions)


def revisions(connection: Connection, tables: Tables, metadata: Sequence[MetaData] = ()) -> "Config":
    """The history as Alembic's commands take it; `metadata` to compare with."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("services").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes |= {"connection": connection, "tables": tables, "metadata": list(metadata)}
    return config


def _stands_at(connection: Connection) -> tuple[bool, str | None]:
    """Whether the database has no table yet, and its revision if that was ever written."""
    names = set(inspect(connection).get_table_names())
    if "alembic_version" not in names:
        return not names, None
    return False, connection.scalar(text("SELECT version_num FROM alembic_version"))


def _stamp(connection: Connection, revision: str) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS alembic_version"
        " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
