"""拆分 as callers see it: parts go their own ways for the same resident, and the whole is answered with the last."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

PARTS = [
    {"text": "二单元的楼道灯不亮", "title": "楼道灯", "kind": "LAMP"},
    {"text": "小区门口有人占道经营", "kind": "STALL", "place": {"unit": "SA12"}},
]


@pytest.fixture
def whole(door):
    who = {"name": "王某", "phone": "13800000000", "confidential": True}
    number = {"source": "12345", "number": uuid4().hex}
    return door.filed(kind="LAMP", place={"unit": "SA11", "address": "1号楼"}, petitioner=who, external=number)


@pytest.fixture
def parts(door, whole):
    """The parts of the whole, once each is with somebody."""
    divided = door.done(whole["id"], "split", by="op-1", parts=PARTS)
    return [door.becomes(link["petition"], "routed") for link in divided["links"]]


@pytest.fixture
def accepted(door, parts):
    return [door.done(part["id"], "accept") for part in parts]


def test_each_part_is_a_petition_of_its_own(door, whole, parts):
    now = door.read(whole["id"])
    assert (now["status"], now["responsible"], now["closed_at"]) == ("split", None, None)
    assert now["links"] == [{"type": "part", "petition": part["id"]} for part in parts]
    assert not [one for one in now["deadlines"] if one["state"] == "open"]
    lamp, stall = parts
    assert (lamp["text"], lamp["title"], lamp["kind"]["code"]) == ("二单元的楼道灯不亮", "楼道灯", "LAMP")
    assert (lamp["place"]["unit"], lamp["place"]["address"]) == ("SA11", "1号楼")
    assert (stall["place"]["unit"], stall["place"]["address"], stall["kind"]["code"]) == ("SA12", None, "STALL")
    for part in parts:
        assert part["links"] == [{"type": "split_from", "petition": whole["id"]}]
        assert (part["channel"], part["external"]) == (whole["channel"], None)
        [filed, *_] = door.timeline(part["id"])
        assert (filed["by"], filed["data"]["confidential"], filed["data"]["split_from"]) == ("op-1", True, whole["id"])
        assert filed["data"]["received_at"] == whole["filed_at"]


def test_the_last_part_resolves_it_and_its_resident_is_asked_once(door, whole, accepted):
    lamp, stall = accepted
    door.done(lamp["id"], "resolve", text="已更换灯泡")
    assert door.read(whole["id"])["status"] == "split"
    door.done(stall["id"], "resolve", text="已劝离", result="explained")
    assert door.read(whole["id"])["status"] == "resolved"
    door.until(whole["id"], lambda now: "FeedbackRequested" in door.happened(now["id"]))
    said = door.timeline(whole["id"])
    assert [one["data"]["text"] for one in said if one["type"] == "PartFinished"] == ["已更换灯泡", "已劝离"]
    [answer] = [one["data"] for one in said if one["type"] == "ResolutionReported"]
    assert (answer["result"], answer["part"], answer["dispatch"]) == (
        "partly_done",
        stall["id"],
        stall["dispatch"]["id"],
    )
    door.done(whole["id"], "feedback", reached=True, solved=False)
    again = door.becomes(whole["id"], "routed")
    assert again["dispatch"]["round"] == 2
    assert door.happened(whole["id"]).count("FeedbackRequested") == 1
    assert [one["type"] for one in again["links"]] == ["part", "part"]


def test_when_all_its_parts_were_taken_back_it_says_so(door, whole, parts):
    for part in parts:
        door.done(part["id"], "withdraw", reason="已自行解决")
    now = door.becomes(whole["id"], "resolved")
    said = [one["data"] for one in door.timeline(whole["id"])]
    assert [one["outcome"] for one in said if "outcome" in one] == ["withdrawn", "withdrawn"]
    assert said[now["version"] - 1].get("result", "explained") == "explained"


def test_a_part_that_is_open_again_is_waited_for_again(door, whole, accepted):
    lamp, stall = accepted
    door.done(lamp["id"], "resolve", text="已更换灯泡")
    door.done(lamp["id"], "feedback", reached=True, solved=False)
    door.done(stall["id"], "resolve", text="已劝离")
    assert door.read(whole["id"])["status"] == "split"
    door.becomes(lamp["id"], "routed")
    door.done(lamp["id"], "accept")
    door.done(lamp["id"], "resolve", text="线路也换了")
    assert door.read(whole["id"])["status"] == "resolved"


def test_the_whole_is_not_closed_while_a_part_of_it_is_open_again(door, whole, accepted):
    lamp, _ = accepted
    for part in accepted:
        door.done(part["id"], "resolve", text="已处理好了，请查看")
    door.done(lamp["id"], "feedback", reached=True, solved=False)
    assert door.read(whole["id"])["status"] == "split"
    refused = door.command(whole["id"], "feedback", by="op-1", reached=True, solved=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "is_split")
    door.becomes(lamp["id"], "routed")
    door.done(lamp["id"], "accept")
    door.done(lamp["id"], "resolve", text="线路也换了")
    assert door.read(whole["id"])["status"] == "resolved"
    door.done(whole["id"], "feedback", reached=True, solved=True)
    assert door.read(whole["id"])["status"] == "closed"


def test_parts_that_follow_another_petition_are_over_with_it(door, whole, parts):
    """Both of them follow the same root: one append answers the root, both parts and the whole."""
    root = door.filed(kind="LAMP", place={"unit": "SA11"})
    for part in parts:
        door.done(part["id"], "link", to=root["id"])
    door.done(root["id"], "accept")
    door.done(root["id"], "resolve", text="都处理了")
    assert [door.read(one["id"])["status"] for one in (*parts, whole)] == ["resolved"] * 3


def test_two_parts_resolved_at_the_same_moment(door):
    for _ in range(4):
        whole = door.filed(kind="LAMP", place={"unit": "SA11"})
        links = door.done(whole["id"], "split", parts=PARTS)["links"]
        parts = [door.becomes(link["petition"], "routed")["id"] for link in links]
        for part in parts:
            door.done(part, "accept")
        with ThreadPoolExecutor(2) as both:
            done = [both.submit(door.command, part, "resolve", by="gw-1", text="已更换") for part in parts]
        assert [one.result().status_code for one in done] == [200, 200]
        happened = door.happened(whole["id"])
        assert (happened.count("PartFinished"), happened.count("ResolutionReported")) == (2, 1)


def test_asked_for_again_it_finds_its_parts(door, whole):
    key = {"Idempotency-Key": f"split-{whole['id']}"}
    first = door.command(whole["id"], "split", by="op-1", parts=PARTS, headers=key)
    with_key = door.command(whole["id"], "split", by="op-1", parts=PARTS, headers=key)
    without = door.command(whole["id"], "split", by="op-1", parts=PARTS)
    overtaken = door.command(whole["id"], "split", by="op-1", parts=PARTS, headers={"If-Match": '"3"'})
    for part in (door.becomes(one["petition"], "routed") for one in first.json()["links"]):
        door.done(part["id"], "accept")
        door.done(part["id"], "resolve", text="已处理好了，请查看")
    door.becomes(whole["id"], "resolved")
    resolved = door.command(whole["id"], "split", by="op-1", parts=PARTS)
    door.done(whole["id"], "feedback", reached=True, solved=True)
    closed = door.command(whole["id"], "split", by="op-1", parts=PARTS)
    for again in (with_key, without, overtaken, resolved, closed):
        assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
        assert again.json()["links"] == first.json()["links"]


def test_it_is_refused_with_what_to_do_next(door, whole, parts, critical, problem):
    def refused(petition, parts=PARTS):
        return door.command(petition["id"], "split", by="op-1", parts=parts)

    told = problem(refused(whole, PARTS[::-1]), 409, "is_split")
    assert all(part["id"] in told["detail"] for part in parts)
    problem(door.command(whole["id"], "withdraw", by="op-1", reason="不办了"), 409, "is_split")
    problem(door.command(whole["id"], "accept", by="gw-1"), 409, "is_split")
    problem(door.command(whole["id"], "reassess", by="op-1", kind="STALL", reason="x"), 409, "is_split")
    problem(refused(parts[0]), 409, "is_a_part")
    problem(refused(critical), 409, "critical_stays_whole")
    other = door.filed(kind="LAMP", place={"unit": "SA11"})
    problem(door.command(other["id"], "link", by="op-1", to=whole["id"]), 409, "root_is_split")
    problem(refused(other, PARTS[:1]), 422, "invalid", "/parts")
    problem(refused(other, [PARTS[0]] * 21), 422, "invalid", "/parts")
    problem(refused(other, [PARTS[0], {"text": "\u3000"}]), 422, "invalid", "/parts/1/text")
    problem(refused(other, [PARTS[0], {"text": "灯", "kind": "NONE"}]), 422, "invalid", "/parts/1/kind")
    problem(
        refused(other, [{"text": "灯", "place": {"unit": "NONE"}}, PARTS[1]]), 422, "invalid", "/parts/0/place/unit"
    )
    assert door.read(other["id"])["status"] == "routed"


def test_it_is_on_no_worklist_while_its_parts_are(door, whole, parts):
    door.settled()
    items = {one["id"] for one in door.http.get("/v1/units/SA11/worklist", params={"limit": 500}).json()["items"]}
    assert parts[0]["id"] in items
    assert whole["id"] not in items
    listed = door.listed(status="split", limit=500)["items"]
    assert whole["id"] in {one["id"] for one in listed}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_its_page_and_those_of_its_parts_lead_to_each_other(door, whole, parts, lang):
    explained = door.http.get(f"/v1/petitions/{whole['id']}/explain").json()["placed"]
    assert all(part["number"] in explained[lang] for part in parts)
    page = door.http.get(f"/petitions/{whole['id']}", headers={"Accept-Language": lang}).text
    assert ("拆分" if lang == "zh" else "Split") in page
    assert all(f'<a href="/petitions/{part["id"]}">' in page for part in parts)
    assert f'<a href="/petitions/{whole["id"]}">' in door.http.get(f"/petitions/{parts[0]['id']}").text


def test_not_solved_and_split_again_its_parts_begin_as_high_as_it_stands_and_say_why(door, whole, accepted):
    for part in accepted:
        door.done(part["id"], "resolve", text="已处理好了，请查看")
    door.done(whole["id"], "feedback", reached=True, solved=False)
    again = door.becomes(whole["id"], "routed")
    links = door.done(whole["id"], "split", by="op-1", parts=PARTS[:1] * 2)["links"]
    new = [door.becomes(one["petition"], "routed") for one in links[-2:]]
    assert [one["tier"] for one in new] == [again["tier"]] * 2 != ["grid"] * 2
    for part in new:
        floors = door.http.get(f"/v1/petitions/{part['id']}/explain").json()["floors"]
        [history] = [one["reason"]["en"] for one in floors if "not solved" in one["reason"]["en"]]
        assert f"of petition {again['floors'][-1]['reason'].split(':')[1]}" in history


def test_moved_up_by_a_person_and_split_its_parts_begin_there_and_say_why(door, whole):
    up = door.done(whole["id"], "move", by="op-1", unit="SA", reason="涉及多家单位，由街道统筹")
    links = door.done(whole["id"], "split", by="op-1", parts=PARTS)["links"]
    for link in links:
        part = door.becomes(link["petition"], "routed")
        assert part["tier"] == "street"
        floors = door.http.get(f"/v1/petitions/{part['id']}/explain").json()["floors"]
        assert [one["reason"]["en"] for one in floors if up["number"] in one["reason"]["en"]]
