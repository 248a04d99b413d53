"""Filing a petition: what is taken, what is refused, what comes back."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

FULL = {
    "channel": "hotline",
    "external": {"source": "12345-haizhou", "number": "2026112200001234"},
    "title": "楼道灯不亮",
    "text": "三单元声控灯坏了两周……",
    "occurred_at": "2026-01-01T20:00:00+08:00",
    "received_at": "2026-01-02T08:30:00+08:00",
    "place": {"unit": "SA11", "address": "迎客路8号院", "lat": 38.95, "lon": 121.53},
    "petitioner": {"name": "王秀英", "phone": "13900000000", "anonymous": False, "confidential": False},
    "filed_by": {"role": "grid_worker", "id": "gw-17"},
    "kind": "LAMP",
    "about": None,
    "households": None,
    "money": None,
    "attachments": [{"url": "https://files.example/1.jpg", "media_type": "image/jpeg", "sha256": "0" * 64}],
}
FIELDS = {
    "id", "number", "status", "version", "channel", "external", "filed_by", "title", "text", "supplements", "place",
    "kind", "severity", "disposition", "hand_off", "tier", "unit", "department", "responsible", "co_handlers",
    "dispatch", "floors", "deadlines", "feedback", "links", "filed_at", "updated_at", "closed_at", "on_the_spot",
    "resolution", "suggestions",
}  # fmt: skip


def test_a_petition_is_created_and_readable_at_once(door):
    answer = door.http.post("/v1/petitions", json=FULL)
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/petitions/{body['id']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["content-type"] == "application/json"
    read = door.http.get(answer.headers["location"])
    assert (read.status_code, read.json()["text"]) == (200, FULL["text"])


def test_the_answer_is_the_petition_of_the_contract(door):
    body = door.file(**FULL | {"external": {"source": "whole", "number": "1"}}).json()
    assert set(body) == FIELDS
    assert (body["status"], body["version"], body["closed_at"]) == ("filed", 1, None)
    assert body["external"] == {"source": "whole", "number": "1"}
    assert body["filed_by"] == FULL["filed_by"]
    assert (body["title"], body["text"], body["channel"]) == (FULL["title"], FULL["text"], "hotline")
    assert body["place"] == FULL["place"] | {"touches": []}
    assert [one["name"] for one in body["deadlines"]] == ["assess"]


def test_the_id_is_a_uuid_of_version_7_and_the_number_can_be_read_aloud(door):
    body = door.file().json()
    assert UUID(body["id"]).version == 7
    date, partition, position = body["number"].split("-")
    assert (len(date), len(partition)) == (8, 2)
    assert int(partition) == int(body["id"][-2:], 16) % 16
    assert int(position) >= 1


def test_channel_and_text_are_all_it_needs(door):
    answer = door.http.post("/v1/petitions", json={"channel": "app", "text": "灯"})
    assert answer.status_code == 201


@pytest.mark.parametrize("missing", ["channel", "text"])
def test_without_channel_or_text_there_is_no_petition(door, problem, missing):
    body = {"channel": "app", "text": "灯"}
    del body[missing]
    problem(door.http.post("/v1/petitions", json=body), 422, "invalid", f"/{missing}")


@pytest.mark.parametrize(
    "channel", ["hotline", "app", "wechat", "web", "walk_in", "letter", "grid_patrol", "visit", "open311", "transfer"]
)
def test_every_channel_is_a_door(door, channel):
    assert door.file(channel=channel).json()["channel"] == channel


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"colour": "red"}, "/colour"),
        ({"channel": "fax"}, "/channel"),
        ({"text": None}, "/text"),
        ({"text": 7}, "/text"),
        ({"title": ["a"]}, "/title"),
        ({"place": {"unit": "SA11", "floor": 3}}, "/place/floor"),
        ({"place": {"unit": "nowhere"}}, "/place/unit"),
        ({"place": {"lat": 38.9}}, "/place"),
        ({"place": {"lat": 91, "lon": 121.5}}, "/place/lat"),
        ({"place": {"lat": True, "lon": 0}}, "/place/lat"),
        ({"place": {"lat": "38.9", "lon": "121"}}, "/place/lat"),
        ({"kind": "nothing"}, "/kind"),
        ({"about": "nobody"}, "/about"),
        ({"households": -1}, "/households"),
        ({"households": 1.5}, "/households"),
        ({"households": True}, "/households"),
        ({"money": -1}, "/money"),
        ({"money": 1.5}, "/money"),
        ({"money": "5"}, "/money"),
        ({"money": 1_000_000_000_001}, "/money"),
        ({"petitioner": {"anonymous": "yes"}}, "/petitioner/anonymous"),
        ({"petitioner": {"name": "x" * 501}}, "/petitioner/name"),
        ({"external": {"source": "a"}}, "/external/number"),
        ({"attachments": [{"url": "javascript:alert(1)"}]}, "/attachments/0/url"),
        ({"attachments": [{"url": "https://a.example", "sha256": "xyz"}]}, "/attachments/0/sha256"),
        ({"occurred_at": "yesterday"}, "/occurred_at"),
        ({"occurred_at": "2026-11-21T20:00:00"}, "/occurred_at"),
        ({"occurred_at": 1_700_000_000}, "/occurred_at"),
        ({"occurred_at": "2026-02-30T20:00:00+08:00"}, "/occurred_at"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_pointer_to_it(door, problem, change, pointer):
    problem(door.file(**change), 422, "invalid", pointer)


def test_everything_wrong_is_said_at_once(door, problem):
    body = problem(door.http.post("/v1/petitions", json={"chanel": "app", "text": 1, "kind": 2}), 422, "invalid")
    assert {error["pointer"] for error in body["errors"]} == {"/channel", "/chanel", "/text", "/kind"}


def test_what_does_not_fit_is_said_in_the_callers_language(door):
    sent = {"channel": "fax", "title": "长" * 501, "households": 1.5, "colour": 1, "occurred_at": "gestern"}
    answer = door.http.post("/v1/petitions", json=sent, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    messages = {error["pointer"]: error["message"] for error in answer.json()["errors"]}
    assert messages.pop("/channel").startswith("应为 'hotline', ")
    assert messages == {
        "/text": "缺少该项",
        "/title": "最多 500 个字符",
        "/households": "应为整数",
        "/colour": "不是已知的字段",
        "/occurred_at": "请写带时区的日期时间，例如 2026-11-22T08:30:00+08:00",
    }


def test_a_petition_cannot_be_received_in_the_future(door, problem):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    problem(door.file(received_at=tomorrow), 422, "invalid", "/received_at")


@pytest.mark.parametrize("name", ["received_at", "occurred_at"])
def test_nothing_happened_before_there_was_anybody_to_see_it(door, problem, name):
    problem(door.file(**{name: "0001-01-01T00:00:00+14:00"}), 422, "invalid", f"/{name}")


@pytest.mark.parametrize("moment", ["1900-01-01T00:00:00+08:00", "2020-02-29T12:00:00-11:00"])
def test_a_petition_may_have_been_received_long_ago_and_is_routed_all_the_same(door, moment):
    petition = door.filed(received_at=moment, occurred_at=moment, kind="STALL")
    assert petition["status"] == "routed"


def test_text_may_be_empty_and_is_kept_so(door):
    assert door.file(text="").json()["text"] == ""


@pytest.mark.parametrize(("field", "most"), [("text", 32_768), ("title", 500)])
@pytest.mark.parametrize("letter", ["a", "诉", "🏮"])
def test_length_is_counted_in_code_points(door, problem, field, most, letter):
    kept = door.file(**{field: letter * most})
    assert kept.status_code == 201
    assert kept.json()[field] == letter * most
    problem(door.file(**{field: letter * (most + 1)}), 422, "invalid", f"/{field}")


def _sized(size: int) -> bytes:
    body = json.dumps({"channel": "app", "text": "x", "title": "y"}).encode()
    return body + b" " * (size - len(body))


def test_a_body_may_have_256_kib_and_not_one_byte_more(door, problem):
    headers = {"Content-Type": "application/json"}
    assert door.http.post("/v1/petitions", content=_sized(256 * 1024), headers=headers).status_code == 201
    problem(door.http.post("/v1/petitions", content=_sized(256 * 1024 + 1), headers=headers), 413, "too_large")


def test_a_body_sent_in_chunks_has_the_same_limit(door, problem):
    def chunks(size):
        body = _sized(size)
        for start in range(0, size, 10_000):
            yield body[start : start + 10_000]

    headers = {"Content-Type": "application/json"}
    assert door.http.post("/v1/petitions", content=chunks(256 * 1024), headers=headers).status_code == 201
    problem(door.http.post("/v1/petitions", content=chunks(300_000), headers=headers), 413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "image/png"]
)
def test_what_is_not_said_to_be_json_is_not_read(door, problem, kind):
    answer = door.http.post("/v1/petitions", content=b'{"channel":"app","text":"x"}', headers={"Content-Type": kind})
    problem(answer, 415, "not_json")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"])
def test_json_by_any_of_its_names_is_read(door, kind):
    answer = door.http.post("/v1/petitions", content=b'{"channel":"app","text":"x"}', headers={"Content-Type": kind})
    assert answer.status_code == 201


def test_with_prefer_wait_the_answer_is_routed(door):
    petition = door.file(wait=10, place={"unit": "SA11"}, kind="LAMP")
    assert petition.status_code == 201
    assert petition.json()["status"] == "routed"
    assert petition.headers["etag"] == f'"{petition.json()["version"]}"'


@pytest.mark.parametrize(
    "prefer", ["wait=x", "wait", "respond-async", "wait=-1", "wait=²", "wait=1e9", "wait=" + "9" * 400]
)
def test_a_preference_that_makes_no_sense_is_no_error(door, prefer):
    answer = door.file(headers={"Prefer": prefer.encode("latin-1")})
    assert answer.status_code == 201


def test_details_are_in_chinese_for_who_prefers_it(door):
    english = door.file(channel="fax").json()
    chinese = door.file(channel="fax", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).json()
    assert english["detail"].isascii()
    assert "接口约定" in chinese["detail"]
    assert (english["code"], english["type"]) == (chinese["code"], chinese["type"])
