"""交接 over HTTP: the petition and the worklist say who has it, and who of them is away."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.roster import Absence, Posting
from services.chassis.policy_files import read_bundle
from tests.serving import DISTRICT, in_thread

TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()
LONG_AGO = TODAY - timedelta(days=400)
POSTED = {"w-1": "SA11", "w-2": "SA11", "w-3": "SA11", "c-1": "SA1", "wy-1": "SA1P"}
ROSTER = tuple(Posting(unit=unit, staff=staff, since=LONG_AGO) for staff, unit in POSTED.items())


@pytest.fixture(scope="module")
def rostered(tmp_path_factory):
    """A door of a district whose grid SA11, its community and a partner there have a roster; w-3 is away."""
    with in_thread(tmp_path_factory.mktemp("rostered") / "data") as door:
        away = (Absence(staff="w-3", since=LONG_AGO, until=TODAY + timedelta(days=9)),)
        door.publish(read_bundle(DISTRICT).model_copy(update={"roster": ROSTER, "absences": away}))
        yield door


def worklist(door, unit="SA11"):
    door.settled()
    return {one["id"]: one for one in door.http.get(f"/v1/units/{unit}/worklist").json()["items"]}


def test_the_petition_says_who_has_it_now(rostered):
    petition = rostered.filed(kind="LAMP", place={"unit": "SA11"})["id"]
    before = rostered.done(petition, "accept", by="w-1")
    after = rostered.done(petition, "hand-over", by="w-1", to="w-2", reason="调岗")
    assert (before["responsible"]["staff"], after["responsible"]["staff"]) == ("w-1", "w-2")
    assert after["deadlines"] == before["deadlines"]
    said = rostered.timeline(petition)[-1]
    assert (said["type"], said["by"], said["data"]["reason"]) == ("WorkHandedOver", "w-1", "调岗")


def test_another_person_hands_it_over_by_naming_who_has_it(rostered, problem):
    petition = rostered.filed(kind="LAMP", place={"unit": "SA11"})["id"]
    rostered.done(petition, "accept", by="w-1")
    problem(rostered.command(petition, "hand-over", by="chief", to="w-2", reason="休假"), 409, "held_by_another")
    problem(
        rostered.command(petition, "hand-over", by="chief", **{"from": "w-1"}, to="w-3", reason="休假"),
        409, "not_on_duty",
    )  # fmt: skip
    done = rostered.done(petition, "hand-over", by="chief", **{"from": "w-1"}, to="w-2", reason="休假")
    assert done["responsible"]["staff"] == "w-2"


def test_the_worklist_says_who_has_what_and_who_is_away(rostered):
    free, held, left, done = (rostered.filed(kind="LAMP", place={"unit": "SA11"})["id"] for _ in range(4))
    for petition, by in ((held, "w-1"), (left, "w-3"), (done, "w-3")):
        rostered.done(petition, "accept", by=by)
    rostered.done(done, "resolve", by="w-3", text="已更换灯泡")
    items = worklist(rostered)
    found = {one: (items[one]["staff"], items[one]["staff_away"]) for one in (free, held, left, done)}
    assert found == {free: (None, False), held: ("w-1", False), left: ("w-3", True), done: (None, False)}


def test_a_unit_shows_who_is_on_duty_by_its_roster(rostered):
    assert rostered.http.get("/v1/units/SA11").json()["on_duty"] == ["w-1", "w-2"]
    assert rostered.http.get("/v1/units/SA12").json()["on_duty"] is None
    assert {"roster", "absences"}.isdisjoint(rostered.http.get("/v1/policy").json())


def test_what_is_on_hold_stays_with_whoever_has_it(rostered):
    petition = rostered.filed(kind="LAMP", place={"unit": "SA11"})["id"]
    rostered.done(petition, "accept", by="w-3")
    until = (datetime.now(UTC) + timedelta(days=20)).isoformat(timespec="seconds")
    rostered.done(petition, "request-hold", by="w-3", until=until, reason="待拆迁")
    rostered.done(petition, "decide-hold", by="chief", granted=True, reason="同意")
    found = worklist(rostered)[petition]
    assert (found["status"], found["staff"], found["staff_away"]) == ("held", "w-3", True)


def test_whether_a_partner_is_away_is_asked_of_the_partners_roster(rostered):
    petition = rostered.filed(kind="BENCH", place={"unit": "SA1"})["id"]
    rostered.done(petition, "claim", by="wy-1", unit="SA1P")
    found = worklist(rostered, "SA1P")[petition]
    assert (found["staff"], found["staff_away"]) == ("wy-1", False)
