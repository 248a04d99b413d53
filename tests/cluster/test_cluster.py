"""The same services as processes of their own: one dies, all are told to stop, and nothing else changes."""

import asyncio
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
import pytest

from schemas.events import EVENT_TYPES
from schemas.topics import DISPATCH_EVENTS, PETITION_EVENTS
from services.chassis.policy_files import read_bundle
from tests.cli.served import clean_environment, command, gridcase
from tests.cluster.department import learned, learned_in_time
from tests.cluster.equal import differ, distributed, embedded, tried
from tests.cluster.lives import lives, unhurried
from tests.cluster.texts import MADE_UP
from tests.serving import DISTRICT, ROOT, hasty, in_thread

pytestmark = [pytest.mark.slow, pytest.mark.cluster]
NOT_IN_THE_SCRIPT = {"DeadlineNear", "DeadlinesRecounted", "PetitionResumed"}
"""What follows from how long something lasted, or from another policy."""
TAKE_OVER_SECONDS = 8
STOP_SECONDS = 10


def test_it_says_where_it_is_and_what_to_try(cluster, door):
    assert cluster.url in cluster.words
    assert "curl" in cluster.words
    assert "Traceback" not in cluster.words


def test_every_subscriber_is_heard_for_and_replicas_share_the_partitions(cluster, door):
    door.filed(place={"unit": "SA11"})
    door.settled()
    time.sleep(3)  # the second replica gets its share when the first renews
    lag = {one["subscriber"]: one for one in door.http.get("/v1/operations/lag").json()["items"]}
    assert set(lag) == {
        "severity", "router", "escalation", "feedback", "petition_list", "petition_search", "relay", "dispatch_relay",
        "dead_letter_relay",
    }  # fmt: skip
    assert {
        name: sum(len(owner["partitions"]) for owner in one["owners"]) for name, one in lag.items()
    } == dict.fromkeys(lag, 16)
    assert [len(owner["partitions"]) for owner in lag["router"]["owners"]] == [8, 8]
    told = door.http.get("/metrics").text
    assert 'gridcase_lease_owners{subscriber="router"} 2.0' in told
    for name in lag:
        assert f'gridcase_partitions_held{{subscriber="{name}"}} 16.0' in told
        assert f'gridcase_dead_letters_waiting{{subscriber="{name}"}} 0.0' in told
    assert "router" in gridcase("lag", "--url", cluster.url).output


async def test_the_same_script_gives_the_same_streams_and_lists_as_in_one_process(cluster, door, tmp_path):
    """The same for 2,000 real messages: `python -m tests.cluster.equal FILE`."""
    bundle = unhurried(read_bundle(DISTRICT), quick_seconds=1)
    script = lives(MADE_UP, bundle)
    door.publish(bundle)
    async with distributed(cluster.url, cluster.environment()) as at:
        here = await tried(at, script, bundle)
    data = tmp_path / "data"
    with in_thread(data) as alone:
        alone.publish(bundle)
        async with embedded(alone.url, data) as at:
            there = await tried(at, script, bundle)
    assert there.others == 0
    said = {event["type"] for stream in there.streams.values() for event in stream}
    assert EVENT_TYPES.keys() - said == NOT_IN_THE_SCRIPT
    assert differ(replace(here, others=0), there) == []


async def test_a_department_that_reads_only_its_topic_hears_of_every_dispatch_once_and_in_order(cluster, door):
    environment = cluster.environment()
    async with distributed(cluster.url, environment) as at:
        told = await learned_in_time(at.engine, environment["GRIDCASE_KAFKA"])
        wrongly = learned(environment["GRIDCASE_KAFKA"], {"a dispatch:1:SA1"})
    assert told.dispatches > len(MADE_UP)
    assert told.wrong == []
    assert wrongly.wrong[0] == "a dispatch:1:SA1: nobody was told"
    assert len(wrongly.wrong) == 1 + told.dispatches


def test_a_district_that_was_published_a_moment_ago_names_the_petitions_of_now(cluster, door, tmp_path):
    district = hasty(tmp_path, seconds=2)
    district.write_text(district.read_text().replace("限时签收", "限时签收二"), encoding="utf-8")
    before = door.http.get("/v1/policy").json()["version"]
    assert gridcase("import", district, "--url", cluster.url).exit_code == 0
    petition = door.filed(kind="QUICK", text="请尽快签收", place={"unit": "SA11"})
    placed = next(item for item in door.timeline(petition["id"]) if item["type"] == "PetitionRouted")
    assert (placed["data"]["policy"], petition["kind"]["name"]) == (before + 1, "限时签收二")


