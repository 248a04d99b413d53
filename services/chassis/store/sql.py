"""SQLAlchemy's statements and tables as SQL of the database that an engine speaks to."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Dialect,
    Select,
    Table,
    Text,
    and_,
    any_,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import JSONB
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


def one_of(column: Column[Any], values: Sequence[str], dialect: str) -> ColumnElement[bool]:
    """That a column of text is one of these, however many they are: all of them are one parameter."""
    if dialect == "postgresql":
        return column == any_(cast(literal(list(values), ARRAY(Text)), ARRAY(Text)))
    listed = func.json_each(to_json(values).decode()).table_valued("value")
    return column.in_(select(listed.c.value))


def names_one_of(column: Column[Any], values: Sequence[str], dialect: str) -> ColumnElement[bool]:
    """That a column, which holds a list of texts as JSON or nothing, names one of these."""
    if dialect == "postgresql":
        listed = cast(literal(list(values), ARRAY(Text)), ARRAY(Text))
        return and_(column.is_not(None), func.jsonb_exists_any(cast(column, JSONB), listed))
    held = func.json_each(column).table_valued("value")
    wanted = func.json_each(to_json(values).decode()).table_valued("value")
    return and_(column.is_not(None), exists().where(held.c.value.in_(select(wanted.c.value))))


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
