"""What is wrong with settings, files and addresses is a sentence in both languages, never a traceback."""

import os
import shutil
import socket
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.chassis.data_dir import said_in_lock
from services.chassis.settings import Settings
from services.console.moments import local, local_to_the_second
from services.server import CannotListen, _listen
from tests.cli.served import DISTRICT, Served, gridcase, gridcase_alone, new_data

ID = "01a20a65-61d3-7179-818b-500d48223f6a"


def ends_plainly(done, *said: str) -> None:
    code = done.exit_code if hasattr(done, "exit_code") else done.returncode
    assert code == 1, done.stderr
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr
    assert any("\u4e00" <= character <= "\u9fff" for character in done.stderr), "and in Chinese"


@pytest.mark.parametrize(
    "url",
    ["http://[::1", "http://a:b", "127.0.0.1:8000", "ftp://x", "http://", "http://x:0", "http://a\x07b", "http://é"],
)
@pytest.mark.parametrize("command", [("show", ID), ("import", DISTRICT), ("load", DISTRICT), ("redrive",)])
def test_an_address_that_is_none(command: tuple[object, ...], url: str):
    ends_plainly(gridcase(*command, "--url", url), "is not the address of a server", "--url")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("PARTITIONS", "many"),
        ("PARTITIONS", "3"),
        ("KEY", "密钥" * 9),
        ("KEY", "short"),
    ],
)
def test_a_setting_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    monkeypatch.setenv(f"GRIDCASE_{name}", value)
    ends_plainly(gridcase("dead-letters"), f"GRIDCASE_{name}")


@pytest.mark.parametrize("data", ["file", "file/below", "n" * 300])
@pytest.mark.parametrize("command", [("up", "--port", 0), ("import", DISTRICT)])
def test_data_that_cannot_be_a_directory(tmp_path: Path, command: tuple[object, ...], data: str):
    (tmp_path / "file").write_text("")
    ends_plainly(gridcase_alone(*command, "--data", tmp_path / data), "cannot be used")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_data(tmp_path_factory.mktemp("made"))


@pytest.mark.parametrize(
    ("name", "way_out"),
    [("log.db", "restore"), ("keys.db", "restore"), ("search.db", "delete it")],
)
def test_a_broken_file_is_named_with_the_way_out(made: Path, tmp_path: Path, name: str, way_out: str):
    data = shutil.copytree(made, tmp_path / "data")
    (data / name).write_bytes(b"no database at all " * 400)
    ends_plainly(gridcase_alone("dead-letters", "--data", data), f"{name} cannot be used", way_out)


def test_a_store_of_other_partitions(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = shutil.copytree(made, tmp_path / "data")
    monkeypatch.setenv("GRIDCASE_PARTITIONS", "8")
    ends_plainly(gridcase("import", DISTRICT, "--data", data), "GRIDCASE_PARTITIONS=16")


@pytest.mark.parametrize(
    "said",
    ["", "[]", "7", '"x"', "{", '{"pid": "x"}', '{"pid": -1, "url": 3}', '{"pid": 99999999999999999999}', "\ud7ff"],
)
def test_an_odd_lock_file_says_nothing(tmp_path: Path, said: str):
    (tmp_path / "lock").write_text(said, encoding="utf-8")
    assert said_in_lock(tmp_path) == (None, None)


@pytest.mark.parametrize(
    ("host", "said"), [("no.such.host.invalid", "not an address of this machine"), ("192.0.2.7", "not an address")]
)
def test_a_host_that_is_not_here_is_not_called_taken(host: str, said: str):
    with pytest.raises(CannotListen, match=said):
        _listen(Settings(host=host, port=0, key="k" * 16))  # type: ignore[arg-type]


def test_a_port_that_is_taken_is_called_taken():
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CannotListen, match="is taken"):
        _listen(Settings(port=other.getsockname()[1]))


def test_a_file_name_that_is_no_text_is_a_prefix_all_the_same(server: Served, tmp_path: Path):
    file = tmp_path / os.fsdecode(b"\xd6\xd0.ndjson")
    file.write_text('{"text": "灯"}\n', encoding="utf-8")
    done = gridcase("load", file, "--data", server.data)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_no_moment_is_too_far_to_be_shown(moment: str):
    for zone in ("Asia/Shanghai", "America/New_York"):
        assert local(datetime.fromisoformat(moment), ZoneInfo(zone))
        assert local_to_the_second(datetime.fromisoformat(moment), ZoneInfo(zone))
