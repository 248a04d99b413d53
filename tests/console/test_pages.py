"""The pages as any caller of HTTP sees them."""

import json
import shlex
from uuid import uuid4

import pytest

from tests.serving import Door, in_thread


def in_english(door: Door, path: str) -> str:
    """The page in English, for this once."""
    page = door.http.get(f"{path}lang=en").text
    door.http.cookies.clear()
    return page


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


@pytest.mark.parametrize(
    ("tag", "lang"), [("zh-CN", "zh-CN"), ("zh-Hant-TW", "zh-CN"), ("EN_gb", "en"), ("en-US", "en")]
)
def test_a_language_is_known_by_the_first_part_of_its_tag(door, tag, lang):
    other = {"Cookie": "lang=en" if lang == "zh-CN" else "lang=zh"}
    answer = door.http.get(f"/?lang={tag}", headers=other)
    assert f'<html lang="{lang}">' in answer.text
    assert f"lang={lang[:2]};" in answer.headers["set-cookie"]
    assert door.http.get(f"/?q=&lang={tag}", headers=other).headers["location"] == f"/?lang={lang[:2]}"
    door.http.cookies.clear()


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


def test_the_list_narrows_to_a_unit_with_all_below_it_and_to_what_has_not_ended(door):
    word = uuid4().hex[:12]
    here, ended, elsewhere = (door.filed(title=word, place={"unit": unit}) for unit in ("P111", "P111", "P1"))
    door.done(ended["id"], "withdraw", reason="已自行解决")
    door.settled()
    assert door.http.get("/?within=东一社区").headers["location"] == "/?within=P11"
    page = door.http.get(f"/?q={word}&within=P11&unfinished=true").text
    assert [one["number"] in page for one in (here, ended, elsewhere)] == [True, False, False]
    assert '<option value="true" selected>未结束</option>' in page
    assert 'name="within" value="P11"' in page
    page = in_english(door, f"/?q={word}&within=P11&unfinished=false&")
    assert [one["number"] in page for one in (here, ended, elsewhere)] == [False, True, False]
    assert '<option value="false" selected>Ended, linked or split</option>' in page
    assert "P112" in door.http.get("/suggestions?within=P112").text


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


def test_a_petitions_page_leads_back_to_the_list_it_was_opened_from(door):
    marker = uuid4().hex[:8]
    petition = door.filed(title=marker)["id"]
    door.settled()
    assert f'href="/petitions/{petition}?list=q%3D{marker}"' in door.http.get(f"/?q={marker}").text
    page = door.http.get(f"/petitions/{petition}", params={"list": f"q={marker}&next=//elsewhere"}).text
    assert f'class="back" href="/?q={marker}"' in page
    assert 'class="back" href="/"' in door.http.get(f"/petitions/{petition}").text


def test_a_petition_without_a_title_is_headed_by_the_beginning_of_its_text(door):
    petition = door.filed(text="三单元声控灯坏了\n两周")["id"]
    assert "（无标题）</span> 三单元声控灯坏了 两周</bdi></h1>" in door.http.get(f"/petitions/{petition}").text


def test_what_waits_for_a_place_is_marked_in_the_list_and_on_its_page(door):
    marker = uuid4().hex[:8]
    petition = door.filed(title=marker, kind="LAMP", place=None)
    door.settled()
    (item,) = door.listed(q=marker)["items"]
    assert (item["tier"], item["unit"]["tier"], item["to_place"]) == ("grid", "district", True)
    assert "</span>待定位</span>" in door.http.get(f"/?q={marker}").text
    page = door.http.get(f"/petitions/{petition['id']}").text
    assert "</span>待定位</span>" in page
    assert "地点未知，不知道是哪一个。所以先由试点区的受理台查明地点" in page
    door.done(petition["id"], "place", unit="P111")
    door.until(petition["id"], lambda now: now["unit"]["code"] == "P111")
    door.settled()
    assert door.listed(q=marker)["items"][0]["to_place"] is False


def test_an_explanation_names_what_the_petition_stands_at_in_both_languages(door):
    petition = door.filed(kind="GAS", place={"unit": "P111"})
    told = door.http.get(f"/v1/petitions/{petition['id']}/explain").json()
    assert told["kind"] == {"zh": "燃气泄漏", "en": "Gas leak"}
    assert told["unit"] == {"zh": "试点区", "en": "Pilot District"}
    assert told["department"] == {"zh": "区燃气办", "en": "District Gas Office"}
    page = in_english(door, f"/petitions/{petition['id']}?")
    assert "Pilot District <code>P</code>" in page
    assert "District Gas Office <code>P-GAS</code>" in page


