"""Lists: every petition once, whatever is filtered and however it is paged."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.serving import hasty, in_thread

KINDS = ("LAMP", "NOISE", "STALL", "PIPE")
UNITS = ("SA11", "SA12", "SB11", None)


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A gridcase with 120 petitions of four kinds in four places, a third of them accepted."""
    with in_thread(tmp_path_factory.mktemp("list") / "data") as opened:
        lines = [
            {"channel": "web", "title": f"编号 {n:03}", "text": f"第 {n:03} 件诉求 word{n % 7}", "kind": KINDS[n % 4]}
            | {"place": {"unit": UNITS[n // 4 % 4], "address": f"迎客路 {n} 号"}, "key": f"list-{n}"}
            for n in range(120)
        ]
        for start in range(0, 120, 40):  # several commits, so that their times differ
            for line in lines[start : start + 40]:
                key = line.pop("key")
                assert opened.file(key=key, **line).status_code == 201
        opened.settled()
        for number, petition in enumerate(_all(opened, limit=500)):
            if number % 3 == 0:
                opened.becomes(petition["id"], "routed")
                opened.done(petition["id"], "accept")
        opened.settled()
        yield opened


def place_of(item):
    return UNITS[int(item["title"][-3:]) // 4 % 4]


def _pages(door, **query):
    page = door.listed(**query)
    yield page
    while page["next"]:
        page = door.listed(**query, cursor=page["next"])
        yield page


def _all(door, **query):
    return [item for page in _pages(door, **query) for item in page["items"]]


def _refused(door, problem, name, **query):
    problem(door.http.get("/v1/petitions", params=query), 422, "invalid", f"?{name}")


@pytest.mark.parametrize("limit", [1, 7, 50, 119, 120, 500])
def test_pages_have_no_gaps_and_no_repeats(door, limit):
    pages = list(_pages(door, limit=limit))
    items = [item for page in pages for item in page["items"]]
    assert len({item["id"] for item in items}) == len(items) == 120
    assert {item["title"] for item in items} == {f"编号 {n:03}" for n in range(120)}
    assert all(len(page["items"]) == limit for page in pages[:-1])
    assert pages[-1]["next"] is None


def test_the_newest_come_first(door):
    times = [item["filed_at"] for item in _all(door)]
    assert times == sorted(times, reverse=True)


def test_what_is_filed_while_somebody_pages_does_not_shift_the_pages(tmp_path):
    with in_thread(tmp_path / "data") as door:
        old = [door.file(text=f"old {n}").json()["id"] for n in range(10)]
        door.settled()
        pages = _pages(door, limit=4)
        seen = [item["id"] for item in next(pages)["items"]]
        for n in range(5):
            door.file(text=f"new {n}")
        door.settled()
        seen += [item["id"] for page in pages for item in page["items"]]
        assert sorted(seen) == sorted(old)


def test_an_item_says_what_a_list_needs(door):
    (item,) = _all(door, q="编号 017")
    assert set(item) >= {"id", "number", "version", "status", "title", "kind", "severity", "tier", "unit", "filed_at"}
    petition = door.read(item["id"])
    for name in ("number", "version", "status", "title", "kind", "severity", "tier", "unit", "department", "filed_at"):
        assert item[name] == petition[name], name


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"status": "accepted"}, lambda p: p["status"] == "accepted"),
        ({"status": "routed"}, lambda p: p["status"] == "routed"),
        ({"kind": "LAMP"}, lambda p: p["kind"]["code"] == "LAMP"),
        ({"unit": "SA11"}, lambda p: p["unit"]["code"] == "SA11"),
        ({"tier": "street"}, lambda p: p["tier"] == "street"),
        ({"department": "D-WATER"}, lambda p: (p["department"] or {}).get("code") == "D-WATER"),
        ({"severity": "urgent"}, lambda p: p["severity"] == "urgent"),
        ({"overdue": "false"}, lambda p: not p["overdue"]),
        ({"within": "SA1"}, lambda p: place_of(p) in ("SA11", "SA12")),
        ({"within": "SB", "kind": "PIPE"}, lambda p: (place_of(p), p["kind"]["code"]) == ("SB11", "PIPE")),
        ({"within": "SA12", "unfinished": "true"}, lambda p: place_of(p) == "SA12"),
        ({"within": "D", "status": "accepted"}, lambda p: p["status"] == "accepted"),
        ({"status": "accepted", "kind": "NOISE"}, lambda p: (p["status"], p["kind"]["code"]) == ("accepted", "NOISE")),
        (
            {"status": "routed", "tier": "district", "severity": "urgent", "department": "D-WATER", "overdue": "false"},
            lambda p: (p["status"], p["tier"]) == ("routed", "district"),
        ),
    ],
)
def test_a_filter_leaves_exactly_what_fits(door, query, fits):
    everything = _all(door, limit=500)
    expected = {item["id"] for item in everything if fits(item)}
    assert 0 < len(expected) <= 120
    assert [item["id"] for item in _all(door, limit=9, **query)] == [
        item["id"] for item in everything if item["id"] in expected
    ]
    assert {page["total"] for page in _pages(door, limit=9, **query)} == {len(expected)}


