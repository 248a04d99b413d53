"""The pages as any caller of HTTP sees them."""

import json
import shlex
from uuid import uuid4

import pytest

from tests.serving import Door, in_thread


def test_a_page_is_chinese_unless_english_is_asked_for(door):
    assert '<html lang="zh-CN">' in door.http.get("/").text
    english = door.http.get("/?lang=en")
    assert '<html lang="en">' in english.text
    cookie = english.headers["set-cookie"].lower()
    assert "lang=en" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_the_language_stays(door):
    assert '<html lang="en">' in door.http.get("/", headers={"Cookie": "lang=en"}).text
    assert '<html lang="zh-CN">' in door.http.get("/?lang=zh", headers={"Cookie": "lang=en"}).text
    assert '<html lang="zh-CN">' in door.http.get("/?lang=fr", headers={"Cookie": "lang=<b>"}).text


def test_a_browser_that_prefers_english_still_gets_chinese_first(door):
    assert '<html lang="zh-CN">' in door.http.get("/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("path", ["/", "/petitions/01a20a62-d504-7503-b778-98728c567660", "/docs"])
def test_no_page_may_run_what_stands_in_it(door, path):
    answer = door.http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text
    assert "<style" not in answer.text
    assert " onclick=" not in answer.text


def test_no_page_with_words_is_kept_by_anyone(door):
    petition = door.filed()["id"]
    assert door.http.get(f"/petitions/{petition}").headers["cache-control"] == "no-store"
    assert door.http.get("/").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("petition", ["nonsense", "01a20a62-d504-7503-b778-98728c567667"])
def test_an_unknown_petition_is_told_in_both_languages(door, petition):
    answer = door.http.get(f"/petitions/{petition}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "没有该诉求。" in answer.text
    assert "There is no such petition." in answer.text


def test_empty_filters_are_left_out_of_the_url(door):
    answer = door.http.get("/?q=&status=routed&tier=&unit=+&lang=en")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?status=routed&lang=en"


def test_a_unit_can_be_named(door):
    assert door.http.get("/?unit=东街道").headers["location"] == "/?unit=P1"
    assert door.http.get("/?unit=East One Community").headers["location"] == "/?unit=P11"
    assert door.http.get("/?department=燃气").headers["location"] == "/?department=P-GAS"


def test_a_petition_without_a_title_is_listed_with_the_beginning_of_its_text(door):
    marker = uuid4().hex[:8]
    long, short, empty = (
        f"{marker} 三单元声控灯坏了\n两周，老人下楼危险，请尽快派人来看",
        f"{marker} 灯",
        f"{marker} 路",
    )
    for text in (long, short):
        door.filed(text=text)
    door.filed(text="", place={"address": empty})
    door.filed(title=f"{marker} 有题", text="正文不在列表")
    door.settled()
    page = door.http.get(f"/?q={marker}").text
    assert f"（无标题）</span> {marker} 三单元声控灯坏了 两周，老人下楼危险，请尽…</bdi>" in page
    assert f"（无标题）</span> {marker} 灯</bdi>" in page
    assert "（无标题）</span></bdi>" in page
    assert f"<bdi>{marker} 有题</bdi>" in page
    assert "正文不在列表" not in page


def test_only_statuses_that_petitions_can_have_are_offered(door):
    page = door.http.get("/").text
    assert '<option value="accepted"' in page
    assert '<option value="held"' not in page
    assert door.http.get("/v1/petitions?status=held").status_code == 200


def test_a_name_of_several_units_asks_which(door):
    answer = door.http.get("/?unit=东一")
    assert answer.status_code == 200
    assert "“东一”对应 3 个单元" in answer.text
    assert 'href="/?unit=P112"' in answer.text


def test_a_name_of_no_unit_says_so(door):
    assert "没有名为“西街道”的单元。" in door.http.get("/?unit=西街道").text


@pytest.mark.parametrize("query", ["status=lost", "severity=1", "overdue=perhaps", "limit=0", "q=" + "长" * 201])
def test_a_filter_that_cannot_be_is_told_as_a_page(door, query):
    answer = door.http.get(f"/?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert query.partition("=")[0] in answer.text


def test_a_cursor_of_another_list_is_told_as_a_page(door):
    answer = door.http.get("/?cursor=abc")
    assert answer.status_code == 422
    assert "游标无效" in answer.text


def test_suggestions_are_units_by_name_or_code(door):
    assert door.http.get("/suggestions?unit=P11").text.count("<option") == 1
    assert "东一社区第2网格" in door.http.get("/suggestions?unit=一社区").text
    assert "District Gas Office" in door.http.get("/suggestions?department=gas&lang=en").text


def test_without_a_district_the_page_says_what_to_do(unused):
    answer = unused.http.get("/")
    assert answer.status_code == 503
    assert "gridcase import deploy/districts/ganjingzi" in answer.text


def test_the_sample_command_files_a_petition(unused):
    from services.chassis.policy_files import read_bundle
    from tests.console.conftest import DISTRICT

    unused.publish(read_bundle(DISTRICT))
    page = unused.http.get("/").text
    assert "还没有诉求。" in page
    command = page.partition("<code>")[2].partition("</code>")[0].replace("&#39;", "'").replace("&#34;", '"')
    _, _, url, *rest = shlex.split(command.replace("\\\n", ""))
    assert rest[:-1] == ["-H", "Prefer: wait=5", "-H", "Content-Type: application/json", "-d"]
    answer = unused.http.post(url, json=json.loads(rest[-1]), headers={"Prefer": "wait=5"})
    assert answer.json()["unit"]["tier"] == "grid"
    unused.settled()
    assert "还没有诉求。" not in unused.http.get("/").text


def test_with_a_key_a_browser_is_asked_for_it(tmp_path):
    with in_thread(tmp_path / "data", key="a-key-of-sixteen-and-more", district=None) as door:
        stranger = Door(door.url)
        answer = stranger.http.get("/")
        stranger.http.close()
        assert answer.status_code == 401
        assert "Basic" in answer.headers["www-authenticate"]
        assert answer.headers["content-type"].startswith("text/html")
        assert door.http.get("/docs").status_code == 200