def test_the_command_line_asks_the_front_door(cluster, door, tmp_path):
    file = tmp_path / "two.ndjson"
    file.write_text('{"text": "楼道灯坏了", "place": {"unit": "SA11"}}\n' * 2, encoding="utf-8")
    for _ in range(2):
        loaded = gridcase("load", file, "--url", cluster.url)
        assert loaded.exit_code == 0, loaded.output
    number = door.listed(q="楼道灯坏了")["items"][0]["number"]
    assert "楼道灯坏了" in gridcase("show", number, "--url", cluster.url).output
    assert "no dead letters" in gridcase("dead-letters", "--url", cluster.url).output
    assert "no dead letters" in gridcase("redrive", "--url", cluster.url).output


def test_a_read_model_is_rebuilt_by_the_front_door_and_followed_by_the_console_again(cluster, door):
    petition = door.filed(place={"unit": "SA11"}, text="请重建后仍能查到的诉求")["id"]
    door.settled()
    rebuilt = gridcase("rebuild", "--url", cluster.url)
    assert rebuilt.exit_code == 0, rebuilt.output
    assert "petition_search is rebuilt from" in rebuilt.output
    after = door.filed(place={"unit": "SA11"}, text="重建之后登记的诉求")["id"]
    door.settled()
    assert [item["id"] for item in door.listed(q="重建后仍能查到")["items"]] == [petition]
    assert [item["id"] for item in door.listed(q="重建之后登记")["items"]] == [after]


def test_the_partitions_of_a_killed_router_are_taken_over(cluster, door):
    os.kill(cluster.pid("router-1"), signal.SIGKILL)
    killed = time.monotonic()
    petitions = [door.file(place={"unit": "SA11"}).json()["id"] for _ in range(32)]
    for petition in petitions:
        door.becomes(petition, "routed", seconds=max(0.1, killed + TAKE_OVER_SECONDS - time.monotonic()))
    assert "router-1 ended (SIGKILL)" in cluster.words


def test_every_process_logs_in_as_one_that_can_only_add_to_the_log(cluster, door):
    url = cluster.environment()["GRIDCASE_DATABASE_URL"]
    assert urlsplit(url).username == "gridcase_service"
    assert asyncio.run(_logins(url)) == {"gridcase_service"}


async def _logins(url):
    connection = await asyncpg.connect(url)
    try:
        sql = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'gridcase'"
        return {name for (name,) in await connection.fetch(sql)}
    finally:
        await connection.close()


def test_log_streams_deadlines_and_topic_are_what_they_promise(cluster, door):
    door.filed(place={"unit": "SA11"})
    said = subprocess.run(
        command(["verify"]), cwd=ROOT, env=clean_environment() | cluster.environment(), capture_output=True, text=True
    )
    assert said.returncode == 0, said.stdout + said.stderr
    for topic in (PETITION_EVENTS, DISPATCH_EVENTS):
        assert re.search(rf"[1-9][\d,]* records of {re.escape(topic)}", said.stdout), said.stdout


def test_told_to_stop_it_finishes_what_it_began_and_ends_in_time(cluster, door):
    """A caller who waits for a route still gets an answer; every lease is given back; the data are there again."""
    answers = []
    caller = threading.Thread(target=lambda: answers.append(door.file(key="last", wait=2, place={"unit": "SA11"})))
    caller.start()
    time.sleep(0.2)
    processes = cluster.processes()
    cluster.interrupt()
    told = time.monotonic()
    cluster.ended(STOP_SECONDS + 5)
    assert time.monotonic() - told < STOP_SECONDS
    caller.join()
    assert answers[0].status_code == 201
    assert "was killed" not in cluster.words
    assert not [pid for pid in processes if os.path.exists(f"/proc/{pid}")]
    again = cluster.start()
    started = time.monotonic()
    assert again.becomes(answers[0].json()["id"], "routed", seconds=TAKE_OVER_SECONDS)
    assert again.filed(place={"unit": "SA11"})["status"] == "routed"
    assert time.monotonic() - started < 5, "leases that were given back are free at once"
    again.http.close()
