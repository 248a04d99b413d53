"""统一编码: 252 communities and 1,056 grids, each with a code of its own that says who is above it."""

from collections import Counter
from pathlib import Path

import pytest

from services.chassis.policy_files import BundleErrors, read_bundle
from tests.journeys.levels import Level, with_units

pytestmark = pytest.mark.slow

BELOW = (
    Level("street", "街道", 14, 3),
    Level("community", "社区", 252, 3),
    Level("grid", "网格", 1_056, 3),
)
DIGITS = {"district": 6, "street": 9, "community": 12, "grid": 15}


@pytest.fixture(scope="module")
def district(request, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("unified_codes") / "made"
    return with_units(request.path.with_name("unified_codes"), made, "210299", BELOW)


@pytest.fixture
def units_with(district, tmp_path):
    """What is said of the district when one code in its table of units is written otherwise."""

    def read(old: str, new: str) -> list[str]:
        other = with_units(district, tmp_path / "other", "210299", BELOW)
        table = other / "units.csv"
        rows = table.read_text(encoding="utf-8")
        assert rows.count(f"\n{old},") == 1
        table.write_text(rows.replace(f"\n{old},", f"\n{new},"), encoding="utf-8")
        with pytest.raises(BundleErrors) as refused:
            read_bundle(other)
        return str(refused.value).splitlines()

    return read


def test_there_are_252_communities_and_1056_grids(town):
    assert Counter(one["tier"] for one in town.units()) == {"district": 1} | {
        level.tier: level.count for level in BELOW
    }


def test_each_code_is_its_own_and_says_its_tier_and_its_parent(town):
    units = town.units()
    assert len({one["code"] for one in units}) == len(units)
    for one in units:
        assert len(one["code"]) == DIGITS[one["tier"]]
        assert one["parent"] == (one["code"][:-3] if one["tier"] != "district" else None)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("210299001001002", "'210299001001002' is taken already"),
        ("21029900100100A", "'21029900100100A' is not 15 digits"),
        ("2102990010010001", "'2102990010010001' is not 15 digits"),
        ("210299002001009", "'210299002001009' does not begin with the code of its parent, '210299001001'"),
    ],
)
def test_an_import_refuses_a_code_that_is_not_unified_and_says_where(units_with, new, said):
    lines = units_with("210299001001001", new)
    assert [line for line in lines if line.startswith("units.csv:") and said in line]


def test_a_matter_is_routed_by_its_code_to_every_tier(town):
    """A sample of every street: its first community, and a grid of that."""
    streets = town.units(tier="street")
    assert len(streets) == 14
    grids = [f"{one['code']}001001" for one in streets]
    for words, digits in (("楼道灯不亮", 15), ("商铺噪音", 12), ("占道", 9)):
        filed = town.filed_together({"text": words, "place": {"unit": grid}} for grid in grids)
        assert [one["unit"]["code"] for one in filed] == [grid[:digits] for grid in grids]


def test_each_fifth_grid_has_its_own_small_matters(town):
    grids = [one["code"] for one in town.units(tier="grid")][::5]
    assert len(grids) == 212
    filed = town.filed_together({"text": "楼道灯不亮", "place": {"unit": grid}} for grid in grids)
    assert [one["unit"]["code"] for one in filed] == grids


def test_a_code_that_nobody_has_is_refused(town):
    answer = town.file(place={"unit": "210299001001999"})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/place/unit"]
