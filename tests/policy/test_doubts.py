"""A rule of a sound bundle that would decide nothing is said by name; what can only be a slip is refused."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.jurisdiction import Department, Tier, UnitSort
from schemas.places import KnownPlace
from schemas.policy import PolicyBundle, SeverityRule, Sign
from schemas.roster import Posting
from schemas.words import Clock, Mode, Severity
from services.chassis.policy_doubts import doubts
from services.chassis.policy_files import read_bundle
from tests.policy.conftest import DISTRICT, KINDS, Complaints
from tests.serving import DISTRICT as HAIZHOU
from tests.serving import ROOT

BUNDLE = read_bundle(HAIZHOU)
DISTRICTS = ROOT / "deploy" / "districts"


def places(bundle: PolicyBundle) -> list[str]:
    found = doubts(bundle)
    assert all(one.en and one.zh for one in found)
    return [one.where for one in found]


def with_rules(**rules: Any) -> PolicyBundle:
    return BUNDLE.model_copy(update=rules)


def with_kind(**facts: Any) -> PolicyBundle:
    first, *others = BUNDLE.kinds
    return with_rules(kinds=(first.model_copy(update=facts), *others))


def with_severity(severity: Severity, **facts: Any) -> PolicyBundle:
    return with_rules(severities={**BUNDLE.severities, severity: SeverityRule(**facts)})


def with_column(name: str, value: str) -> str:
    """The kinds with one more column, in which the first of them says this."""
    return (
        KINDS.replace("resolve_hours", f"resolve_hours,{name}")
        .replace("8,48", f"8,48,{value}")
        .replace("1,24", "1,24,")
    )


@pytest.mark.parametrize("path", [HAIZHOU, DISTRICTS / "ganjingzi", DISTRICTS / "shiqiao.yaml"])
def test_the_districts_here_leave_no_doubt(path: Path):
    assert doubts(read_bundle(path)) == []


def test_a_tier_at_which_no_unit_stands_and_the_kinds_that_ask_for_it():
    town = Tier(code="town", name="镇", name_en="Town")
    lower, top = BUNDLE.ladder[:-1], BUNDLE.ladder[-1]
    ladder = (*lower, town, top)
    assert places(with_rules(ladder=ladder)) == ["ladder/town"]
    asking = with_kind(tier="town").model_copy(update={"ladder": ladder})
    assert places(asking) == ["ladder/town", "kinds/LAMP/tier"]


def test_a_tier_where_only_partners_stand_has_no_unit_with_power():
    units = [one.model_copy(update={"sort": UnitSort.PARTNER}) if one.tier == "grid" else one for one in BUNDLE.units]
    assert places(with_rules(units=tuple(units))) == ["ladder/grid", "kinds/LAMP/tier"]


def test_a_tier_where_nobody_is_on_duty():
    units = [one.model_copy(update={"staff": 0}) if one.tier == "grid" else one for one in BUNDLE.units]
    assert places(with_rules(units=tuple(units))) == ["ladder/grid"]
    posted = (Posting(unit="SA11", staff="w-1", since=date(2026, 1, 1)),)
    assert places(with_rules(units=tuple(units), roster=posted)) == []


def test_an_office_of_a_partner():
    office = Department(code="P-LIFT", name="物业电梯班", unit="SA1P", power="lifts")
    assert places(with_rules(departments=(*BUNDLE.departments, office))) == ["departments/P-LIFT/unit"]


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"mode": Mode.OPEN, "power": "water"}, "kinds/LAMP/mode"),
        ({"mode": Mode.OPEN, "severity": Severity.URGENT}, "kinds/LAMP/mode"),
        ({"resolve_hours": 1.0}, "kinds/LAMP/resolve_hours"),
        ({"signs": (Sign(words="灯", weight=0),)}, "kinds/LAMP/signs"),
    ],
)
def test_a_part_of_a_kind_that_decides_nothing(facts: dict[str, Any], where: str):
    assert places(with_kind(**facts)) == [where]


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"feedback_spacing_hours": 36}, ["limits/feedback_attempts"]),
        ({"feedback_hours": 8}, ["limits/feedback_attempts"]),
        ({"feedback_hours": 0.5, "feedback_attempts": 1}, []),
        ({"feedback_spacing_hours": 24}, []),
    ],
)
def test_an_attempt_to_reach_a_resident_that_never_counts(facts: dict[str, Any], where: list[str]):
    assert places(with_rules(limits=BUNDLE.limits.model_copy(update=facts))) == where


def test_severities_without_critical():
    assert places(with_rules(severities={})) == ["severities/critical"]


@pytest.mark.parametrize(
    ("severity", "facts", "where"),
    [
        (Severity.URGENT, {"floor": "grid"}, "severities/urgent/floor"),
        (Severity.URGENT, {}, "severities/urgent"),
        (Severity.CRITICAL, {"clock": Clock.WORKING}, "severities/critical/clock"),
    ],
)
def test_a_part_of_a_severity_that_decides_nothing(severity: Severity, facts: dict[str, Any], where: str):
    assert places(with_severity(severity, **facts)) == [where]


@pytest.mark.parametrize(("name", "is_doubtful"), [("花园", True), ("海风", False), ("1912", True), ("K11", False)])
def test_a_known_place_whose_name_is_in_the_addresses_of_others(name: str, is_doubtful: bool):
    unit = BUNDLE.units[0].code
    names = ("海风花园", "阳光花园", "海风新城花园", name)
    bundle = with_rules(places=tuple(KnownPlace(name=one, unit=unit) for one in names))
    assert (f"places/{name}" in places(bundle)) is is_doubtful


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"district.yaml": DISTRICT + "hand_off_default: ['  ']\n"}, "5: hand_off_default.0: must not be blank"),
        ({"district.yaml": DISTRICT + "stock_phrases: [' ']\n"}, "5: stock_phrases.0: must not be blank"),
        ({"district.yaml": DISTRICT + "  grave: {floor: street}\n"}, "5: "),
        ({"signs.csv": "kind,words\nNOPE,灯\n"}, "2: kind: there is no kind 'NOPE'"),
        ({"signs.yaml": "LAMP: ['  ']\n"}, "1: words: must not be blank"),
        ({"kinds.csv": with_column("hand_off", ";")}, "2: hand_off: names nobody"),
        (
            {"kinds.csv": with_column("disposition", "decline")},
            "2: disposition: 'decline' is no answer to a kind: a machine declines only what is empty",
        ),
        ({"kinds.csv": KINDS.replace("street,water", "street,wafer")}, "3: power: no department has the power 'wafer'"),
    ],
)
def test_what_can_only_be_a_slip_is_refused(complaints: Complaints, files: dict[str, str], found: str):
    [name] = files
    said = complaints(files)
    assert any(one.startswith(f"{name}:{found}") for one in said), said
