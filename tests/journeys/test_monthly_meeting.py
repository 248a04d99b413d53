"""多网合一会: a community's open matters on one table; departments claim them there, and each claim is followed up."""

from datetime import datetime, timedelta

import pytest

pytestmark = pytest.mark.slow


def agenda(town) -> list[str]:
    """What is open in the community and its grids, whoever has it, in one request."""
    town.settled()
    page = town.listed(within="HS11", unfinished=True, limit=500)
    assert page["next"] is None
    return [item["id"] for item in page["items"]]


@pytest.fixture(scope="module")
def matters(town, clock) -> dict[str, str]:
    """A month of a street's petitions, by what they are about."""
    bodies = {
        "hum": {"text": "医院食堂风机整夜响", "place": {"unit": "HS1101"}},
        "parking": {"text": "停车难，天天抢位", "place": {"unit": "HS1102"}},
        "square": {"text": "广场停车没人管", "place": {"unit": "HS11"}},
        "lamp": {"text": "楼道灯不亮", "place": {"unit": "HS1103"}},
        "pipe": {"text": "停水两天", "place": {"unit": "HS1103"}},
        "done": {"text": "楼道灯不亮", "place": {"unit": "HS1102"}},
        "neighbours": {"text": "风机响", "place": {"unit": "HS1201"}},
    }
    filed = {}
    for name, body in bodies.items():
        filed[name] = town.filed(**body)["id"]
        clock.advance(timedelta(minutes=1))
    town.done(filed["done"], "accept", by="gw-2")
    town.done(filed["done"], "resolve", by="gw-2", text="已换灯泡")
    town.done(filed["done"], "feedback", by="caller-1", reached=True, solved=True)
    town.done(filed["lamp"], "accept", by="gw-3")
    return filed


@pytest.fixture(scope="module")
def claimed(town, matters) -> dict[str, dict]:
    """What the departments took at the table."""
    hum = town.done(matters["hum"], "claim", by="env-4", department="HS-ENV")
    parking = town.done(matters["parking"], "claim", by="police-2", department="HS1-POLICE")
    town.done(matters["lamp"], "move", by="community-1", department="HS1-CITY", reason="会上商定由执法队拆除灯箱后恢复")
    lamp = town.done(matters["lamp"], "accept", by="city-1")
    return {"hum": hum, "parking": parking, "lamp": lamp}


def test_the_agenda_is_what_is_open_in_the_community_and_its_grids_whoever_has_it(town, matters):
    assert agenda(town) == [matters[name] for name in ("pipe", "lamp", "square", "parking", "hum")]


def test_departments_claim_on_the_spot(town, claimed):
    who = {
        name: (one["status"], one["department"]["code"], one["responsible"]["department"])
        for name, one in claimed.items()
    }
    assert who == {
        "hum": ("accepted", "HS-ENV", "HS-ENV"),
        "parking": ("accepted", "HS1-POLICE", "HS1-POLICE"),
        "lamp": ("accepted", "HS1-CITY", "HS1-CITY"),
    }
    town.settled()
    for name, office in (("hum", "HS-ENV"), ("parking", "HS1-POLICE"), ("lamp", "HS1-CITY")):
        assert [item["id"] for item in town.listed(department=office)["items"]] == [claimed[name]["id"]]
    assert claimed["hum"]["id"] not in town.worklist("HS11"), "whoever claimed it has it"


def test_what_one_has_claimed_no_other_claims_and_only_who_serves_the_community_may(town, matters, claimed):
    taken = town.command(matters["hum"], "claim", by="police-2", department="HS1-POLICE")
    assert (taken.status_code, taken.json()["code"]) == (409, "already_claimed")
    assert "HS-ENV" in taken.json()["detail"]
    stranger = town.command(matters["square"], "claim", by="police-8", department="HS2-POLICE")
    assert (stranger.status_code, stranger.json()["code"]) == (409, "not_put_before")
    both = town.command(matters["square"], "claim", by="x", department="HS1-POLICE", unit="HS11")
    assert both.status_code == 422


def test_each_claim_is_followed_up_and_the_next_agenda_shows_only_what_is_left(town, clock, matters, claimed):
    for name, petition in claimed.items():
        (due,) = [one for one in petition["deadlines"] if one["name"] == "resolve:1"]
        assert due["state"] == "open", name
        assert timedelta(days=29) < datetime.fromisoformat(due["due_at"]) - clock.now() <= timedelta(days=30)
    clock.advance(timedelta(days=5))
    town.done(matters["hum"], "summon", by="env-4", departments=["HS1-CITY"])
    town.done(matters["hum"], "report-in", by="city-1", department="HS1-CITY")
    town.done(matters["hum"], "progress", by="env-4", text="医院同意加装隔音罩")
    assert matters["hum"] in agenda(town), "it is not done yet"
    town.done(matters["hum"], "resolve", by="env-4", text="隔音罩已装，夜间实测达标")
    town.done(matters["hum"], "feedback", by="caller-1", reached=True, solved=True, satisfied=True)
    town.done(matters["parking"], "resolve", by="police-2", text="已划车位三十个")
    again = town.done(matters["parking"], "feedback", by="caller-1", reached=True, solved=False)
    assert again["status"] == "assessed", "its resident says that it is not done"
    town.becomes(matters["parking"], "routed", tier="street")

    clock.advance(timedelta(days=20))
    town.until(matters["lamp"], lambda now: "DeadlineNear" in town.happened(now["id"]))
    clock.advance(timedelta(days=6))
    late = town.until(matters["lamp"], lambda now: now["tier"] == "district")
    assert "missed" in [one["state"] for one in late["deadlines"] if one["name"] == "resolve:1"]
    assert set(agenda(town)) == {matters[name] for name in ("pipe", "lamp", "square", "parking")}
