"""Many petitions at once: one line in, one result out, run again at will."""

import json
from uuid import uuid4


def _send(door, *lines):
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return _send_raw(door, b"\n".join(raw))


def _send_raw(door, content):
    answer = door.http.post("/v1/petitions/batch", content=content, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def _line(**more):
    return {"channel": "web", "text": "路灯坏了", "key": uuid4().hex} | more


def test_every_line_has_its_result_in_order(door):
    lines = [_line(text=f"第 {n} 件") for n in range(250)]
    results = _send(door, *lines)
    assert [result["line"] for result in results] == list(range(1, 251))
    assert {result["status"] for result in results} == {201}
    assert [door.read(results[n]["id"])["text"] for n in (0, 120, 249)] == ["第 0 件", "第 120 件", "第 249 件"]


def test_the_same_batch_again_makes_nothing_new(door):
    lines = [_line() for _ in range(20)]
    lines += [_line(key=None, external={"source": "batch", "number": uuid4().hex}) for _ in range(20)]
    first, again = _send(door, *lines), _send(door, *lines)
    assert [result["id"] for result in again] == [result["id"] for result in first]
    assert {result["replayed"] for result in first} == {False}
    assert {result["replayed"] for result in again} == {True}


def test_a_bad_line_has_its_own_problem_and_hurts_no_other(door):
    taken = _line(text="taken")
    _send(door, taken)
    results = _send(
        door,
        _line(),
        b"not json",
        _line(channel="fax"),
        {"channel": "web", "text": "no key"},
        _line(kind="nothing"),
        b'{"channel":"web","text":"a","text":"b","key":"x"}',
        taken | {"text": "other"},
        b"[]",
        b'{"channel":"web","text":"\\ud800","key":"x"}',
        b"\xff\xfe",
        _line(colour="red"),
        _line(key="has space"),
        _line(),
    )
    assert [result["status"] for result in results] == [201, 400, 422, 422, 422, 422, 422, 422, 422, 400, 422, 422, 201]
    assert [result["line"] for result in results] == list(range(1, 14))
    pointers = [[error["pointer"] for error in result.get("errors", [])] for result in results]
    assert (pointers[2], pointers[4], pointers[5]) == (["/channel"], ["/kind"], ["/text"])
    assert (results[3]["code"], results[6]["code"]) == ("key_needed", "key_reused")


def test_a_bad_line_is_told_in_the_callers_language(door):
    headers = {"Content-Type": "application/x-ndjson", "Accept-Language": "zh"}
    content = json.dumps(_line(kind="nothing")).encode() + b"\n{"
    answer = door.http.post("/v1/petitions/batch", content=content, headers=headers)
    misfit, broken = (json.loads(line) for line in answer.text.splitlines())
    assert misfit["detail"] == "请求不符合接口约定，见 errors。"
    assert misfit["errors"] == [{"pointer": "/kind", "message": "没有类别 nothing；见 /v1/kinds，或不填"}]
    assert broken["errors"][0]["message"].startswith("不是合法 JSON")


def test_a_key_in_a_line_is_the_callers_key(door):
    key = uuid4().hex
    (result,) = _send(door, _line(key=key, text="one"))
    again = door.http.post("/v1/petitions", json={"channel": "web", "text": "one"}, headers={"Idempotency-Key": key})
    assert again.json()["id"] == result["id"]


def test_a_key_that_stands_twice_in_a_batch_makes_one_petition(door):
    line = _line()
    first, second = _send(door, line, line)
    assert first["id"] == second["id"]
    assert sorted([first["replayed"], second["replayed"]]) == [False, True]


def test_empty_lines_are_counted_but_have_no_result(door):
    one, two = json.dumps(_line()).encode(), json.dumps(_line()).encode()
    assert [result["line"] for result in _send_raw(door, b"\n" + one + b"\r\n\r\n" + two + b"\n\n")] == [2, 4]


def test_nothing_in_is_nothing_out(door):
    assert _send_raw(door, b"") == []


def test_a_line_has_the_limit_of_a_body_and_the_rest_goes_on(door):
    long = json.dumps(_line(text="x")).encode() + b" " * 300_000
    results = _send(door, _line(), long, _line())
    assert [result["status"] for result in results] == [201, 413, 201]


def test_a_batch_may_be_larger_than_one_body(door):
    results = _send(door, *(_line(text="长" * 3_000) for _ in range(60)))
    assert {result["status"] for result in results} == {201}
