"""The sample district that is shipped: real streets and communities, synthetic grids, every kind with its office."""

import csv
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from intake.locating import PlaceTold, locator
from schemas.jurisdiction import Unit, UnitSort
from schemas.policy import Kind, Policy
from schemas.words import Clock, Disposition, Severity
from services.chassis.policy_doubts import doubts
from services.chassis.policy_files import read_bundle

DISTRICTS = Path(__file__).parents[2] / "deploy" / "districts"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy(1, read_bundle(DISTRICTS / "ganjingzi"))


@pytest.fixture(scope="module")
def grids(policy: Policy) -> list[Unit]:
    return [unit for unit in policy.bundle.units if unit.tier == "grid"]


def test_it_has_the_tiers_of_the_district(policy: Policy):
    count = Counter(unit.tier for unit in policy.bundle.units)
    assert (count["district"], count["street"], count["community"]) == (1, 16, 290)
    assert 1_500 <= count["grid"] <= 1_640


def test_a_grid_has_fifteen_digits_that_start_with_its_community(policy: Policy, grids: list[Unit]):
    assert all(len(grid.code) == 15 and grid.code.isdigit() and grid.code[:12] == grid.parent for grid in grids)
    communities = {unit.code for unit in policy.bundle.units if unit.tier == "community"}
    assert {grid.parent for grid in grids} == communities
    assert {grid.code for grid in grids} >= {"210211001001001", "210211001001003"}


def test_a_basic_grid_has_200_to_300_households(grids: list[Unit]):
    assert all(200 <= (grid.households or 0) <= 300 for grid in grids if grid.sort is UnitSort.BASIC)


def test_a_few_grids_are_exclusive(grids: list[Unit]):
    exclusive = [grid for grid in grids if grid.sort is UnitSort.EXCLUSIVE]
    assert 10 <= len(exclusive) <= 40
    assert all(any(place in grid.name for place in ("学校", "市场", "医院")) for grid in exclusive)


def test_households_add_up(policy: Policy, grids: list[Unit]):
    assert policy.jurisdiction.top.households == sum(grid.households or 0 for grid in grids)


@pytest.mark.parametrize(
    ("kind", "days"),
    [("G01", 1), ("C02", 5), ("S10", 5), ("S06", 7), ("G03", 15)],  # 1/5/15 working days are what cities publish
)
def test_a_limit_in_working_days_is_so_many_opening_hours(policy: Policy, kind: str, days: int):
    calendar = policy.bundle.calendar
    opening = calendar.closes.hour - calendar.opens.hour
    assert (policy.kinds[kind].resolve_hours, policy.kinds[kind].clock) == (days * opening, Clock.WORKING)


def test_110_is_told_when_nobody_else_is_named(policy: Policy):
    assert policy.to_tell("S04") == policy.to_tell(None) == ("110",)
    assert policy.to_tell("E02") == ("119",)


def test_somebody_is_on_duty_everywhere(policy: Policy):
    assert all(unit.staff > 0 for unit in policy.bundle.units)


def test_every_kind_is_routable(policy: Policy):
    """Its power is held by an office at every unit of its tier, so wherever it happens somebody competent gets it."""
    assert len(policy.kinds) == 96
    for kind in policy.kinds.values():
        at = [unit for unit in policy.bundle.units if unit.tier == kind.tier]
        assert at
        if kind.power:
            assert all(policy.jurisdiction.department(unit.code, kind.power) for unit in at), kind.code


def test_what_climbs_from_a_street_finds_its_department_again(policy: Policy):
    for kind in policy.kinds.values():
        if kind.tier == "street" and kind.power:
            assert policy.jurisdiction.department("210211", kind.power), kind.code


def test_a_grid_or_community_handles_its_matters_itself(policy: Policy):
    assert not [kind.code for kind in policy.kinds.values() if kind.tier in ("grid", "community") and kind.power]