@pytest.mark.parametrize(
    ("words", "count"),
    [("word3", 17), ("第 042 件", 1), ("迎客路 7 号", 1), ("编号", 120), ("诉求", 120), ("求", 120), ("没有的话", 0)],
)
def test_words_are_found_in_title_text_and_address(door, words, count):
    assert len(_all(door, q=words, limit=50)) == count


def test_what_has_the_words_is_counted_where_it_fits_on_a_page(door):
    assert door.listed(q="word3", limit=17)["total"] == 17
    assert door.listed(q="word3", limit=16)["total"] is None
    assert door.listed(q="没有的话")["total"] == 0


def test_the_console_says_how_many_there_are_on_all_pages(door):
    assert "本页 9 件，共 30 件，新的在前" in door.http.get("/", params={"kind": "PIPE", "limit": 9}).text
    assert "本页 16 件，新的在前" in door.http.get("/", params={"q": "word3", "limit": 16}).text


def test_words_and_filters_narrow_each_other(door):
    found = _all(door, q="word3", kind="LAMP")
    assert found
    assert {item["kind"]["code"] for item in found} == {"LAMP"}
    assert len(found) < 17


def test_filters_apply_to_everything_that_has_the_words(tmp_path):
    """However many have them: the few that fit are the oldest of all, and a page holds what fits and nothing less."""
    with in_thread(tmp_path / "data") as door:
        lines = [
            {"key": f"k{n}", "channel": "web", "text": f"诉求第 {n} 件", "kind": "NOISE" if n < 5 else "LAMP"}
            for n in range(2_300)
        ]
        body = "\n".join(json.dumps(line) for line in lines).encode()
        headers = {"Content-Type": "application/x-ndjson"}
        assert door.http.post("/v1/petitions/batch", content=body, headers=headers).status_code == 200
        door.settled()
        for words in ("诉求第", "诉求"):
            assert len(_all(door, q=words, kind="NOISE", limit=2)) == 5
            found = [item["id"] for item in _all(door, q=words, limit=500)]
            assert len(set(found)) == len(found) == 2_300
        assert door.listed(kind="NOISE", limit=2)["total"] == 5
        assert door.listed()["total"] is None, "more than are counted"
        assert "共" not in door.http.get("/").text.partition('<nav class="pages"')[2]


def test_a_petition_is_found_by_its_number(door):
    item = _all(door, limit=500)[60]
    assert [found["id"] for found in _all(door, q=item["number"])] == [item["id"]]


