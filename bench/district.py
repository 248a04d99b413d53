"""The sample district, and fresh data directories in which it is in force."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from schemas.policy import Policy, PolicyBundle
from services.chassis.data_dir import open_data
from services.chassis.policy_files import read_bundle
from services.console.tables import ReadModel

DISTRICT = Path(__file__).resolve().parents[1] / "deploy" / "districts" / "ganjingzi"
PARTITIONS = 16


@cache
def bundle() -> PolicyBundle:
    """The sample district as it is imported."""
    return read_bundle(DISTRICT)


@cache
def policy() -> Policy:
    """The sample district as the first version in force."""
    return Policy(1, bundle())


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for the time of one bench; TMPDIR says on which disk."""
    directory = Path(tempfile.mkdtemp(prefix="gridcase-bench-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def settle(directory: Path) -> Path:
    """Make a data directory with the sample district in force; returns the directory."""
    os.makedirs(directory, mode=0o700)
    opened = await open_data(directory, PARTITIONS, ReadModel.metadata)
    await opened.runtime.policies.publish(bundle())
    await opened.close()
    return directory