def test_a_machine_declines_nothing_by_its_kind(policy: Policy):
    other = {
        code: kind.disposition for code, kind in policy.kinds.items() if kind.disposition is not Disposition.HANDLE
    }
    assert other == {
        "G04": Disposition.REFER,
        "G05": Disposition.REFER,
        "G07": Disposition.ASK,
        "G08": Disposition.ASK,
        "G09": Disposition.REFER,
    }


def test_a_kind_keeps_what_practice_says(policy: Policy):
    gas = policy.kinds["E01"]
    assert gas.model_copy(update={"signs": ()}) == Kind(
        code="E01",
        name="燃气泄漏",
        name_en="Gas leak",
        category="城乡建设",
        severity=Severity.CRITICAL,
        tier="district",
        power="gas",
        hand_off=("119", "燃气抢修"),
        accept_hours=0.17,
        resolve_hours=2,
        clock=Clock.NATURAL,
    )
    assert policy.kinds["E12"].hand_off == ("110",)


def test_urgent_changes_no_time_of_a_kind_that_is_urgent_by_itself(policy: Policy):
    longest = policy.severity_rule(Severity.URGENT).accept_hours or 0
    urgent = [kind for kind in policy.kinds.values() if kind.severity is Severity.URGENT]
    assert all(kind.accept_hours <= longest for kind in urgent)


def test_critical_has_a_floor_and_natural_hours(policy: Policy):
    rule = policy.severity_rule(Severity.CRITICAL)
    assert (rule.floor, rule.clock, rule.accept_hours) == ("street", Clock.NATURAL, 0.5)
    assert (rule.resolve_hours or 99) <= 24
    assert (rule.overdue_hours or 99) <= policy.kinds["E01"].resolve_hours, "late, it gets no other day"
    assert policy.calendar.years == {2025, 2026}


def test_the_script_makes_the_same_tables_again(tmp_path: Path):
    for tier, name in (("street", "streets.csv"), ("community", "communities.csv")):
        with (DISTRICTS / "ganjingzi" / "units.csv").open(encoding="utf-8", newline="") as units:
            real = [(unit["code"], unit["name"]) for unit in csv.DictReader(units) if unit["tier"] == tier]
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as division:
            csv.writer(division).writerows([("code", "name"), *real])
    subprocess.run([sys.executable, DISTRICTS / "generate_ganjingzi.py", tmp_path, tmp_path], check=True)
    for name in ("units.csv", "departments.csv"):
        assert (tmp_path / name).read_bytes() == (DISTRICTS / "ganjingzi" / name).read_bytes()


def test_the_sample_areas_and_places_are_made_again_and_small(tmp_path: Path):
    shutil.copy(DISTRICTS / "ganjingzi" / "units.csv", tmp_path)
    subprocess.run([sys.executable, DISTRICTS / "generate_ganjingzi_areas.py", tmp_path], check=True)
    for name in ("areas.geojson", "places.csv"):
        assert (tmp_path / name).read_bytes() == (DISTRICTS / "ganjingzi" / name).read_bytes()
    assert (tmp_path / "areas.geojson").stat().st_size < 300_000


def test_streets_communities_and_the_grids_of_one_street_are_drawn_without_a_gap(policy: Policy):
    drawn = {area.unit for area in policy.bundle.areas}
    upper = {unit.code for unit in policy.bundle.units if unit.tier != "grid"}
    assert upper | set(policy.neighbours) < drawn
    assert all(code[:9] == "210211001" for code in drawn - upper - set(policy.neighbours))
    assert not [one for one in doubts(policy.bundle) if one.where.startswith(("areas/", "units/"))]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("甘井子区周水子街道周东社区12号楼", "place:210211001001:address"),
        ("后盐村村口", None),
        ("周东样例花园3单元", "place:210211001001001:known_place"),
        ("样例万家超市门口", "unclear:210211001001,210211002001"),
    ],
)
def test_addresses_of_the_sample_are_found(policy: Policy, address: str, reason: str | None):
    found = locator(policy).locate(PlaceTold(address=address))
    assert found is not None
    assert found.unit is not None
    assert reason in (None, found.reason)
