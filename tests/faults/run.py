"""One run: start it, load it, strike it, let it come to rest, and look."""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.faults import lateness, report, settling
from tests.faults.checker import check
from tests.faults.ended import Ended, Wrong
from tests.faults.faults import Done, Fault, full_name, is_named, struck
from tests.faults.history import OK, History
from tests.faults.measuring import Measured
from tests.faults.rows import Store
from tests.faults.target import NotThere
from tests.faults.workload import Workload

CALLERS = 12
READY_SECONDS = 90.0
MOST_READS = 8
AGAIN_SECONDS = 2.0
"""How long to wait for a moment at which nothing lags, before all is read again: a planted bug may lag for ever."""
CALM_SECONDS = (0.3, 2.5)
TRIES = 4
"""How often a fault without effect is dealt again: a petition must be closed before it can be spoilt, for one."""
MOST_SECONDS = 1_800.0
"""A run ends so long after its time at the latest, whatever was not dealt by then."""


@dataclass
class Plan:
    """How a run is to be. `rounds` ends it sooner than `seconds` when every fault was dealt so often."""

    seed: int
    seconds: float
    """The least: the first deck is always dealt to its end."""
    callers: int = CALLERS
    rounds: int | None = None
    planted: str = ""
    drain_seconds: float = settling.DRAIN_SECONDS
    """How long everything may take to come to rest after the last fault."""
    command: str = ""
    only: Collection[str] = ()
    """Names of the faults to deal, or points; all of them when it is empty."""
    without: Collection[str] = ()
    """Names of those to leave out."""
    calm_seconds: float = 0.0
    """How long callers go on after the last fault: what takes its time in calm, and who leaks, is judged then."""
    deck: Sequence[Fault] = ()
    """Instead of the setting's own."""
    petitions: int = 0
    """Go on after `seconds` until so many were acknowledged."""


@dataclass
class Field:
    """Everything that faults may need: the target with what looks at it."""

    target: Any
    history: History
    workload: Workload
    luck: random.Random
    wrong: list[Wrong] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    owed: dict[int, tuple[str, str]] = field(default_factory=dict)
    """What had to be dealt and had no effect yet, and why, by the identity of the fault: the deck holds some twice."""
    spoilt: set[str] = field(default_factory=set)
    no_witness: list[str] = field(default_factory=list)
    """Why those who look on did not see everything."""


class NoSuchFault(ValueError):
    """A fault that is to be dealt, or left out, is in no deck."""


class Setting:
    """What differs between targets: its faults, and how its store is read."""

    name = ""

    def target(self, home: Path, plan: Plan) -> Any:
        raise NotImplementedError

    def deck(self, field: Field) -> list[Fault]:
        """Every fault once, kills several times; dealt in any order."""
        raise NotImplementedError

    async def watch(self, field: Field) -> None:
        """Begin to look on."""

    async def read(self, field: Field) -> tuple[Store, int]:
        """What stands there, and when that was."""
        raise NotImplementedError

    async def looked_on(self, field: Field, ended: Ended) -> Ended:
        """With what was seen by whoever looked on, who stops now."""
        return ended

    async def overdue(self, field: Field) -> int:
        """How many deadlines passed a second ago and nobody has said so."""
        raise NotImplementedError


async def run(setting: Setting, plan: Plan, home: Path | None = None, keep: bool = False) -> report.Report:
    """The report of one run; raises NotThere when gridcase does not come back."""
    made = home or Path(tempfile.mkdtemp(prefix="gridcase-faults-"))
    made.chmod(0o755)
    try:
        return await _run(setting, plan, made)
    finally:
        if home is None and not keep:
            shutil.rmtree(made, ignore_errors=True)


async def _run(setting: Setting, plan: Plan, home: Path) -> report.Report:
    target = setting.target(home, plan)
    history = History(home / "history.ndjson")
    workload = Workload(lambda: target.url, history, plan.seed)
    field = Field(target, history, workload, random.Random(plan.seed))
    started = time.monotonic()
    try:
        await target.start()
        await setting.watch(field)
        measured = Measured(target)
        measured.start()
        workload.start(plan.callers)
        await strike(setting, plan, field)
        await workload.stop()
        for error in workload.failed:
            raise error
        ended = await _settle(setting, plan, field)
        if ended_early := await measured.stop():
            field.no_witness.append(f"what processes hold was not looked at to the end: {ended_early}")
        wrong = sorted([
            *field.wrong, *check(ended), *report.slow_answers(history.attempts), *measured.wrong(),
            *lateness.too_late(ended, field.done),
        ])  # fmt: skip
        seconds = time.monotonic() - started
        short_lived = sorted(set(target.names) - {one.name for one in measured.judged})
        had = report.HadTo(plan.petitions, list(field.owed.values()), plan.calm_seconds, short_lived, field.no_witness)
        return report.made(plan.seed, setting.name, plan.command, seconds, field.done, ended, wrong, had)
    finally:
        await workload.stop()
        await workload.close()
        await target.stop()
        history.close()


