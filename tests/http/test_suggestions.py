"""What a new petition may repeat is said in the answer to its filing, and nothing follows from it."""

import asyncio
from uuid import uuid4

import pytest

from services.console import suggesting
from services.console.suggesting import MOST, Suggestions
from tests.serving import in_thread

LAMP = "三单元二楼的楼道灯坏了快两周了，老人晚上下楼很危险，请派人来修"
SAME_LAMP = "3单元二楼楼道灯坏了两周了，老人晚上下楼危险，请尽快派人来修！"
BENCH = "广场东边的长椅松动了，坐上去会晃，螺丝掉了两颗"


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A gridcase of its own: what others file would be suggested too."""
    with in_thread(tmp_path_factory.mktemp("suggestions") / "data") as opened:
        yield opened


@pytest.fixture
def phone():
    return f"139{uuid4().int % 10**8:08}"


def _known(door, **petition):
    """A petition that the list has seen routed."""
    filed = door.filed(**petition)
    door.settled()
    return filed


def _suggested(door, **petition):
    answer = door.file(**petition)
    assert answer.status_code == 201
    return [(one["petition"], one["number"], one["reason"]) for one in answer.json()["suggestions"]]


def test_nearly_the_same_words_at_the_same_place_are_suggested(door):
    first = _known(door, text=LAMP, kind="LAMP", place={"unit": "SA11"})
    assert _suggested(door, text=SAME_LAMP, place={"unit": "SA11"}) == [(first["id"], first["number"], "alike")]
    assert _suggested(door, text=BENCH, place={"unit": "SA11"}) == []
    assert _suggested(door, text=SAME_LAMP, place={"unit": "SA12"}) == []
    assert _suggested(door, text=SAME_LAMP) == []


def test_what_the_same_petitioner_has_open_is_suggested_whatever_it_is_about(door, phone):
    first = _known(door, text=BENCH, place={"unit": "SB11"}, petitioner={"name": "王某", "phone": phone})
    same = {"phone": f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}"}
    assert _suggested(door, text=LAMP, petitioner=same) == [(first["id"], first["number"], "same_petitioner")]
    assert _suggested(door, text=LAMP, petitioner={"phone": phone[:-1] + "x"}) == []


@pytest.mark.parametrize("hidden", [{"anonymous": True}, {"confidential": True}])
def test_nobody_learns_what_else_somebody_hidden_asked_for(door, phone, hidden):
    open_one, hidden_one = {"phone": phone}, {"phone": phone, **hidden}
    _known(door, text=BENCH, place={"unit": "SB11"}, petitioner=hidden_one)
    assert _suggested(door, text=LAMP, petitioner=open_one) == []
    _known(door, text=LAMP, place={"unit": "SB11"}, petitioner=open_one)
    assert _suggested(door, text="市场门口占道经营", petitioner=hidden_one) == []


def test_what_follows_another_stands_for_its_root(door):
    root = _known(door, text="花园小区北门垃圾桶满了没人清运", kind="LAMP", place={"unit": "SA12"})
    repeat = _known(door, text="北门那边好几天没有清理生活垃圾，气味难闻", kind="LAMP", place={"unit": "SA12"})
    door.done(repeat["id"], "link", to=root["id"])
    door.settled()
    words = "北门那边好几天没清理生活垃圾，气味很难闻"
    assert _suggested(door, text=words, place={"unit": "SA12"}) == [(root["id"], root["number"], "alike")]


def test_a_root_that_somebody_else_asked_for_is_not_the_petitioners_own(door, phone):
    root = _known(door, text=BENCH, kind="LAMP", place={"unit": "SA11"}, petitioner={"phone": "13700000001"})
    repeat = _known(door, text=BENCH, kind="LAMP", place={"unit": "SA11"}, petitioner={"phone": phone})
    door.done(repeat["id"], "link", to=root["id"])
    door.settled()
    assert _suggested(door, text="与此无关的另一件事", place={"unit": "SA11"}, petitioner={"phone": phone}) == []


def test_what_is_reported_done_or_over_is_not_suggested(door, phone):
    done, gone = (
        _known(door, text=LAMP, kind="LAMP", place={"unit": "SA11"}, petitioner={"phone": phone}) for _ in range(2)
    )
    door.done(done["id"], "accept")
    door.done(done["id"], "resolve", text="已更换声控开关")
    door.done(gone["id"], "withdraw", reason="重复提交")
    door.settled()
    assert _suggested(door, text="无关的话，一个字也不像", petitioner={"phone": phone}) == []


def test_no_more_than_five_the_likeliest_first(door, phone):
    who = {"phone": phone}
    for number in range(MOST + 1):
        door.filed(text=f"第{number}件不同的事情，各说各的", place={"unit": "SB11"}, petitioner=who)
    both = _known(door, text=LAMP, place={"unit": "SB11"}, petitioner=who)
    found = _suggested(door, text=SAME_LAMP, place={"unit": "SB11"}, petitioner=who)
    assert (len(found), found[0][0]) == (MOST, both["id"])


def test_filing_never_fails_or_waits_for_a_suggestion(door, monkeypatch):
    async def broken(*_):
        raise ZeroDivisionError

    async def endless(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(suggesting, "SECONDS", 0.01)
    for stops in (broken, endless):
        monkeypatch.setattr(Suggestions, "_found", stops)
        answer = door.file(text=LAMP)
        assert (answer.status_code, answer.json()["suggestions"]) == (201, None)


def test_it_is_said_once_and_no_link_follows(door):
    first = _known(door, text="公园里的健身器材生锈断裂", kind="LAMP", place={"unit": "SA12"})
    second = door.filed(text="公园里健身器材生锈断裂了", kind="LAMP", place={"unit": "SA12"})
    assert [one["petition"] for one in second["suggestions"]] == [first["id"]]
    now = door.read(second["id"])
    assert (now["suggestions"], now["links"]) == (None, [])


def test_what_is_open_at_a_place_is_looked_up_past_all_that_was_closed_there(plans):
    (steps,) = plans(lambda door: door.filed(text=LAMP, place={"unit": "SA11"}), "of_place")
    used = [step.split(" USING INDEX ")[1].split()[0] for step in steps if step.startswith("SEARCH")]
    assert used == ["petition_list_person", "petition_list_place_open", "sqlite_autoindex_petition_list_1"]
