"""`gridcase show`, with a server on the data and without one."""

from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from services.cli.page import PetitionPage
from services.console.words import Lang
from tests.cli.served import Served, gridcase, gridcase_alone, new_data

HOSTILE = "楼道灯\x1b[31m坏了 [red]快来[/red] \u202e"


def filed(server: Served, text: str) -> dict[str, Any]:
    body = {"channel": "hotline", "title": "灯", "text": text, "place": {"unit": "SA11", "address": "东街 1 号"}}
    answer = httpx.post(f"{server.url}/v1/petitions", json=body, headers={"Prefer": "wait=10"}, trust_env=False)
    petition: dict[str, Any] = answer.json()
    return petition


def test_a_petition_is_shown_with_its_place_its_reasons_its_deadlines_and_its_events(server: Served):
    petition = filed(server, "三单元楼道灯坏了")
    page = gridcase("show", petition["id"], "--data", server.data).stdout
    for said in (petition["number"], "三单元楼道灯坏了", "东街 1 号", "东一社区一网格", "Authority", "Assess", "✓ Met"):
        assert said in page
    timeline = page[page.index("Timeline") :]
    assert timeline.index("Filed") < timeline.index("Assessed") < timeline.index("Routed")
    assert "“楼道灯" in page, "a reading quotes the words it rests on"
    assert "by policy version 1" in page
    assert "Accept (the dispatch of event 3)" in page


def test_it_speaks_the_consoles_chinese_where_the_terminal_does(server: Served):
    petition = filed(server, "三单元楼道灯坏了")["id"]
    page = gridcase("show", petition, "--data", server.data, LANG="zh_CN.UTF-8").stdout
    for said in ("依据规则第 1 版", "各条底线中最高的是", "签收（第 3 条事件的派单）", "✓ 按时", "来自热线", "单元"):
        assert said in page


def test_names_are_in_the_language_of_the_terminal():
    petition = {
        "id": "01a20a65-61d3-7179-818b-500d48223f6a",
        "number": "20261122-07-12",
        "version": 2,
        "status": "routed",
    } | dict.fromkeys(
        ("external", "severity", "disposition", "hand_off", "place", "department", "responsible", "title", "text")
    )
    petition |= {"filed_at": "2026-11-22T08:30:00Z", "channel": "app", "floors": [], "deadlines": []}
    petition |= {"kind": {"code": "GAS", "name": "燃气泄漏"}, "unit": {"code": "P", "name": "试点区"}}
    told = {"policy": 1, "holds": None, "notes": [], "otherwise": [], "floors": [], "deadlines": [], "timeline": []}
    told |= {"placed": {"zh": "在试点区", "en": "At Pilot District"}, "department": None}
    told |= {"kind": {"zh": "燃气泄漏", "en": "Gas leak"}, "unit": {"zh": "试点区", "en": "Pilot District"}}
    filed = {"version": 1, "at": petition["filed_at"], "by": None, "data": {}}
    for lang, names in {
        Lang.EN: ("GAS  Gas leak", "P  Pilot District"),
        Lang.ZH: ("GAS  燃气泄漏", "P  试点区"),
    }.items():
        console = Console(file=StringIO(), width=80)
        PetitionPage(petition, [filed], told, "Asia/Shanghai", lang).print(console)
        page = console.file.getvalue()
        assert all(name in page for name in names)
        assert {Lang.EN: "by policy version 1", Lang.ZH: "依据规则第 1 版"}[lang] in page, "it fits on a line of 80"


def test_a_residents_no_is_shown(server: Served):
    petition = filed(server, "三单元楼道灯坏了")["id"]
    told = {"accept": {}, "resolve": {"text": "换了灯泡"}, "feedback": {"reached": True, "solved": False}}
    for command, body in told.items():
        url = f"{server.url}/v1/petitions/{petition}/{command}"
        assert httpx.post(url, json={"by": "s-1"} | body, trust_env=False).status_code == 200
    page = gridcase("show", petition, "--data", server.data).stdout
    assert "the resident says: not solved" in page
    assert "换了灯泡" in page
    assert "Route again (round 2)" in page


def test_its_number_finds_it_too(server: Served):
    petition = filed(server, "楼道灯坏了")
    shown = gridcase("show", petition["number"], "--data", server.data)
    assert shown.stdout == gridcase("show", petition["id"], "--data", server.data).stdout


def test_words_cannot_steer_the_terminal(server: Served):
    page = gridcase("show", filed(server, HOSTILE)["id"], "--data", server.data).stdout
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "<U+001B>[31m坏了 [red]快来[/red] <U+202E>" in page


@pytest.mark.parametrize("unknown", ["20260101-00-999999", "01a20a65-61d3-7179-818b-500d48223f6a"])
def test_one_that_is_not_there_is_said_to_be_missing(server: Served, unknown: str):
    shown = gridcase("show", unknown, "--data", server.data)
    assert shown.exit_code == 1
    assert "no such petition" in shown.stderr or "there is no petition" in shown.stderr


def test_what_is_neither_id_nor_number_is_refused_with_both_forms():
    shown = gridcase("show", "7")
    assert shown.exit_code == 1
    assert "<date>-<partition>-<position>" in shown.stderr


@pytest.mark.slow
def test_without_a_server_the_data_is_read_and_the_page_is_the_same(tmp_path: Path):
    data = new_data(tmp_path)
    server = Served.start(data)
    petition = filed(server, "三单元楼道灯坏了")
    asked = gridcase_alone("show", petition["id"], "--data", data)
    server.stop()
    for name in ("id", "number"):
        read = gridcase_alone("show", petition[name], "--data", data)
        assert (read.returncode, read.stdout) == (0, asked.stdout), read.stderr
    missing = gridcase_alone("show", "20260101-00-999999", "--data", data)
    assert (missing.returncode, missing.stdout) == (1, "")


def test_without_data_it_says_where_to_look(tmp_path: Path):
    shown = gridcase("show", "20260101-00-1", "--data", tmp_path / "none")
    assert shown.exit_code == 1
    assert "--data" in shown.stderr
    assert not (tmp_path / "none").exists()
