"""States kept between batches: they spare reading, and are never believed against the log."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from schemas.event import Event, EventRef
from schemas.events.severity import SeverityConfirmed
from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime
from services.chassis.consumer import Consumer
from services.chassis.deciding import Decider
from services.chassis.log import Log
from services.chassis.runtime import Runtime
from services.chassis.states import States
from services.chassis.store.engine import Engine, EventRow, LeaseLost, StoreUnavailable
from tests.contracts.petitions import answered, entry
from tests.contracts.probe import NAME, Confirm, Probe, effects, heard_all, letters, tell
from tests.contracts.rows import stream


def _probe(log: Log, probe: Probe) -> Probe:
    """The service as a process has it that is not alone: it asks the store for everything."""
    return Probe(Runtime(log, MachineTime(), probe.runtime.policies, Batcher(log)))


def _reading(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Mapping[UUID, int], int]]:
    """Every reading of streams: what was known already, and how many events came."""
    load_newer, seen = engine.load_newer, []

    async def watched(known: Mapping[UUID, int]) -> list[EventRow]:
        rows = await load_newer(known)
        seen.append((known, len(rows)))
        return rows

    monkeypatch.setattr(engine, "load_newer", watched)
    return seen


async def test_only_what_is_newer_is_read_again(probe, plain_log, monkeypatch):
    consumer = _probe(plain_log, probe).consumer()
    await consumer.start()
    petitions = [stream() for _ in range(5)]
    for petition in petitions:
        await tell(plain_log, petition, times=4)
    await heard_all(consumer)
    for petition in petitions:
        await tell(plain_log, petition)
    read = _reading(plain_log.engine, monkeypatch)
    await heard_all(consumer)
    assert read == [(dict.fromkeys(petitions, 8), 5)]
    assert [await effects(plain_log, petition) for petition in petitions] == [[1, 2, 3, 4, 9]] * 5


async def test_a_stale_state_is_caught_by_the_version_that_it_expects(probe, plain_log, monkeypatch):
    """Planted: whoever is known already has nothing newer."""
    petition = stream()
    consumer = _probe(plain_log, probe).consumer()
    await consumer.start()
    await tell(plain_log, petition, times=2)
    await heard_all(consumer)
    load_newer, asked = plain_log.engine.load_newer, []

    async def blind(known: Mapping[UUID, int]) -> list[EventRow]:
        asked.append(known)
        return await load_newer({one: version for one, version in known.items() if version == 0})

    await tell(plain_log, petition, times=2)
    monkeypatch.setattr(plain_log.engine, "load_newer", blind)
    async with asyncio.timeout(10):
        await heard_all(consumer)
    assert [known[petition] for known in asked] == [4, 0], "decided on the stale state first, then on the whole stream"
    monkeypatch.undo()
    assert await effects(plain_log, petition) == [1, 2, 5, 6]
    assert await letters(plain_log) == []


async def test_what_was_not_committed_is_not_believed(probe, plain_log, monkeypatch):
    petition = stream()
    consumer = _probe(plain_log, probe).consumer()
    await consumer.start()
    await tell(plain_log, petition)
    transact = plain_log.engine.transact

    async def away(*_: object) -> None:
        raise StoreUnavailable("for a moment")

    monkeypatch.setattr(plain_log.engine, "transact", away)
    with pytest.raises(StoreUnavailable):
        await consumer.step()
    monkeypatch.setattr(plain_log.engine, "transact", transact)
    await heard_all(consumer)
    assert await effects(plain_log, petition) == [1]


async def test_everything_that_one_event_asks_for_is_done(probe, plain_log, monkeypatch):
    petition = stream()
    monkeypatch.setattr(Probe, "_react", lambda self, heard, facts: [Confirm(heard.petition, facts.now)] * 3)
    consumer = _probe(plain_log, probe).consumer()
    await consumer.start()
    await tell(plain_log, petition, times=2)
    await heard_all(consumer)
    assert await effects(plain_log, petition) == [1, 1, 1, 2, 2, 2]


async def test_two_replicas_take_turns_while_others_write_and_every_effect_happens_once(probe, plain_log, store):
    """Each comes back to petitions that the other went on with meanwhile."""
    petitions = [stream() for _ in range(8)]
    replicas = [_probe(Log(await store.open(), plain_log.keyring), probe).consumer(owner) for owner in ("one", "two")]
    mine, other = replicas
    await other.start()
    for _ in range(6):
        await store.lapse()
        await mine.start()
        for petition in petitions:
            await tell(plain_log, petition)
        await asyncio.gather(mine.step(), *(tell(plain_log, petition) for petition in petitions[::2]))
        with pytest.raises(LeaseLost):
            await other.step()
        await heard_all(mine)
        mine, other = other, mine
    for petition in petitions:
        heard = [one.version for one in (await plain_log.load([petition]))[petition] if one.service != NAME]
        assert await effects(plain_log, petition) == heard


async def test_after_a_restore_nothing_is_known_that_is_in_the_log_no_more(probe, plain_log, store):
    """What was lost with the restore is heard and done again."""
    petition = stream()
    consumer = _probe(plain_log, probe).consumer()
    await consumer.start()
    await tell(plain_log, petition)
    await heard_all(consumer)
    await store.forget_newer_than(petition, 1)
    await tell(plain_log, petition, times=2)
    with pytest.raises(LeaseLost):
        await consumer.step()
    await consumer.start()
    await heard_all(consumer)
    assert await effects(plain_log, petition) == [1, 2, 3]


def _history(folded: list[EventRef]) -> Decider:
    """Its state is what happened, and who said so; every event that is folded is noted."""

    def evolve(state: tuple[Any, ...], event: Event, ref: EventRef) -> tuple[Any, ...]:
        folded.append(ref)
        return (*state, event)

    return Decider(NAME, (), lambda state, command: [], evolve)


async def test_who_has_no_lease_knows_nothing_either_that_is_in_the_log_no_more(plain_log, store):
    """As many events as before, and others, also where the last one is about the same as it was."""
    petition, other = stream(), stream()
    states = States(_history([]))
    await tell(plain_log, petition, times=3)
    states.fold(petition, (await plain_log.load([petition]))[petition])
    await store.forget_newer_than(petition, 1)
    await plain_log.append([entry(petition, 1, answered())])
    await tell(plain_log, petition)
    now = (await plain_log.load([petition]))[petition]
    assert len(now) == 3
    assert states.fold(petition, now) == tuple(recorded.event for recorded in now)
    assert states.fold(other, ()) == ()


async def test_whole_streams_are_folded_on_from_what_a_consumer_committed(probe, plain_log):
    petition, folded = stream(), list[EventRef]()
    probe = _probe(plain_log, probe)
    decider = replace(_history(folded), decide=lambda state, command: [SeverityConfirmed(at=command.now)])
    states = probe.runtime.states(decider)
    consumer = Consumer(replace(probe.service(), decider=decider), probe.runtime)
    await consumer.start()
    await tell(plain_log, petition, times=2)
    await heard_all(consumer)
    await tell(plain_log, petition)
    folded.clear()
    now = (await plain_log.load([petition]))[petition]
    assert states.fold(petition, now) == tuple(recorded.event for recorded in now)
    assert folded == [EventRef(petition, 5)]
