"""(a) Appending new streams from typed events ÷ inserting the very same rows with bare `sqlite3`."""

import cProfile
import pstats
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import uuid_utils

from bench.district import PARTITIONS, policy, scratch, settle
from bench.measuring import Figure, ratio
from bench.texts import bodies
from intake.decider import decide, initial
from intake.filing import NewPetition, to_command
from services.chassis.data_dir import DataDir, open_data
from services.chassis.deciding import Facts
from services.chassis.log import Cause, Entry, Write, Written
from services.chassis.runtime import Runtime
from services.chassis.store.migrating import make_tables
from services.chassis.store.sqlite_rows import INSERT_EVENT
from services.chassis.store.sqlite_writer import open_file
from services.chassis.store.tables import log_metadata
from services.console.tables import ReadModel

NAME = "append"
AIM = "≥ 0.6"
READ_BACK = "SELECT * FROM es_event WHERE partition = :partition AND position > :position"


@dataclass(frozen=True)
class Scale:
    """`calls` appends of each size make one sample: their mean."""

    runs: int = 9
    calls: int = 10
    sizes: tuple[int, ...] = (100, 500)


QUICK = Scale(runs=1, calls=1, sizes=(5,))


async def measure(scale: Scale) -> list[Figure]:
    """Both sides write turn by turn into files that grow alike."""
    with scratch() as directory:
        data = await open_data(await settle(directory / "data"), PARTITIONS, ReadModel.metadata)
        try:
            with closing(_bare(directory / "bare.db")) as bare:
                return [one for size in scale.sizes for one in await _compare(scale, size, data, bare)]
        finally:
            await data.close()


async def profiled(scale: Scale) -> pstats.Stats:
    """The main thread of the gridcase side."""
    profile = cProfile.Profile()
    with scratch() as directory:
        data = await open_data(await settle(directory / "data"), PARTITIONS, ReadModel.metadata)
        for _ in range(scale.runs * scale.calls):
            entries = entries_for(data.runtime, max(scale.sizes))
            with profile:
                await data.runtime.log.append(entries)
        await data.close()
    return pstats.Stats(profile)


async def _compare(scale: Scale, size: int, data: DataDir, bare: sqlite3.Connection) -> list[Figure]:
    ours, theirs = [], []
    for run in range(scale.runs + 1):
        log_seconds = bare_seconds = 0.0
        for _ in range(scale.calls):
            entries = entries_for(data.runtime, size)
            before = await data.runtime.log.heads()
            began = perf_counter()
            results = await data.runtime.log.append(entries)
            log_seconds += perf_counter() - began
            assert all(isinstance(result, Written) for result in results)
            rows: list[tuple[Any, ...]] = [
                row
                for partition, position in before.items()
                for row in await data.engine.query(READ_BACK, {"partition": partition, "position": position})
            ]
            assert len(rows) == size
            bare_seconds += _insert(bare, sorted(rows, key=lambda row: row[2]))  # in the order they were appended
        if run:  # the first run only warms up
            ours.append(size * scale.calls / log_seconds)
            theirs.append(size * scale.calls / bare_seconds)
    return [
        Figure(NAME, f"log, {size} streams", "rows/s", ours),
        Figure(NAME, f"sqlite3, {size} rows", "rows/s", theirs),
        ratio(NAME, f"log ÷ sqlite3, {size}", ours, theirs, AIM),
    ]


def entries_for(runtime: Runtime, size: int) -> list[Entry]:
    """One entry for each of `size` new petitions, decided but not yet sealed."""
    facts = Facts(runtime.time.now(), policy())
    entries = []
    for body in bodies("append", size):
        petition = UUID(bytes=uuid_utils.uuid7().bytes)
        events = decide(initial, to_command(NewPetition.model_validate(body), petition, facts))
        entries.append(Entry(Cause("intake", str(petition)), [Write(petition, 0, events)]))
    return entries


def _bare(path: Path) -> sqlite3.Connection:
    """The same tables and PRAGMAs as the log's own file."""
    make_tables(path, log_metadata)
    return open_file(path)


def _insert(bare: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> float:
    began = perf_counter()
    bare.execute("BEGIN IMMEDIATE")
    bare.executemany(INSERT_EVENT, rows)
    bare.execute("COMMIT")
    return perf_counter() - began
