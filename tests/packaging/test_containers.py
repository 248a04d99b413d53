"""The compose file of the distributed set. There is no engine to run it here."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.roles import Role
from services.chassis.sealing import read_master
from services.chassis.settings import Settings
from services.cli import app
from services.server import ROLE_GRACE_SECONDS

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


def test_the_database_is_asked_where_the_temporary_server_of_its_image_does_not_listen(services):
    command = services["postgres"]["healthcheck"]["test"]
    assert command[command.index("-h") + 1] == "127.0.0.1"


def test_nobody_is_killed_before_they_can_have_finished(services):
    grace = {name: one["stop_grace_period"] for name, one in services.items() if name != "migrate"}
    assert grace == dict.fromkeys(Role, "15s") | dict.fromkeys(SERVERS, "1m")
    assert 2 * ROLE_GRACE_SECONDS < 15


def test_what_must_outlive_a_container_is_in_a_volume(services):
    assert {name for name, one in services.items() if one.get("volumes")} == SERVERS


def test_no_secret_stands_in_the_file(services):
    settings = services["api"]["environment"]
    for name in ("GRIDCASE_KEY", "MASTER_KEY"):
        assert settings[name].startswith(f"${{{name}:?")
    assert "${SERVICE_PASSWORD:?" in settings["GRIDCASE_DATABASE_URL"]
    assert "${POSTGRES_PASSWORD:?" in services["migrate"]["environment"]["GRIDCASE_DATABASE_URL"]


def test_every_setting_exists(services):
    known = {f"GRIDCASE_{name.upper()}" for name in Settings.model_fields}
    said = {name for one in services.values() for name in one["environment"] if name.startswith("GRIDCASE_")}
    assert {"GRIDCASE_KAFKA", "GRIDCASE_SERVICE_PASSWORD"} < said <= known


def test_the_master_key_is_a_file_in_memory_that_its_user_alone_can_read(services, tmp_path):
    """As the shell of the image would do it, with another place for the file."""
    for name in (*Role, "migrate"):
        service = services[name]
        file = service["environment"]["GRIDCASE_MASTER_KEY"]
        assert any(file.startswith(f"{memory}/") for memory in service["tmpfs"])
        shell, flag, script, *rest = (word.replace("$$", "$") for word in service["entrypoint"])
        made = tmp_path / name
        said = subprocess.run(
            [shell, flag, script.replace(file, str(made)), *rest, "printenv"],
            env={"PATH": os.environ["PATH"], "MASTER_KEY": "ab" * 32}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert read_master(made) == b"\xab" * 32
        assert made.stat().st_mode & 0o777 == 0o600
        assert "MASTER_KEY" not in said.stdout


def test_only_the_migration_logs_in_as_the_owner_of_the_databases(services):
    owner = services["postgres"]["environment"]["POSTGRES_USER"]
    urls = {name: services[name]["environment"]["GRIDCASE_DATABASE_URL"] for name in (*Role, "migrate")}
    assert urls.pop("migrate").startswith(f"postgresql://{owner}:${{POSTGRES_PASSWORD:?")
    password = services["migrate"]["environment"]["GRIDCASE_SERVICE_PASSWORD"]
    assert set(urls.values()) == {f"postgresql://gridcase_service:{password}@postgres/gridcase"}


def test_only_the_front_door_and_the_console_are_published_and_only_on_the_loopback_address(services):
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert published.keys() == {"api", "console"}
    assert all(ports[0].startswith("${BIND:-127.0.0.1}:") for ports in published.values())
