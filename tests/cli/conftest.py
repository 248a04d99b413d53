"""One server for the tests that only ask, and files to load."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.served import Served, new_data


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Each test files under a prefix of its own."""
    served = Served.start(new_data(tmp_path_factory.mktemp("served")))
    yield served
    served.stop()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of lines: a dictionary as JSON, bytes as they are."""

    def write(*lines: dict[str, Any] | bytes, name: str = "petitions.jsonl") -> Path:
        file = tmp_path / name
        file.write_bytes(
            b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)
        )
        return file

    return write
