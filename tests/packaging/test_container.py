"""The compose file of the one container says what deploy/README.md promises. There is no engine to run it here."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    """`deploy/one-container.yml` as an engine reads it."""
    return yaml.safe_load((root / "deploy" / "one-container.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def gridcase(compose: dict[str, Any]) -> dict[str, Any]:
    """Its only service."""
    (name, service) = next(iter(compose["services"].items()))
    assert name == "gridcase"
    return service


def test_there_is_one_service(compose):
    assert list(compose["services"]) == ["gridcase"]


def test_it_will_not_start_without_a_key_of_ones_own(gridcase):
    assert gridcase["environment"]["GRIDCASE_KEY"].startswith("${GRIDCASE_KEY:?")


def test_it_is_published_on_the_loopback_address_unless_told_otherwise(gridcase):
    assert gridcase["ports"] == ["${BIND:-127.0.0.1}:${PORT:-8000}:8000"]


def test_it_has_no_powers_it_does_not_need(gridcase):
    assert gridcase["user"] == "10001:10001"
    assert gridcase["read_only"] is True
    assert gridcase["cap_drop"] == ["ALL"]
    assert gridcase["security_opt"] == ["no-new-privileges:true"]


def test_its_data_outlive_it_in_a_named_volume(compose, gridcase):
    assert gridcase["volumes"] == ["data:/data"]
    assert "data" in compose["volumes"]


def test_it_says_whether_it_is_well(gridcase):
    assert "/healthz" in " ".join(gridcase["healthcheck"]["test"])


def test_the_image_takes_only_what_exists_and_is_sent_to_the_engine(root, gridcase):
    dockerfile = (root / gridcase["build"]["dockerfile"]).read_text(encoding="utf-8")
    sent = set((root / ".dockerignore").read_text(encoding="utf-8").split())
    copies = [
        shlex.split(line)[1:] for line in dockerfile.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    for *sources, _ in copies:
        assert not [source for source in sources if not (root / source).exists()]
        assert not [source for source in sources if f"!{source}" not in sent]


def test_the_image_installs_every_package_of_the_wheel(root, project, gridcase):
    dockerfile = (root / gridcase["build"]["dockerfile"]).read_text(encoding="utf-8")
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert not [package for package in packages if f"COPY {package} {package}\n" not in dockerfile]
