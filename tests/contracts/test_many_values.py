"""However many values something is looked for among, no database finds them too many."""

from sqlalchemy import select

from services.chassis.store.sql import compiled, one_of
from services.chassis.store.tables import es_event
from tests.contracts.rows import filing, stream

UNITS = [f"unit {n}" for n in range(70_000)]
"""More than PostgreSQL, or SQLite as most people have it, takes parameters: 65,535 and 32,766."""


async def test_rows_are_found_among_more_values_than_a_statement_takes_parameters(engine):
    column, one = es_event.c.data, stream()
    await engine.append([filing(one, "unit 69999", "elsewhere")])
    among = select(column).where(one_of(column, UNITS, engine.dialect))
    assert await engine.query(*compiled(among, engine.dialect)) == [("unit 69999",)]
    assert await engine.query(*compiled(select(column).where(one_of(column, [], engine.dialect)), engine.dialect)) == []
