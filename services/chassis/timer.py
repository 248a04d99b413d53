"""Notices deadlines that are near or have passed: reads the table, decides on the events, appends in batches."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog

from schemas.deadlines import family_of
from schemas.event import AnyRecorded
from schemas.events.escalation import DeadlineMissed, DeadlineNear
from services.chassis import deadline_rows as rows
from services.chassis import metrics
from services.chassis.clock import micros
from services.chassis.crash import crash_point
from services.chassis.dead_letters import describe
from services.chassis.deciding import Facts
from services.chassis.keep_going import keep_going
from services.chassis.log import Cause, Entry, Write
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.states import Known
from services.chassis.store.engine import Statement, StreamsMoved, as_uuid

WAKE_SECONDS = 0.25
BATCH = 500
FEW = 25
"""So few at once can wait for whatever else is going on."""
NEAR, DUE = "near", "due"
"""What a cause says of why it looked at a deadline."""
log = structlog.get_logger()


class DeadlineTimer:
    """Fires what is due for the partitions this process owns; `service.when_due` makes the command."""

    name = "timer"

    def __init__(self, service: Service, runtime: Runtime, owned: Callable[[], Collection[int]] | None = None) -> None:
        """`owned`: the partitions that are this process's at the moment; all of them unless it is given."""
        self._owned = owned or (lambda: range(runtime.log.partitions))
        self._service = service
        self._runtime = runtime
        self._states = runtime.states(service.decider)

    async def run(self) -> None:
        """Look every quarter of a second; a database that is away is waited for."""
        await keep_going(self.name, self._look)

    async def stop(self) -> None:
        """It holds nothing: the deadlines stand in their table."""

    async def _look(self) -> None:
        giving_way = self._runtime.log.giving_way
        try:
            while (found := await self.fire()) == BATCH or (giving_way.asked and found > FEW):
                giving_way.begin()
        finally:
            giving_way.end()
        await asyncio.sleep(WAKE_SECONDS)

    async def fire(self) -> int:
        """Notice up to a batch of deadlines that are near or have passed; returns how many rows were looked at."""
        due = await self._due(self._runtime.time.now())
        petitions: dict[UUID, list[dict[str, Any]]] = {}
        for row in due:
            petitions.setdefault(row["stream_id"], []).append(row)
        waiting = list(petitions)
        while waiting:
            try:
                await self._notice({petition: petitions[petition] for petition in waiting})
                waiting = []
            except StreamsMoved as moved:
                metrics.CONFLICTS.labels("timer").inc()
                self._states.forget(moved.streams)
        return len(due)

    async def _due(self, now: datetime) -> list[dict[str, Any]]:
        if not (owned := self._owned()):
            return []
        asked, query = {"now": micros(now), "limit": BATCH}, self._runtime.log.engine.query
        found = [tuple(row) for row in await query(rows.due_in(owned), asked)]
        if len(found) == BATCH and any(due_at >= asked["now"] for _, _, due_at in found):  # a warning can wait
            passed = [tuple(row) for row in await query(rows.passed_in(owned), asked)]
            found = list(dict.fromkeys([*passed, *found]))[:BATCH]
        return [{"stream_id": as_uuid(stream), "deadline_id": name, "due_at": due_at} for stream, name, due_at in found]

    async def _notice(self, petitions: dict[UUID, list[dict[str, Any]]]) -> None:
        known = {petition: self._states.known(petition) for petition in petitions}
        newer = await self._runtime.log.load_newer({petition: one.version for petition, one in known.items()})
        await self._runtime.policies.know(one for stream in newer.values() for one in stream)
        facts = self._runtime.facts()
        now = facts.now
        entries: list[Entry] = []
        done: list[dict[str, Any]] = []
        pushed: list[dict[str, Any]] = []
        for petition, due in petitions.items():
            try:
                entries += self._decide(petition, known[petition], newer[petition], due, facts)
                done += due
            except Exception as error:  # this petition's timer waits; the others must not
                log.error("timer_failed", petition=str(petition), error=describe(error))
                later = micros(now + timedelta(minutes=1))
                pushed += [{**row, "next_at": later} for row in due]
        over = [row for row in done if row["due_at"] < micros(now)]
        near = [row for row in done if row["due_at"] >= micros(now)]
        written = ((rows.DROP, over), (rows.WAIT, near), (rows.PUSH, pushed))
        statements = [Statement(sql, some) for sql, some in written if some]
        crash_point("timer.before_commit")
        await self._runtime.log.transact([], entries, statements)
        crash_point("timer.after_commit")
        _count(entries)

    def _decide(
        self, petition: UUID, known: Known, newer: Sequence[AnyRecorded], due: list[dict[str, Any]], facts: Facts
    ) -> list[Entry]:
        assert self._service.when_due is not None
        now = self._states.go_on(petition, known, newer)
        events = self._service.decider.decide(now.state, self._service.when_due(petition, facts))
        if not events:
            return []
        cause = Cause(self._service.name, _causation(petition, due[0], micros(facts.now)))
        return [Entry(cause, [Write(petition, now.version, events)])]


def _causation(petition: UUID, row: dict[str, Any], now: int) -> str:
    stage = DUE if row["due_at"] < now else NEAR
    return str(uuid5(petition, f"{row['deadline_id']}|{stage}|{row['due_at']}"))


def _count(entries: Sequence[Entry]) -> None:
    for entry in entries:
        for event in entry.writes[0].events:
            if isinstance(event, DeadlineNear):
                metrics.NEAR.labels(family_of(event.deadline)).inc()
            if isinstance(event, DeadlineMissed):
                metrics.MISSED.labels(family_of(event.deadline)).inc()
                metrics.LATENESS.observe((event.at - event.due_at).total_seconds())
