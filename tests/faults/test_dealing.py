"""Faults count only where they had an effect, and are dealt again where they had none."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.ports import free_port
from tests.faults import rebuilding, run, servers, settling
from tests.faults.faults import Done, Kill, KillAll, KillAtPoint, Pause, Rebuild, full_name, is_named
from tests.faults.history import History
from tests.faults.rebuilding import KillHelper
from tests.faults.records import Record, Topics
from tests.faults.run import Field, NoSuchFault, Plan, Setting
from tests.faults.servers import WrongClock


class There:
    """A target that is always ready."""

    names = ("api-1", "relay-1")
    url = ""

    def __init__(self, **pids: int) -> None:
        self._pids = {name.replace("_", "-"): pid for name, pid in pids.items()}

    def pid(self, name: str) -> int:
        return self._pids[name]

    async def door_open(self, seconds: float) -> None: ...

    async def all_ready(self, seconds: float) -> None: ...


class Works:
    """A fault that has an effect from a certain try on."""

    def __init__(self, name: str, tries: int = 1) -> None:
        self.name = name
        self.tried = 0
        self._tries = tries

    async def strike(self, target: Any, history: History, luck: random.Random, done: Done) -> None:
        self.tried += 1
        done.nothing = "" if self.tried >= self._tries else "not yet"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(run, "CALM_SECONDS", (0.0, 0.0))


async def dealt(*deck: Any, **plan: Any) -> Field:
    field = Field(There(), History(), None, random.Random(1))  # type: ignore[arg-type]
    await run.strike(Setting(), Plan(1, 0.0, deck=deck, **plan), field)
    return field


async def test_the_first_deck_is_dealt_to_its_end_however_short_the_time():
    deck = [Works(name) for name in "abcdef"]
    field = await dealt(*deck)
    assert ([one.tried for one in deck], field.owed) == ([1] * 6, {})


async def test_what_had_no_effect_is_dealt_again_and_owed_where_it_never_has_one():
    good, late, never = Works("good"), Works("late", tries=3), Works("never", tries=99)
    field = await dealt(good, late, never)
    assert (good.tried, late.tried, never.tried) == (1, 3, 1 + run.TRIES)
    assert list(field.owed.values()) == [("never", "not yet")]


async def test_of_several_of_a_name_each_must_have_its_effect():
    good, never = Works("kill"), Works("kill", tries=99)
    field = await dealt(good, never)
    assert (good.tried, never.tried) == (1, 1 + run.TRIES)
    assert list(field.owed.values()) == [("kill", "not yet")]


async def test_what_is_left_out_is_not_owed_and_what_does_not_exist_is_refused():
    field = await dealt(Works("a"), Works("b", tries=99), without=["b"])
    assert field.owed == {}
    with pytest.raises(NoSuchFault):
        await dealt(Works("a"), only=["c"])


def test_points_and_paused_processes_have_names_of_their_own():
    point, pause = KillAtPoint("relay.sent"), Pause(("relay",))
    assert (full_name(point), full_name(pause), full_name(Pause())) == ("kill_at relay.sent", "pause relay", "pause")
    assert [full_name(WrongClock(*role)) for role in (["escalation"], [])] == ["clock escalation", "clock"]
    assert all(is_named(point, [name]) for name in ("kill_at", "kill_at relay.sent", "relay.sent"))
    assert not is_named(point, ["relay.acknowledged", ""])


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


async def struck(fault: Any, target: There, in_flight: int) -> Done:
    history, done = History(), Done(fault.name)
    history.in_flight = in_flight
    await fault.strike(target, history, random.Random(1), done)
    return done


async def test_a_kill_counts_when_it_ended_a_process(sleeper):
    there = There(api_1=sleeper.pid, relay_1=sleeper.pid)
    done = await struck(Kill(), there, in_flight=3)
    assert (done.kills, done.nothing) == ([3], "")
    assert sleeper.wait(5) == -signal.SIGKILL
    again = await struck(Kill(), there, in_flight=3)
    assert (again.kills, again.nothing) == ([], f"{again.to} was not there")


async def test_a_kill_of_all_counts_once(sleeper):
    done = await struck(KillAll(), There(api_1=sleeper.pid, relay_1=sleeper.pid), in_flight=3)
    assert (done.kills, done.to) == ([3], "2 processes")
    again = await struck(KillAll(), There(), in_flight=3)
    assert (again.kills, again.nothing) == ([], "no process was there")


def test_records_count_once_the_broker_took_them():
    record = Record("any", 0, 0, "", "", 0, b"", b"", ())
    assert servers.produce(f"127.0.0.1:{free_port()}", [record, record], seconds=0.4) == 0


async def test_what_the_broker_did_not_take_was_not_repeated(monkeypatch):
    records = [Record("any", 0, number, "id", "", 0, b"", b"", ()) for number in range(3)]
    monkeypatch.setattr(servers, "read_topics", lambda address: Topics(records))
    target: Any = SimpleNamespace(broker=SimpleNamespace(address=""))
    for taken, nothing in ((3, ""), (2, "2 of 3 records were repeated")):
        monkeypatch.setattr(servers, "produce", lambda *asked, taken=taken: taken)
        assert (await struck(servers.Repeat(), target, in_flight=3)).nothing == nothing


@pytest.mark.parametrize(
    ("said", "nothing", "broke"),
    [
        (12, "", []),
        ("409 rebuild_under_way", "petition_list was refused: 409 rebuild_under_way", []),
        ("503 store_unavailable", "petition_list was refused: 503 store_unavailable", []),
        ("500 internal", "", [(11, "petition_list could not be built again: 500 internal")]),
        ("ReadTimeout", "", [(11, "petition_list could not be built again: ReadTimeout")]),
    ],
)
async def test_a_rebuild_that_is_refused_had_no_effect_and_one_that_fails_breaks_a_promise(
    monkeypatch, said, nothing, broke
):
    async def rebuild(*asked: Any) -> dict[str, Any]:
        return {"petition_list": said, "petition_search": 12}

    monkeypatch.setattr(settling, "rebuild", rebuild)
    done = await struck(Rebuild(), There(), in_flight=3)
    assert (done.nothing, done.broke) == (nothing, broke)


@pytest.fixture
def helped() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for a helper."""
    helper = "[sys.executable, '-c', 'import time; time.sleep(60)', 'services.refilling']"
    words = [sys.executable, "-c", f"import subprocess, sys; subprocess.run({helper})"]
    process = subprocess.Popen(words, start_new_session=True)
    yield process
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


