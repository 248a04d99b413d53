"""The compose file of the distributed set. There is no engine to run it here."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.roles import Role
from services.cli import app

SERVERS = {"postgres", "kafka"}


@pytest.fixture(scope="module")
def services(root: Path) -> dict[str, Any]:
    """The services of `docker-compose.yml` as an engine reads it."""
    return yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


def test_every_role_is_a_service_of_its_own(services):
    assert services.keys() == {*Role, *SERVERS, "migrate"}
    for role in set(Role) - {Role.RELAY}:
        assert services[role]["command"] == ["gridcase", "serve", role]


def test_every_command_exists(services):
    known = {command.name for command in app.registered_commands}
    assert {services[name]["command"][1] for name in Role} <= known
    assert services["relay"]["command"] == ["gridcase", "relay"]


def test_no_container_has_powers_it_does_not_need(services):
    for name, service in services.items():
        assert not service["user"].startswith("0"), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_every_container_that_stays_says_whether_it_is_well(services):
    assert not [name for name, one in services.items() if name != "migrate" and "test" not in one["healthcheck"]]


def test_what_must_outlive_a_container_is_in_a_volume(services):
    assert {name for name, one in services.items() if one.get("volumes")} == SERVERS


def test_no_secret_stands_in_the_file(services):
    settings = services["api"]["environment"]
    assert settings["GRIDCASE_KEY"].startswith("${GRIDCASE_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in settings["GRIDCASE_DATABASE_URL"]
    assert services["api"]["secrets"] == ["master_key"]


def test_only_the_front_door_and_the_console_are_published_and_only_on_the_loopback_address(services):
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert published.keys() == {"api", "console"}
    assert all(ports[0].startswith("${BIND:-127.0.0.1}:") for ports in published.values())
