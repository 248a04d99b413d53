"""Counts anew what was counted without a whole calendar, once another policy is in force."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

import structlog

from schemas.event import AnyRecorded
from services.chassis import deadline_rows as rows
from services.chassis import metrics
from services.chassis.dead_letters import describe
from services.chassis.deciding import Facts
from services.chassis.keep_going import keep_going
from services.chassis.log import Cause, Entry, Write
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.store.engine import StreamsMoved, as_uuid

LOOK_SECONDS = 1.0
BATCH = 500
AGAIN_SECONDS = 10.0
"""After so long it looks once more: until they see the new policy, other processes still count by the one before."""
log = structlog.get_logger()


class Recounting:
    """Asks the service about every petition with provisional deadlines in the partitions that this process owns."""

    name = "recounting"

    def __init__(self, service: Service, runtime: Runtime, owned: Callable[[], Collection[int]] | None = None) -> None:
        """`owned`: the partitions that are this process's at the moment; all of them unless it is given."""
        self._owned = owned or (lambda: range(runtime.log.partitions))
        self._service = service
        self._runtime = runtime
        self._states = runtime.states(service.decider)
        self._looked: dict[int, tuple[int, float]] = {}
        """By partition: the policy version for which it looked first, and when."""
        self._again: dict[int, int] = {}
        """By partition: the version for which it looked once more."""

    async def run(self) -> None:
        """Look every second whether there is a reason to; a database that is away is waited for."""
        await keep_going(self.name, self._look)

    async def stop(self) -> None:
        """It holds nothing: what is provisional stands in the table of deadlines."""

    async def _look(self) -> None:
        if not self._runtime.policies.empty:
            await self.recount(self._partitions_to_look_at(time.monotonic()))
        await asyncio.sleep(LOOK_SECONDS)

    def _partitions_to_look_at(self, now: float) -> list[int]:
        version, found = self._runtime.policies.current.version, []
        for partition in self._owned():
            seen, since = self._looked.get(partition, (0, now))
            if seen != version:
                self._looked[partition] = (version, now)
                found.append(partition)
            elif self._again.get(partition) != version and now >= since + AGAIN_SECONDS:
                self._again[partition] = version
                found.append(partition)
        return found

    async def recount(self, partitions: Collection[int]) -> int:
        """Count anew in these partitions what can be; returns of how many petitions something changed."""
        if not partitions:
            return 0
        query = rows.unsure_in(partitions)
        petitions = [as_uuid(stream) for (stream,) in await self._runtime.log.engine.query(query, {})]
        changed = 0
        for start in range(0, len(petitions), BATCH):
            changed += await self._recount(petitions[start : start + BATCH])
        if changed:
            log.info("recounted", petitions=changed, policy=self._runtime.policies.current.version)
        return changed

    async def _recount(self, petitions: Sequence[UUID]) -> int:
        while True:
            streams = await self._runtime.log.load(petitions)
            await self._runtime.policies.know(one for stream in streams.values() for one in stream)
            facts = self._runtime.facts()
            entries: list[Entry] = []
            for petition in petitions:
                await asyncio.sleep(0)  # each is counted over weeks of days: who asks meanwhile waits for one
                if entry := self._decide(petition, streams[petition], facts):
                    entries.append(entry)
            if not entries:
                return 0
            try:
                await self._runtime.log.transact([], entries)
            except StreamsMoved as moved:
                metrics.CONFLICTS.labels(self.name).inc()
                self._states.forget(moved.streams)
                continue
            return len(entries)

    def _decide(self, petition: UUID, stream: Sequence[AnyRecorded], facts: Facts) -> Entry | None:
        assert self._service.when_calendar_comes is not None
        command = self._service.when_calendar_comes(petition, facts)
        try:
            events = self._service.decider.decide(self._states.fold(petition, stream), command)
        except Exception as error:  # this petition keeps its times; the others must not
            log.error("recount_failed", petition=str(petition), error=describe(error))
            return None
        if not events:
            return None
        cause = Cause(self._service.name, f"{petition}:calendar:{facts.policy.version}:{len(stream)}")
        return Entry(cause, [Write(petition, len(stream), events)])
