"""Looks whether a store is what it promises: no hole in a partition or a stream, and deadlines as the events say."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from schemas.deadlines import Start, changes
from schemas.event import AnyRecorded
from schemas.events.escalation import DeadlineMissed
from services.chassis.clock import micros
from services.chassis.codec import decode_all
from services.chassis.sealing import Keyring
from services.chassis.store.engine import Engine, EventRow, as_uuid, partition_of

PAGE = 2_000
MOST_TOLD = 100
DEADLINES = "SELECT stream_id, deadline_id, due_at FROM deadline WHERE partition = :partition"
HEARD = "SELECT partition, position FROM es_checkpoint WHERE subscriber = :subscriber"
Deadlines = dict[str, int]
"""A petition's open deadlines: name → due time in microseconds since 1970 UTC."""


@dataclass
class Verified:
    """What was looked at, and what is wrong: each fault names a place, and no data."""

    events: int = 0
    petitions: int = 0
    deadlines: int = 0
    faults: list[str] = field(default_factory=list)
    unseen: int = 0
    """Faults beyond those that are told."""

    def fault(self, what: str) -> None:
        if len(self.faults) < MOST_TOLD:
            self.faults.append(what)
        else:
            self.unseen += 1


@dataclass
class _Stream:
    """What is known of one petition so far."""

    version: int = 0
    last: int = 0
    deadlines: Deadlines = field(default_factory=dict)


async def verify(
    engine: Engine,
    timed: str,
    progress: Callable[[int], Awaitable[None]] | None = None,
    keyring: Keyring | None = None,
) -> Verified:
    """Read the whole log once. `timed` is the subscriber that keeps the deadlines; what it has not heard yet, and what
    comes meanwhile, is not held against it. Each petition must have its key in `keyring`, if it was not erased."""
    found = Verified()
    heard = dict(await engine.query(HEARD, {"subscriber": timed}))
    kept = await _kept_deadlines(engine)
    heads = await engine.heads()
    streams = await _follow(engine, heads, found, progress)
    found.petitions = len(streams)
    for petition in streams.keys() | kept.keys():
        stream = streams.get(petition, _Stream())
        if stream.last <= heard.get(partition_of(petition, engine.partitions), 0):
            _compare(petition, stream.deadlines, kept.get(petition, {}), found)
    if keyring is not None:
        await _look_for_keys(keyring, list(streams), found)
    return found


async def _look_for_keys(keyring: Keyring, petitions: Sequence[UUID], found: Verified) -> None:
    for start in range(0, len(petitions), PAGE):
        page = petitions[start : start + PAGE]
        keys = await keyring.get(page)
        for petition in page:
            if petition not in keys:
                found.fault(f"{petition}: there is no key that the master key opens, so its words cannot be read")


async def _kept_deadlines(engine: Engine) -> dict[UUID, Deadlines]:
    kept: dict[UUID, Deadlines] = {}
    for partition in range(engine.partitions):
        for stream, name, due_at in await engine.query(DEADLINES, {"partition": partition}):
            kept.setdefault(as_uuid(stream), {})[name] = due_at
    return kept


async def _follow(
    engine: Engine, heads: Mapping[int, int], found: Verified, progress: Callable[[int], Awaitable[None]] | None
) -> dict[UUID, _Stream]:
    streams: dict[UUID, _Stream] = {}
    position = dict.fromkeys(range(engine.partitions), 0)
    while behind := {p: at for p, at in position.items() if at < heads[p]}:
        rows = await engine.read(behind, PAGE)
        if not rows:
            for partition in behind:
                found.fault(f"partition {partition} holds nothing after {position[partition]}, of {heads[partition]}")
            break
        for row, recorded in zip(rows, decode_all(rows), strict=True):
            _place(row, position, streams.setdefault(row.stream_id, _Stream()), engine.partitions, found)
            _hear(recorded, streams[row.stream_id].deadlines)
        found.events += len(rows)
        if progress:
            await progress(found.events)
    return streams


def _place(row: EventRow, position: dict[int, int], stream: _Stream, partitions: int, found: Verified) -> None:
    place = f"{row.partition}-{row.position}"
    if row.position != position[row.partition] + 1:
        found.fault(f"{place}: the position before it is {position[row.partition]}")
    if row.version != stream.version + 1:
        found.fault(f"{place}: version {row.version} of {row.stream_id} follows version {stream.version}")
    if row.partition != partition_of(row.stream_id, partitions):
        found.fault(f"{place}: {row.stream_id} belongs to another partition")
    position[row.partition], stream.version, stream.last = row.position, row.version, row.position


def _hear(recorded: AnyRecorded, deadlines: Deadlines) -> None:
    event = recorded.event
    if isinstance(event, DeadlineMissed):
        if deadlines.get(event.deadline) == micros(event.due_at):
            del deadlines[event.deadline]
        return
    for one in changes(event, recorded.ref):
        if isinstance(one, Start):
            deadlines[one.name] = micros(one.due_at)
        else:
            for name in [name for name in deadlines if one.covers(name)]:
                del deadlines[name]


def _compare(petition: UUID, told: Deadlines, kept: Deadlines, found: Verified) -> None:
    found.deadlines += len(told)
    found_wrong: Sequence[str] = sorted(name for name in told.keys() | kept.keys() if told.get(name) != kept.get(name))
    for name in found_wrong:
        found.fault(f"{petition}: the table says {kept.get(name)} of deadline {name}, its events {told.get(name)}")
