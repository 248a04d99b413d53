"""One petition from the door to its closing, as the people around it see it, through nothing but HTTP."""

from pathlib import Path

import pytest

from services.chassis.policy_files import read_bundle
from tests.journeys.five_steps import go_the_five_steps

pytestmark = pytest.mark.slow


def test_a_lamp_is_reported_repaired_badly_and_repaired_well(door):
    filed = door.file(
        key="a-grid-worker-s-phone-1",
        wait=10,
        title="楼道灯不亮",
        text="三单元楼道灯坏了两周，晚上看不清台阶。",
        place={"unit": "SA11", "address": "迎客路8号院"},
        petitioner={"name": "王秀英", "phone": "13900000000"},
        filed_by={"role": "grid_worker", "id": "gw-17"},
    )
    assert filed.status_code == 201
    petition = filed.json()["id"]

    routed = door.becomes(petition, "routed")
    assert (routed["kind"]["code"], routed["tier"], routed["unit"]["code"]) == ("LAMP", "grid", "SA11")
    assert routed["floors"], "why here?"

    accepted = door.done(petition, "accept", by="gw-17")
    assert (accepted["status"], accepted["responsible"]["unit"]) == ("accepted", "SA11")

    door.done(petition, "resolve", by="gw-17", text="已更换灯泡", result="done")

    door.done(petition, "feedback", by="caller-3", reached=True, solved=False, satisfied=False, text="第二天又灭了")
    again = door.becomes(petition, "routed")
    assert (again["tier"], again["unit"]["code"], again["dispatch"]["round"]) == ("community", "SA1", 2)
    assert "history" in [floor["floor"] for floor in again["floors"]]

    door.done(petition, "accept", by="community-2")
    door.done(petition, "resolve", by="community-2", text="已更换声控开关和线路")
    closed = door.done(petition, "feedback", by="caller-3", reached=True, solved=True, satisfied=True)
    assert closed["status"] == "closed"
    assert closed["closed_at"]
    assert not [one for one in closed["deadlines"] if one["state"] == "open"]

    said = [item["type"] for item in door.timeline(petition)]
    life = [
        "PetitionFiled", "SeverityAssessed", "PetitionRouted", "DispatchAccepted", "ResolutionReported",
        "FeedbackRequested", "FeedbackReceived", "PetitionReopened", "PetitionRouted", "DispatchAccepted",
        "ResolutionReported", "FeedbackRequested", "FeedbackReceived", "PetitionClosed",
    ]  # fmt: skip
    assert [one for one in said if one in life] == life
    assert closed["version"] == len(said)
    assert door.read(petition, as_of=1)["status"] == "filed"

    door.settled()
    assert petition in [item["id"] for item in door.listed(status="closed")["items"]]


def test_a_dispatch_that_nobody_accepts_climbs(door):
    petition = door.filed(kind="QUICK", text="请尽快签收", place={"unit": "SA11"})
    assert (petition["tier"], petition["unit"]["code"]) == ("grid", "SA11")
    first = petition["dispatch"]["id"]

    climbed = door.becomes(petition["id"], "routed", seconds=10, tier="community")
    accepted = door.done(petition["id"], "accept", by="community-2")
    assert (climbed["unit"]["code"], accepted["status"]) == ("SA1", "accepted")
    assert {one["name"]: one["state"] for one in climbed["deadlines"]}[f"accept:{first}"] == "missed"
    missed, risen = (
        next(item for item in door.timeline(petition["id"]) if item["type"] == kind)
        for kind in ("DeadlineMissed", "PetitionEscalated")
    )
    assert (missed["data"]["deadline"], risen["data"]["dispatch"]) == (f"accept:{first}", first)


def test_five_steps_from_a_grid_workers_phone_to_the_residents_word(door):
    door.publish(read_bundle(Path(__file__).parent / "five_steps"))
    go_the_five_steps(door)
