"""After a policy was published: what it would have elsewhere is listed, and re-routed only when a person asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from router.commands import Reroute
from router.rerouting import Foreseen, foresee
from router.state import State
from schemas.policy import PolicyBundle
from services.chassis.policy_files import read_bundle
from tests.serving import DISTRICT, Door, in_thread

BUNDLE = read_bundle(DISTRICT)
NAMED = {"by": "chen", "reason": "新规则施行"}


def lamps_at(tier: str) -> PolicyBundle:
    kinds = (one.model_copy(update={"tier": tier}) if one.code == "LAMP" else one for one in BUNDLE.kinds)
    return BUNDLE.model_copy(update={"kinds": tuple(kinds)})


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with in_thread(tmp_path / "data") as opened:
        yield opened


def asked(door: Door, **body: Any) -> dict[str, Any]:
    door.settled()
    answer = door.http.post("/v1/operations/policy/reroute", json=body)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def lamps(door: Door, *units: str) -> list[str]:
    return [door.filed(kind="LAMP", place={"unit": unit})["id"] for unit in units]


def test_a_dry_run_lists_what_would_go_where_and_why_and_changes_nothing(door: Door):
    (lamp,) = lamps(door, "SA11")
    door.filed(kind="STALL", place={"unit": "SA11"})
    door.publish(lamps_at("community"))
    page = asked(door, dry_run=True)
    assert (page["policy"], page["counts"], page["next"]) == (2, {"differs": 1, "stays": 1}, None)
    [item] = page["items"]
    assert (item["petition"], item["number"]) == (lamp, door.read(lamp)["number"])
    assert item["from"] == {"tier": "grid", "unit": "SA11", "department": None}
    assert item["to"] == {"tier": "community", "unit": "SA1", "department": None}
    assert item["because"] == [{"floor": "authority", "tier": "community", "reason": "kind:LAMP"}]
    assert door.read(lamp)["unit"]["code"] == "SA11"


def test_a_dry_run_names_who_is_passed_over_and_why(door: Door):
    lamps(door, "SA11")
    door.settled()
    units = (one.model_copy(update={"staff": 0}) if one.code == "SA11" else one for one in BUNDLE.units)
    door.publish(BUNDLE.model_copy(update={"units": tuple(units)}))
    [item] = asked(door, dry_run=True)["items"]
    assert item["to"]["unit"] == "SA1"
    assert item["skipped"] == [{"unit": "SA11", "department": None, "cause": "no_staff"}]


def test_exactly_those_are_re_routed_in_the_persons_name_and_run_again_nothing_happens(door: Door):
    lamp, other = lamps(door, "SA11", "SB11")
    door.done(other, "move", unit="SA12", reason="就近")
    door.publish(lamps_at("community"))
    page = asked(door, **NAMED)
    assert page["counts"] == {"differs": 1, "chosen": 1}
    assert {item["petition"]: item["verdict"] for item in page["items"]} == {lamp: "differs", other: "chosen"}
    last = door.timeline(lamp)[-1]
    assert (last["type"], last["by"], last["data"]["rule"]) == ("PetitionRouted", "chen", "policy")
    assert (last["data"]["reason"], last["data"]["policy"]) == (NAMED["reason"], 2)
    assert (door.read(lamp)["unit"]["code"], door.read(other)["unit"]["code"]) == ("SA1", "SA12")
    assert asked(door, **NAMED)["counts"] == {"stays": 1, "chosen": 1}


def test_it_goes_down_only_when_asked(door: Door):
    door.publish(lamps_at("community"))
    (lamp,) = lamps(door, "SA11")
    door.publish(BUNDLE)
    assert door.read(lamp)["unit"]["code"] == "SA1"
    asked(door, **NAMED)
    assert door.read(lamp)["unit"]["code"] == "SA11"
    floors = [one["floor"] for one in door.read(lamp)["floors"]]
    assert "history" not in floors


def test_page_by_page_and_an_interrupted_run_goes_on(door: Door):
    ids = sorted(lamps(door, "SA11", "SA12", "SB11", "SA11", "SA12"))
    door.publish(lamps_at("community"))
    first = asked(door, **NAMED, limit=2)
    assert ([one["petition"] for one in first["items"]], first["next"]) == (ids[:2], ids[1])
    again = asked(door, **NAMED, limit=4)
    assert (again["counts"], again["next"]) == ({"stays": 2, "differs": 2}, ids[3])
    last = asked(door, **NAMED, limit=4, after=again["next"], policy=2)
    assert ([one["petition"] for one in last["items"]], last["next"]) == (ids[4:], None)


@pytest.mark.parametrize(
    "narrowed", [{"unit": "SB11"}, {"tier": "community", "kind": "NOISE"}, {"severity": "urgent"}, {"kind": "PIPE"}]
)
def test_only_what_fits_every_filter_is_looked_at(door: Door, narrowed: dict[str, str]):
    lamps(door, "SA11", "SB11")
    door.filed(kind="NOISE", place={"unit": "SA11"})
    door.filed(kind="PIPE", place={"unit": "SA11"})
    assert sum(asked(door, dry_run=True, **narrowed)["counts"].values()) == 1


def test_what_has_ended_is_not_looked_at(door: Door):
    (lamp,) = lamps(door, "SA11")
    door.done(lamp, "withdraw", reason="已自行修好")
    door.publish(lamps_at("community"))
    assert asked(door, dry_run=True)["counts"] == {}


def test_what_cannot_be_judged_stays_and_holds_up_no_other(door: Door, monkeypatch: pytest.MonkeyPatch):
    broken, lamp = lamps(door, "SA11", "SB11")
    door.publish(lamps_at("community"))

    def judged(state: State, command: Reroute) -> Foreseen:
        if str(command.petition) == broken:
            raise ZeroDivisionError
        return foresee(state, command)

    monkeypatch.setattr("services.rerouting.foresee", judged)
    assert asked(door, **NAMED)["counts"] == {"unreadable": 1, "differs": 1}
    assert [door.read(one)["unit"]["code"] for one in (broken, lamp)] == ["SA11", "SB1"]


def test_a_page_is_refused_once_another_policy_is_in_force(door: Door):
    door.publish(lamps_at("community"))
    answer = door.http.post("/v1/operations/policy/reroute", json=NAMED | {"policy": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_in_force")


@pytest.mark.parametrize(
    "body", [{}, {"by": "chen"}, {"reason": "x"}, NAMED | {"limit": 501}, NAMED | {"place": "SA11"}]
)
def test_who_and_why_are_needed_and_nothing_else_is_taken(door: Door, body: dict[str, Any]):
    assert door.http.post("/v1/operations/policy/reroute", json=body).status_code == 422


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"by": "chen"}, "须填写 by 与 reason，或只作试算（dry_run）"),
        ({"dry_run": True, "after": "20261127-03-15"}, "不是合法的标识"),
    ],
)
def test_what_is_missing_is_said_in_chinese_too(door: Door, body: dict[str, Any], message: str):
    chinese = door.http.post("/v1/operations/policy/reroute", json=body, headers={"Accept-Language": "zh"}).json()
    assert [one["message"] for one in chinese["errors"]] == [message]


def test_with_four_eyes_another_person_than_the_proposer_re_routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRIDCASE_FOUR_EYES", "true")
    with in_thread(tmp_path / "data") as door:
        (lamp,) = lamps(door, "SA11")
        assert asked(door, **NAMED)["counts"] == {"stays": 1}  # an import has no proposer
        content, json = lamps_at("community").model_dump_json(), {"Content-Type": "application/json"}
        for by in ("li", "wang"):
            query = {"by": by, "reason": "试行"}
            door.http.post("/v1/operations/policy/publish", params=query, content=content, headers=json)
        refused = door.http.post("/v1/operations/policy/reroute", json=NAMED | {"by": "LI "})
        assert (refused.status_code, refused.json()["code"]) == (409, "its_proposer")
        assert asked(door, dry_run=True, by="li")["counts"] == {"differs": 1}
        assert asked(door, **NAMED | {"by": "wang"})["counts"] == {"differs": 1}
        assert door.read(lamp)["unit"]["code"] == "SA1"
