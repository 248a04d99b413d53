"""The page of one petition in a real browser."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.console.looking import fits, low_contrast
from tests.serving import Door

pytestmark = pytest.mark.browser

TEXT = "三单元楼道灯不亮两周了。\n\n  老人晚上下楼\t看不见台阶。"


@pytest.fixture(scope="module")
def lived(door: Door) -> str:
    """A petition with a missed acceptance, a resolution that did not solve it, a new round and a new reading."""
    petition = door.filed(
        title="三单元楼道灯不亮", text=TEXT, place={"unit": "P111", "address": "迎客路 8 号院"}, kind="FAST",
        filed_by={"role": "grid_worker", "id": "w-7"}, external={"source": "12345", "number": "N-1"},
        channel="grid_patrol",
    )["id"]  # fmt: skip
    door.becomes(petition, "routed", tier="community")
    door.done(petition, "accept", by="s-2")
    door.done(petition, "reassess", by="r-1", reason="不是急事", kind="LAMP")
    door.done(petition, "resolve", by="s-2", text="换了灯泡。")
    door.done(petition, "feedback", by="c-3", reached=False)
    door.done(petition, "feedback", by="c-3", reached=True, solved=False, satisfied=False, text="二楼还是不亮。")
    door.becomes(petition, "routed", tier="street")
    return petition


async def said(locator: Locator) -> list[str]:
    return [re.sub(r"\s+", " ", text).strip() for text in await locator.all_inner_texts()]


async def test_its_words_are_shown_as_they_came(window, lived):
    page = (await window(f"/petitions/{lived}")).page
    assert await page.locator(".matter").evaluate("words => words.textContent") == TEXT
    assert await page.locator("h1").inner_text() == "三单元楼道灯不亮"
    await expect(page.locator(".place")).to_contain_text("东一社区第1网格")
    await expect(page.locator(".place")).to_contain_text("迎客路 8 号院")


async def test_it_says_why_it_is_where_it_is(window, lived):
    page = (await window(f"/petitions/{lived}")).page
    why = page.locator("section", has=page.get_by_role("heading", name="为什么在这里"))
    await expect(why.locator(".answer")).to_have_text("在东街道：重办派单。")
    rows = await said(why.locator(".floors tbody tr"))
    assert rows[0] == "事权 网格 “楼道灯不亮”（LAMP）的事权在网格。"
    assert re.fullmatch(r"经过 街道 群众反映没有解决，所以比第 \d+ 条事件的派单高一级。 ◀ 起决定作用", rows[-1])
    await expect(why).to_contain_text("不是急事")


async def test_the_words_it_was_read_by_are_marked(window, door):
    petition = door.filed(title="三单元", text="😀 三单元楼道灯不亮，现在还漏气了！", place={"unit": "P111"})["id"]
    page = (await window(f"/petitions/{petition}")).page
    marked = await page.locator(".matter mark").all_inner_texts()
    assert "漏气" in marked
    number = await page.locator(".matter mark", has_text="漏气").get_attribute("data-numbers")
    ground = page.locator(".grounds li", has_text="说的是眼下正在发生").first
    await expect(ground.locator(".quote", has_text="漏气")).to_contain_text(f"{number} 漏气")


async def test_its_deadlines_are_told_by_word_and_mark(window, lived):
    page = (await window(f"/petitions/{lived}")).page
    rows = await said(page.locator(".deadlines tbody tr"))
    assert re.fullmatch(r"签收（第 \d+ 条事件的派单） [-\d]+ [:\d]+ 8 小时后 ○ ?进行中", rows[0])
    assert any(re.fullmatch(r"签收（第 \d+ 条事件的派单） [-\d]+ [:\d]+ ✕ ?超时", row) for row in rows)
    assert any(re.fullmatch(r"办结（第 1 轮） [-\d]+ [:\d]+ ✓ ?按时", row) for row in rows)


async def test_its_timeline_tells_every_event_in_order(window, door, lived):
    page = (await window(f"/petitions/{lived}?lang=en")).page
    told = await said(page.locator(".timeline .what strong"))
    assert len(told) == len(door.timeline(lived))
    assert told[:4] == ["Filed", "Assessed", "Routed", "▲ Deadline missed"]
    assert "Re-opened" in told
    quotes = await said(page.locator(".timeline blockquote"))
    assert quotes == ["不是急事", "换了灯泡。", "二楼还是不亮。"]
    who = await said(page.locator(".timeline .who"))
    assert who[0] == "person w-7"
    assert who[1] == "severity service"


async def test_what_happened_begins_where_its_next_line_does(window, lived):
    page = (await window(f"/petitions/{lived}")).page
    for what in await page.locator(".timeline .what").all():
        gap = await what.evaluate(
            "what => what.querySelector('strong').getBoundingClientRect().left - what.getBoundingClientRect().left"
            " - parseFloat(getComputedStyle(what).paddingLeft)"
        )
        assert abs(gap) < 1


async def test_an_events_data_can_be_unfolded(window, lived):
    page = (await window(f"/petitions/{lived}")).page
    first = page.locator("#e1 details")
    await expect(first.locator("pre")).to_be_hidden()
    offsets = "row => [...row.querySelectorAll('.what, .who, summary')].map(one => [one.offsetLeft, one.offsetTop])"
    before = await page.locator("#e1").evaluate(offsets)
    await first.locator("summary").click()
    assert await page.locator("#e1").evaluate(offsets) == before, "nothing moves when it opens"
    await expect(first.locator("pre")).to_contain_text('"channel": "grid_patrol"')
    assert "petitioner" not in await first.locator("pre").inner_text()


async def test_an_unknown_petition_has_a_friendly_page(window):
    opened = await window("/petitions/01a20a62-d504-7503-b778-98728c567667", width=390)
    opened.was_answered_with(404)
    await expect(opened.page.get_by_role("heading", level=1)).to_have_text("没有该诉求。")
    await expect(opened.page.get_by_text("There is no such petition.")).to_be_visible()
    assert await fits(opened.page)
    assert not await low_contrast(opened.page)
    await opened.page.get_by_role("link", name="返回诉求列表").click()
    await expect(opened.page.get_by_role("search")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_it_fits_and_can_be_read(window, lived, width, lang):
    page = (await window(f"/petitions/{lived}?lang={lang}", width=width)).page
    for unfold in await page.locator("summary").all():
        await unfold.click()
    assert await fits(page)
    assert not await low_contrast(page)


async def test_one_that_has_only_just_come_in_has_a_page_too(window, door):
    petition = door.file(text="").json()["id"]
    page = (await window(f"/petitions/{petition}")).page
    await expect(page.get_by_role("heading", level=1)).to_have_text("（无标题）")
    await expect(page.get_by_text("（没有正文）")).to_be_visible()
    door.becomes(petition, "declined")
    await page.reload()
    await expect(page.locator(".answer")).to_have_text("标题和正文里没有文字。")
