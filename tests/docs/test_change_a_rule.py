"""A newcomer changes one kind's floor with nothing but the README, and sees where the same petition goes then."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.slow
PROGRAMS = Path(sys.executable).parent
BODY = re.compile(r"-d '(\{.*?\})'$", re.MULTILINE)
"""The body of the petition that a `curl` files."""


class Newcomer:
    """Somebody in a checkout with a terminal; what the README says to type is typed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = ""
        """What the server printed."""
        self._env = {
            **os.environ,
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "GRIDCASE_DATA": str(folder / "data"),
            "LC_ALL": "C.UTF-8",
        }
        (folder / "deploy").symlink_to(ROOT / "deploy")

    def types(self, command: str) -> str:
        """What the terminal shows."""
        done = subprocess.run(["bash", "-ec", command], cwd=self.folder, env=self._env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serves(self) -> subprocess.Popen[str]:
        """The second terminal, in which the server runs."""
        command = [str(PROGRAMS / "gridcase"), "up", "--port", "0"]
        return subprocess.Popen(
            command, cwd=self.folder, env=self._env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    @contextmanager
    def asks_what_serves(self, district: str) -> Iterator[httpx.Client]:
        """The server with this district, once it has said where it is."""
        self.types(f"gridcase import {district}")
        server = self.serves()
        assert server.stdout
        self.told = ""
        while BODY.search(self.told) is None:
            self.told += server.stdout.readline()
        found = re.search(r"http://[\d.:]+", self.told)
        assert found
        # It says where it is a moment before it listens there.
        with httpx.Client(base_url=found[0], transport=httpx.HTTPTransport(retries=8), timeout=20) as client:
            yield client
        server.terminate()
        server.wait(timeout=30)
        server.stdout.close()


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    return Newcomer(tmp_path)


@pytest.fixture
def http(newcomer: Newcomer) -> Iterator[httpx.Client]:
    """The server with the sample district."""
    with newcomer.asks_what_serves("deploy/districts/ganjingzi") as client:
        yield client


def _section(readme: str, heading: str) -> str:
    parts = re.split(r"^## ", readme, flags=re.MULTILINE)
    return next(part for part in parts if part.startswith(heading))


@pytest.mark.parametrize(
    ("page", "start", "change"),
    [
        ("README.md", "Start", "Change a rule"),
        ("README.zh-CN.md", "快速开始", "改一条规则"),
    ],
)
def test_a_floor_is_changed_as_the_readme_says(
    newcomer: Newcomer, http: httpx.Client, page: str, start: str, change: str
):
    readme = (ROOT / page).read_text(encoding="utf-8")
    (said,) = BODY.findall(_section(readme, start))
    assert [said] == BODY.findall(newcomer.told), "the README shows what the server prints"
    body = json.loads(said)
    steps = re.findall(r"```sh\n(.*?)```", _section(readme, change), re.DOTALL)

    def file() -> dict[str, Any]:
        petition: dict[str, Any] = http.post("/v1/petitions", json=body, headers={"Prefer": "wait=10"}).json()
        return petition

    before = file()
    assert _said(before) in _told(readme)

    changed = newcomer.types(steps[0].replace(". .venv/bin/activate\n", ""))
    assert changed.strip() in readme
    assert "policy version 2 is in force now" in newcomer.types(steps[1])

    after = file()
    assert (before["tier"], after["tier"]) == ("grid", "community")
    assert _said(after) in _told(readme)
    assert "周东社区居委会" in newcomer.types(f"gridcase show {after['number']}")
    assert http.get(f"/v1/petitions/{before['id']}").json()["tier"] == "grid"


@pytest.mark.parametrize(("page", "heading"), [("README.md", "Another district"), ("README.zh-CN.md", "换一个辖区")])
def test_another_district_is_served_as_the_readme_says(newcomer: Newcomer, page: str, heading: str):
    section = _section((ROOT / page).read_text(encoding="utf-8"), heading)
    (district,) = re.findall(r"DISTRICT=(\S+)", section)
    with newcomer.asks_what_serves(district) as http:
        (said,) = BODY.findall(newcomer.told)
        petition = http.post("/v1/petitions", json=json.loads(said), headers={"Prefer": "wait=10"}).json()
    assert petition["kind"]["code"] == "LIGHT"
    assert _said(petition) in section


def _said(petition: dict[str, Any]) -> str:
    """Where it is and the first floor, as the README quotes the answer."""
    place = {"tier": petition["tier"], "unit": petition["unit"]}
    return json.dumps(place, ensure_ascii=False, separators=(",", ":"))[1:-1]


def _told(readme: str) -> str:
    return readme.replace("\n", "")
