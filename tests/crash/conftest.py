"""A district whose deadlines pass while a test looks on."""

import pytest

from schemas.policy import PolicyBundle
from services.chassis.policy_files import read_bundle
from tests.serving import hasty


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> PolicyBundle:
    """Its kind QUICK must be accepted within a second."""
    return read_bundle(hasty(tmp_path_factory.mktemp("district"), seconds=1))
