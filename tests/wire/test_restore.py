"""A database that was restored from a backup is a store of its own, and the topic is made anew from it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.broker.kafka import Broker
from deploy.database import PostgresServer, postgres_binaries
from schemas.topics import DISPATCH_EVENTS
from services import distributed
from services.chassis import metrics
from services.chassis.databases import open_databases
from services.chassis.log import Cause, Entry, Write
from services.chassis.policy_files import read_bundle
from services.chassis.roles import Role
from services.chassis.settings import Settings
from tests.contracts.rows import stream
from tests.contracts.stores import do
from tests.past import assessed, filed, routed
from tests.serving import DISTRICT, ROOT
from tests.wire.topic import records, until_checked

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]
SECONDS = 60
A_LETTER_THAT_WAS_TOLD = (
    "INSERT INTO es_dead_letter (subscriber, stream_id, partition, position, version, attempts, error, failed_at, told)"
    " SELECT 'router', stream_id, partition, position, version, 1, 'KeyError at fold:12', recorded_at, 1"
    " FROM es_event LIMIT 1"
)


@dataclass
class Installation:
    """The databases of one name, and the settings of whoever works on them."""

    server: PostgresServer
    kafka: Broker
    name: str
    data: Path

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.server.url(self.name),  # type: ignore[arg-type]
            kafka=self.kafka.address,
            kafka_replication=1,
            data=self.data,
        )

    async def gridcase(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command of the command line, as its owner runs it."""
        variables = {
            "GRIDCASE_DATABASE_URL": self.server.url(self.name),
            "GRIDCASE_KAFKA": self.kafka.address,
            "GRIDCASE_KAFKA_REPLICATION": "1",
            "GRIDCASE_DATA": str(self.data),
        }
        return await _run(sys.executable, "-m", "services", *words, **variables)

    async def dump(self, purpose: str) -> Path:
        """A backup of one of the databases, by PostgreSQL's own tool."""
        file = self.data / f"{self.name}{purpose}.dump"
        url = self.server.url(f"{self.name}{purpose}")
        done = await _run(str(postgres_binaries() / "pg_dump"), "--format=custom", f"--file={file}", url)
        assert done.returncode == 0, done.stderr
        return file

    async def restored(self, log: Path, keys: Path) -> "Installation":
        """Other databases, made of backups."""
        made = Installation(self.server, self.kafka, f"{self.name}_again", self.data)
        for file, purpose in ((log, ""), (keys, "_keys")):
            await do(self.server.url(), f"CREATE DATABASE {made.name}{purpose}")
            words = ("--exit-on-error", f"--dbname={self.server.url(made.name + purpose)}", str(file))
            done = await _run(str(postgres_binaries() / "pg_restore"), *words)
            assert done.returncode == 0, done.stderr
        return made

    async def drop(self) -> None:
        for purpose in ("", "_keys", "_search"):
            await do(self.server.url(), f"DROP DATABASE IF EXISTS {self.name}{purpose} WITH (FORCE)")


