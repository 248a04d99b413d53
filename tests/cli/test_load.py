"""`gridcase load` against a real server."""

import json
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cli.served import Served, gridcase, gridcase_beside, new_data

LAMP = {"text": "三单元楼道灯坏了", "place": {"unit": "SA11"}}
PIPE = {"channel": "app", "text": "整栋楼停水"}
GAS = {"text": "厨房正在燃气泄漏", "place": {"unit": "SB11"}}
SECRET = "别让人看见这句话"

Written = Callable[..., Path]


def loaded(server: Served, file: Path, prefix: str, *more: object) -> Any:
    return gridcase("load", file, "--keys", prefix, "--data", server.data, *more)


def counted(output: str, label: str) -> int:
    """The figure beside a label in the last table."""
    found = re.search(rf"{re.escape(label)} .*?│ +([\d,]+) │", output)
    assert found, output
    return int(found[1].replace(",", ""))


def test_every_line_is_filed_and_routed_and_told_by_tier_severity_and_kind(server: Served, written: Written):
    done = loaded(server, written(LAMP, PIPE, GAS, {"text": "楼道灯坏了"}), "all")
    assert done.exit_code == 0, done.output
    assert [counted(done.stdout, label) for label in ("filed now", "routed", "not yet routed")] == [4, 4, 0]
    assert re.search(r"at a placing desk 其中待定位 +│ +1 │", done.stdout)
    for said in ("by tier", "grid", "by severity", "urgent", "by kind", "LAMP", "停水"):
        assert said in done.stdout


def test_a_critical_petition_is_listed_by_number_and_id_without_its_words(server: Served, written: Written):
    done = loaded(server, written(GAS), "critical")
    critical = next(
        one for one in server.petitions() if one["severity"] == "critical" and str(one["number"]) in done.stdout
    )
    assert str(critical["id"]) in done.stdout
    assert "厨房" not in done.output


def test_the_same_prefix_again_changes_nothing_and_another_files_again(server: Served, written: Written):
    file = written(LAMP, PIPE)
    before = len(server.petitions())
    loaded(server, file, "once")
    again = loaded(server, file, "once")
    assert (counted(again.stdout, "filed now"), counted(again.stdout, "filed before")) == (0, 2)
    assert counted(again.stdout, "routed") == 2
    loaded(server, file, "twice")
    assert len(server.petitions()) == before + 4


def test_the_prefix_is_made_of_the_files_name_when_none_is_given(server: Served, written: Written):
    file = written(LAMP, name="五月 来信.jsonl")
    assert counted(gridcase("load", file, "--data", server.data).stdout, "filed now") == 1
    assert counted(gridcase("load", file, "--data", server.data).stdout, "filed before") == 1


def test_messages_are_filed_under_their_own_numbers(server: Served, written: Written):
    file = written({"id": "9", "user": "U", "time": "2020/1/6 12:09:38", "title": "灯", "body": "楼道灯坏了", "up": 0})
    assert loaded(server, file, "letters").exit_code == 0
    shown = next(one for one in server.petitions() if one["title"] == "灯")
    page = gridcase("show", shown["id"], "--data", server.data).stdout
    assert "letters  9" in page
    assert "2020-01-06 12:09:38" in page


def test_refused_lines_are_named_by_number_and_reason_the_rest_is_filed_and_the_exit_says_so(
    server: Served, written: Written
):
    nowhere = {"text": SECRET, "place": {"unit": "X9"}}
    unknown = {"text": SECRET, "colour": "red"}
    done = loaded(server, written(LAMP, nowhere, b"{not json", unknown, PIPE), "refused")
    assert done.exit_code == 1
    assert (counted(done.stdout, "filed now"), counted(done.stdout, "refused")) == (2, 3)
    assert "line 2: invalid: /place/unit there is no unit X9" in done.stderr
    assert "line 3: invalid_json" in done.stderr
    assert "line 4: invalid: /colour" in done.stderr
    assert SECRET not in done.output


def test_a_line_that_changed_under_its_key_is_refused_and_the_way_out_is_told(server: Served, written: Written):
    loaded(server, written(LAMP), "changed")
    done = loaded(server, written(PIPE), "changed")
    assert done.exit_code == 1
    assert "line 1: key_reused" in done.stderr
    assert "another --keys" in done.stdout


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path, written: Written):
    done = gridcase("load", written(LAMP), "--data", tmp_path / "none")
    assert done.exit_code == 1
    assert "gridcase up" in done.stderr


def test_a_file_that_is_not_there_is_named(server: Served, tmp_path: Path):
    done = loaded(server, tmp_path / "none.jsonl", "none")
    assert done.exit_code == 1
    assert "none.jsonl cannot be read" in done.stderr


MANY = 8_000


def many(directory: Path) -> Path:
    """A file that takes long enough to be interrupted."""
    file = directory / "many.jsonl"
    file.write_text("".join(json.dumps(LAMP | {"text": f"第{n}栋楼道灯坏了"}) + "\n" for n in range(MANY)))
    return file


@pytest.mark.slow
def test_an_interrupted_load_says_how_to_go_on_and_goes_on(server: Served, tmp_path: Path):
    words = ["load", many(tmp_path), "--keys", uuid4().hex, "--data", server.data]
    server.listed()
    before, newest = len(server.petitions()), server.newest()
    with gridcase_beside(*words) as load:
        while server.newest() == newest:
            assert load.poll() is None, "the load ended before anything was listed"
            time.sleep(0.01)
        server.process.send_signal(signal.SIGSTOP)  # so that it cannot be done before it is interrupted
        try:
            load.send_signal(signal.SIGINT)
            _, notes = load.communicate(timeout=30)
        finally:
            server.process.send_signal(signal.SIGCONT)
    assert (load.returncode, "Run the same command again" in notes) == (130, True)
    done = gridcase(*words)
    assert done.exit_code == 0, done.output
    assert counted(done.stdout, "filed now") + counted(done.stdout, "filed before") == MANY
    server.listed()
    assert len(server.petitions()) == before + MANY


@pytest.mark.slow
def test_a_server_killed_in_the_middle_loses_nothing_and_the_load_finishes_when_it_is_back(tmp_path: Path):
    data = new_data(tmp_path)
    server = Served.start(data)
    with gridcase_beside("load", many(tmp_path), "--keys", "many", "--data", data) as load:
        while server.newest() is None:
            assert load.poll() is None, "the load ended before anything was listed"
            time.sleep(0.01)
        server.kill()
        server = Served.start(data)
        try:
            tables, notes = load.communicate(timeout=120)
            server.listed()
            petitions = server.petitions()
        finally:
            server.stop()
    assert "waiting" in notes, "the server was back before the load noticed"
    assert load.returncode == 0, tables + notes
    assert counted(tables, "filed now") + counted(tables, "filed before") == MANY
    assert len(petitions) == len({one["id"] for one in petitions}) == MANY
    assert {one["status"] for one in petitions} == {"routed"}
