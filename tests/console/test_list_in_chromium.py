"""The list of petitions in a real browser."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.console.looking import fits, low_contrast

pytestmark = pytest.mark.browser


@pytest.fixture
def three(door):
    """Three petitions that share a word of their own: with a grid, with a department, with a street's desk."""
    word = f"第{uuid4().hex[:12]}号"
    filed = {
        "lamp": door.filed(title=f"{word}楼道灯不亮", place={"unit": "P111"}),
        "gas": door.filed(title=f"{word}燃气", kind="GAS", place={"unit": "P111"}),
        "street": door.filed(title=f"{word}楼道灯", place={"unit": "P1"}),
    }
    door.settled()
    return word, {name: petition["number"] for name, petition in filed.items()}


async def numbers(page: Page) -> list[str]:
    return await page.locator(".petitions tbody .number").all_inner_texts()


async def test_a_row_says_it_all_in_words(window, three):
    word, filed = three
    page = (await window(f"/?q={word}")).page
    row = page.locator("tr", has_text=filed["gas"])
    assert re.sub(r"\s+", " ", await row.inner_text()).startswith(
        f"{filed['gas']} {word}燃气 燃气泄漏 ▲特急 区 区燃气办 试点区 已派单"
    )
    await expect(row.locator("a")).to_have_attribute("href", re.compile("/petitions/"))


async def test_choosing_a_filter_swaps_the_table_and_the_url(window, three):
    word, filed = three
    page = (await window(f"/?q={word}")).page
    assert sorted(await numbers(page)) == sorted(filed.values())
    await page.evaluate("window.stayed = true")
    await page.get_by_label("紧急程度").select_option("critical")
    await expect(page.locator(".petitions tbody tr")).to_have_count(1)
    assert page.url.endswith("&severity=critical")
    assert await page.evaluate("window.stayed"), "the page was loaded again"
    await page.get_by_label("紧急程度").select_option("")
    await expect(page.locator(".petitions tbody tr")).to_have_count(3)
    assert "severity" not in page.url
    await page.go_back()
    await expect(page.locator(".petitions tbody tr")).to_have_count(1)
    await expect(page.get_by_label("紧急程度")).to_have_value("critical")


async def test_the_url_alone_brings_the_filters_back(window, three):
    word, filed = three
    page = (await window(f"/?q={word}&unit=P1&status=routed")).page
    assert await numbers(page) == [filed["street"]]
    await expect(page.get_by_label("状态")).to_have_value("routed")
    await expect(page.get_by_label("单元")).to_have_value("P1")


async def test_without_scripts_everything_works_too(window, three):
    word, filed = three
    page = (await window("/", scripts=False)).page
    await page.get_by_label("关键词或编号").fill(word)
    await page.get_by_label("层级").select_option("district")
    await page.get_by_role("button", name="查询").click()
    assert await numbers(page) == [filed["gas"]]
    assert "status=" not in page.url
    await page.get_by_role("link", name=filed["gas"]).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(word)


async def test_a_number_read_over_the_phone_is_found(window, three):
    _, filed = three
    page = (await window("/")).page
    await page.get_by_label("关键词或编号").fill(filed["lamp"])
    await page.keyboard.press("Enter")
    await expect(page.locator(".petitions tbody tr")).to_have_count(1)
    assert await numbers(page) == [filed["lamp"]]


async def test_units_are_suggested_while_somebody_types(window):
    page = (await window("/")).page
    await page.get_by_label("单元").press_sequentially("一社区")
    await expect(page.locator("#units option")).to_have_count(3)
    assert await page.locator("#units option").first.get_attribute("value") == "P11"


async def test_pages_follow_each_other(window, three):
    word, filed = three
    page = (await window(f"/?q={word}&limit=2")).page
    first = await numbers(page)
    await page.get_by_role("link", name="下一页").click()
    second = await numbers(page)
    assert sorted(first + second) == sorted(filed.values())
    await expect(page.get_by_role("link", name="下一页")).to_have_count(0)
    await page.get_by_role("link", name="回到第一页").click()
    assert await numbers(page) == first


async def test_the_list_follows_what_happens(window, door, three):
    word, filed = three
    one = await window("/")
    page = one.page
    await page.clock.install()
    await page.goto(f"/?q={word}&status=accepted")
    await expect(page.get_by_text("没有符合条件的诉求。")).to_be_visible()
    petition = door.listed(q=filed["lamp"])["items"][0]["id"]
    door.done(petition, "accept")
    door.settled()
    await page.clock.fast_forward(10_000)
    await expect(page.locator(".petitions tbody tr")).to_have_count(1)
    await expect(page.locator(".petitions .state")).to_have_text("已签收")


async def test_what_is_overdue_says_so_in_words(window, door):
    word = f"第{uuid4().hex[:12]}号"
    late = door.filed(title=f"{word}立刻", kind="FAST", place={"unit": "P"})
    door.becomes(late["id"], "routed", version=late["version"] + 2)
    door.settled()
    page = (await window(f"/?q={word}&overdue=true&lang=en")).page
    assert await numbers(page) == [late["number"]]
    await expect(page.locator(".late")).to_have_text(re.compile(r"✕ under 1 min overdue"))


async def test_the_language_is_switched_once_and_stays(window, three):
    word, filed = three
    page = (await window(f"/?q={word}&severity=critical")).page
    await page.get_by_role("link", name="English").click()
    assert await page.locator("html").get_attribute("lang") == "en"
    assert await numbers(page) == [filed["gas"]]
    await expect(page.locator("tbody tr")).to_contain_text("▲")
    await expect(page.locator("tbody tr")).to_contain_text("Critical")
    await page.get_by_role("link", name=filed["gas"]).click()
    await expect(page.get_by_role("heading", name="Why it is here")).to_be_visible()
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_role("heading", name="为什么在这里")).to_be_visible()


async def test_the_keyboard_is_enough(window):
    page = (await window("/")).page
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("关键词或编号")).to_be_focused()
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/", "/?lang=en", "/?unit=东一", "/?q=没有这样的字"])
async def test_it_fits_and_can_be_read(window, three, path, width):
    page = (await window(path, width=width)).page
    assert await fits(page)
    assert not await low_contrast(page)