async def test_a_rebuild_that_lost_a_helper_is_asked_for_again(monkeypatch, helped):
    answers = ["500 internal", 12]

    async def rebuild(*asked: Any) -> dict[str, Any]:
        for _ in iter(lambda: len(answers) == 2 and helped.poll() is None, False):
            await asyncio.sleep(0.01)
        return {"petition_list": answers.pop(0)}

    monkeypatch.setattr(rebuilding, "rebuild", rebuild)
    monkeypatch.setattr(rebuilding, "AT_WORK_SECONDS", (0.0, 0.0))
    done = await asyncio.wait_for(struck(KillHelper(), There(api_1=helped.pid), in_flight=3), 30)
    assert (done.kills, done.nothing, done.broke) == ([3], "", [])
    assert done.said == {"without_the_helper": {"petition_list": "500 internal"}, "petition_list": 12}


async def test_where_no_helper_was_started_none_was_killed(monkeypatch):
    async def rebuild(*asked: Any) -> dict[str, Any]:
        return {"petition_list": 12}

    monkeypatch.setattr(rebuilding, "rebuild", rebuild)
    done = await struck(KillHelper(), There(), in_flight=3)
    assert (done.kills, done.nothing) == ([], "no helper was started")


async def test_what_broke_while_a_fault_was_dealt_is_wrong():
    class Breaks(Works):
        async def strike(self, target: Any, history: History, luck: random.Random, done: Done) -> None:
            done.broke.append((11, "it did"))

    field = await dealt(Breaks("rebuild"))
    assert [str(one) for one in field.wrong] == ["invariant 11: rebuild: it did"]


async def test_a_pause_of_nobody_is_none():
    done = await asyncio.wait_for(struck(Pause(), There(), in_flight=3), 2)
    assert done.nothing.endswith("was not there")
