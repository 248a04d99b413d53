"""Words are found, or not, the same in every database."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from schemas.sealed import Sealed
from services.chassis.clock import MachineTime
from services.chassis.data_dir import make_search
from services.chassis.log import Log
from services.chassis.projection import ProjectionRunner
from services.chassis.read_model import Home
from services.chassis.store.engine import Engine, Statement, Transaction
from services.chassis.store.sqlite import SqliteEngine
from services.console.search import PETITION_SEARCH, create, find
from tests.contracts.petitions import entry, filed, supplemented
from tests.contracts.rows import PARTITIONS, stream
from tests.contracts.stores import SEARCH, PostgresStore

TEXTS = ["楼道灯不亮", "Lamp is OUT, 100%", "a_b\\c \"quoted\" 'single'", "路面积水", "50 元"]
LAST = UUID(int=(1 << 128) - 1)


@pytest.fixture
async def search(store, request, tmp_path: Path) -> AsyncIterator[Engine]:
    """The database of the opened words, which is never the log's."""
    if isinstance(store, PostgresStore):
        beside = await PostgresStore.emptied(store.server, SEARCH)
        yield await beside.beside()
        await beside.close()
    else:
        make_search(tmp_path / "search.db")
        engine = SqliteEngine(tmp_path / "search.db", MachineTime(), PARTITIONS)
        yield engine
        await engine.close()


async def _runner(log: Log, search: Home) -> ProjectionRunner:
    if search.dialect == "sqlite":  # PostgreSQL's is made by the migrations
        made = [Statement(sql, [{}]) for sql in create(PETITION_SEARCH.table, "")]
        await search.transact(Transaction(statements=made))
    runner = ProjectionRunner(PETITION_SEARCH, log, search)
    await runner.start()
    return runner


async def _caught_up(runner: ProjectionRunner) -> None:
    while await runner.step():
        pass


async def _filed(log: Log) -> dict[UUID, str]:
    petitions = {stream(): text for text in TEXTS}
    for petition, text in petitions.items():
        await log.append([entry(petition, 0, filed(text, title=Sealed.of("标题")))])
    return petitions


async def _found(
    search: Engine, words: str, also: UUID | None = None, before: UUID = LAST, most: int = 100
) -> list[UUID]:
    return await find(search, words, also, before, most)


ASKED = {
    "楼道灯": ["楼道灯不亮"], "灯": ["楼道灯不亮"], "lamp": ["Lamp is OUT, 100%"], "out": ["Lamp is OUT, 100%"],
    "100%": ["Lamp is OUT, 100%"], "%": ["Lamp is OUT, 100%"], "_": ["a_b\\c \"quoted\" 'single'"], "%%%": [],
    "a_b\\c": ["a_b\\c \"quoted\" 'single'"], "axb": [], '"quoted"': ["a_b\\c \"quoted\" 'single'"],
    "'single'": ["a_b\\c \"quoted\" 'single'"], "标题": TEXTS, "没有的字": [], "50 元": ["50 元"], "\0": [],
    "title:x": [], "NEAR(": [],
}  # fmt: skip


async def test_what_is_part_of_title_text_or_address_is_found(log, search):
    petitions = await _filed(log)
    await _caught_up(await _runner(log, search))
    found = {words: [petitions[one] for one in await _found(search, words)] for words in ASKED}
    assert found == {words: sorted(texts, key=TEXTS.index, reverse=True) for words, texts in ASKED.items()}


async def test_the_newest_come_first_page_by_page_and_a_number_is_found_among_them(log, search):
    petitions = list(await _filed(log))
    await _caught_up(await _runner(log, search))
    assert await _found(search, "标题", most=2) == petitions[:-3:-1]
    assert await _found(search, "标题", before=petitions[3]) == petitions[2::-1]
    assert await _found(search, "路面积水", also=petitions[0]) == [petitions[3], petitions[0]]


async def test_a_rebuild_finds_the_same_and_a_restart_makes_nothing_twice(log, search):
    await _filed(log)
    runner = await _runner(log, search)
    await _caught_up(runner)
    before = await _found(search, "标题")
    for _ in range(2):
        await runner.rebuild()
        runner = await _runner(log, search)
    assert await _found(search, "标题") == before
    assert len(before) == len(TEXTS)


async def test_what_was_added_is_found_once_also_after_a_rebuild(log, search):
    petitions = list(await _filed(log))
    await log.append(
        [entry(petitions[1], 1, supplemented("楼上漏水")), entry(petitions[3], 1, supplemented("路面积水更深"))]
    )
    runner = await _runner(log, search)
    await _caught_up(runner)
    for _ in range(2):
        assert await _found(search, "漏水") == [petitions[1]]
        assert await _found(search, "面积水") == [petitions[3]]
        await runner.rebuild()
        runner = await _runner(log, search)
