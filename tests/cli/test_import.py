"""`gridcase import`, into data that a server serves and into data that none serves."""

import shutil
import socket
from pathlib import Path

import httpx
import pytest

from tests.cli.served import DISTRICT, Served, gridcase, gridcase_alone, new_data


def test_a_running_server_is_asked_and_finds_that_nothing_changed(server: Served):
    done = gridcase("import", DISTRICT, "--data", server.data)
    assert done.exit_code == 0, done.output
    assert "policy version 1 is in force already" in done.stdout


def test_a_named_server_is_asked(server: Served):
    done = gridcase("import", DISTRICT, "--url", server.url, "--data", "none")
    assert done.exit_code == 0, done.output
    assert httpx.get(f"{server.url}/v1/policy", trust_env=False).json()["version"] == 1


def test_no_data_begins_in_a_directory_that_nobody_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRIDCASE_DATA", raising=False)
    refused = gridcase("import", DISTRICT)
    assert refused.exit_code == 1
    assert "--data" in refused.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
@pytest.mark.parametrize("meant", [("--if-none",), ("--data", "data")])
def test_data_begins_where_that_is_meant(tmp_path: Path, meant: tuple[str, ...]):
    done = gridcase_alone("import", DISTRICT, *meant, cwd=tmp_path)
    assert (done.returncode, "policy version 1 is in force now" in done.stdout) == (0, True), done.stderr
    assert (tmp_path / "data" / "log.db").exists()


@pytest.mark.slow
def test_nothing_is_imported_where_the_port_is_taken(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = gridcase_alone("up", "--district", DISTRICT, "--port", port, "--data", tmp_path / "data")
    assert refused.returncode == 1
    assert f"{port} is taken" in refused.stderr
    assert not (tmp_path / "data").exists()


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data in which a petition waits in a grid, left by a server that was killed at once."""
    data = new_data(tmp_path_factory.mktemp("waiting"))
    server = Served.start(data)
    body = {"channel": "hotline", "text": "楼道灯坏了", "place": {"unit": "SA11"}}
    answer = httpx.post(f"{server.url}/v1/petitions", json=body, headers={"Prefer": "wait=10"}, trust_env=False)
    assert answer.json()["tier"] == "grid"
    server.kill()
    return data


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """The small district without its grids."""
    lines = DISTRICT.read_text(encoding="utf-8").splitlines(keepends=True)
    words = "".join(line for line in lines if "tier: grid, parent" not in line)
    path = tmp_path / "flat.yaml"
    path.write_text(words.replace("[grid, ", "[").replace("tier: grid", "tier: community"), encoding="utf-8")
    return path


@pytest.mark.slow
def test_without_a_server_petitions_on_a_tier_that_would_go_refuse_the_import(
    waiting: Path, flat: Path, tmp_path: Path
):
    data = shutil.copytree(waiting, tmp_path / "data")
    refused = gridcase_alone("import", flat, "--data", data)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "(grid: 1); nothing was imported" in refused.stderr
    meant = gridcase_alone("import", flat, "--data", data, "--anyway")
    assert (meant.returncode, "policy version 2 is in force now" in meant.stdout) == (0, True), meant.stderr
    assert "units that are gone, with the unfinished petitions still there: SA11: 1" in meant.stderr


@pytest.mark.slow
def test_a_running_server_refuses_too_and_imports_what_is_meant(waiting: Path, flat: Path, tmp_path: Path):
    server = Served.start(shutil.copytree(waiting, tmp_path / "data"))
    try:
        refused = gridcase("import", flat, "--data", server.data)
        assert refused.exit_code == 1
        assert "grid: 1" in refused.stderr
        assert "policy version 2" in gridcase("import", flat, "--data", server.data, "--anyway").stdout
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("variable", "language", "said"),
    [
        ("LANG", "zh_CN.UTF-8", "broken.yaml:1: 应为字段的映射"),
        ("LANG", "en_US.UTF-8", "broken.yaml:1: must be a mapping of fields"),
        ("LC_ALL", "zh_CN.UTF-8", "broken.yaml:1: 应为字段的映射"),
    ],
)
def test_what_is_wrong_is_said_in_the_language_of_the_terminal(tmp_path: Path, variable: str, language: str, said: str):
    (tmp_path / "broken.yaml").write_text("[]")
    done = gridcase("import", tmp_path / "broken.yaml", "--data", tmp_path / "data", **{variable: language})
    assert (done.exit_code, said in done.stderr) == (1, True), done.stderr
