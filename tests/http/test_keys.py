"""A retry is safe: one key, one petition, and the first answer again."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest


def _key() -> str:
    return f"key-{uuid4()}"


def _external() -> dict[str, str]:
    return {"source": "12345-haizhou", "number": uuid4().hex}


def test_the_same_key_and_body_give_the_first_answer_again(door):
    key = _key()
    first, again = door.file(key=key, title="灯"), door.file(key=key, title="灯")
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert (again.headers["etag"], again.headers["location"]) == (first.headers["etag"], first.headers["location"])


def test_a_replay_is_the_first_answer_also_when_the_petition_has_moved_on(door):
    key = _key()
    first = door.file(key=key)
    door.becomes(first.json()["id"], "routed")
    assert door.file(key=key).content == first.content


def test_the_order_of_fields_and_spaces_do_not_make_another_body(door):
    key, headers = _key(), {"Content-Type": "application/json"}
    one = b'{"channel": "app", "text": "\\u706f"}'
    two = '{"text":"灯","channel":"app"}'.encode()
    first = door.http.post("/v1/petitions", content=one, headers=headers | {"Idempotency-Key": key})
    again = door.http.post("/v1/petitions", content=two, headers=headers | {"Idempotency-Key": key})
    assert again.json()["id"] == first.json()["id"]


def test_another_body_under_the_key_is_refused_and_changes_nothing(door, problem):
    key = _key()
    first = door.file(key=key, text="one").json()
    problem(door.file(key=key, text="two"), 422, "key_reused")
    assert door.read(first["id"])["text"] == "one"
    assert door.file(key=key, text="one").json()["id"] == first["id"]


def test_an_external_number_is_a_key_of_its_source(door, problem):
    external = _external()
    first, again = door.file(external=external), door.file(external=external)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    problem(door.file(external=external, text="other"), 422, "key_reused")
    elsewhere = door.file(external=external | {"source": "12319"})
    assert elsewhere.json()["id"] != first.json()["id"]


def test_source_and_number_do_not_run_into_each_other(door):
    one = door.file(external={"source": "a", "number": "bc"}).json()
    two = door.file(external={"source": "ab", "number": "c"}).json()
    assert one["id"] != two["id"]


def test_a_key_and_an_external_of_the_same_petition_agree(door):
    key, external = _key(), _external()
    first = door.file(key=key, external=external)
    assert door.file(key=key, external=external).content == first.content
    assert door.file(external=external).json()["id"] == first.json()["id"]
    assert door.file(key=_key(), external=external).json()["id"] == first.json()["id"]


def test_a_key_and_an_external_of_two_petitions_disagree(door, problem):
    key, external = _key(), _external()
    door.file(key=key)
    door.file(external=external)
    problem(door.file(key=key, external=external), 409, "key_conflict")


def test_without_a_key_every_request_is_a_petition(door):
    assert door.file().json()["id"] != door.file().json()["id"]


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "tab\there"])
def test_a_key_is_one_to_two_hundred_visible_characters(door, problem, key):
    problem(door.file(headers={"Idempotency-Key": key}), 422, "bad_key")


def test_a_key_beyond_ascii_is_refused(door, problem):
    problem(door.file(headers={"Idempotency-Key": "schlüssel".encode("latin-1")}), 422, "bad_key")


def test_requests_with_one_key_at_the_same_time_make_one_petition(door):
    key = _key()
    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda _: door.file(key=key), range(32)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


def test_requests_with_one_key_and_other_bodies_at_the_same_time_make_one_petition(door):
    key = _key()
    with ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda n: door.file(key=key, text=f"text {n % 4}"), range(32)))
    filed = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201, 422}
    assert len({answer.json()["id"] for answer in filed}) == len({answer.json()["text"] for answer in filed}) == 1


def test_a_refused_body_does_not_use_up_the_key(door):
    key = _key()
    assert door.file(key=key, channel="fax").status_code == 422
    assert door.file(key=key, kind="nothing").status_code == 422
    assert door.file(key=key).status_code == 201
