"""When it cannot take more it says so at once, and what it took it keeps."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from services.chassis import answers, crowd, data_dir, runtime, web
from services.chassis import door as door_module
from services.chassis.batcher import Batcher
from services.chassis.log import Log
from services.chassis.store import sqlite_writer
from services.chassis.store.engine import StoreUnavailable
from tests.serving import in_thread

ONCE = {"Idempotency-Key": "once"}


def _file_many(door, count, **more):
    with ThreadPoolExecutor(24) as many:
        return list(many.map(lambda _: door.file(key=uuid4().hex, **more), range(count)))


def _appending(monkeypatch, seconds):
    """How many entries were waiting to be written at the same moment, as a list that grows."""
    append, now, most = Batcher.append, [0], []

    async def slowly(batcher, entry):
        now[0] += 1
        most.append(now[0])
        await asyncio.sleep(seconds)
        now[0] -= 1
        return await append(batcher, entry)

    monkeypatch.setattr(Batcher, "append", slowly)
    return most


def test_a_full_queue_is_refused_with_the_time_to_come_back(tmp_path, monkeypatch, problem):
    monkeypatch.setattr(data_dir, "Batcher", lambda log: Batcher(log, most_waiting=2))
    with in_thread(tmp_path / "data") as door:
        answers = _file_many(door, 200)
        taken = [answer for answer in answers if answer.status_code == 201]
        refused = [answer for answer in answers if answer.status_code != 201]
        assert taken
        assert refused
        for answer in refused:
            problem(answer, 503, "overloaded")
            assert answer.headers["retry-after"] == "1"
        assert {door.becomes(answer.json()["id"], "routed")["status"] for answer in taken} == {"routed"}
        door.settled()
        assert len(door.listed(limit=500)["items"]) == len(taken)


def test_what_takes_too_long_is_given_up_and_the_same_key_finds_what_was_done(tmp_path, monkeypatch, problem):
    append, slow = Batcher.append, [0.6, 0.6]

    async def slowly(batcher, entry):
        written = await append(batcher, entry)
        await asyncio.sleep(slow.pop() if slow else 0)
        return written

    monkeypatch.setattr(Batcher, "append", slowly)
    monkeypatch.setattr(door_module, "LONGEST_WORK", 0.3)
    with in_thread(tmp_path / "data") as door:
        refused = door.file(key="slow")
        problem(refused, 503, "too_slow")
        assert refused.headers["retry-after"] == "5"
        problem(door.file(key="slow-too"), 503, "too_slow")
        again = door.file(key="slow")
        assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
        petition = again.json()["id"]
        door.becomes(petition, "routed")
        slow.append(0.6)
        problem(door.command(petition, "accept", headers=ONCE, by="staff-1"), 503, "too_slow")
        assert door.command(petition, "accept", headers=ONCE, by="staff-1").headers["idempotency-replayed"] == "true"
        divided = {"by": "op-1", "parts": [{"text": "楼道灯不亮"}, {"text": "有人占道经营"}]}
        slow.append(0.6)
        problem(door.command(petition, "split", **divided), 503, "too_slow")
        assert door.command(petition, "split", **divided).headers["idempotency-replayed"] == "true"


def test_what_takes_too_long_to_read_is_given_up(tmp_path, monkeypatch, problem):
    load = Log.load

    async def slowly(log, petitions):
        if slow:
            await asyncio.sleep(5)
        return await load(log, petitions)

    monkeypatch.setattr(Log, "load", slowly)
    monkeypatch.setattr(web, "LONGEST_READ", 0.3)
    slow = False
    with in_thread(tmp_path / "data") as door:
        petition = door.file(key="once").json()["id"]
        door.becomes(petition, "routed")
        slow = True
        refused = door.http.get(f"/v1/petitions/{petition}")
        problem(refused, 503, "too_slow")
        assert refused.headers["retry-after"] == "5"
        slow = False
        assert door.http.get(f"/v1/petitions/{petition}").status_code == 200


def test_a_full_disk_is_said_and_reading_goes_on(tmp_path, monkeypatch, problem):
    opened = sqlite_writer.open_file

    def small(path, *, read_only=False):
        connection = opened(path, read_only=read_only)
        if path.name == "log.db" and not read_only:
            connection.execute("PRAGMA max_page_count = 300").fetchone()
        return connection

    monkeypatch.setattr(sqlite_writer, "open_file", small)
    with in_thread(tmp_path / "data") as door:
        answers = [door.file(text="字" * 20_000) for _ in range(30)]
        taken = [answer for answer in answers if answer.status_code == 201]
        refused = [answer for answer in answers if answer.status_code != 201]
        assert taken
        for answer in refused:
            problem(answer, 503, "store_unavailable")
            assert int(answer.headers["retry-after"]) > 0
        assert refused, "the disk was never full"
        assert all(door.read(answer.json()["id"])["text"] == "字" * 20_000 for answer in taken)
        assert door.http.get("/healthz").status_code == 200
        assert door.file(text="字" * 20_000).status_code == 503
        ready = door.http.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "not ready", "broken": ["writes"]})
    monkeypatch.undo()
    with in_thread(tmp_path / "data", district=None) as door:
        for answer in taken:
            door.until(answer.json()["id"], lambda now: now["status"] != "filed")


@pytest.mark.parametrize("hangs_up_after", [0.0001, 0.002, 0.01])
def test_a_caller_that_hangs_up_finds_its_petition_again(door, hangs_up_after):
    key, body = uuid4().hex, {"channel": "app", "text": "挂断"}
    with contextlib.suppress(httpx.TransportError):
        httpx.post(
            f"{door.url}/v1/petitions", json=body, headers={"Idempotency-Key": key}, trust_env=False,
            timeout=httpx.Timeout(5, read=hangs_up_after),
        )  # fmt: skip
    answers = [door.http.post("/v1/petitions", json=body, headers={"Idempotency-Key": key}) for _ in range(2)]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_who_comes_when_enough_are_at_work_is_told_so_at_once(tmp_path, monkeypatch, problem):
    _appending(monkeypatch, 0.5)
    monkeypatch.setattr(web, "MOST_AT_WORK", 3)
    with in_thread(tmp_path / "data") as door:
        answers = _file_many(door, 24)
        taken = [answer for answer in answers if answer.status_code == 201]
        refused = [answer for answer in answers if answer.status_code != 201]
        assert len(taken) >= 3
        assert refused
        for answer in refused:
            problem(answer, 503, "overloaded")
            assert answer.headers["retry-after"] == "1"
            assert answer.elapsed.total_seconds() < 0.5
        assert door.http.get("/healthz").status_code == 200


def _send_batches(door, count, lines):
    """The results of all lines of so many batches, sent at the same moment."""
    batches = [
        "\n".join(json.dumps({"channel": "app", "text": "路灯坏了", "key": uuid4().hex}) for _ in range(lines))
        for _ in range(count)
    ]

    def send(content):
        return door.http.post("/v1/petitions/batch", content=content, headers={"Content-Type": "application/x-ndjson"})

    with ThreadPoolExecutor(count) as many:
        return [json.loads(line) for answer in many.map(send, batches) for line in answer.text.splitlines()]


def test_batches_take_turns_so_that_few_lines_are_at_work_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "MOST_AT_WORK", 100)
    monkeypatch.setattr(crowd, "LONGEST_TURN", 30.0)
    at_work = _appending(monkeypatch, 0.2)
    with in_thread(tmp_path / "data") as door:
        assert [one["status"] for one in _send_batches(door, 8, 30)] == [201] * 240
    assert max(at_work) == 90


def test_a_batch_whose_turn_does_not_come_is_told_so_line_by_line_and_nothing_of_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "MOST_AT_WORK", 100)
    monkeypatch.setattr(crowd, "LONGEST_TURN", 0.2)
    _appending(monkeypatch, 2.0)
    with in_thread(tmp_path / "data") as door:
        results = _send_batches(door, 2, 60)
        taken = [one for one in results if one["status"] == 201]
        refused = [one for one in results if one["status"] != 201]
        assert len(taken) == 60
        assert {(one["status"], one["code"]) for one in refused} == {(503, "overloaded")}
        assert sorted(one["line"] for one in refused) == list(range(1, 61))
        door.settled()
        assert len(door.listed(limit=500)["items"]) == 60
        assert {one["status"] for one in _send_batches(door, 1, 60)} == {201}, "the turns are free again"


def test_a_batch_of_many_parts_waits_for_one_turn_only(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "MOST_AT_WORK", 100)
    monkeypatch.setattr(crowd, "LONGEST_TURN", 0.3)
    at_work, taken, asked = _appending(monkeypatch, 3.0), crowd.Turns.taken, []

    def counted(turns, lines):
        asked.append(lines)
        return taken(turns, lines)

    monkeypatch.setattr(crowd.Turns, "taken", counted)
    with in_thread(tmp_path / "data") as door, ThreadPoolExecutor(1) as other:
        first = other.submit(_send_batches, door, 1, 100)
        while len(at_work) < 100:
            time.sleep(0.01)
        assert {one["code"] for one in _send_batches(door, 1, 500)} == {"overloaded"}
        assert {one["status"] for one in first.result()} == {201}
    assert asked == [100, 100]


def test_who_waits_for_a_route_keeps_nobody_out(tmp_path, monkeypatch):
    monkeypatch.setattr(web, "MOST_AT_WORK", 1)
    monkeypatch.setattr(answers, "is_routed", lambda stream: False)
    with in_thread(tmp_path / "data") as door, ThreadPoolExecutor(1) as other:
        waiting = other.submit(door.file, headers={"Prefer": "wait=3"})
        time.sleep(1)
        assert door.file().status_code == 201
        assert not waiting.done()
        assert waiting.result().status_code == 201


def test_who_wants_to_wait_when_enough_others_do_is_answered_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "MOST_WAITING", 1)
    asked, routed = threading.Event(), threading.Event()

    def is_routed(stream):
        asked.set()
        return routed.is_set()

    monkeypatch.setattr(answers, "is_routed", is_routed)
    with in_thread(tmp_path / "data") as door, ThreadPoolExecutor(1) as other:
        waiting = other.submit(door.file, wait=60)
        assert asked.wait(10)
        refused = door.file(wait=20)
        assert refused.status_code == 201
        assert "preference-applied" not in refused.headers
        assert not waiting.done()
        routed.set()
        assert waiting.result(10).headers["preference-applied"] == "wait=30"
        assert door.file(wait=20).headers["preference-applied"] == "wait=20", "the place of who went is free again"
        assert "preference-applied" not in door.file().headers


def test_what_was_written_is_not_called_lost_when_its_answer_cannot_be_read(tmp_path, monkeypatch, problem):
    async def away(*_, **__):
        raise StoreUnavailable("no connection")

    with in_thread(tmp_path / "data") as door:
        petition = door.filed()["id"]
        monkeypatch.setattr(door_module, "petition_response", away)
        monkeypatch.setattr("intake.api.petition_response", away)
        problem(door.file(key="kept"), 503, "outcome_unknown")
        problem(door.command(petition, "accept", by="staff-1"), 503, "outcome_unknown")
        monkeypatch.undo()
        assert door.file(key="kept").headers["idempotency-replayed"] == "true"
        assert door.read(petition)["status"] == "accepted"


def test_who_sends_no_body_keeps_nobody_out(tmp_path, monkeypatch):
    monkeypatch.setattr(web, "BODY_SECONDS", 0.2)
    with in_thread(tmp_path / "data") as door:
        host, port = door.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as half:
            kind = "Content-Type: application/json"
            half.sendall(f"POST /v1/petitions HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: 9\r\n\r\n".encode())
            assert b"408" in half.recv(1000).split(b"\r\n")[0]
