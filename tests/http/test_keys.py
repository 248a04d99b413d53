"""A retry is safe: one key, one petition, and the first answer again."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from intake.api import _claims
from intake.filing import NewPetition
from services.chassis.door import request_digest
from services.chassis.runtime import Runtime


def _key() -> str:
    return f"key-{uuid4()}"


def _accepting(door, petition, key, **body):
    return door.command(petition["id"], "accept", headers={"Idempotency-Key": key}, **{"by": "s-1", **body})


@pytest.fixture
def accepted(door):
    petition = door.filed(kind="LAMP", place={"unit": "SA11"})
    return door.done(petition["id"], "accept")


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


def test_a_replay_waits_for_the_route_as_the_first_request_does(door):
    key = _key()
    door.file(key=key, kind="LAMP", place={"unit": "SA11"})
    again = door.file(key=key, kind="LAMP", place={"unit": "SA11"}, wait=10)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["status"] == "routed"


def test_a_command_that_changed_nothing_keeps_its_key(door, accepted, problem):
    key = _key()
    first = _accepting(door, accepted, key)
    assert first.json()["version"] == accepted["version"]
    assert "idempotency-replayed" not in first.headers
    problem(_accepting(door, accepted, key, by="s-2"), 422, "key_reused")
    moved = door.done(accepted["id"], "move", unit="SB11", reason="不在本辖区")
    again = _accepting(door, accepted, key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert (again.json()["version"], again.json()["status"]) == (moved["version"], "routed")


def test_a_command_that_changed_nothing_is_answered_again_when_it_would_be_refused_by_now(door, accepted, problem):
    key, other = _key(), _key()
    tag = {"If-Match": f'"{accepted["version"]}"'}
    sent = {"by": "s-1", "headers": {"Idempotency-Key": key} | tag}
    assert door.command(accepted["id"], "accept", **sent).status_code == 200
    door.done(accepted["id"], "resolve", text="已更换")
    assert door.command(accepted["id"], "accept", **sent).headers["idempotency-replayed"] == "true"
    assert _accepting(door, accepted, key).headers["idempotency-replayed"] == "true"
    problem(_accepting(door, accepted, key, by="s-2"), 422, "key_reused")
    problem(_accepting(door, accepted, other), 409, "already_resolved")


def test_the_same_command_key_means_nothing_to_another_petition(door):
    key = _key()
    petitions = [door.filed(kind="LAMP", place={"unit": "SA11"}) for _ in range(2)]
    for petition in petitions:
        answer = _accepting(door, petition, key)
        assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
        assert "idempotency-replayed" not in answer.headers


def test_a_refused_command_does_not_use_up_its_key(door, problem):
    key = {"Idempotency-Key": _key()}
    petition = door.filed(kind="LAMP", place={"unit": "SA11"})
    sent = {"by": "s-1", "text": "已更换", "headers": key}
    assert door.command(petition["id"], "resolve", **sent).status_code == 409
    door.done(petition["id"], "accept")
    assert door.command(petition["id"], "resolve", **sent).json()["status"] == "resolved"


def test_silent_commands_at_the_same_time_with_one_key_are_all_answered(door, accepted):
    key = _key()
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: _accepting(door, accepted, key), range(16)))
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(200, accepted["version"])}
    assert ["idempotency-replayed" in answer.headers for answer in answers].count(False) == 1


class _Digests:
    """As much of a runtime as a digest asks for."""

    log = keyring = property(lambda self: self)

    def digest(self, purpose: str, content: bytes) -> bytes:
        return purpose.encode() + content


class _LaterPetition(NewPetition):
    """What a later release takes."""

    colour: str | None = None


@pytest.fixture
def runtime() -> Runtime:
    return _Digests()  # type: ignore[return-value]


def test_a_retry_after_an_upgrade_is_the_same_request(runtime):
    sent = {"channel": "app", "text": "灯", "external": {"source": "a", "number": "1"}}
    before, after = (_claims(kind.model_validate(sent), "k", sent, runtime) for kind in (NewPetition, _LaterPetition))
    assert before == after
    assert len(before) == 2


def test_a_request_is_what_was_sent_whatever_the_order_of_names(runtime):
    one = json.loads('{"by": "s-1", "about": {"x": 1, "y": [1, 2]}}')
    two = json.loads('{"about": {"y": [1, 2], "x": 1}, "by": "s-1"}')
    assert request_digest(runtime, "accept", one) == request_digest(runtime, "accept", two)
    different = [{}, None, {"by": "s-2"}, one | {"more": None}, one | {"about": {"x": 1, "y": [2, 1]}}]
    digests = {request_digest(runtime, name, sent) for sent in [one, *different] for name in ("accept", "close")}
    assert len(digests) == 12


def test_two_keys_are_no_key(door, problem):
    twice = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    answer = door.http.post("/v1/petitions", json={"channel": "web", "text": "灯"}, headers=twice)
    problem(answer, 422, "bad_key")
