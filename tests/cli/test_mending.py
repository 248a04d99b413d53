"""`gridcase rebuild`, `dead-letters` and `redrive`, with a server on the data and without one."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from tests.cli.served import Served, gridcase, gridcase_alone, new_data


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data with one petition, routed."""
    data = new_data(tmp_path_factory.mktemp("routed"))
    server = Served.start(data)
    body = {"channel": "hotline", "text": "楼道灯坏了", "place": {"unit": "SA11"}}
    answer = httpx.post(f"{server.url}/v1/petitions", json=body, headers={"Prefer": "wait=10"}, trust_env=False)
    assert answer.json()["status"] == "routed"
    server.stop()
    return data


@pytest.fixture
def data(routed: Path, tmp_path: Path) -> Path:
    """A copy for this test alone."""
    return shutil.copytree(routed, tmp_path / "data")


def park(data: Path) -> UUID:
    """Make it look as if the router had failed on the petition's assessment; returns the petition."""
    with closing(sqlite3.connect(data / "log.db")) as log, log:
        stream, partition, position = log.execute(
            "SELECT stream_id, partition, position FROM es_event WHERE type = 'SeverityAssessed'"
        ).fetchone()
        log.execute("INSERT INTO es_parked VALUES ('router', ?)", [stream])
        log.execute(
            "INSERT INTO es_dead_letter (subscriber, stream_id, partition, position, version, attempts, next_at, error)"
            " VALUES ('router', ?, ?, ?, 2, 1, NULL, 'KeyError at on_severity_assessed:1')",
            [stream, partition, position],
        )
    return UUID(bytes=stream)


def listed(server: Served) -> object:
    return httpx.get(f"{server.url}/v1/petitions", trust_env=False).json()["items"]


@pytest.mark.slow
def test_a_running_server_rebuilds_its_read_models_and_their_rows_are_the_same(data: Path):
    server = Served.start(data)
    try:
        before = listed(server)
        done = gridcase("rebuild", "--data", data)
        assert done.exit_code == 0, done.output
        assert re.search(r"petition_list is rebuilt from [1-9]\d* events", done.stdout)
        assert "petition_search is rebuilt" in done.stdout
        assert listed(server) == before
    finally:
        server.stop()


@pytest.mark.slow
def test_without_a_server_the_named_read_model_is_rebuilt_on_the_data(data: Path):
    with closing(sqlite3.connect(data / "log.db")) as log, log:
        log.execute("DELETE FROM petition_list")
    done = gridcase_alone("rebuild", "petition_list", "--data", data)
    assert done.returncode == 0, done.stderr
    assert "petition_search" not in done.stdout
    with closing(sqlite3.connect(data / "log.db")) as log:
        assert log.execute("SELECT count(*) FROM petition_list").fetchone() == (1,)


def test_an_unknown_read_model_is_answered_with_those_there_are(server: Served):
    done = gridcase("rebuild", "nothing", "--data", server.data)
    assert done.exit_code == 1
    assert "petition_list, petition_search" in done.stderr


@pytest.mark.slow
def test_a_dead_letter_is_listed_and_handled_by_a_redrive_without_a_server(data: Path):
    petition = park(data)
    letters = gridcase_alone("dead-letters", "--data", data)
    assert str(petition) in letters.stdout
    assert "KeyError at on_severity_assessed:1" in letters.stdout
    redriven = gridcase_alone("redrive", "--data", data)
    assert (redriven.returncode, "1 of 1" in redriven.stdout) == (0, True), redriven.stdout + redriven.stderr
    assert "no dead letters" in gridcase_alone("dead-letters", "--data", data).stdout


@pytest.mark.slow
def test_a_running_server_redrives_and_the_petition_is_not_routed_twice(data: Path):
    petition = park(data)
    server = Served.start(data)
    try:
        assert str(petition) in gridcase("dead-letters", "--data", data).stdout
        redriven = gridcase("redrive", "--data", data)
        assert (redriven.exit_code, "1 of 1" in redriven.stdout) == (0, True), redriven.output
        timeline = httpx.get(f"{server.url}/v1/petitions/{petition}/timeline", trust_env=False).json()["items"]
        assert [one["type"] for one in timeline].count("PetitionRouted") == 1
    finally:
        server.stop()


def test_nothing_to_redrive_is_no_failure(server: Served):
    done = gridcase("redrive", "--data", server.data)
    assert (done.exit_code, "no dead letters" in done.stdout) == (0, True)
    assert "no dead letters" in gridcase("dead-letters", "--data", server.data).stdout
