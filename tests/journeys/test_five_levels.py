"""The ladder of five, 1/6/29/175/497: 区 → 街道 → 社区 → 网格 → 微网格."""

from collections import Counter
from pathlib import Path

import pytest

from tests.journeys.levels import Level, with_units

pytestmark = pytest.mark.slow

BELOW = (
    Level("street", "街道", 6, 1),
    Level("community", "社区", 29, 1),
    Level("grid", "网格", 175, 1),
    Level("micro", "微网格", 497, 1),
)
COUNTS = {"district": 1} | {level.tier: level.count for level in BELOW}
UP = list(reversed(COUNTS))


@pytest.fixture(scope="module")
def district(request, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("five_levels") / "made"
    return with_units(request.path.with_name("five_levels"), made, "9", BELOW)


@pytest.fixture(scope="module")
def micros(town) -> list[dict]:
    return town.units(tier="micro")


def test_there_are_one_six_29_175_and_497(town):
    assert Counter(one["tier"] for one in town.units()) == COUNTS


def test_each_of_the_497_has_its_own_small_matters(town, micros):
    filed = town.filed_together({"text": "楼道灯不亮", "place": {"unit": one["code"]}} for one in micros)
    assert [(one["tier"], one["unit"]["code"]) for one in filed] == [("micro", one["code"]) for one in micros]


def test_each_kind_starts_on_its_own_rung(town, micros):
    for micro in (micros[0], micros[248], micros[496]):
        chain = [micro["code"], *(one["code"] for one in town.unit(micro["code"])["above"])]
        assert len(chain) == 5
        for rung, words in enumerate(("楼道灯不亮", "院内积水", "邻里争吵", "占道", "燃气表坏了")):
            filed = town.filed(text=words, place={"unit": micro["code"]})
            assert (filed["tier"], filed["unit"]["code"]) == (UP[rung], chain[rung])


def test_it_climbs_all_five_rungs_one_at_a_time_and_no_further(town, micros):
    petition = town.filed(text="楼道灯不亮", place={"unit": micros[100]["code"]})
    went = [petition["unit"]["code"]]
    for tier in UP[1:]:
        dispatch = town.read(petition["id"])["dispatch"]["id"]
        town.done(petition["id"], "escalate", by="desk-1", reason="本级无法解决", dispatch=dispatch)
        went.append(town.becomes(petition["id"], "routed", tier=tier)["unit"]["code"])
    assert went == [micros[100]["code"], *(one["code"] for one in town.unit(micros[100]["code"])["above"])]
    dispatch = town.read(petition["id"])["dispatch"]["id"]
    refused = town.command(petition["id"], "escalate", by="desk-1", reason="再上一级", dispatch=dispatch)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_tier_above")
