"""督办 over HTTP: a superior finds in its worklist what it must answer for, until it has, whoever has the petition."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import SetTime
from tests.serving import in_thread

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TELL = ("120", "燃气抢修")


@pytest.fixture
def clock():
    return SetTime(T0)


@pytest.fixture
def door(tmp_path, clock):
    with in_thread(tmp_path / "data", time=clock) as opened:
        yield opened


def work(door, unit, limit=50):
    """What stands in a unit's worklist, page by page: ids, and until when it must answer each."""
    door.settled()
    found, cursor = [], {}
    while True:
        page = door.http.get(f"/v1/units/{unit}/worklist", params={"limit": limit, **cursor}).json()
        found += [(one["id"], one["answer_by"]) for one in page["items"]]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def supervised(door, petition, number):
    """Wait for the supervision of this number, and until when it must be answered."""
    name = f"supervise:{number}"
    now = door.until(petition, lambda now: name in [one["name"] for one in now["deadlines"] if one["state"] == "open"])
    (due,) = [one["due_at"] for one in now["deadlines"] if one["name"] == name]
    return due


def test_a_superior_finds_what_it_must_answer_for_before_its_own_work_until_everybody_was_told(door, clock):
    petition = door.filed(kind="POISON", place={"unit": "SA11"}, text="中毒")["id"]
    own = door.filed(kind="PIPE", place={"unit": "SA11"}, text="停水")["id"]
    assert work(door, "D") == [(own, None)]
    door.done(petition, "accept", by="street-1")
    clock.advance(timedelta(minutes=16))
    due = supervised(door, petition, 1)
    for limit in (1, 50):
        assert work(door, "D", limit) == [(petition, due), (own, None)]
    assert work(door, "SA") == [(petition, None)], "whom it is about has it to do, and not to answer"
    assert work(door, "SB") == []
    [item] = [one for one in door.http.get("/v1/units/D/worklist").json()["items"] if one["id"] == petition]
    assert (item["staff"], item["supervised"], item["unit"]["code"]) == (None, True, "SA")

    door.done(petition, "resolve", by="street-1", text="已送医")
    door.done(petition, "feedback", by="caller-1", reached=True, solved=True, satisfied=True)
    due = supervised(door, petition, 2)
    assert door.read(petition)["status"] == "closed"
    assert (work(door, "D"), work(door, "SA")) == ([(petition, due), (own, None)], [])
    door.done(petition, "answer-supervision", by="chief", text="已督促")
    due = supervised(door, petition, 3)
    assert work(door, "D") == [(petition, due), (own, None)], "nobody has been told yet"
    for one in TELL:
        door.done(petition, "confirm-hand-off", by="chief", to=one)
    door.done(petition, "answer-supervision", by="chief", text="均已告知")
    assert work(door, "D") == [(own, None)]


def test_what_a_unit_must_answer_for_is_looked_up_and_not_searched_for(plans):
    for steps in plans(lambda door: work(door, "D"), "petition_list.asked IS NOT NULL"):
        used = {step.split()[4] for step in steps if "USING" in step and "petition_list" in step}
        assert used == {"petition_list_unit", "petition_list_partner", "petition_list_asked"}, steps
