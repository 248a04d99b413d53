"""The sample district's rules, compiled once."""

from pathlib import Path

import pytest

from schemas.policy import Policy
from services.chassis.policy_files import read_bundle
from severity.policy import SeverityPolicy

GANJINGZI = Path(__file__).parents[2] / "deploy" / "districts" / "ganjingzi"


@pytest.fixture(scope="session")
def district() -> Policy:
    return Policy(1, read_bundle(GANJINGZI))


@pytest.fixture(scope="session")
def rules(district: Policy) -> SeverityPolicy:
    return SeverityPolicy(district)
