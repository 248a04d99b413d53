"""How people may write a bundle, and what they may leave out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.policy import PolicyBundle, Sign
from schemas.words import Disposition, Severity
from services.chassis.policy_files import check_bundle, read_bundle

ROOT = Path(__file__).parents[2]
BundleWith = Callable[..., Path]


def kind(bundle: PolicyBundle, code: str):
    return next(kind for kind in bundle.kinds if kind.code == code)


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(bundle_with: BundleWith):
    plain = read_bundle(bundle_with())
    units = (bundle_with() / "units.csv").read_bytes()
    assert read_bundle(bundle_with({"units.csv": b"\xef\xbb\xbf" + units.replace(b"\n", b"\r\n")})) == plain


def test_names_stand_in_for_each_other(bundle_with: BundleWith):
    bundle = read_bundle(bundle_with())
    assert (bundle.name_en, bundle.ladder[0].name, kind(bundle, "LAMP").name_en) == ("小区", "grid", "灯不亮")
    assert kind(bundle, "LAMP").category == "其他"


def test_an_empty_cell_takes_the_default(bundle_with: BundleWith):
    bundle = read_bundle(bundle_with({"units.csv": "code,tier,parent,staff\nD,street,,\n ,,,\nD1,grid,D,0\n"}))
    assert [(unit.name, unit.parent, unit.staff) for unit in bundle.units] == [("D", None, 1), ("D1", "D", 0)]


def test_who_is_told_is_parted_by_semicolons(bundle_with: BundleWith):
    header = "code,tier,accept_hours,resolve_hours,severity,disposition,hand_off\n"
    kinds = header + "GAS,grid,1,2,critical,hand_off,119; 燃气抢修；\n"
    gas = kind(read_bundle(bundle_with({"kinds.csv": kinds})), "GAS")
    assert gas.hand_off == ("119", "燃气抢修")
    assert (gas.severity, gas.disposition) == (Severity.CRITICAL, Disposition.HAND_OFF)


def test_signs_come_from_every_place_they_are_written(bundle_with: BundleWith):
    bundle = read_bundle(
        bundle_with(
            {
                "signs.yaml": "LAMP:\n  - 灯\n  - {words: '亮|暗', regex: true, weight: 2, raises: urgent}\nPIPE: []\n",
                "signs.csv": "kind,words,weight\nPIPE,停水,1.5\n",
            }
        )
    )
    bright = Sign(words="亮|暗", regex=True, weight=2, raises="urgent")
    assert kind(bundle, "LAMP").signs == (Sign(words="灯"), bright)
    assert kind(bundle, "PIPE").signs == (Sign(words="停水", weight=1.5),)


def test_yaml_values_are_read_as_written(bundle_with: BundleWith):
    """To YAML 1.1 these are a boolean, an octal number and a count of minutes."""
    district = (
        "name: no\nladder: [grid, street]\nunits: [{code: 010, tier: grid, parent: D}]\n"
        "calendar: {opens: 08:30, closes: 17:00}\n"
    )
    bundle = read_bundle(bundle_with({"district.yaml": district}))
    assert (bundle.name, bundle.calendar.closes.hour) == ("no", 17)
    assert "010" in {unit.code for unit in bundle.units}


def test_a_bundle_survives_being_stored_as_json(bundle_with: BundleWith):
    bundle = read_bundle(bundle_with())
    assert PolicyBundle.model_validate_json(bundle.model_dump_json(exclude_defaults=True)) == bundle


def test_files_that_are_no_tables_are_left_alone(bundle_with: BundleWith):
    assert read_bundle(bundle_with({"README.md": "# 小区", "._units.csv": b"\x00"})).name == "小区"


@pytest.mark.parametrize(
    "path",
    [ROOT / "deploy/districts/ganjingzi", ROOT / "tests/district.yaml", *ROOT.glob("tests/policy/ladders/*")],
    ids=lambda path: path.stem,
)
def test_what_is_accepted_from_files_is_accepted_as_it_was_read(path: Path):
    bundle = read_bundle(path)
    assert check_bundle(PolicyBundle.model_validate_json(bundle.model_dump_json())) == bundle
