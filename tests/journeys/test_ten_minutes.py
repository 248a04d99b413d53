"""十分钟响应: accepted within ten minutes, to the second, or one tier up, where ten minutes begin again."""

from datetime import datetime, timedelta

import pytest

pytestmark = pytest.mark.slow

TEN_MINUTES = timedelta(minutes=10)


def lamp(town, unit: str = "KY1101") -> dict:
    return town.filed(text="楼道灯不亮", place={"unit": unit})


def acceptance(petition: dict) -> dict:
    """The deadline to accept the current dispatch."""
    (due,) = [one for one in petition["deadlines"] if one["name"] == f"accept:{petition['dispatch']['id']}"]
    return due


def test_ten_minutes_are_ten_minutes(town, clock):
    due = acceptance(lamp(town))
    assert datetime.fromisoformat(due["due_at"]) - clock.now() == TEN_MINUTES


def test_who_accepts_within_ten_minutes_keeps_it_and_who_does_not_sees_it_climb(town, clock):
    in_time, too_late = lamp(town, "KY1101"), lamp(town, "KY1102")
    clock.advance(timedelta(minutes=1))
    younger = lamp(town, "KY1102")
    clock.advance(timedelta(minutes=8, seconds=59))
    kept = town.done(in_time["id"], "accept", by="gw-1")
    clock.advance(timedelta(seconds=2))
    climbed = town.becomes(too_late["id"], "routed", tier="community")
    assert climbed["unit"]["code"] == "KY11"
    assert f"accept:{too_late['dispatch']['id']}" in climbed["floors"][-1]["reason"] + str(climbed["floors"])
    assert acceptance(kept)["state"] == "met"
    assert town.read(in_time["id"])["tier"] == "grid"
    assert town.read(younger["id"])["tier"] == "grid", "it has a minute left"


def test_every_tier_has_its_ten_minutes_and_the_top_is_asked_why(town, clock):
    petition = lamp(town)
    for tier in ("community", "street", "district"):
        clock.advance(TEN_MINUTES + timedelta(seconds=1))
        here = town.becomes(petition["id"], "routed", tier=tier)
        assert datetime.fromisoformat(acceptance(here)["due_at"]) - clock.now() == TEN_MINUTES
    clock.advance(TEN_MINUTES + timedelta(seconds=1))
    town.until(petition["id"], lambda now: "SupervisionOrdered" in town.happened(now["id"]))
    missed = [one["data"]["deadline"] for one in town.timeline(petition["id"]) if one["type"] == "DeadlineMissed"]
    assert len(missed) == len(set(missed)) == 4
