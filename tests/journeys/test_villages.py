"""格—村—乡: the rural ladder of three rungs, with ten cells and with 67; the second only has other files."""

from datetime import timedelta
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TOWNSHIPS = {"ten_cells": 10, "sixty_seven_cells": 67}


@pytest.fixture(scope="module", params=TOWNSHIPS)
def district(request) -> Path:
    return request.path.with_name(request.param)


@pytest.fixture(scope="module")
def cells(town, district) -> list[dict]:
    found = town.units(tier="cell")
    assert len(found) == TOWNSHIPS[district.name]
    return found


def test_the_ladder_has_three_rungs(town):
    assert [rung["name"] for rung in town.http.get("/v1/policy").json()["ladder"]] == ["格", "村", "乡"]


def test_a_small_matter_stays_in_whichever_cell_it_lies(town, cells):
    filed = town.filed_together(
        {"channel": "grid_patrol", "text": "路灯不亮", "place": {"unit": one["code"]}} for one in cells
    )
    assert [(one["tier"], one["unit"]["code"]) for one in filed] == [("cell", one["code"]) for one in cells]


def test_a_quarrel_goes_to_the_village_and_a_road_to_the_townships_office(town, cells):
    for cell in (cells[0], cells[-1]):
        quarrel = town.filed(text="两家因田界争吵", place={"unit": cell["code"]})
        assert (quarrel["tier"], quarrel["unit"]["code"]) == ("village", cell["parent"])
        road = town.filed(text="村道塌了半边", place={"unit": cell["code"]})
        top = town.unit(cell["code"])["above"][-1]["code"]
        assert (road["tier"], road["unit"]["code"], road["department"]["code"]) == ("township", top, f"{top}-ROADS")


def test_what_nobody_takes_climbs_from_the_cell_to_the_village_to_the_township_and_is_supervised_there(
    town, clock, cells
):
    petition = town.filed(text="村口路灯不亮", place={"unit": cells[-1]["code"]})
    went = [petition["unit"]["code"]]
    for tier in ("village", "township"):
        clock.advance(timedelta(hours=8, seconds=1))
        went.append(town.becomes(petition["id"], "routed", tier=tier)["unit"]["code"])
    assert went == [cells[-1]["code"], *(one["code"] for one in town.unit(cells[-1]["code"])["above"])]
    clock.advance(timedelta(hours=8, seconds=1))
    town.until(petition["id"], lambda now: "SupervisionOrdered" in town.happened(now["id"]))
    assert town.happened(petition["id"]).count("PetitionEscalated") == 2
