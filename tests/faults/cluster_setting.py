"""The faults of a cluster."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import asyncpg

from tests.faults import faults, servers
from tests.faults.cluster import REPLICAS, Cluster
from tests.faults.disk import DiskFull
from tests.faults.ended import Ended
from tests.faults.faults import Done, Fault
from tests.faults.history import History
from tests.faults.rebuilding import KillHelper
from tests.faults.records import read_topics
from tests.faults.restoring import Restore
from tests.faults.rows import NOW, Store, read_postgres
from tests.faults.run import Field, Plan, Setting
from tests.faults.watching import LogTail, TopicTail

OVERDUE = f"SELECT count(*) FROM deadline WHERE due_at < ({NOW}) - 1000000 AND stream_id <> ALL($1::uuid[])"
SPOIL = """
INSERT INTO es_event
SELECT partition, (SELECT max(position) + 1 FROM es_event AS e WHERE e.partition = l.partition), stream_id, version + 1,
  'PetitionRouted', 1, '{"tier": 7}', '{"service": "router", "causation": "poison"}', recorded_at
FROM es_event AS l WHERE stream_id = $1 ORDER BY version DESC LIMIT 1
"""


CLOSED_LOOKS = 20


class ClusterSetting(Setting):
    """`make cluster`."""

    name = "cluster"

    def __init__(self, district: Path, replicas: Mapping[str, int] = REPLICAS) -> None:
        self._district = district
        self._replicas = replicas
        self._log: LogTail | None = None
        self._topic: TopicTail | None = None

    def target(self, home: Path, plan: Plan) -> Cluster:
        return Cluster(home, self._district, plan.planted, self._replicas)

    def deck(self, field: Field) -> list[Fault]:
        def topic_away() -> None:
            assert self._topic
            self._topic.look_away()

        def topic_back() -> None:
            assert self._topic
            self._topic.from_the_beginning()

        def look_away() -> None:
            assert self._log
            self._log.look_away()
            topic_away()

        def another_store() -> None:
            assert self._log
            assert self._topic
            self._log.from_the_beginning()
            self._topic.from_the_beginning(another_store=True)

        return [
            *(faults.Kill() for _ in range(36)),
            *(faults.KillAtPoint(point) for point in (*faults.POINTS, *faults.RELAY_POINTS)),
            faults.KillAtPoint(faults.LETTER_POINT, Spoil(field)),
            faults.KillAll(), faults.Terminate(), faults.Terminate(),
            faults.Pause(("severity", "router", "escalation", "feedback")), faults.Pause(("relay",)),
            faults.Pause(("api",)), faults.Rebuild(), KillHelper(), faults.Overload(field.workload, 120, 10),
            servers.KillServer("postgres"), servers.KillServer("postgres"), servers.RestartServer("postgres"),
            servers.PauseServer("postgres"), servers.PauseBackend(), servers.KillServer("broker"),
            servers.RestartServer("broker"), servers.PauseServer("broker"), servers.WipeBroker(topic_away, topic_back),
            servers.CutBroker(topic_away, topic_back, Spoil(field)), servers.Repeat(), servers.PoisonTopic(),
            servers.WrongClock("escalation"), servers.WrongClock(), servers.WrongClock(), Spoil(field),
            Restore(field.workload, look_away, another_store),
            DiskFull(),
        ]  # fmt: skip

    async def watch(self, field: Field) -> None:
        self._log, self._topic = LogTail(field.target.database_url), TopicTail(field.target.broker.address)
        self._log.start()
        self._topic.start()

    async def overdue(self, field: Field) -> int:
        connection = await asyncpg.connect(field.target.database_url, timeout=5)
        try:
            count: int = await connection.fetchval(OVERDUE, list(field.spoilt))
            return count
        finally:
            await connection.close()

    async def read(self, field: Field) -> tuple[Store, int]:
        target: Cluster = field.target
        return await read_postgres(target.database_url, target.postgres.url("gridcase_search"))

    async def looked_on(self, field: Field, ended: Ended) -> Ended:
        assert self._log is not None
        assert self._topic is not None
        heads = ended.store.heads()
        witnesses = await self._log.stop(heads), await asyncio.to_thread(self._topic.stop, heads)
        field.no_witness += [why for why in witnesses if why]
        field.wrong += [*self._log.wrong, *self._topic.wrong]
        topics = await asyncio.to_thread(read_topics, field.target.broker.address)
        return replace(
            ended, topics=topics, published=self._topic.seen, redelivered=self._topic.repeats,
            followed=self._topic.followed, lives={}, told={},
        )  # fmt: skip


class Spoil:
    """An event that cannot be read stands in the log of a petition that is over."""

    name: ClassVar[str] = "poison_event"

    def __init__(self, field: Field) -> None:
        self._field = field

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        connection = await asyncpg.connect(target.database_url, timeout=5)
        try:
            for _ in range(CLOSED_LOOKS):
                closed = await connection.fetch("SELECT petition FROM petition_list WHERE status = 'closed'")
                if closed:
                    break
                await asyncio.sleep(0.5)
            else:
                done.nothing = "no petition was closed yet"
                return
            petition = luck.choice(closed)[0]
            async with connection.transaction():
                await connection.execute("SELECT es_lock($1)", [petition.int & 15])
                await connection.execute(SPOIL, petition)
            done.to = str(petition)
            self._field.spoilt.add(done.to)
        finally:
            await connection.close()
