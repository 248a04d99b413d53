"""The words of petitions are found the same way in either database."""

from uuid import UUID

import pytest

from services.chassis.store.engine import Statement, Transaction
from services.console.search import INSERT, TABLE, create, find
from tests.contracts.rows import stream

WORDS = {
    "楼道灯不亮": ("", "三单元Lamp 坏了，50%_x"),
    "井盖": ("迎客路8号院", 'say "hi" \\ there'),
}
LAST = UUID(int=(1 << 128) - 1)


@pytest.fixture
async def petitions(engine):
    """The two petitions by their titles."""
    statements = [Statement(sql, [{}]) for sql in (f"DROP TABLE IF EXISTS {TABLE}", *create(TABLE, "", engine.dialect))]
    await engine.transact(Transaction(statements=statements))
    found = {title: stream() for title in WORDS}
    rows = [
        {"rowid": n, "petition": str(found[title]), "title": title, "text": text, "address": address}
        for n, (title, (address, text)) in enumerate(WORDS.items())
    ]
    await engine.transact(Transaction(statements=[Statement(INSERT[engine.dialect].format(table=TABLE), rows)] * 2))
    yield {petition: title for title, petition in found.items()}
    await engine.transact(Transaction(statements=[Statement(f"DROP TABLE {TABLE}", [{}])]))


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("楼道灯", "楼道灯不亮"),
        ("灯", "楼道灯不亮"),
        ("lamp 坏", "楼道灯不亮"),
        ("50%_", "楼道灯不亮"),
        ("%", "楼道灯不亮"),
        ("8号院", "井盖"),
        ("井盖", "井盖"),
        ('"hi"', "井盖"),
        ("\\ there", "井盖"),
        ("没有这些词", None),
        ("5__%x", None),
    ],
)
async def test_any_part_of_a_word_is_found(engine, petitions, asked, title):
    found = await find(engine, asked, None, LAST, 10)
    assert [petitions[one] for one in found] == ([title] if title else [])


async def test_the_newest_come_first_and_a_petition_that_was_named_is_among_them(engine, petitions):
    first, second = sorted(petitions)
    lamp = next(one for one, title in petitions.items() if title == "楼道灯不亮")
    other = first if lamp == second else second
    assert await find(engine, "楼道灯", other, LAST, 10) == [second, first]
    assert await find(engine, "楼道灯", other, second, 10) == [first]
    assert await find(engine, "楼道灯", other, LAST, 1) == [second]
