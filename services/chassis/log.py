"""The log in events: typed, sealed and owned. The store below it speaks in rows.

Events that were just committed are kept in memory, so that the services of this process read them without a query.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from schemas.event import AnyRecorded, Event, EventRef, Recorded
from services.chassis.clock import from_micros
from services.chassis.codec import decode_all, encode_data, encode_meta
from services.chassis.sealing import Keyring, PetitionKey, sealed_fields
from services.chassis.store.engine import (
    Appended,
    Conflict,
    Draft,
    Duplicate,
    Engine,
    EntryRows,
    EventRow,
    KeyClaim,
    KeysDisagree,
    Move,
    Outcome,
    Place,
    Statement,
    StreamWrite,
    Transaction,
    partition_of,
)

KEPT_STREAMS = 5_000
KEPT_TAIL = 500
log = structlog.get_logger()


class NotTheOwner(Exception):
    """A service tried to append an event type that another service owns."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why events are appended: by which service, because of what, in whose name."""

    service: str
    causation: str
    by: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Events for one petition whose newest version is `expected`; 0 files a new petition."""

    petition: UUID
    expected: int
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Entry:
    """All or nothing; mostly one petition. Its keys point to the first petition written."""

    cause: Cause
    writes: Sequence[Write]
    keys: Sequence[KeyClaim] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The entry stands in the log as these events."""

    events: Sequence[AnyRecorded]


Result = Written | Conflict | Duplicate | KeysDisagree


@dataclass(slots=True)
class _Ready:
    """Entries turned into rows, with the sealed events to keep when they are committed."""

    rows: list[EntryRows] = field(default_factory=list)
    events: list[list[Event]] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    keyed: frozenset[UUID] = frozenset()
    """The new petitions whose key was made for these entries."""


