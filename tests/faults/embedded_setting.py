"""The faults of one process on SQLite."""

import asyncio
import random
import sqlite3
import time
from pathlib import Path
from typing import Any, ClassVar

from tests.faults import faults
from tests.faults.disk import DiskFull
from tests.faults.embedded import Embedded
from tests.faults.faults import Done, Fault
from tests.faults.history import History
from tests.faults.rows import Store, read_sqlite
from tests.faults.run import Field, Plan, Setting

OVERDUE = "SELECT count(*) FROM deadline WHERE due_at < ?"


class EmbeddedSetting(Setting):
    """`gridcase up`."""

    name = "embedded"

    def __init__(self, district: Path) -> None:
        self._district = district

    def target(self, home: Path, plan: Plan) -> Embedded:
        return Embedded(home, self._district, plan.planted)

    def deck(self, field: Field) -> list[Fault]:
        return [
            *(faults.Kill() for _ in range(10)),
            *(faults.KillAtPoint(point) for point in faults.POINTS),
            faults.Terminate(),
            faults.Pause(),
            faults.Rebuild(),
            faults.Overload(field.workload, 100, 8),
            Spoil(field),
            DiskFull(),
        ]

    async def overdue(self, field: Field) -> int:
        data: Path = field.target.data
        return await asyncio.to_thread(_overdue, data / "log.db")

    async def read(self, field: Field) -> tuple[Store, int]:
        now = time.time_ns() // 1_000
        return await asyncio.to_thread(read_sqlite, field.target.data), now


class Spoil:
    """An event that cannot be read stands in the log of a petition that is over: put there while nobody serves."""

    name: ClassVar[str] = "poison_event"

    def __init__(self, field: Field) -> None:
        self._field = field

    async def strike(self, target: Embedded, history: History, luck: random.Random, done: Done) -> None:
        target.kept_down = True
        try:
            await faults.Kill().strike(target, history, luck, done)
            done.to = await asyncio.to_thread(_spoil, target.data / "log.db", luck) or ""
        finally:
            target.kept_down = False
        if done.to:
            self._field.spoilt.add(done.to)
        else:
            done.nothing = "no petition was closed yet"


def _overdue(log: Path) -> int:
    connection = sqlite3.connect(log)
    try:
        count: int = connection.execute(OVERDUE, (time.time_ns() // 1_000 - 1_000_000,)).fetchone()[0]
        return count
    finally:
        connection.close()


def _spoil(log: Path, luck: random.Random) -> str | None:
    from uuid import UUID

    connection = sqlite3.connect(log)
    try:
        closed: list[Any] = connection.execute("SELECT petition FROM petition_list WHERE status = 'closed'").fetchall()
        if not closed:
            return None
        (stream,) = luck.choice(closed)
        connection.execute(
            "INSERT INTO es_event SELECT partition, (SELECT max(position) + 1 FROM es_event AS e WHERE e.partition ="
            " l.partition), stream_id, version + 1, 'PetitionRouted', 1, '{\"tier\": 7}',"
            ' \'{"service": "router", "causation": "poison"}\', recorded_at FROM es_event AS l WHERE stream_id = ?'
            " ORDER BY version DESC LIMIT 1",
            (stream,),
        )
        connection.commit()
        return str(UUID(bytes=stream))
    finally:
        connection.close()
