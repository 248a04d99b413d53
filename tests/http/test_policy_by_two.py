"""A policy changes by two people, from a moment that they agree on, and can be taken back."""

import pytest

from schemas.policy import PolicyBundle
from services.chassis.policy_files import read_bundle
from tests.serving import DISTRICT, in_thread

BUNDLE = read_bundle(DISTRICT)
JSON = {"Content-Type": "application/json"}
FAR, FARTHER = "2099-01-01T00:00:00+08:00", "2099-02-01T00:00:00+08:00"


def _with(hours: float) -> str:
    limits = BUNDLE.limits.model_copy(update={"feedback_hours": hours})
    return BUNDLE.model_copy(update={"limits": limits}).model_dump_json()


@pytest.fixture
def door(tmp_path):
    with in_thread(tmp_path / "data") as opened:
        yield opened


def publish(door, bundle: str, by: str, **more: str):
    return door.http.post(
        "/v1/operations/policy/publish", params={"by": by, "reason": "试行", **more}, content=bundle, headers=JSON
    )


def feedback_hours(door) -> float:
    return door.http.get("/v1/policy").json()["limits"]["feedback_hours"]


def test_one_person_proposes_and_nothing_changes(door):
    assert publish(door, _with(48), "li").json()["state"] == "proposed"
    assert feedback_hours(door) == 72
    refused = publish(door, _with(48), "li")
    assert (refused.status_code, refused.json()["code"]) == (409, "second_person_needed")
    assert feedback_hours(door) == 72


def test_another_person_agrees_to_the_very_same_bundle(door):
    publish(door, _with(48), "li")
    assert publish(door, _with(49), "wang").json()["state"] == "proposed"
    assert publish(door, _with(48), "wang").json()["state"] == "published"
    assert feedback_hours(door) == 48
    newest = door.http.get("/v1/operations/policy/versions").json()["items"][0]
    assert (newest["version"], newest["published_by"], newest["approved_by"]) == (2, "li", "wang")
    assert (newest["reason"], newest["in_force"]) == ("试行", True)


def test_what_was_proposed_before_another_version_came_is_proposed_anew(door):
    publish(door, _with(48), "li")
    publish(door, _with(49), "li")
    publish(door, _with(49), "wang")
    assert publish(door, _with(48), "wang").json()["state"] == "proposed"


def test_a_version_of_a_later_moment_does_not_count_yet(door):
    publish(door, _with(48), "li", effective_from=FAR)
    assert publish(door, _with(48), "wang").json()["state"] == "published"
    assert feedback_hours(door) == 72
    planned = door.http.get("/v1/operations/policy/versions").json()["items"][0]
    assert (planned["version"], planned["in_force"]) == (2, False)


def test_who_agrees_agrees_to_the_moment_too(door):
    publish(door, _with(48), "li", effective_from=FAR)
    other = publish(door, _with(48), "wang", effective_from=FARTHER)
    assert (other.status_code, other.json()["code"]) == (409, "other_terms")


def test_no_version_counts_from_a_moment_that_is_over(door):
    late = publish(door, _with(48), "li", effective_from="2020-01-01T00:00:00+08:00")
    assert (late.status_code, late.json()["code"]) == (422, "effective_in_the_past")


def test_an_earlier_version_counts_again_by_two_people(door):
    publish(door, _with(48), "li")
    publish(door, _with(48), "wang")
    back = {"to": 1, "reason": "期限过短"}
    assert door.http.post("/v1/operations/policy/rollback", json=back | {"by": "wang"}).json()["state"] == "proposed"
    done = door.http.post("/v1/operations/policy/rollback", json=back | {"by": "li"}).json()
    assert (done["state"], done["version"], feedback_hours(door)) == ("published", 3, 72)
    first = door.http.get("/v1/operations/policy/versions/1").json()
    assert PolicyBundle.model_validate(first, strict=False) == BUNDLE


def test_a_version_that_never_was_cannot_count_again(door):
    unknown = door.http.post("/v1/operations/policy/rollback", json={"to": 7, "by": "li", "reason": "试"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_policy_version")


def test_a_broken_bundle_is_refused_before_anybody_proposes_it(door):
    broken = publish(door, '{"name": "x"}', "li")
    assert (broken.status_code, broken.json()["code"]) == (422, "broken_policy")
