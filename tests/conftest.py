"""What all tests share: how hard the property tests look."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from deploy.database import PostgresServer

pytest.register_assert_rewrite("tests.given", "tests.invariants.checker")

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(
    "quick", deadline=None, max_examples=50, stateful_step_count=30, suppress_health_check=SLOW_IS_FINE,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip
settings.register_profile("deep", parent=settings.get_profile("quick"), max_examples=2_000, stateful_step_count=80)
settings.load_profile(os.environ.get("GRIDCASE_HYPOTHESIS", "quick"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests of a process; each makes databases of its own in it."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()
