"""`gridcase policy`: check, diff, publish by two people, rollback, history."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.served import DISTRICT, Served, gridcase
from tests.serving import Door, in_thread


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """The small district with another English name."""
    path = tmp_path / "renamed.yaml"
    text = DISTRICT.read_text(encoding="utf-8")
    path.write_text(text.replace("name_en: Haizhou\n", "name_en: Harbour\n"), encoding="utf-8")
    return path


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A server of this test's own, for what changes its policy."""
    with in_thread(tmp_path / "data") as opened:
        yield opened


def test_a_sound_bundle_is_called_sound():
    done = gridcase("policy", "check", DISTRICT)
    assert done.exit_code == 0, done.output
    assert "sound" in done.stdout


def test_a_rule_that_would_decide_nothing_is_named(tmp_path: Path):
    path = tmp_path / "doubtful.yaml"
    text = DISTRICT.read_text(encoding="utf-8").replace("  urgent: {accept_hours: 8}", "  urgent: {floor: grid}")
    path.write_text(text, encoding="utf-8")
    done = gridcase("policy", "check", path)
    assert done.exit_code == 0, done.output
    assert "? severities/urgent/floor: 'grid' is the lowest tier" in done.stderr


def test_a_broken_bundle_is_told_line_by_line(tmp_path: Path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: 海州区\n", encoding="utf-8")
    refused = gridcase("policy", "check", broken)
    assert refused.exit_code == 1
    assert "broken.yaml" in refused.stderr


def test_what_a_bundle_would_change_is_told_line_by_line(server: Served, renamed: Path):
    done = gridcase("policy", "diff", renamed, "--data", server.data)
    assert done.exit_code == 0, done.output
    assert "~ name_en: Haizhou → Harbour" in done.stdout
    assert "1 differences from version 1" in done.stdout


def test_one_person_proposes_and_the_same_person_cannot_agree(server: Served, renamed: Path):
    words = ("policy", "publish", renamed, "--by", "li", "--reason", "试行", "--data", server.data)
    assert "another person must publish the same" in gridcase(*words).stdout.replace("\n", " ")
    refused = gridcase(*words)
    assert refused.exit_code == 1
    assert "li proposed this bundle" in refused.stderr


def test_the_versions_are_listed_with_the_one_in_force_marked(server: Served):
    done = gridcase("policy", "history", "--data", server.data)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("*    1  ")


def test_a_planned_version_that_would_never_count_is_named(door: Door, renamed: Path, tmp_path: Path):
    other = tmp_path / "other.yaml"
    other.write_text(DISTRICT.read_text("utf-8").replace("name_en: Haizhou\n", "name_en: Bay\n"), encoding="utf-8")
    words = ("--reason", "试行", "--url", door.url, "--by")
    for by in ("li", "wang"):
        gridcase("policy", "publish", renamed, "--from", "2099-01-01T00:00:00+08:00", *words, by)
    proposed = gridcase("policy", "publish", other, *words, "li")
    assert "Version 2, planned for a later moment, will never count" in proposed.stdout
    refused = gridcase("policy", "publish", other, *words, "wang")
    assert refused.exit_code == 1
    assert "--anyway" in refused.stderr
    done = gridcase("policy", "publish", other, "--anyway", *words, "wang")
    assert "第 2 版" in done.stdout
    listed = gridcase("policy", "history", "--url", door.url).stdout
    assert "never counts: superseded by 3 / 不再生效，已由第 3 版取代" in listed


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path):
    refused = gridcase("policy", "history", "--data", tmp_path)
    assert refused.exit_code == 1
    assert "gridcase up" in refused.stderr
