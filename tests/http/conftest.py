"""One gridcase for all tests of the door; each test has its own petitions."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.chassis.store import sqlite_reader
from services.chassis.store.sqlite_reader import open_file
from tests.serving import Door, in_thread


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with in_thread(tmp_path_factory.mktemp("door") / "data") as opened:
        yield opened


@pytest.fixture
def problem():
    """Insist that an answer is this problem, and give its body."""

    def insist(answer, status: int, code: str, pointer: str | None = None):
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert set(body) == {"type", "title", "status", "code", "detail", "errors"}
        assert (body["status"], body["code"]) == (status, code), body
        assert body["detail"]
        if pointer is not None:
            assert pointer in [error["pointer"] for error in body["errors"]], body
        return body

    return insist


@pytest.fixture
def routed(door):
    """A lamp in a grid."""
    return door.filed(kind="LAMP", place={"unit": "SA11"})


@pytest.fixture
def accepted(door, routed):
    return door.done(routed["id"], "accept")


@pytest.fixture
def resolved(door, accepted):
    door.done(accepted["id"], "resolve", text="已更换声控开关")
    return door.until(accepted["id"], lambda now: "FeedbackRequested" in door.happened(now["id"]))


@pytest.fixture
def critical(door):
    return door.filed(text="现在楼道里燃气泄漏，味道很大", place={"unit": "SA11"})


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """How SQLite finds what a new gridcase is asked for, where the SQL has these words: the steps of each statement.
    None may read a whole table."""

    def found(ask: Callable[[Door], object], words: str) -> list[list[str]]:
        asked: list[str] = []

        def watched(*given, **more):
            connection = open_file(*given, **more)
            connection.set_trace_callback(asked.append)
            return connection

        monkeypatch.setattr(sqlite_reader, "open_file", watched)
        with in_thread(tmp_path / "plans") as door:
            ask(door)
        with closing(sqlite3.connect(tmp_path / "plans" / "log.db")) as other:
            told = [other.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in asked if words in sql]
        steps = [[step for *_, step in plan] for plan in told]
        assert steps
        every = [step for one in steps for step in one if "VIRTUAL" not in step]
        made = {step.split()[1] for step in every if step.startswith(("MATERIALIZE", "CO-ROUTINE"))}
        assert not [step for step in every if step.startswith("SCAN") and step.split()[1] not in made]
        return steps

    return found
