"""`gridcase policy reroute`: lists, then moves, what the policy in force would have elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.policy_files import read_bundle
from services.cli import rerouting
from tests.cli.served import DISTRICT, gridcase
from tests.serving import Door, in_thread


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """Two lamps in grids; by the policy in force they belong to the community."""
    with in_thread(tmp_path / "data") as opened:
        for unit in ("SA11", "SB11"):
            opened.filed(kind="LAMP", place={"unit": unit})
        bundle = read_bundle(DISTRICT)
        kinds = (one.model_copy(update={"tier": "community"}) if one.code == "LAMP" else one for one in bundle.kinds)
        opened.publish(bundle.model_copy(update={"kinds": tuple(kinds)}))
        opened.settled()
        yield opened


def test_a_dry_run_lists_and_then_they_are_moved_once(door: Door):
    listed = gridcase("policy", "reroute", "--dry-run", "--url", door.url)
    assert listed.exit_code == 0, listed.output
    assert "grid SA11 → community SA1 (authority kind:LAMP)" in listed.stdout
    assert "2 of 2 would be re-routed by policy version 2" in listed.stdout
    named = ("--by", "chen", "--reason", "新规则施行", "--url", door.url)
    narrowed = gridcase("policy", "reroute", "--unit", "SA11", *named)
    assert "1 of 1 re-routed by policy version 2" in narrowed.stdout
    door.settled()
    assert "1 of 2 re-routed by policy version 2" in gridcase("policy", "reroute", *named).stdout
    door.settled()
    assert "0 of 2 re-routed by policy version 2" in gridcase("policy", "reroute", *named).stdout


def test_who_is_passed_over_is_named(door: Door):
    bundle = read_bundle(DISTRICT)
    units = (one.model_copy(update={"staff": 0}) if one.code == "SA11" else one for one in bundle.units)
    door.publish(bundle.model_copy(update={"units": tuple(units)}))
    listed = gridcase("policy", "reroute", "--dry-run", "--url", door.url)
    assert "grid SA11 → grid SA1 (" in listed.stdout
    assert "SA11 no_staff)" in listed.stdout


def test_it_goes_from_page_to_page_and_says_how_far_it_is(door: Door, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rerouting, "PAGE", 1)
    done = gridcase("policy", "reroute", "--by", "chen", "--reason", "新规则施行", "--url", door.url)
    assert "1 looked at" in done.stderr
    assert "2 of 2 re-routed" in done.stdout


def test_what_is_left_alone_is_said_with_the_reason(door: Door):
    [moved] = door.listed(unit="SB11")["items"]
    door.done(moved["id"], "move", unit="SA12", reason="就近")
    door.settled()
    done = gridcase("policy", "reroute", "--dry-run", "--url", door.url)
    assert f"· {moved['number']}: grid SA12 → community SA1; a person chose where they are" in done.stdout
    assert "1 left alone, a person chose where they are" in done.stdout


def test_it_needs_a_name_and_a_reason():
    refused = gridcase("policy", "reroute", "--by", "chen")
    assert refused.exit_code == 1
    assert "--by and --reason" in refused.stderr
