"""A gridcase as a newcomer starts it, `make up` and `make cluster`, in another process; and one for each of the other
journeys, on its own district, in a thread: its time stands until the journey moves it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.ports import free_port
from services.chassis.clock import SetTime
from services.chassis.policy_doubts import doubts
from services.chassis.policy_files import read_bundle
from tests.cluster.made import MadeCluster
from tests.given import T0
from tests.serving import ROOT, Door, answering, hasty, in_thread

START_SECONDS = 120
"""On a bare machine `make up` installs first what it runs on."""


@pytest.fixture(scope="module")
def clock() -> SetTime:
    """Monday, 9:00 in China."""
    return SetTime(T0)


@pytest.fixture(scope="module")
def district(request: pytest.FixtureRequest) -> Path:
    """The configuration of a journey: the directory beside it that has its name."""
    return request.path.with_name(request.path.stem.removeprefix("test_"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, district: Path, clock: SetTime) -> Iterator[Door]:
    assert not doubts(read_bundle(district)), "it is there to be copied"
    with in_thread(tmp_path_factory.mktemp("town") / "data", district=district, time=clock) as opened:
        yield opened


@pytest.fixture(scope="module", params=["up", pytest.param("cluster", marks=pytest.mark.cluster)])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    directory = tmp_path_factory.mktemp("journey")
    if request.param == "cluster":
        yield from _cluster(directory)
    else:
        yield from _up(directory)


def _cluster(directory: Path) -> Iterator[Door]:
    cluster = MadeCluster(hasty(directory, seconds=2))
    try:
        door = cluster.start()
        yield door
        door.http.close()
        _says_what_to_do_next(cluster.said, door.url)
    finally:
        cluster.close()


def _up(directory: Path) -> Iterator[Door]:
    port = free_port()
    district = hasty(directory, seconds=2)
    settings = [f"PORT={port}", f"DATA={directory / 'data'}", f"DISTRICT={district}"]
    said = directory / "said"
    with said.open("wb") as out:
        make = subprocess.Popen(
            ["make", "up", *settings], cwd=ROOT, env=_clean(), stdout=out, stderr=out, start_new_session=True
        )
    door = Door(f"http://127.0.0.1:{port}")
    try:
        answering(door, START_SECONDS, alive=lambda: make.poll() is None)
        yield door
        _says_what_to_do_next(said, door.url)
    finally:
        door.http.close()
        os.killpg(make.pid, signal.SIGTERM)
        make.wait(30)


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("GRIDCASE_", "MAKE"))}


def _says_what_to_do_next(said: Path, url: str) -> None:
    text = said.read_text(encoding="utf-8")
    assert url in text
    assert "curl" in text
    assert "Traceback" not in text
