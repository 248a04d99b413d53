"""(e) How late breaches are noticed when very many deadlines are open and thousands pass in the same second."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from uuid import UUID

import uuid_utils

from bench.district import PARTITIONS, scratch, settle
from bench.measuring import Figure, say
from bench.prefill import AT_ONCE, OPEN_EACH, write_lives
from schemas.event import AnyRecorded, Event
from schemas.events.escalation import DeadlineMissed
from schemas.events.router import PetitionRouted
from services.chassis import deadline_rows
from services.chassis.clock import MachineTime, micros
from services.chassis.data_dir import open_data
from services.chassis.store.engine import Statement, Transaction, partition_of
from services.console.tables import ReadModel
from services.embedded import running
from services.process import Opened

NAME = "due"
AIM = "≤ 1 s"
ROWS_AT_ONCE = 50_000
SOON = timedelta(hours=1)
"""How far ahead what is measured is due: when everything was heard, the clock is set to a second before."""
LONGEST_SECONDS = 60


@dataclass(frozen=True)
class Scale:
    """So many open deadlines, of which so many pass in one second."""

    runs: int = 5
    open: int = 1_000_000
    passing: int = 5_000


QUICK = Scale(runs=1, open=200, passing=20)


class Shifted:
    """Seconds since 1970, some ahead of the machine's."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


async def measure(scale: Scale) -> list[Figure]:
    """Each run takes a fresh copy of a directory in which everything else is open, and due later."""
    late: list[list[float]] = []
    with scratch() as directory:
        await _fill(directory / "filled", scale.open - scale.passing)
        for run in range(scale.runs):
            copy = shutil.copytree(directory / "filled", directory / f"run-{run}")
            late.append(sorted(await _run(scale, copy)))
            say(NAME, "p99 late", p99(late[-1]), "s")
            shutil.rmtree(copy)
    return [
        Figure(NAME, f"{scale.passing:,} of {scale.open:,} pass: p50 late", "s", [middle(one) for one in late]),
        Figure(NAME, "p99 late", "s", [p99(one) for one in late], AIM),
        Figure(NAME, "the last of them", "s", [one[-1] for one in late]),
    ]


async def _fill(directory: Path, count: int) -> None:
    """Rows of deadlines that pass in 2 to 90 days; nobody reads the petitions behind them meanwhile, so none are
    there."""
    data = await open_data(await settle(directory), PARTITIONS, ReadModel.metadata)
    now = data.runtime.time.now()
    for first in range(0, count, ROWS_AT_ONCE):
        numbers = range(first, min(first + ROWS_AT_ONCE, count))
        rows = [_row(number, now + timedelta(days=2 + number % 88, seconds=number % 86_400)) for number in numbers]
        await data.engine.transact(Transaction(statements=[Statement(deadline_rows.START, rows)]))
    await data.close()


def _row(number: int, due: datetime) -> dict[str, object]:
    petition = UUID(bytes=uuid_utils.uuid7().bytes)
    return {
        "stream_id": petition,
        "deadline_id": "resolve:1" if number % 2 else f"accept:{petition}:3",
        "stage": deadline_rows.DUE_STAGE,
        "partition": partition_of(petition, PARTITIONS),
        "due_at": micros(due),
        "next_at": micros(due),
    }


async def _run(scale: Scale, directory: Path) -> Sequence[float]:
    """Seconds from the due time of each deadline to when its breach was stored."""
    due = await _file_all(directory, scale.passing)
    clock, late, all_noticed = Shifted(), list[float](), asyncio.Event()

    def notice(news: Sequence[AnyRecorded]) -> None:
        late.extend(map(_lateness, filter(_is_breach, news)))
        if len(late) >= scale.passing:
            all_noticed.set()

    async with running(directory, PARTITIONS, MachineTime(clock)) as gridcase:
        gridcase.runtime.log.on_commit(notice)
        await gridcase.settled()
        clock.ahead = (due - timedelta(seconds=1)).timestamp() - time.time()
        async with asyncio.timeout(LONGEST_SECONDS):
            await all_noticed.wait()
    return late


async def _file_all(directory: Path, count: int) -> datetime:
    """Returns the beginning of the second in which all of them are due."""
    data = await open_data(directory, PARTITIONS, ReadModel.metadata)
    due = data.runtime.time.now() + SOON
    await write_due(data, count, due)
    await data.close()
    return due


async def write_due(data: Opened, count: int, due: datetime) -> None:
    """Petitions that nobody has accepted, each due a moment after the one before, in the second that begins then."""
    began, numbers = perf_counter(), iter(range(count))

    def due_then(event: Event) -> Event:
        if not isinstance(event, PetitionRouted):
            return event
        then = due + timedelta(seconds=next(numbers) / count)
        return event.model_copy(update={"accept_by": then, "accept_near": then})

    for first in range(0, count, AT_ONCE):
        lives = range(first * OPEN_EACH, min(first + AT_ONCE, count) * OPEN_EACH, OPEN_EACH)
        await write_lives(data, lives, due_then)
    say(NAME, f"{count:,} petitions written in", perf_counter() - began, "s")


def _is_breach(recorded: AnyRecorded) -> bool:
    return isinstance(recorded.event, DeadlineMissed)


def _lateness(recorded: AnyRecorded) -> float:
    return (recorded.recorded_at - recorded.event.due_at).total_seconds()


def middle(late: Sequence[float]) -> float:
    """Of values in their order."""
    return late[len(late) // 2]


def p99(late: Sequence[float]) -> float:
    """What all but one in a hundred do not exceed."""
    return quantiles(late, n=100)[98]