async def _run(*command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRIDCASE_")}
    return await asyncio.to_thread(
        subprocess.run, command, env=clean | variables, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip


async def _filed(runtime: Any, count: int) -> list[UUID]:
    """Petitions that are filed, read and dispatched to a unit."""
    petitions = [stream() for _ in range(count)]
    for petition in petitions:
        at = runtime.time.now()
        for version, event in enumerate((filed(at=at), assessed(at=at), routed("grid", "SA11", at=at))):
            await runtime.batcher.append(Entry(Cause(event.owner, f"{petition}"), [Write(petition, version, [event])]))
    return petitions


async def _until(condition: Any) -> None:
    async with asyncio.timeout(SECONDS):
        reached = await condition()
        while not reached:
            await asyncio.sleep(0.05)
            reached = await condition()


async def _work(settings: Settings, count: int) -> list[UUID]:
    """File so many, hear them as escalation does, and send them to Kafka."""
    async with (
        distributed.running(Role.ESCALATION, settings) as hearing,
        distributed.running(Role.RELAY, settings) as sending,
    ):
        if hearing.runtime.policies.empty:
            await hearing.runtime.policies.publish(read_bundle(DISTRICT))
        petitions = await _filed(hearing.runtime, count)

        async def heard() -> bool:
            heads = await hearing.runtime.log.heads()
            workers = [*hearing.workers, *sending.workers]
            return all(one.reached == heads for one in workers)

        await _until(heard)
    return petitions


@pytest.fixture
async def installation(postgres_server, kafka, tmp_path) -> AsyncIterator[Installation]:
    one = Installation(postgres_server, kafka, f"t_{uuid4().hex[:12]}", tmp_path)
    await distributed.migrate(one.settings)
    yield one
    await one.drop()


def _epochs(found: list[Any]) -> set[bytes]:
    return {dict(record.headers)["ce_storeepoch"] for record in found}


def _in_order(found: list[Any]) -> list[Any]:
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def test_a_restored_store_stops_the_old_topic_names_what_is_lost_and_fills_a_new_one(installation):
    before = await _work(installation.settings, 20)
    await do(installation.settings.databases.log, A_LETTER_THAT_WAS_TOLD)
    log = await installation.dump("")
    since = await _work(installation.settings, 8)
    keys = await installation.dump("_keys")  # after the log, so that no event is without its key
    old = await records(installation.kafka)
    assert len(_epochs(old)) == 1

    again = await installation.restored(log, keys)
    try:
        await distributed.migrate(again.settings)  # what is not restored: the search table
        renewed = await again.gridcase("new-epoch")
        assert renewed.returncode == 0, renewed.stderr
        verified = await again.gridcase("verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr

        async with distributed.running(Role.RELAY, again.settings):

            async def stopped() -> bool:
                return (metrics.REGISTRY.get_sample_value("gridcase_relay_stopped") or 0) > 0

            await _until(stopped)
        assert _in_order(await records(installation.kafka)) == _in_order(old)

        lost = await again.gridcase("lost")
        assert lost.returncode == 0, lost.stderr
        events = [json.loads(line) for line in lost.stdout.splitlines()]
        assert {UUID(one["petition"]) for one in events} == set(since)
        assert [one["version"] for one in events].count(1) == len({one["number"] for one in events} - {None}) == 8
        assert "24 events of 8 petitions are lost; 8 were filed since" in lost.stderr

        assert "is made anew" in (await again.gridcase("new-topic")).stdout
        assert "nothing was done" in (await again.gridcase("new-topic")).stdout

        await _work(again.settings, 4)
        databases = await open_databases(again.settings)
        try:
            assert await until_checked(databases.engine, installation.kafka) == 0
        finally:
            await databases.close()
        assert _epochs(await records(installation.kafka)) == {databases.epoch.encode()}

        verified = await again.gridcase("verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert "72 events of 24 petitions" in verified.stdout
        await _told_again(installation.kafka, databases.epoch, before)
    finally:
        await again.drop()


async def _told_again(kafka: Broker, epoch: str, petitions: list[UUID]) -> None:
    """Receivers hear all of the restored log under its epoch, behind what they heard of the store before."""
    dispatches = await records(kafka, DISPATCH_EVENTS)
    assert len({record.partition for record in dispatches}) == 1, "all of them are of one receiver, and in order"
    epochs = [dict(record.headers)["ce_storeepoch"].decode() for record in dispatches]
    before = epochs.index(epoch)
    assert set(epochs[:before]) == {epochs[0]} != {epoch} == set(epochs[before:])
    told = {json.loads(record.value)["petition"] for record in dispatches[before:]}
    assert {str(one) for one in petitions} < told
    assert len(told) == 24


async def test_while_processes_hold_partitions_the_epoch_stays(installation):
    async with distributed.running(Role.ESCALATION, installation.settings) as process:
        refused = await installation.gridcase("new-epoch")
        assert refused.returncode == 1
        assert installation.settings.owner.rpartition("-")[0] in refused.stderr
        assert "stop every process" in refused.stderr
        databases = await open_databases(installation.settings)
        await databases.close()
        assert databases.epoch == process.data.epoch  # type: ignore[attr-defined]


async def test_keys_that_are_older_than_the_log_are_found(installation, tmp_path):
    await _work(installation.settings, 2)
    keys = await installation.dump("_keys")
    (without,) = await _work(installation.settings, 1)
    again = await installation.restored(await installation.dump(""), keys)
    try:
        await distributed.migrate(again.settings)
        found = await again.gridcase("verify")
        assert found.returncode == 1
        assert f"{without}: there is no key" in found.stdout
    finally:
        await again.drop()
