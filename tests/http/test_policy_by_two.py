"""A policy changes by two people, from a moment that they agree on, and can be taken back."""

from typing import Any

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


def test_who_names_another_moment_proposes_anew(door):
    publish(door, _with(48), "li", effective_from=FAR)
    assert publish(door, _with(48), "wang", effective_from=FARTHER).json()["state"] == "proposed"
    done = publish(door, _with(48), "wang", effective_from=FAR).json()
    assert (done["state"], done["effective_from"]) == ("published", "2098-12-31T16:00:00Z")


@pytest.mark.parametrize("same", ["LI", "li ", "l\u200bi", "ｌｉ"])
def test_an_id_typed_otherwise_is_no_second_person(door, same):
    publish(door, _with(48), "li")
    assert publish(door, _with(48), same).json()["code"] == "second_person_needed"


def test_who_agreed_and_asks_again_hears_that_it_counts(door):
    publish(door, _with(48), "li")
    publish(door, _with(48), "wang")
    again = publish(door, _with(48), "wang").json()
    assert (again["state"], again["version"], again["proposed_by"]) == ("unchanged", 2, "li")


def test_what_is_planned_can_be_brought_forward_by_an_import(door):
    publish(door, _with(48), "li", effective_from=FAR)
    publish(door, _with(48), "wang")
    door.publish(PolicyBundle.model_validate_json(_with(48)))
    assert feedback_hours(door) == 48


def planned_then_a_fix(door, **more: str):
    """Version 2 is planned for that moment; two people then want another bundle instead of the one in force."""
    publish(door, _with(48), "li", effective_from=FAR)
    publish(door, _with(48), "wang")
    assert publish(door, _with(49), "li", **more).json()["supersedes"] == [2]
    return publish(door, _with(49), "wang", **more)


@pytest.mark.parametrize("moment", [{}, {"effective_from": FAR}])
def test_no_planned_version_is_made_void_unless_that_is_meant(door, moment):
    refused = planned_then_a_fix(door, **moment)
    assert (refused.status_code, refused.json()["code"]) == (409, "planned_superseded")
    assert "version 2 (2099-01-01T00:00:00+08:00)" in refused.json()["detail"]
    assert [one["version"] for one in history(door)] == [2, 1]
    done = publish(door, _with(49), "wang", anyway="true", **moment).json()
    assert (done["state"], done["version"], done["supersedes"]) == ("published", 3, [2])
    assert [one["superseded_by"] for one in history(door)] == [None, 3, None]


def test_what_is_void_already_is_not_named_again(door):
    planned_then_a_fix(door)
    publish(door, _with(49), "wang", anyway="true")
    assert publish(door, _with(50), "li").json()["supersedes"] == []
    assert publish(door, _with(50), "wang").json()["state"] == "published"


def test_what_counts_later_than_a_planned_version_leaves_it(door):
    publish(door, _with(48), "li", effective_from=FAR)
    publish(door, _with(48), "wang")
    publish(door, _with(49), "li", effective_from=FARTHER)
    assert publish(door, _with(49), "wang").json()["supersedes"] == []
    assert [one["superseded_by"] for one in history(door)] == [None, None, None]


def test_nor_does_an_import_or_an_earlier_version_make_it_void(door):
    publish(door, _with(48), "li", effective_from=FAR)
    publish(door, _with(48), "wang")
    imported = door.http.post("/v1/operations/policy", content=_with(49), headers=JSON)
    assert imported.json()["code"] == "planned_superseded"
    back = {"to": 1, "reason": "暂缓"}
    assert door.http.post("/v1/operations/policy/rollback", json=back | {"by": "wang"}).json()["supersedes"] == [2]
    refused = door.http.post("/v1/operations/policy/rollback", json=back | {"by": "li"})
    assert refused.json()["code"] == "planned_superseded"
    done = door.http.post("/v1/operations/policy/rollback?anyway=true", json=back | {"by": "li"}).json()
    assert (done["version"], done["supersedes"]) == (3, [2])


def history(door) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = door.http.get("/v1/operations/policy/versions").json()["items"]
    return items


SHORTER = BUNDLE.model_copy(
    update={
        "ladder": BUNDLE.ladder[1:],
        "units": tuple(unit for unit in BUNDLE.units if unit.tier != "grid"),
        "kinds": tuple(kind for kind in BUNDLE.kinds if kind.tier != "grid"),
    }
).model_dump_json()


def test_a_tier_is_not_dropped_by_naming_a_later_moment(door):
    publish(door, SHORTER, "li", effective_from=FAR)
    assert publish(door, SHORTER, "wang").json()["code"] == "tiers_in_use"


def test_what_stands_in_the_way_for_two_reasons_is_told_both_at_once(door):
    publish(door, _with(48), "li", effective_from=FAR)
    publish(door, _with(48), "wang")
    publish(door, SHORTER, "li", effective_from=FARTHER)
    assert "never count" not in publish(door, SHORTER, "wang").json()["detail"]
    publish(door, SHORTER, "li", effective_from=FAR)
    refused = publish(door, SHORTER, "wang").json()
    assert refused["code"] == "tiers_in_use"
    assert "version 2 (2099-01-01T00:00:00+08:00)" in refused["detail"]


def test_an_unknown_name_in_the_address_is_refused(door):
    assert publish(door, _with(48), "li", effective_form=FAR).status_code == 422


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
