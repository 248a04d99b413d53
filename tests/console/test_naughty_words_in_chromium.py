"""Whatever a resident writes is words on a page, and nothing else."""

import json

import pytest
from playwright.async_api import Page

from tests.console.looking import fits
from tests.serving import naughty

pytestmark = pytest.mark.browser

OURS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "\"><svg onload=alert(3)><a href='javascript:alert(4)'>x</a>",
    "{{ 7 * 7 }} {% raw %} ${7*7} {given}",
    "<div hx-get=/v1/policy hx-trigger=load hx-on:load=alert(5)>",
    "</title></textarea></script><style>body{display:none}</style>",
    "\u202eآخر\u202c \u2067قبل\u2069 \u200f\ufeff\u0000".replace("\u0000", ""),
    "\u0001\u0007\u001b[31m\u0085\ufffe\uffff",
    "ก็็็็็็็็็็็็็็็็็็็็ Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "长" * 3000,
    "w" * 3000,
    "\n\n \t 前后有空白 \n\n",
]


def as_browsers_read(words: str) -> str:
    """HTML has one kind of line end, and shows the control characters of another age as what they stood for then."""
    return words.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("words", OURS, ids=range(len(OURS)))
async def test_words_are_only_words(window, door, words):
    petition = door.filed(text=words, title=words[:500], place={"address": words[:500]}, kind="LAMP")["id"]
    page = (await window(f"/petitions/{petition}", width=390)).page
    assert await page.locator(".matter").evaluate("words => words.textContent") == as_browsers_read(words)
    shown = await page.locator("h1").evaluate("words => words.textContent")
    assert shown == as_browsers_read(words[:500])
    assert await fits(page)
    assert page.url.endswith(petition)


async def titles(page: Page) -> set[str]:
    assert await fits(page)
    return set(await page.locator(".petitions .title bdi").evaluate_all("all => all.map(one => one.textContent)"))


async def test_a_list_of_naughty_strings_is_a_list_of_titles(window, door):
    strings = [one for one in json.loads(naughty("blns/blns.json").read_text(encoding="utf-8")) if "\0" not in one]
    lines = [
        json.dumps({"key": f"naughty-{number}", "channel": "web", "text": words, "title": words[:500]})
        for number, words in enumerate(strings)
    ]
    answer = door.http.post(
        "/v1/petitions/batch", content="\n".join(lines), headers={"Content-Type": "application/x-ndjson"}
    )
    results = [json.loads(line) for line in answer.text.splitlines()]
    assert {one["status"] for one in results} == {201}
    door.settled()
    opened = await window("/?limit=500")
    shown = await titles(opened.page)
    while await opened.page.locator(".next").count():
        await opened.page.locator(".next").click()
        shown |= await titles(opened.page)
    assert not [words for words in strings if words.strip() and as_browsers_read(words[:500]) not in shown]
    telling = [
        result["id"]
        for result, words in zip(results, strings, strict=True)
        if any(sign in words for sign in ("<script", "onerror", "javascript:", "\u202e", "\u200f", "{{", "onload"))
    ]
    for petition in telling[:: max(1, len(telling) // 12)]:
        await opened.page.goto(f"/petitions/{petition}")
        assert await fits(opened.page)
