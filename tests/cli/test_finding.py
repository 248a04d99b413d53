"""Which server a command asks."""

import json
import os
import subprocess
import sys
from pathlib import Path

from services.chassis.settings import Settings
from services.cli.finding import server_of

HERE = "http://127.0.0.1:8123"


def announced(data: Path, pid: int, url: str | None) -> Settings:
    (data / "lock").write_text(json.dumps({"pid": pid, "url": url}))
    return Settings(data=data, url=None)


def test_the_server_that_owns_the_data_is_asked(tmp_path: Path):
    assert server_of(announced(tmp_path, os.getpid(), HERE)) == HERE


def test_a_named_server_goes_before_the_one_on_the_data(tmp_path: Path):
    settings = announced(tmp_path, os.getpid(), HERE)
    assert server_of(settings.model_copy(update={"url": "http://elsewhere/"})) == "http://elsewhere"


def test_the_last_word_of_a_killed_server_counts_for_nothing(tmp_path: Path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert server_of(announced(tmp_path, ended.pid, HERE)) is None


def test_one_that_does_not_listen_yet_is_no_server(tmp_path: Path):
    assert server_of(announced(tmp_path, os.getpid(), None)) is None


def test_data_that_nobody_owns_has_no_server(tmp_path: Path):
    assert server_of(Settings(data=tmp_path / "none", url=None)) is None
