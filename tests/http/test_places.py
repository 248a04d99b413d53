"""Places over HTTP: found when it is filed, kept whatever map comes later, and referred across the border."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.locating import locator
from schemas.places import Area
from schemas.policy import PolicyBundle
from severity.lookups import severity_policy
from tests.mapped import AREAS, EAST, KILOMETRE, MAPPED, NORTH, area, without
from tests.serving import Door, in_thread


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with in_thread(tmp_path_factory.mktemp("places") / "data", district=None) as opened:
        opened.publish(MAPPED)
        yield opened


def position(x: float, y: float) -> dict[str, float]:
    return {"lat": NORTH + y * KILOMETRE, "lon": EAST + x * KILOMETRE}


def explained(door: Door, petition: str) -> dict:
    answer = door.http.get(f"/v1/petitions/{petition}/explain")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_coordinates_alone_are_enough(door: Door):
    petition = door.filed(kind="LAMP", place=position(0.5, 1))
    assert (petition["tier"], petition["unit"]["code"], petition["place"]["unit"]) == ("grid", "SA11", "SA11")
    assert petition["floors"][1] == {"floor": "scope", "tier": "grid", "reason": "place:SA11:coordinates"}
    assert explained(door, petition["id"])["located"]["en"] == (
        "The place is 东一社区一网格 (grid), within one unit, by the coordinates."
        " Found by policy 1; later maps change nothing of it."
    )


def test_the_first_petition_by_a_new_policy_waits_for_nothing_to_be_built_of_it(door: Door):
    door.publish(MAPPED.model_copy(update={"name_en": "Indexed"}))
    before = locator.cache_info().misses, severity_policy.cache_info().misses
    door.filed(place={"address": "阳光花园3号楼"})
    assert (locator.cache_info().misses, severity_policy.cache_info().misses) == before


def test_an_address_is_enough_and_stands_in_no_event(door: Door):
    petition = door.filed(kind="LAMP", place={"address": "阳光花园3号楼"})
    assert petition["unit"]["code"] == "SA11"
    location = door.timeline(petition["id"])[0]["data"]["location"]
    assert location == {
        "where": "in_one", "unit": "SA11", "units": [], "findings": [{"by": "known_place", "units": ["SA11"]}],
    }  # fmt: skip


def test_exchanged_degrees_that_are_none_are_refused_with_what_to_do(door: Door, problem):
    right = position(0.5, 1)
    exchanged = {"lat": right["lon"], "lon": right["lat"]}
    for language, said in (("en", "exchanged"), ("zh-CN", "写反")):
        answer = door.file(place=exchanged, headers={"Accept-Language": language})
        [error] = problem(answer, 422, "invalid")["errors"]
        assert error["pointer"] == "/place"
        assert said in error["message"]


def test_exchanged_degrees_that_may_be_some_are_taken_and_doubted(door: Door):
    quarter = Area(unit="N", polygons=((((87.0, 43.0), (87.1, 43.0), (87.1, 43.1), (87.0, 43.0)),),))
    try:
        door.publish(MAPPED.model_copy(update={"areas": (*AREAS[:-1], quarter)}))
        located = explained(door, door.filed(place={"lat": 87.05, "lon": 43.02})["id"])["located"]
    finally:
        door.publish(MAPPED)
    assert "with latitude and longitude exchanged they would lie in Beishan" in located["en"]
    assert "如将纬度与经度对调，则在北山区" in located["zh"]


def test_two_grids_are_the_communitys(door: Door):
    petition = door.filed(kind="LAMP", place={"unit": "SA11", "touches": ["SA12"]})
    assert (petition["tier"], petition["unit"]["code"]) == ("community", "SA1")
    assert petition["place"] == {
        "unit": "SA1", "touches": ["SA11", "SA12"], "address": None, "lat": None, "lon": None,
    }  # fmt: skip


@pytest.mark.parametrize("place", [{"touches": ["SA11"]}, {"unit": "SA1", "touches": ["SA11"]}])
def test_the_lowest_unit_that_was_named_is_its_place(door: Door, place: dict[str, Any]):
    petition = door.filed(kind="LAMP", place=place)
    assert (petition["place"]["unit"], petition["unit"]["code"]) == ("SA11", "SA11")


def test_a_unit_that_it_touches_must_exist(door: Door, problem):
    body = problem(door.file(place={"unit": "SA11", "touches": ["SA12", "nowhere"]}), 422, "invalid")
    assert [one["pointer"] for one in body["errors"]] == ["/place/touches/1"]


def test_what_contradicts_itself_waits_at_a_desk_and_says_why(door: Door):
    petition = door.filed(kind="LAMP", place={"unit": "SA11"} | position(3, 1))
    assert (petition["tier"], petition["unit"]["code"]) == ("grid", "D")
    [scope] = [one for one in explained(door, petition["id"])["floors"] if one["floor"]["en"] == "Scope"]
    assert "the unit that was named: 东一社区一网格 (grid), the coordinates: 西一社区" in scope["reason"]["en"]
    placed = door.done(petition["id"], "place", unit="SB11", touches=["SB11"])
    assert (placed["unit"]["code"], placed["place"]["touches"]) == ("SB11", [])


def test_what_lies_across_the_border_is_referred_there_and_its_record_stays(door: Door):
    petition = door.filed(kind="LAMP", place=position(1, 5))
    assert petition["status"] == "referred"
    referred = door.timeline(petition["id"])[-1]
    assert (referred["type"], referred["data"]["to"]) == ("PetitionReferred", "neighbour:N")
    assert explained(door, petition["id"])["placed"]["zh"] == "地点在邻区北山区，转由该区受理，此处留有记录。"
    again = door.done(petition["id"], "reopen", reason="地点有误")
    assert door.becomes(again["id"], "routed")["unit"]["code"] == "D"


def test_what_is_read_unsurely_across_the_border_is_routed_until_a_person_refers_it(door: Door):
    petition = door.filed(text="我要反映一件和邻居有关的麻烦事情", place=position(1, 5))
    assert (petition["status"], petition["unit"]["code"]) == ("routed", "D")
    why = explained(door, petition["id"])
    assert why["located"]["en"].startswith("It lies in the neighbouring Beishan")
    assert any("a person is asked to look at it" in note["en"] for note in why["notes"])
    door.done(petition["id"], "reassess", disposition="refer", reason="属北山区")
    assert door.timeline(petition["id"])[-1]["data"]["to"] == "neighbour:N"


def test_an_emergency_across_the_border_is_never_turned_away(door: Door):
    petition = door.filed(text="燃气泄漏", place=position(1, 5))
    assert (petition["status"], petition["department"]["code"]) == ("routed", "D-GAS")
    assert petition["hand_off"]["outstanding"]


def test_a_split_is_found_again_when_the_map_has_changed(tmp_path: Path):
    with in_thread(tmp_path / "data", district=None) as door:
        door.publish(MAPPED)
        parts = [{"text": "灯坏了", "place": {"unit": "SA11"}}, {"text": "井盖丢了", "kind": "PIPE"}]
        petition = door.filed(kind="LAMP")["id"]
        split = door.done(petition, "split", by="op-1", parts=parts)
        bundle = redrawn()
        door.publish(bundle.model_copy(update={"kinds": tuple(kind for kind in bundle.kinds if kind.code != "PIPE")}))
        again = door.command(petition, "split", by="op-1", parts=parts)
        assert (again.status_code, again.headers.get("idempotency-replayed")) == (200, "true"), again.text
        assert again.json()["links"] == split["links"]
        other = door.command(petition, "split", by="op-1", parts=parts[::-1])
        assert [one["pointer"] for one in other.json()["errors"]] == ["/parts/0/kind"]


def test_a_unit_of_the_map_before_is_taken_and_its_heir_has_it(tmp_path: Path):
    with in_thread(tmp_path / "data", district=None) as door:
        door.publish(MAPPED)
        door.publish(redrawn())
        petition = door.filed(kind="LAMP", place={"unit": "SA11"})["id"]
        now = door.becomes(petition, "routed")
        assert (now["place"]["unit"], now["unit"]["code"]) == ("SA1", "SA1")
        assert "was on the map no more" in door.http.get(f"/v1/petitions/{petition}/explain").json()["located"]["en"]


def test_areas_and_places_can_be_read(door: Door):
    answer = door.http.get("/v1/areas")
    assert answer.headers["content-type"] == "application/geo+json"
    assert [one["properties"]["unit"] for one in answer.json()["features"]] == [one.unit for one in AREAS]
    assert {"name": "阳光花园", "unit": "SA11"} in door.http.get("/v1/places").json()["items"]


@pytest.mark.parametrize("path", ["/v1/areas", "/v1/places", "/v1/kinds"])
def test_a_filter_that_a_whole_list_would_pass_over_is_refused(door: Door, path: str):
    answer = door.http.get(path, params={"within": "SA11"})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["?within"]


def redrawn() -> PolicyBundle:
    """The grid SA11 is gone: its south is SA13 now, its north SA14."""
    one = next(unit for unit in MAPPED.units if unit.code == "SA11")
    halves = [one.model_copy(update={"code": code, "name": f"新网格{code}"}) for code in ("SA13", "SA14")]
    bundle = without("SA11")
    areas = (*bundle.areas, area("SA13", 0, 0, 1, 1), area("SA14", 0, 1, 1, 2))
    return bundle.model_copy(update={"units": (*bundle.units, *halves), "areas": areas})


def test_a_new_map_rewrites_no_old_decision_and_leaves_nothing_without_a_unit(tmp_path: Path):
    with in_thread(tmp_path / "data", district=None) as door:
        door.publish(MAPPED)
        old = door.filed(kind="LAMP", place=position(0.5, 0.5))
        told, why, events = door.read(old["id"]), explained(door, old["id"]), door.timeline(old["id"])
        door.publish(redrawn())

        new = door.filed(kind="LAMP", place=position(0.5, 0.5))
        assert (old["unit"]["code"], new["unit"]["code"]) == ("SA11", "SA13")
        door.settled()

        assert door.read(old["id"]) == told
        assert door.timeline(old["id"]) == events
        assert _lasting(explained(door, old["id"])) == _lasting(why)

        listed = door.http.get("/v1/units/SA1/worklist").json()["items"]
        assert [item["id"] for item in listed] == [old["id"]], "the community has what its grid had"

        door.done(old["id"], "escalate", reason="网格已撤销")
        climbed = door.becomes(old["id"], "routed", unit={"code": "SA1", "name": "东一社区", "tier": "community"})
        before = door.read(old["id"], as_of=told["version"])
        assert (before["unit"]["code"], before["place"]["unit"]) == ("SA11", "SA11")
        assert climbed["tier"] == "community"


def _lasting(why: dict) -> dict:
    """Without what counts until now."""
    return {name: part for name, part in why.items() if name != "responsibility"}