class Log:
    """Append, load and read petitions' events."""

    def __init__(self, engine: Engine, keyring: Keyring, known_heads: Mapping[int, int] | None = None) -> None:
        """`known_heads`: where the log stood when this process became its only writer; None when it is not alone,
        and then nothing is served from memory."""
        self.engine = engine
        self.keyring = keyring
        self.partitions = engine.partitions
        self._known_heads = known_heads
        self._streams: OrderedDict[int, tuple[AnyRecorded, ...]] = OrderedDict()
        """By the number of the petition's id: a UUID is hashed in Python, ten times slower."""
        self._tails: list[list[AnyRecorded]] = [[] for _ in range(engine.partitions)]
        self._listeners: list[Callable[[Sequence[AnyRecorded]], None]] = []
        self._awaited: WeakValueDictionary[int, asyncio.Future[None]] = WeakValueDictionary()

    def on_commit(self, listener: Callable[[Sequence[AnyRecorded]], None]) -> None:
        """`listener` hears every event committed by this process, in commit order."""
        self._listeners.append(listener)

    def next_change(self, petition: UUID) -> "asyncio.Future[None]":
        """Done when this process next appends to the petition."""
        change = self._awaited.get(petition.int)
        if change is None:
            change = self._awaited[petition.int] = asyncio.get_running_loop().create_future()
        return change

    async def append(self, entries: Sequence[Entry]) -> list[Result]:
        """Write entries independently of each other; a result for each, durable when returned."""
        ready = await self._prepare(entries)
        kept: list[Result] = []
        await self.engine.append(ready.rows, lambda outcomes: kept.extend(self._keep(ready, outcomes)))
        # A Conflict is no such case: the petition is there, perhaps under this key.
        repeated = [e for e, r in zip(entries, kept, strict=True) if isinstance(r, Duplicate | KeysDisagree)]
        if unused := {write.petition for entry in repeated for write in entry.writes} & ready.keyed:
            await self.keyring.remove(unused)
        return kept

    async def transact(
        self, moves: Sequence[Move], entries: Sequence[Entry] = (), statements: Sequence[Statement] = ()
    ) -> list[Result]:
        """Move checkpoints, append and write rows at once or not at all; raises LeaseLost or StreamsMoved."""
        ready = await self._prepare(entries)
        kept: list[Result] = []
        await self.engine.transact(
            Transaction(moves, ready.rows, statements), lambda outcomes: kept.extend(self._keep(ready, outcomes))
        )
        return kept

    async def holder(self, keys: Sequence[KeyClaim]) -> Duplicate | KeysDisagree | None:
        """Which petition these keys belong to already; None when they are free, and then they stay free."""
        (outcome,) = await self.engine.append([EntryRows((), keys)])
        return outcome if isinstance(outcome, Duplicate | KeysDisagree) else None

    async def load(self, petitions: Collection[UUID]) -> dict[UUID, tuple[AnyRecorded, ...]]:
        """The whole streams of these petitions in one query; an unknown petition has an empty one."""
        return await self.load_newer(dict.fromkeys(petitions, 0))

    async def load_newer(self, known: Mapping[UUID, int]) -> dict[UUID, tuple[AnyRecorded, ...]]:
        """What came after these versions of these petitions, in one query."""
        found = {}
        missing = {}
        for petition, version in known.items():
            if (stream := self._streams.get(petition.int)) is None:
                missing[petition] = version
            else:
                found[petition] = stream[version:]
        if missing:
            loaded: dict[UUID, list[AnyRecorded]] = {petition: [] for petition in missing}
            for recorded in decode_all(await self.engine.load_newer(missing)):
                loaded[recorded.petition].append(recorded)
            found.update((petition, tuple(events)) for petition, events in loaded.items())
        return found

    async def read(self, after: Mapping[int, int], limit: int) -> list[AnyRecorded]:
        """Up to `limit` events beyond these positions, in order in each partition, none skipped."""
        kept = self._read_tails(after, limit)
        if kept is not None:
            return kept
        return decode_all(await self.engine.read(after, limit))

    async def read_streams(
        self, after: UUID, through: UUID, limit: int, heads: Mapping[int, int]
    ) -> tuple[list[EventRow], UUID | None]:
        """The next petitions after one id and not after another, in the order of their ids, each with all its events as
        the log was at these heads; and the last id, None when there are no more. About `limit` events at once, not yet
        decoded: who reads so many may not need to know what each of them says."""
        rows = await self.engine.read_streams(after, through, limit)
        if not rows:
            return [], None
        return [row for row in rows if row.position <= heads[row.partition]], rows[-1].stream_id

    async def heads(self) -> dict[int, int]:
        return await self.engine.heads()

    def partition_of(self, petition: UUID) -> int:
        return partition_of(petition, self.partitions)

    async def _prepare(self, entries: Sequence[Entry]) -> _Ready:
        """Sealed with keys that are durable when it returns; what takes longest, their commit, goes on meanwhile."""
        new, old = _to_be_sealed(entries)
        if not new:
            return _sealed(entries, await self.keyring.get(old) if old else {})
        drafted = self.keyring.draft(new)
        keeping = asyncio.create_task(self.keyring.keep(drafted))
        try:
            known = await self.keyring.get(old) if old else {}
            for _ in range(2):  # a turn of the loop begins it, the next sends it
                await asyncio.sleep(0)
            ready = _sealed(entries, {**known, **drafted.keys})
        finally:
            made = await keeping
        if len(made.fresh) < len(new):
            ready = _sealed(entries, {**known, **made.keys})
        ready.keyed = made.fresh
        return ready

    def _keep(self, ready: _Ready, outcomes: Sequence[Outcome]) -> list[Result]:
        results: list[Result] = []
        news: list[AnyRecorded] = []
        for outcome, events, cause in zip(outcomes, ready.events, ready.causes, strict=True):
            if isinstance(outcome, Appended):
                written = [_recorded(place, event, cause) for place, event in zip(outcome.places, events, strict=True)]
                news.extend(written)
                results.append(Written(written))
            else:
                results.append(outcome)
        self._remember(news)
        return results

    def _remember(self, news: Sequence[AnyRecorded]) -> None:
        for recorded in news if self._known_heads is not None else ():
            tail = self._tails[recorded.partition]
            if len(tail) == 2 * KEPT_TAIL or (tail and tail[-1].position + 1 != recorded.position):
                del tail[: -KEPT_TAIL if tail[-1].position + 1 == recorded.position else None]
            tail.append(recorded)
            known = self._streams.pop(recorded.petition.int, ())
            if len(known) + 1 == recorded.version:
                self._streams[recorded.petition.int] = (*known, recorded)
        while len(self._streams) > KEPT_STREAMS:
            self._streams.popitem(last=False)
        for recorded in news if self._awaited else ():
            change = self._awaited.pop(recorded.petition.int, None)
            if change is not None and not change.done():  # one who waited may have gone away
                change.set_result(None)
        for listener in self._listeners:
            try:
                listener(news)
            except Exception as error:  # the events are durable: whoever wrote them must hear so
                log.error("listener_failed", error=type(error).__name__)

    def _read_tails(self, after: Mapping[int, int], limit: int) -> list[AnyRecorded] | None:
        """The same as the engine would read, or None when memory does not reach back far enough."""
        if self._known_heads is None:
            return None
        waiting = {}
        for partition, position in after.items():
            tail = self._tails[partition]
            newest = tail[-1].position if tail else self._known_heads[partition]
            if newest > position:
                if not tail or tail[0].position > position + 1:
                    return None
                waiting[partition] = position + 1 - tail[0].position
        found: list[AnyRecorded] = []
        quiet_first = sorted(waiting.items(), key=lambda item: len(self._tails[item[0]]) - item[1])
        for index, (partition, first) in enumerate(quiet_first):
            share = max(1, (limit - len(found)) // (len(waiting) - index))
            found.extend(self._tails[partition][first : first + share])
        return found


def _to_be_sealed(entries: Sequence[Entry]) -> tuple[set[UUID], set[UUID]]:
    """The petitions that are new, and the others for which there is something to be sealed."""
    new, old = set(), set()
    for entry in entries:
        for write in entry.writes:
            if write.expected == 0:
                new.add(write.petition)
            elif any(_has_clear(event) for event in write.events):
                old.add(write.petition)
    return new, old


def _sealed(entries: Sequence[Entry], keys: Mapping[UUID, PetitionKey | None]) -> _Ready:
    """Entries as rows."""
    ready = _Ready()
    for entry in entries:
        meta = encode_meta(entry.cause.service, entry.cause.causation, entry.cause.by, entry.cause.request)
        writes, sealed = [], []
        for write in entry.writes:
            key = keys.get(write.petition)
            drafts = []
            for version, event in enumerate(write.events, write.expected + 1):
                if event.owner != entry.cause.service:
                    raise NotTheOwner(f"{entry.cause.service} may not append {type(event).__name__}")
                stored = key.seal(event, version) if key else event
                sealed.append(stored)
                drafts.append(Draft(type(stored).__name__, stored.schema_version, encode_data(stored), meta))
            writes.append(StreamWrite(write.petition, write.expected, drafts))
        ready.rows.append(EntryRows(writes, entry.keys, entry.writes[0].petition if entry.keys else None))
        ready.events.append(sealed)
        ready.causes.append(entry.cause)
    return ready


def _recorded(place: Place, event: Event, cause: Cause) -> AnyRecorded:
    return Recorded(
        EventRef(place.stream, place.version),
        place.stream,
        place.version,
        place.partition,
        place.position,
        event,
        cause.service,
        cause.causation,
        cause.by,
        from_micros(place.recorded_at),
        cause.request,
    )


def _has_clear(event: Event) -> bool:
    values: Iterable[Any] = (getattr(event, name) for name in sealed_fields(type(event)))
    return any(value is not None and value.token is None for value in values)
