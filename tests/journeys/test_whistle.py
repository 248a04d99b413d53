"""吹哨报到: the street whistles, departments report in, each by its own deadline; who does not come is asked about."""

from datetime import timedelta

import pytest

pytestmark = pytest.mark.slow

CALLED_FIRST = ["WH1-POLICE", "WH1-CITY", "WH-HOUSING"]


@pytest.fixture(scope="module")
def whistled(town):
    """A matter of many powers, which the street has taken and called three departments to."""
    petition = town.filed(text="隔壁群租，一套房住了二十人，电线乱接。", place={"unit": "WH1101"})
    assert (petition["unit"]["code"], petition["department"]) == ("WH1", None)
    town.done(petition["id"], "accept", by="street-1")
    return town.done(petition["id"], "summon", by="street-1", departments=CALLED_FIRST)


def report_in_deadlines(petition: dict) -> dict[str, dict]:
    """Those to report in, by department."""
    names = {one["name"]: one for one in petition["deadlines"]}
    return {name.rpartition(":")[2]: one for name, one in names.items() if name.startswith("report_in:")}


def test_departments_report_in_by_their_own_deadlines_and_who_misses_it_is_supervised(town, clock, whistled):
    petition = whistled["id"]
    clock.advance(timedelta(minutes=30))
    later = town.done(petition, "summon", by="street-1", departments=["WH1-FIRE"])
    due = {name: one["due_at"] for name, one in report_in_deadlines(later).items()}
    assert len(set(due.values())) == 2
    assert due["WH1-POLICE"] < due["WH1-FIRE"]

    town.done(petition, "report-in", by="police-4", department="WH1-POLICE")
    clock.advance(timedelta(minutes=29))
    town.done(petition, "report-in", by="city-2", department="WH1-CITY")
    clock.advance(timedelta(minutes=2))
    town.until(petition, lambda now: "SupervisionOrdered" in town.happened(now["id"]))
    asked = town.read(petition)
    assert {name: one["state"] for name, one in report_in_deadlines(asked).items()} == {
        "WH1-POLICE": "met", "WH1-CITY": "met", "WH-HOUSING": "missed", "WH1-FIRE": "open",
    }  # fmt: skip
    (ordered,) = [one["data"] for one in town.timeline(petition) if one["type"] == "SupervisionOrdered"]
    assert (ordered["department"], ordered["superior"]) == ("WH-HOUSING", "WH"), "of who did not come, and only of it"
    assert (asked["tier"], asked["unit"]["code"], asked["status"]) == ("street", "WH1", "accepted"), "nothing climbs"
    town.settled()
    assert [item["supervised"] for item in town.listed(unit="WH1")["items"]] == [True]


def test_who_comes_late_is_there_all_the_same_and_who_comes_in_time_needs_no_word(town, clock, whistled):
    petition = whistled["id"]
    town.done(petition, "report-in", by="fire-1", department="WH1-FIRE")
    late = town.done(petition, "report-in", by="housing-6", department="WH-HOUSING")
    states = {name: one["state"] for name, one in report_in_deadlines(late).items()}
    assert (states["WH1-FIRE"], states["WH-HOUSING"]) == ("met", "missed")
    assert all(one["reported_in_at"] for one in late["co_handlers"])
    town.done(petition, "answer-supervision", by="district-1", text="已约谈住建局值班人员")
    assert town.happened(petition).count("SupervisionOrdered") == 1


def test_together_they_settle_it_and_the_street_reports_it_done(town, whistled):
    petition = whistled["id"]
    town.done(petition, "progress", by="street-1", text="四部门联合入户，已断开私接电线")
    town.done(petition, "resolve", by="street-1", text="群租已清退，隔断已拆除")
    closed = town.done(petition, "feedback", by="caller-1", reached=True, solved=True, satisfied=True)
    assert closed["status"] == "closed"
    assert [one["department"]["code"] for one in closed["co_handlers"]] == [*CALLED_FIRST, "WH1-FIRE"]


def test_a_grid_does_not_whistle(town):
    petition = town.filed(text="楼道灯不亮", place={"unit": "WH1101"})["id"]
    town.done(petition, "accept", by="gw-1")
    refused = town.command(petition, "summon", by="gw-1", departments=["WH1-POLICE"])
    assert (refused.status_code, refused.json()["code"]) == (409, "too_low")