async def strike(setting: Setting, plan: Plan, field: Field) -> None:
    """Deal the deck until the time is over, and what had no effect again."""
    began = time.monotonic()
    deck = _shuffled(setting, plan, field)
    field.owed = {id(fault): (full_name(fault), "its turn did not come") for fault in deck}
    await _deal(deck, plan, field, began, least=MOST_SECONDS)
    for _ in range(TRIES):
        await _deal([fault for fault in deck if id(fault) in field.owed], plan, field, began, MOST_SECONDS)
    rounds = 1
    while not _over(plan, field, began) and rounds != plan.rounds:
        await _back(field, field.target.all_ready)
        await _deal(_shuffled(setting, plan, field), plan, field, began)
        rounds += 1
    await _back(field, field.target.all_ready)
    await asyncio.sleep(plan.calm_seconds)


def _shuffled(setting: Setting, plan: Plan, field: Field) -> list[Fault]:
    deck = list(plan.deck) or setting.deck(field)
    if unknown := [name for name in (*plan.only, *plan.without) if not any(is_named(one, [name]) for one in deck)]:
        raise NoSuchFault(f"no fault of {setting.name} is named {', '.join(unknown)}")
    chosen = [one for one in deck if not plan.only or is_named(one, plan.only)]
    left = [one for one in chosen if not is_named(one, plan.without)]
    field.luck.shuffle(left)
    return left


async def _deal(deck: Sequence[Fault], plan: Plan, field: Field, began: float, least: float = 0.0) -> None:
    """Each once, until the run is over; `least`: so many seconds it goes on all the same."""
    for fault in deck:
        if _over(plan, field, began) and time.monotonic() - began > plan.seconds + least:
            return
        await _back(field, field.target.door_open)  # where nobody can ask, nothing is in flight
        await asyncio.sleep(field.luck.uniform(*CALM_SECONDS))
        done = await struck(fault, field.target, field.history, field.luck)
        field.done.append(done)
        print(_line(field, fault, done, time.monotonic() - began), flush=True)
        field.wrong += [Wrong(invariant, f"{fault.name}: {what}") for invariant, what in done.broke]
        if not done.nothing:
            field.owed.pop(id(fault), None)
        elif id(fault) in field.owed:
            field.owed[id(fault)] = full_name(fault), done.nothing


def _line(field: Field, fault: Fault, done: Done, seconds: float) -> str:
    said = f"had no effect: {done.nothing}" if done.nothing else done.to
    return f"{seconds:6.1f} s  {_acknowledged(field):6d} petitions  {fault.name}  {said}"


async def _back(field: Field, ready: Callable[[float], Awaitable[None]]) -> None:
    try:
        await ready(READY_SECONDS)
    except NotThere as error:
        field.wrong.append(Wrong(23, str(error)))
        raise
    if field.done:
        field.done[-1].back = field.done[-1].back or time.time()


def _over(plan: Plan, field: Field, began: float) -> bool:
    seconds = time.monotonic() - began
    enough = seconds > plan.seconds and _acknowledged(field) >= plan.petitions
    return enough or seconds > plan.seconds + MOST_SECONDS


def _acknowledged(field: Field) -> int:
    return sum(one.kind == "file" and one.outcome == OK and not one.replayed for one in field.history.attempts)


async def _settle(setting: Setting, plan: Plan, field: Field) -> Ended:
    took = await settling.drained(field.target.url, lambda: setting.overdue(field), plan.drain_seconds)
    if took is None:
        field.wrong.append(Wrong(23, f"something lags or is overdue {plan.drain_seconds:.0f} s after the last fault"))
    store, now = await _at_rest(setting, field)
    ended = await setting.looked_on(field, Ended(field.history.attempts, store, spoilt=field.spoilt, now=now))
    said = await settling.rebuild(field.target.url)
    later, _ = await _at_rest(setting, field)
    if not all(isinstance(count, int) for count in said.values()):
        field.wrong.append(Wrong(11, f"the read models could not be built again: {said}"))
    read = await settling.texts(field.target.url, list(ended.lives))
    return replace(ended, read=read, later=later, lives={}, told={})


async def _at_rest(setting: Setting, field: Field) -> tuple[Store, int]:
    """What stands there, at a moment at which everybody has heard everything if there is one: deadlines still pass."""
    for _ in range(MOST_READS):
        store, now = await setting.read(field)
        if store.lag() == 0:
            break
        await settling.drained(field.target.url, lambda: setting.overdue(field), AGAIN_SECONDS)
    return store, now
