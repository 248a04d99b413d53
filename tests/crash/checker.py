"""What must hold after the server died and came back. Reads the file with code of its own, not with the project's."""

import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from tests.crash.callers import Callers, Command, Filing
from tests.serving import Door

WAITING = {"filed", "assessed"}
SEVERAL_AT_ONCE = {"NobodyOnDuty", "DeadlineMissed"}


def check(door: Door, told: Callers, seconds: float = 10) -> None:
    """Ask the server that came back for everything the callers were told."""
    for filing in told.filings:
        if filing.id is not None:
            _check_filing(door, filing, filing.id, seconds)
    for command in told.commands:
        _check_command(door, command)
    for filing in told.filings:
        if filing.id is None:
            _check_unknown(door, filing, seconds)
    assert door.http.get("/v1/operations/dead-letters").json()["items"] == []


def _check_filing(door: Door, filing: Filing, petition: str, seconds: float) -> None:
    now = door.until(petition, lambda now: now["status"] not in WAITING, seconds)
    assert now["text"] == filing.body["text"]
    assert any(one["state"] == "open" for one in now["deadlines"]), "an unfinished petition that nothing watches"
    again = door.file(key=filing.key, **filing.body)
    assert (again.status_code, again.json()["id"]) == (201, petition)
    assert again.headers["idempotency-replayed"] == "true"


def _check_unknown(door: Door, filing: Filing, seconds: float) -> None:
    """Whether it was kept or not: a retry finds it or files it, and so does the retry of the retry."""
    first, second = door.file(key=filing.key, **filing.body), door.file(key=filing.key, **filing.body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    filing.id = first.json()["id"]
    door.until(first.json()["id"], lambda now: now["status"] not in WAITING, seconds)


def _check_command(door: Door, command: Command) -> None:
    before = _by_key(door, command)
    assert before > 0
    again = door.command(command.petition, command.name, headers={"Idempotency-Key": command.key}, **command.body)
    assert (again.status_code, again.headers.get("idempotency-replayed")) == (200, "true")
    assert _by_key(door, command) == before


def _by_key(door: Door, command: Command) -> int:
    """How many such events commands with a key have led to; what the services say goes on meanwhile."""
    timeline = door.timeline(command.petition)
    return sum(item["type"] == command.event and item["causation"].startswith("key:") for item in timeline)


def check_file(path: Path, told: Callers) -> None:
    """Look at every row once the server is gone."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT partition, position, lower(hex(stream_id)), version, type, data, meta FROM es_event "
            "ORDER BY partition, position"
        ).fetchall()
        filed_under = "SELECT lower(hex(stream_id)), count(*) FROM es_key WHERE scope = 'caller' GROUP BY stream_id"
        keys = dict(connection.execute(filed_under))
    connection.close()
    _contiguous([(row[0], row[1]) for row in rows])
    _contiguous(sorted((row[2], row[3]) for row in rows))
    filed = [row[2] for row in rows if row[4] == "PetitionFiled"]
    known = {filing.id.replace("-", "") for filing in told.filings if filing.id}
    assert len(filed) == len(set(filed))
    assert known == set(filed) == set(keys)
    assert set(keys.values()) == {1}
    _once(rows)


def _contiguous(pairs: list[tuple[Any, int]]) -> None:
    seen: Counter[Any] = Counter()
    for name, number in pairs:
        assert number == seen[name] + 1, (name, number, seen[name])
        seen[name] = number


def _once(rows: list[Any]) -> None:
    """Each effect of each cause, and each outcome of each deadline, stands once."""
    effects: Counter[Any] = Counter()
    for _, _, petition, _, kind, data, meta in rows:
        if kind == "DeadlineMissed":
            effects[petition, kind, json.loads(data)["deadline"], json.loads(data)["due_at"]] += 1
        elif kind not in SEVERAL_AT_ONCE:
            effects[petition, kind, json.loads(meta)["service"], json.loads(meta)["causation"]] += 1
    assert {effect: count for effect, count in effects.items() if count > 1} == {}
