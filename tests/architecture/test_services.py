"""Who knows one service knows five."""

import pytest

from tests.architecture.tree import ROOT, SERVICES

FURNITURE = {"__init__.py", "decider.py", "service.py", "README.md"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_furniture_of_every_other(service):
    assert {path.name for path in (ROOT / service).iterdir()} >= FURNITURE


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_own_tests(service):
    assert list((ROOT / "tests" / service).glob("test_*.py"))
