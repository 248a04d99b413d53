"""A hundred real cases of Boston's 311, each with its target and what the city says of it: ONTIME or OVERDUE."""

import csv
import os
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from escalation.decider import NoticeMisses
from schemas.events.escalation import DeadlineMissed
from schemas.policy import Kind, Policy
from tests.architecture.tree import ROOT
from tests.given import DISTRICT, PETITION, dispatch, escalation, given, router
from tests.past import accepted, assessed, filed, resolved

BESIDE = ROOT.parent / "shared" / "data" / "us311" / "boston311-100.csv"
BOSTON = ZoneInfo("America/New_York")
YEARS_END = datetime(2023, 1, 1, tzinfo=BOSTON)
"""When it is looked at: the city says of the cases of 2022 what they had come to by then."""
FAR_AWAY = 10 * 365 * 24.0
"""Hours for a case to which the city gave no target."""
Case = Mapping[str, str]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    if not BESIDE.exists():
        message = "the cases of Boston are not beside the checkout (shared/data/us311)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with BESIDE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=BOSTON).astimezone(ZoneInfo("UTC")) if text.strip() else None


def judged(case: Case) -> str:
    """What the deadline of the case's round came to, with the target given by its kind as hours."""
    opened, target, closed = (moment(case[name]) for name in ("open_dt", "target_dt", "closed_dt"))
    assert opened is not None
    hours = FAR_AWAY if target is None else (target - opened).total_seconds() / 3600
    kind = Kind(code="CASE", name="case", name_en="Case", category="311", tier="grid", accept_hours=hours,
                resolve_hours=hours)  # fmt: skip
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"kinds": (kind,)}))
    past = (filed(at=opened), assessed("CASE", at=opened))
    past = (*past, *given(router, *past, policy=policy).when_heard(now=opened).said, accepted(dispatch(3), at=opened))
    if closed is not None:
        past = (*past, resolved(dispatch(3), at=closed))
    said = given(escalation, *past, policy=policy).when(NoticeMisses(PETITION, YEARS_END, policy)).said
    missed = [one for one in said if isinstance(one, DeadlineMissed) and one.deadline == "resolve:1"]
    assert all(one.late is (closed is not None) for one in missed)
    return "OVERDUE" if missed else "ONTIME"


def test_every_case_comes_to_what_the_city_says_of_it(cases: list[Case]):
    found = {case["case_enquiry_id"]: judged(case) for case in cases}
    assert len(found) == 100
    assert found == {case["case_enquiry_id"]: case["ontime"] for case in cases}
    assert sorted(found.values()).count("OVERDUE") == 17
