"""SQLAlchemy's statements and tables as SQL of the database that an engine speaks to."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect, Select, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.schema import CreateIndex, CreateTable

DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": PGDialect(paramstyle="named"),  # type: ignore[no-untyped-call]
}


def compiled(statement: Select[Any], dialect: str) -> tuple[str, dict[str, Any]]:
    """A query and its parameters, as `Engine.query` takes them."""
    made = statement.compile(dialect=DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
    return str(made), dict(made.params)


def create_table(table: Table, name: str, suffix: str) -> list[str]:
    """DDL of a table under another name in a SQLite file, its indexes named with `suffix`."""
    ddl = [str(CreateTable(table).compile(dialect=DIALECTS["sqlite"]))]
    ddl += [
        str(CreateIndex(index).compile(dialect=DIALECTS["sqlite"])).replace(str(index.name), f"{index.name}{suffix}")
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    return [
        statement.replace(f"TABLE {table.name}", f"TABLE {name}").replace(f"ON {table.name} ", f"ON {name} ")
        for statement in ddl
    ]