@pytest.mark.parametrize(
    "words",
    ['"', '""" OR 1', "a* NEAR(b)", "title:x", "%", "_%_", "'; DROP TABLE petition_search", "\0\0\0", "\\", "AND"],
)
def test_words_are_words_whatever_signs_they_hold(door, words):
    assert _all(door, q=words) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "gone"), ("severity", "grave"), ("overdue", "maybe"), ("limit", "0"), ("limit", "501"),
        ("limit", "ten"), ("q", ""), ("q", "x" * 201), ("unit", ""), ("colour", "red"), ("cursor", "nonsense"),
        ("cursor", "!!!"), ("cursor", "W10"), ("cursor", "bnVsbA"), ("cursor", "é"),
        ("cursor", "WyJwZXRpdGlvbnMiLCAxZTQwMCwgIjAwIl0"),
        ("cursor", "WyJwZXRpdGlvbnMiLCA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OSwgIjAwIl0"),
        ("cursor", "WyJwZXRpdGlvbnMiLCB0cnVlLCAiMDAiXQ"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(door, problem, name, value):
    _refused(door, problem, name, **{name: value})


def test_a_list_says_how_far_it_is_behind(door):
    behind = door.listed()["behind"]
    assert set(behind) == {"events", "seconds"}
    assert behind == {"events": 0, "seconds": 0.0}


def test_a_petition_is_in_the_list_once_it_is_not_behind(door):
    petition = door.filed(title=(title := uuid4().hex))
    door.settled()
    assert [item["id"] for item in _all(door, q=title)] == [petition["id"]]


def test_within_a_unit_is_also_what_was_moved_to_it_and_unfinished_is_what_has_not_ended(tmp_path):
    with in_thread(tmp_path / "data") as door:
        unknown, ended, root = (door.filed(kind="LAMP") for _ in range(3))
        follows = door.filed(kind="LAMP", place={"unit": "SA11"})
        for one in (unknown, ended):
            door.done(one["id"], "move", unit="SA1", reason="在东一社区")
        door.done(ended["id"], "withdraw", reason="不用了")
        door.done(follows["id"], "link", to=root["id"])
        door.settled()
        everything = [item["id"] for item in _all(door, within="SA1")]
        assert everything == [one["id"] for one in (follows, ended, unknown)]
        assert [item["id"] for item in _all(door, within="SA1", unfinished="true")] == [unknown["id"]]
        assert [item["id"] for item in _all(door, within="SA1", unfinished="false")] == everything[:2]
        assert _all(door, within="SB") == _all(door, within="nowhere") == []


def test_what_is_within_a_unit_is_looked_up_and_not_searched_for(plans):
    for steps in plans(lambda door: door.listed(within="SA1", unfinished="true"), "petition_list.place IN"):
        used = {step.split()[4] for step in steps if "USING" in step}
        assert used == {"petition_list_place_all", "petition_list_unit"}


def _worklist(door, unit, limit):
    items, cursor = [], {}
    while True:
        answer = door.http.get(f"/v1/units/{unit}/worklist", params={"limit": limit, **cursor})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        cursor = {"cursor": answer.json()["next"]}


def test_a_worklist_says_how_many_are_unfinished(door):
    (total,) = {door.http.get("/v1/units/SB11/worklist", params={"limit": limit}).json()["total"] for limit in (1, 500)}
    assert total == len(_worklist(door, "SB11", 500))


def test_a_units_worklist_is_its_petitions(door, problem):
    listed = {item["id"] for item in _all(door, unit="SB11", limit=500)}
    assert {item["id"] for item in _worklist(door, "SB11", 500)} == listed
    assert listed
    problem(door.http.get("/v1/units/nowhere/worklist"), 404, "unknown_unit")


def test_a_cursor_of_one_list_is_refused_by_another(door, problem):
    for _ in range(2):
        door.filed(place={"unit": "SB11"})
    door.settled()
    of_list = door.listed(unit="SB11", limit=1)["next"]
    of_worklist = door.http.get("/v1/units/SB11/worklist", params={"limit": 1}).json()["next"]
    problem(door.http.get("/v1/petitions", params={"cursor": of_worklist}), 422, "invalid", "?cursor")
    problem(door.http.get("/v1/units/SB11/worklist", params={"cursor": of_list}), 422, "invalid", "?cursor")


def test_a_worklist_holds_what_is_unfinished_the_nearest_deadline_first(tmp_path, problem):
    with in_thread(tmp_path / "data", district=hasty(tmp_path, 1)) as door:
        far, resolved, closed, late = (door.filed(kind=kind)["id"] for kind in ("LAMP", "LAMP", "LAMP", "QUICK"))
        for one in (resolved, closed):
            door.done(one, "accept")
            door.done(one, "resolve", text="已修好")
        door.done(closed, "feedback", reached=True, solved=True, satisfied=True)
        door.until(late, lambda now: "missed" in [one["state"] for one in now["deadlines"]])
        door.settled()
        for limit in (1, 2, 50):
            items = _worklist(door, "D", limit)
            assert [item["id"] for item in items] == [late, far, resolved]
            assert [item["overdue"] for item in items] == [True, False, False]
        problem(door.http.get("/v1/units/D/worklist", params={"cursor": "x"}), 422, "invalid", "?cursor")


def test_overdue_is_what_is_late_now(tmp_path):
    with in_thread(tmp_path / "data") as door:
        late = door.filed(received_at="2020-01-01T00:00:00Z", kind="LAMP", place={"unit": "SA11"})
        fine = door.filed(kind="LAMP", place={"unit": "SA11"})
        door.settled()
        overdue = {item["id"] for item in _all(door, overdue="true")}
        by_deadline = {
            petition["id"]
            for petition in (late, fine)
            if any(
                one["state"] == "open" and datetime.fromisoformat(one["due_at"]) < datetime.now(UTC)
                for one in door.read(petition["id"])["deadlines"]
            )
        }
        assert overdue == by_deadline
        assert fine["id"] not in overdue
