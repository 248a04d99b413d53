"""Other ladders work by configuration alone: one short file is a whole district."""

from pathlib import Path

import pytest

from schemas.policy import Policy
from services.chassis.policy_files import read_bundle
from tests.architecture.tree import ROOT

FIVE_TIERS = Path(__file__).parent / "ladders" / "five_tiers.yaml"
VILLAGE = ROOT / "deploy" / "districts" / "shiqiao.yaml"


@pytest.mark.parametrize(
    ("path", "rungs"),
    [(VILLAGE, ["格", "村", "乡", "县"]), (FIVE_TIERS, ["微网格", "网格", "社区", "街道", "区"])],
)
def test_one_file_of_about_thirty_lines_is_a_district(path: Path, rungs: list[str]):
    bundle = read_bundle(path)
    assert [tier.name for tier in bundle.ladder] == rungs
    assert {unit.tier for unit in bundle.units} == {tier.code for tier in bundle.ladder}
    assert all(kind.signs for kind in bundle.kinds)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 32


def test_a_village_climbs_its_own_ladder():
    units = Policy(1, read_bundle(VILLAGE)).jurisdiction
    assert [unit.name for unit in units.chain("SQ010101")] == ["上柳村一格", "上柳村", "柳河乡", "石桥县"]
    assert units.at_or_above("SQ010101", "township").code == "SQ01"


def test_a_micro_grid_stands_below_its_grid():
    units = Policy(1, read_bundle(FIVE_TIERS)).jurisdiction
    assert [unit.tier for unit in units.chain("WH1A01-2")] == ["micro", "grid", "community", "street", "district"]
    office = units.department("WH1", "enforcement")
    assert office is not None
    assert office.code == "WH1-CITY"
