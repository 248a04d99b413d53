"""`gridcase hand-over`: all open work of one person of a unit goes on to a colleague."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.cli.served import Served, gridcase, new_data


def taken(server: Served, by: str, **more: Any) -> str:
    """A petition in SA11 that somebody has accepted."""
    body = {"channel": "hotline", "text": "楼道灯坏了", "place": {"unit": "SA11"}}
    filed = httpx.post(f"{server.url}/v1/petitions", json=body, headers={"Prefer": "wait=10"}, trust_env=False)
    petition: str = filed.json()["id"]
    asked(server, petition, "accept", by=by)
    return petition


def asked(server: Served, petition: str, name: str, **body: Any) -> None:
    answer = httpx.post(f"{server.url}/v1/petitions/{petition}/{name}", json=body, trust_env=False)
    assert answer.status_code == 200, answer.text


def holder(server: Served, petition: str) -> str:
    found: str = httpx.get(f"{server.url}/v1/petitions/{petition}", trust_env=False).json()["responsible"]["staff"]
    return found


def test_everything_open_goes_on_and_nothing_else(server: Served):
    old, new, other = (f"w-{uuid4().hex[:8]}" for _ in range(3))
    mine, done, others = taken(server, old), taken(server, old), taken(server, other)
    asked(server, done, "resolve", by=old, text="已更换灯泡")
    server.listed()
    words = ("hand-over", "--unit", "SA11", "--from", old, "--to", new, "--reason", "调岗", "--data", server.data)
    first, again = gridcase(*words), gridcase(*words)
    assert first.exit_code == again.exit_code == 0, first.output
    assert "1 handed over, 0 refused" in first.stdout
    assert "0 handed over, 0 refused" in again.stdout
    assert [holder(server, one) for one in (mine, done, others)] == [new, old, other]


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Served]:
    """A server that nobody else files with: the pages of a long worklist, one petition each, would take minutes."""
    served = Served.start(new_data(tmp_path))
    yield served
    served.stop()


def test_every_page_of_the_worklist_is_gone_through(alone: Served, monkeypatch):
    monkeypatch.setattr("services.cli.handing_over.PAGE", 1)
    old, new = (f"w-{uuid4().hex[:8]}" for _ in range(2))
    mine = [taken(alone, old) for _ in range(3)]
    alone.listed()
    words = ("hand-over", "--unit", "SA11", "--from", old, "--to", new, "--reason", "任期届满", "--data", alone.data)
    assert "3 handed over" in gridcase(*words).stdout
    assert {holder(alone, one) for one in mine} == {new}


def test_what_the_server_refuses_is_told_and_stays(server: Served):
    old = f"w-{uuid4().hex[:8]}"
    mine = taken(server, old)
    server.listed()
    nobody = "x" * 101
    refused = gridcase(
        "hand-over", "--unit", "SA11", "--from", old, "--to", nobody, "--reason", "调岗", "--data", server.data
    )
    assert (refused.exit_code, holder(server, mine)) == (1, old)
    assert "0 handed over, 1 refused" in refused.stdout
    assert "/to: " in refused.stderr


def test_a_unit_that_is_not_there_is_refused_in_the_servers_words(server: Served):
    words = ("hand-over", "--unit", "XX", "--from", "a", "--to", "b", "--reason", "调岗", "--data", server.data)
    refused = gridcase(*words)
    assert refused.exit_code == 1
    assert "There is no unit XX" in refused.stderr