def test_an_explanation_says_which_words_the_reading_rests_on(door):
    petition = door.filed(title="", text="楼道灯坏了两周了", place={"unit": "P111"})
    [ground] = door.http.get(f"/v1/petitions/{petition['id']}/explain").json()["reading"]
    assert ground["quotes"] == [{"field": "text", "words": "楼道灯"}]
    assert ground["said"] == {"zh": "“楼道灯不亮”的识别词", "en": 'a sign of "Stair lamp out"'}
    named = door.filed(kind="LAMP", text="坏了", place={"unit": "P111"})
    told = door.http.get(f"/v1/petitions/{named['id']}/explain").json()["reading"]
    assert told == [{"said": {"zh": "登记人选定的类别", "en": "the kind that the filer chose"}, "quotes": []}]


def test_what_was_escalated_and_re_opened_is_marked(door):
    marker = uuid4().hex[:8]
    petition = door.filed(title=marker, kind="LAMP", place={"unit": "P111"})["id"]
    door.done(petition, "escalate", reason="请上级办理")
    door.becomes(petition, "routed", tier="community")
    door.done(petition, "accept")
    door.done(petition, "resolve", text="修好了")
    door.done(petition, "feedback", reached=True, solved=False)
    door.becomes(petition, "routed", tier="street")
    door.settled()
    (item,) = door.listed(q=marker)["items"]
    assert (item["round"], item["escalated"], item["supervised"]) == (2, True, False)
    for page in (in_english(door, f"/?q={marker}&"), in_english(door, f"/petitions/{petition}?")):
        assert "</span>escalated</span>" in page
        assert "</span>re-opened, round 2</span>" in page
    assert "Route again " in page


def test_who_must_be_told_stands_at_the_top_until_it_is_confirmed(door):
    petition = door.filed(kind="GAS", place={"unit": "P111"})["id"]
    top = door.http.get(f"/petitions/{petition}").text.partition("<h1>")[0]
    assert "须立即告知：119" in top
    assert "尚待确认：119" in top
    door.done(petition, "confirm-hand-off", to="119")
    top = door.http.get(f"/petitions/{petition}").text.partition("<h1>")[0]
    assert "已确认，" in top
    assert "banner open" not in top


def test_the_page_says_by_which_policy_version_it_is_there_and_the_list_which_is_in_force(door):
    petition = door.filed()["id"]
    assert "by policy version 1<" in in_english(door, f"/petitions/{petition}?")
    assert "Policy version 1 is in force" in in_english(door, "/?")


def test_moments_in_an_events_data_have_the_districts_offset(door):
    petition = door.filed()["id"]
    data = door.http.get(f"/petitions/{petition}").text.partition("<pre")[2].partition("</pre>")[0]
    assert "+08:00&#34;" in data
    assert "Z&#34;" not in data


def test_statuses_that_petitions_can_have_are_offered(door):
    page = door.http.get("/").text
    assert '<option value="accepted"' in page
    assert '<option value="split"' in page
    assert door.http.get("/v1/petitions?status=split").status_code == 200


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


def test_a_page_says_who_had_it_for_how_long(door):
    petition = door.filed()["id"]
    page = door.http.get(f"/petitions/{petition}?lang=zh").text
    door.http.cookies.clear()
    assert "责任台账" in page
    assert "待研判派单" in page
    english = in_english(door, f"/petitions/{petition}?")
    assert "Who had it" in english
    assert "under 1 min" in english


def test_a_split_petition_says_of_each_part_how_far_it_is_and_who_has_it(door):
    whole = door.filed(text="楼道灯不亮，井盖也坏了", kind="LAMP", place={"unit": "P111"})["id"]
    door.becomes(whole, "routed")
    door.done(
        whole, "split", by="op-7", parts=[{"text": "灯不亮", "kind": "LAMP"}, {"text": "二楼的灯", "kind": "LAMP"}]
    )
    first, second = (link["petition"] for link in door.read(whole)["links"])
    door.becomes(first, "routed")
    door.done(first, "accept", by="s-2")
    door.becomes(second, "routed")
    page = door.http.get(f"/petitions/{whole}").text
    number = door.read(first)["number"]
    facts = page.partition(f'<a href="/petitions/{first}">{number}</a>')[2].partition("</dd>")[0]
    assert "已签收" in facts
    assert "楼道灯不亮 · 东一社区第1网格" in facts
    assert f"拆分为 2 件分单：{number}、{door.read(second)['number']}；" in page


def test_a_petition_that_follows_another_names_both_by_their_numbers(door):
    root, follower = (door.filed(kind="LAMP", place={"unit": "P111"}) for _ in range(2))
    door.becomes(follower["id"], "routed")
    door.done(follower["id"], "link", by="op-7", to=root["id"])
    said = f"从单 {follower['number']} 并入主单 {root['number']}，"
    for petition in (root, follower):
        assert said in door.http.get(f"/petitions/{petition['id']}").text


@pytest.mark.parametrize("confidential", [True, False])
def test_the_page_says_that_the_petitioner_is_to_stay_hidden(door, confidential):
    who = {"name": "王某", "phone": "13900000000", "confidential": confidential}
    petition = door.filed(kind="LAMP", place={"unit": "P111"}, petitioner=who)["id"]
    assert ("</span>为诉求人保密</span>" in door.http.get(f"/petitions/{petition}").text) == confidential
