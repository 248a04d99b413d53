"""派单领单 with 171 grids and 53 items: offices are given theirs, the rest is claimed; several handle it together."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kinds(town) -> list[dict]:
    return town.http.get("/v1/kinds").json()["items"]


@pytest.fixture(scope="module")
def grids(town) -> list[dict]:
    return [one for one in town.units(tier="grid") if one["sort"] == "basic"]


@pytest.fixture(scope="module")
def one_of_each(town, kinds, grids) -> dict[str, dict]:
    """A petition of every item, each in another grid, by the item's code."""
    filed = town.filed_together(
        {"text": f"反映{kind['name']}", "place": {"unit": grid["code"]}}
        for kind, grid in zip(kinds, grids, strict=False)
    )
    return dict(zip([kind["code"] for kind in kinds], filed, strict=True))


def test_there_are_171_grids_and_53_items(grids, kinds):
    assert (len(grids), len(kinds)) == (171, 53)
    assert Counter(kind["mode"] for kind in kinds) == {"assigned": 31, "open": 22}


def test_every_item_is_known_by_its_words_and_dispatched_or_put_up_to_be_claimed(town, kinds, one_of_each):
    for kind in kinds:
        petition = one_of_each[kind["code"]]
        assert petition["kind"]["code"] == kind["code"]
        assert petition["tier"] == kind["tier"]
        assert petition["dispatch"]["mode"] == kind["mode"]
        assert bool(petition["department"]) == (kind["mode"] == "assigned")


def test_three_days_are_left_of_seven(one_of_each, clock):
    for petition in one_of_each.values():
        (due,) = [one["due_at"] for one in petition["deadlines"] if one["name"] == "resolve:1"]
        assert datetime.fromisoformat(due) - clock.now() == timedelta(days=3)


def test_a_small_item_is_put_before_whichever_of_the_171_grids_it_lies_in(town, grids):
    filed = town.filed_together({"text": "楼道灯不亮", "place": {"unit": grid["code"]}} for grid in grids)
    assert [one["unit"]["code"] for one in filed] == [grid["code"] for grid in grids]


def test_of_all_grids_of_a_community_that_claim_it_at_once_one_has_it(town, grids):
    petition = town.filed(text="健身器材松动", place={"unit": "LH10101"})
    assert petition["unit"]["code"] == "LH101"
    hands = [one["code"] for one in grids if one["parent"] == "LH101"]
    with ThreadPoolExecutor(len(hands)) as at_once:
        answers = list(
            at_once.map(lambda unit: town.command(petition["id"], "claim", by=f"of-{unit}", unit=unit), hands)
        )
    won = [unit for unit, answer in zip(hands, answers, strict=True) if answer.status_code == 200]
    lost = [answer.json() for answer in answers if answer.status_code != 200]
    assert len(won) == 1
    assert {one["code"] for one in lost} == {"already_claimed"}
    assert all(won[0] in one["detail"] for one in lost), "they hear who has it"
    assert town.read(petition["id"])["responsible"]["unit"] == won[0]


def test_another_communitys_grid_does_not_claim_it(town):
    petition = town.filed(text="健身器材松动", place={"unit": "LH10101"})["id"]
    refused = town.command(petition, "claim", by="gw-9", unit="LH10201")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_put_before")


def test_what_nobody_claims_in_time_is_dispatched_to_one(town, clock):
    petition = town.filed(text="飞线充电", place={"unit": "LH10305"})
    clock.advance(timedelta(hours=4, seconds=1))
    given = town.becomes(petition["id"], "routed", tier="street")
    assert (given["unit"]["code"], given["dispatch"]["mode"]) == ("LH1", "assigned")


def test_one_leads_and_others_help(town):
    """主办 and 协办: who was given it answers for it, and calls the others to it."""
    petition = town.filed(text="夜市占道经营，还卖过期食品", place={"unit": "LH10502"}, kind="P01")["id"]
    town.done(petition, "accept", by="city-1")
    town.done(petition, "summon", by="city-1", departments=["LH1-MARKET", "LH1-POLICE"])
    town.done(petition, "report-in", by="market-3", department="LH1-MARKET")
    together = town.done(petition, "report-in", by="police-2", department="LH1-POLICE")
    assert together["responsible"]["department"] == "LH1-CITY"
    assert all(one["reported_in_at"] for one in together["co_handlers"])
    town.done(petition, "progress", by="city-1", text="三家联合清理，查扣过期食品两箱")
    town.done(petition, "resolve", by="city-1", text="摊点已清退，市场所另案处罚")
    assert town.done(petition, "feedback", by="caller-1", reached=True, solved=True)["status"] == "closed"
