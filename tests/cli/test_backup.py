"""`gridcase backup` while a server writes, and `gridcase restore` of what it made."""

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.served import Served, gridcase, gridcase_alone, new_data

BODY = {"channel": "hotline", "text": "楼道灯坏了，老人晚上下楼看不清", "place": {"unit": "SA11"}}


class Filing:
    """Files petitions one after the other, until the block ends."""

    def __init__(self, server: Served) -> None:
        self.acknowledged: list[str] = []
        self.enough = threading.Event()
        self._url = server.url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._file)

    def __enter__(self) -> "Filing":
        self._thread.start()
        assert self.enough.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)

    def _file(self) -> None:
        with httpx.Client(base_url=self._url, trust_env=False, timeout=10) as http:
            while not self._stop.is_set():
                self.acknowledged.append(http.post("/v1/petitions", json=BODY).json()["id"])
                if len(self.acknowledged) > 20:
                    self.enough.set()


def _meta(data: Path) -> dict[str, str]:
    with closing(sqlite3.connect(data / "log.db")) as log:
        return dict(log.execute("SELECT name, value FROM es_meta"))


@pytest.mark.slow
def test_what_was_acknowledged_before_a_backup_of_a_running_server_is_there_after_a_restore(tmp_path):
    data, target, again = new_data(tmp_path), tmp_path / "backup", tmp_path / "again" / "data"
    server = Served.start(data)
    try:
        with Filing(server) as filing:
            before = list(filing.acknowledged)
            done = gridcase_alone("backup", target, "--data", data)
            assert done.returncode == 0, done.stderr
            assert len(filing.acknowledged) > len(before), "the server took petitions meanwhile"
    finally:
        server.kill()
    assert {one.name for one in target.iterdir()} == {"log.db", "keys.db"}
    assert {one.stat().st_mode & 0o777 for one in target.iterdir()} == {0o600}
    restored = gridcase_alone("restore", target, "--data", again)
    assert restored.returncode == 0, restored.stderr
    assert str(again / "master.key") in restored.stdout
    assert _meta(again)["epoch"] not in (_meta(data)["epoch"], _meta(target)["epoch"])
    shutil.copy(data / "master.key", again)
    assert "Nothing is wrong" in gridcase_alone("verify", "--data", again).stdout
    served = Served.start(again)
    try:
        with httpx.Client(base_url=served.url, trust_env=False) as http:
            answers: list[dict[str, Any]] = [http.get(f"/v1/petitions/{one}").json() for one in before]
            assert {one["text"] for one in answers} == {BODY["text"]}
            assert http.post("/v1/petitions", json=BODY).status_code == 201
    finally:
        served.stop()


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of data that nobody serves."""
    home = tmp_path_factory.mktemp("backed_up")
    done = gridcase("backup", home / "backup", "--data", new_data(home))
    assert done.exit_code == 0, done.output
    return home / "backup"


@pytest.mark.parametrize("there", ["log.db", "notes.txt"])
def test_nothing_is_written_where_something_is(backup, tmp_path, there):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / there).write_text("kept")
    for words in (["restore", backup, "--data", tmp_path / "data"], ["backup", tmp_path / "data", "--data", backup]):
        done = gridcase(*words)
        assert (done.exit_code, "is not empty" in done.stderr) == (1, True), done.output
    assert [(one.name, one.read_text()) for one in (tmp_path / "data").iterdir()] == [(there, "kept")]


def test_a_folder_that_holds_the_master_key_alone_is_restored_into(backup, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "master.key").write_bytes(bytes(32))
    done = gridcase("restore", backup, "--data", tmp_path / "data")
    assert (done.exit_code, "Put the master key" in done.stdout) == (0, False), done.output


def test_a_backup_without_its_keys_is_refused(backup, tmp_path):
    shutil.copytree(backup, tmp_path / "backup")
    (tmp_path / "backup" / "keys.db").unlink()
    done = gridcase("restore", tmp_path / "backup", "--data", tmp_path / "data")
    assert (done.exit_code, "keys.db" in done.stderr) == (1, True)
    assert not (tmp_path / "data").exists()


def test_a_damaged_log_is_not_taken_for_a_backup(backup, tmp_path):
    shutil.copytree(backup, tmp_path / "backup")
    with (tmp_path / "backup" / "log.db").open("r+b") as log:
        log.seek(4096)
        log.write(b"\xff" * 4096)
    done = gridcase("restore", tmp_path / "backup", "--data", tmp_path / "data")
    assert done.exit_code == 1
    assert "log.db cannot be used" in done.stderr or "cannot be read" in done.stderr
    assert not (tmp_path / "data" / "log.db").exists()


def test_with_databases_it_is_said_whose_tools_to_use(tmp_path):
    done = gridcase("backup", tmp_path / "backup", GRIDCASE_DATABASE_URL="postgresql://db/gridcase")
    assert (done.exit_code, "docs/operations.md" in done.stderr) == (1, True)
