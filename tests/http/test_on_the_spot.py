"""自处理: filed and resolved in one call, still asked back."""

import json
from datetime import date

import pytest

from schemas.roster import Posting
from services.chassis.policy_files import read_bundle
from tests.serving import DISTRICT, in_thread

SPOT = {
    "channel": "grid_patrol",
    "place": {"unit": "SA11"},
    "filed_by": {"role": "grid_worker", "id": "g-0017"},
    "resolved_on_the_spot": {"text": "已更换灯泡，灯亮了"},
}


def _resolved(door, petition):
    return door.until(petition, lambda now: "FeedbackRequested" in door.happened(now["id"]))


@pytest.fixture
def spotted(door):
    """A lamp that a grid worker saw on patrol, and mended."""
    return _resolved(door, door.filed(**SPOT, kind="LAMP")["id"])


def test_one_call_files_and_resolves_it_and_the_resident_is_asked(door, spotted):
    assert (spotted["status"], spotted["tier"], spotted["responsible"]["unit"]) == ("resolved", "grid", "SA11")
    assert spotted["on_the_spot"] == {"result": "done", "text": "已更换灯泡，灯亮了"}
    resolution = spotted["resolution"]
    assert (resolution["result"], resolution["text"], resolution["round"]) == ("done", "已更换灯泡，灯亮了", 1)
    assert resolution["on_the_spot"] is True
    happened = [(one["type"], one["by"]) for one in door.timeline(spotted["id"])]
    assert happened == [
        ("PetitionFiled", "g-0017"),
        ("SeverityAssessed", "severity"),
        ("PetitionRouted", "router"),
        ("DispatchAccepted", "g-0017"),
        ("ResolutionReported", "g-0017"),
        ("FeedbackRequested", "feedback"),
    ]
    assert {one["state"] for one in spotted["deadlines"] if not one["name"].startswith("feedback")} == {"met"}
    assert door.done(spotted["id"], "feedback", reached=True, solved=False)["status"] != "closed"
    again = door.becomes(spotted["id"], "routed", tier="community")
    assert again["dispatch"]["round"] == 2


def test_what_is_critical_goes_where_it_must_with_the_words(door):
    gas = {**SPOT, "resolved_on_the_spot": {"text": "已关阀通风"}, "text": "现在楼道里燃气泄漏，味道很大"}
    petition = door.filed(**gas)
    assert (petition["severity"], petition["status"]) == ("critical", "routed")
    assert (petition["on_the_spot"]["text"], petition["resolution"]) == ("已关阀通风", None)
    door.settled()
    assert "ResolutionReported" not in door.happened(petition["id"])


def test_a_retry_finds_it_and_other_words_are_another_request(door, problem):
    first = door.file(key="spot-1", **SPOT)
    again = door.file(key="spot-1", **SPOT)
    assert (first.json()["id"], again.headers["idempotency-replayed"]) == (again.json()["id"], "true")
    other = {**SPOT, "resolved_on_the_spot": {"text": "换了整盏灯"}}
    problem(door.file(key="spot-1", **other), 422, "key_reused")


def test_a_batch_takes_it_line_by_line(door):
    spots = [
        {"text": "楼道灯不亮", "kind": "LAMP", "key": "spot-2", **SPOT},
        {"text": "楼道灯不亮", "key": "spot-3", **SPOT, "resolved_on_the_spot": {"text": "已处理"}},
    ]
    lines = b"\n".join(json.dumps(one).encode() for one in spots)
    answer = door.http.post("/v1/petitions/batch", content=lines, headers={"Content-Type": "application/x-ndjson"})
    good, bad = map(json.loads, answer.text.splitlines())
    assert (bad["status"], bad["errors"][0]["pointer"]) == (422, "/resolved_on_the_spot/text")
    assert _resolved(door, good["id"])["resolution"]["on_the_spot"] is True


def test_the_door_refuses_what_resolve_would_refuse(door, problem):
    problem(door.file(**{**SPOT, "resolved_on_the_spot": {"text": " "}}), 422, "invalid", "/resolved_on_the_spot/text")
    problem(door.file(**{**SPOT, "channel": "hotline"}), 422, "invalid", "/channel")


def test_a_dispute_that_was_settled_says_so(door):
    done = {"text": "双方达成停车协议并签字", "result": "settled"}
    petition = door.filed(**{**SPOT, "channel": "visit", "resolved_on_the_spot": done}, kind="LAMP")
    assert _resolved(door, petition["id"])["resolution"]["result"] == "settled"
    told = door.http.get(f"/v1/petitions/{petition['id']}/explain").json()["timeline"]
    assert told[4]["said"]["zh"] == "第 1 轮，网格员自处理，结果：调解成功，达成协议"
    page = door.http.get(f"/petitions/{petition['id']}", headers={"Accept-Language": "zh"}).text
    assert "双方达成停车协议并签字" in page
    assert "调解成功" in page


def test_only_a_worker_of_the_grid_resolves_there_and_a_retry_of_theirs_is_answered(tmp_path, problem):
    with in_thread(tmp_path / "data") as door:
        first = door.file(key="spot-4", **SPOT)
        posted = (Posting(unit="SA11", staff="g-0018", since=date(2020, 1, 1)),)
        door.publish(read_bundle(DISTRICT).model_copy(update={"roster": posted}))
        again = door.file(key="spot-4", **SPOT)
        assert (first.json()["id"], again.headers["idempotency-replayed"]) == (again.json()["id"], "true")
        problem(door.file(key="spot-5", **SPOT), 409, "not_of_this_grid")
        usual = {name: value for name, value in SPOT.items() if name != "resolved_on_the_spot"}
        assert door.filed(key="spot-5", **usual)["status"] == "routed"
