"""The databases are lost and restored from a backup that was made under load, as docs/operations.md says."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import asyncpg

from deploy.database import postgres_binaries
from tests.faults.cluster import Cluster
from tests.faults.faults import Done
from tests.faults.history import INFO, OK, History
from tests.faults.target import NotThere
from tests.faults.workload import Workload
from tests.serving import ROOT

STEP_SECONDS = 120
LOST_SECONDS = (3.0, 8.0)
DATABASES = ("gridcase", "gridcase_keys")
"""The log first, then the keys: a key is kept before the first event that needs it."""


class Restore:
    """What was acknowledged since the backup counts for neither side, and is filed again with its key."""

    name: ClassVar[str] = "restored_from_a_backup"

    def __init__(self, workload: Workload, look_away: Callable[[], None], another_store: Callable[[], None]) -> None:
        self._workload = workload
        self._look_away = look_away
        self._another_store = another_store

    async def strike(self, target: Cluster, history: History, luck: random.Random, done: Done) -> None:
        backup_at = time.time()
        dumps = [await asyncio.to_thread(_dump, target, database) for database in DATABASES]
        await asyncio.sleep(luck.uniform(*LOST_SECONDS))
        history.in_doubt = True
        self._look_away()
        await target.stop_services()
        for database, dump in zip(DATABASES, dumps, strict=True):
            await _recreate(target, database)
            await asyncio.to_thread(_restore, target, database, dump)
        await _recreate(target, "gridcase_search")
        for words in (("migrate",), ("new-epoch",), ("new-topic",)):
            await asyncio.to_thread(_gridcase, target, words)
        self._another_store()
        since = [one for one in history.attempts if one.at + one.took > backup_at]
        for one in since:
            one.outcome = INFO if one.outcome == OK else one.outcome
        history.in_doubt = False
        await target.start_services()
        filings = {one.key: one.body for one in since if one.kind == "file" and not one.other_body}
        await self._workload.again(filings)
        if not filings:
            done.nothing = "nothing was filed since the backup"
        done.said = {"asked_since_the_backup": len(since), "filed_again": len(filings)}


def _dump(target: Cluster, database: str) -> Path:
    file = target.data / f"{database}.dump"
    _run([postgres_binaries() / "pg_dump", "--format=custom", f"--file={file}", target.postgres.url(database)])
    return file


def _restore(target: Cluster, database: str, dump: Path) -> None:
    to = f"--dbname={target.postgres.url(database)}"
    _run([postgres_binaries() / "pg_restore", "--exit-on-error", to, dump])


async def _recreate(target: Cluster, database: str) -> None:
    connection = await asyncpg.connect(target.postgres.url())
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {database}")
    finally:
        await connection.close()


def _gridcase(target: Cluster, words: tuple[str, ...]) -> None:
    _run([sys.executable, "-m", "services", *words], target.environment())


def _run(words: list[object], environment: dict[str, str] | None = None) -> None:
    said = subprocess.run(
        [str(word) for word in words], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=STEP_SECONDS,
        check=False,
    )  # fmt: skip
    if said.returncode:
        raise NotThere(f"{words[0]} {words[1:4]}: {said.stdout[-500:]}{said.stderr[-1500:]}")
