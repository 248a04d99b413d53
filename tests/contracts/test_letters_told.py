"""Of which dead letters the topic is told, and when again: on real databases, with the records kept here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from aiokafka import TopicPartition

from schemas.cloudevents import Message
from schemas.dead_letter import DeadLetter
from services.chassis import dead_letters
from services.chassis.leases import Alone, Shared
from services.chassis.store.engine import LeaseLost
from services.chassis.wire import dead_letter_relay
from services.chassis.wire.dead_letter_relay import NAME, DeadLetterRelay
from tests.contracts.letters import fails_again, handled, parked, waits
from tests.wire.topic import EPOCH, sent_all


class Kept:
    """An outlet that keeps what is sent; `losing` says which partitions lost records since it was asked last."""

    def __init__(self) -> None:
        self.records: dict[TopicPartition, list[Message]] = defaultdict(list)
        self.losing: set[TopicPartition] = set()
        self.is_open = False

    async def open(self) -> set[TopicPartition]:
        self.is_open = True
        return await self.lost()

    async def lost(self) -> set[TopicPartition]:
        lost, self.losing = self.losing, set()
        return lost

    async def drop(self) -> None:
        self.is_open = False

    async def send(self, messages: Mapping[TopicPartition, Sequence[Message]]) -> set[TopicPartition]:
        for to, part in messages.items():
            self.records[to] += part
        return await self.lost()

    @property
    def told(self) -> list[DeadLetter]:
        return [DeadLetter.model_validate_json(one.value) for part in self.records.values() for one in part]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def relay(log, kept):
    made = _relay(log, kept)
    await made.start()
    return made


def _relay(log, kept: Kept, owner: str = "one") -> DeadLetterRelay:
    leases = Alone(log.engine, NAME) if log.engine.dialect == "sqlite" else Shared(log.engine, NAME, owner)
    made = DeadLetterRelay(log.engine, EPOCH, "nowhere:9092", leases)
    made._outlet = kept
    return made


def _tries(kept: Kept, petition) -> list[int]:
    return [one.attempts for one in kept.told if one.stream == petition]


async def test_a_letter_is_told_once_and_once_more_whenever_it_fails_again(log, kept, relay):
    first, second = await parked(log, 2)
    await sent_all(relay)
    await sent_all(relay)
    await fails_again(log, first)
    await sent_all(relay)
    assert (_tries(kept, first), _tries(kept, second)) == ([1, 1, 2], [1, 1])
    assert len({one.id for one in kept.told}) == 5


async def test_what_was_handled_before_it_was_told_is_not_told(log, kept, relay):
    first, second = await parked(log, 2)
    await handled(log, first)
    await sent_all(relay)
    assert {one.stream for one in kept.told} == {second}


async def test_what_was_handled_and_fails_anew_is_news(log, kept, relay):
    (petition,) = await parked(log)
    await sent_all(relay)
    await handled(log, petition)
    first, _ = (await log.load([petition]))[petition]
    await log.transact([], (), dead_letters.park("router", [(first, "KeyError")], datetime.now(UTC)))
    await sent_all(relay)
    assert len(kept.told) == len({one.id for one in kept.told}) == 3


async def test_what_fails_anew_while_it_is_told_is_news_too(log, kept, relay, monkeypatch):
    (petition,) = await parked(log)
    first, _ = (await log.load([petition]))[petition]

    async def meanwhile(messages):
        monkeypatch.undo()
        await handled(log, petition)
        await log.transact([], (), dead_letters.park("router", [(first, "KeyError")], datetime.now(UTC)))
        return await kept.send(messages)

    monkeypatch.setattr(kept, "send", meanwhile)
    await sent_all(relay)
    assert len({one.id for one in kept.told}) == 3


async def test_its_position_is_that_of_the_log_once_nothing_is_left_to_tell(log, kept, relay, monkeypatch):
    monkeypatch.setattr(dead_letter_relay, "BATCH", 4)
    await parked(log, 4)
    assert await relay.step() == 4
    assert set(relay.reached.values()) == {0}
    await sent_all(relay)
    assert relay.reached == await log.heads()
    assert len(kept.told) == 8


async def test_who_comes_after_tells_what_waits_once_more_byte_for_byte(log, kept, relay):
    first, second = await parked(log, 2)
    await sent_all(relay)
    await relay.stop()
    await handled(log, first)
    after = _relay(log, kept, "two")
    await after.start()
    await sent_all(after)
    assert (_tries(kept, first), _tries(kept, second)) == ([1, 1], [1, 1, 1, 1])
    said = {(one.key, one.value, tuple(one.headers)) for part in kept.records.values() for one in part}
    assert len(said) == 4


async def test_where_records_were_lost_what_waits_is_told_again_and_nothing_elsewhere(log, kept, relay):
    first, second = await parked(log, 2)
    await sent_all(relay)
    (lost,) = {to for to, part in kept.records.items() if part[0].key == str(first).encode()}
    assert log.partition_of(second) != lost.partition
    kept.records[lost].clear()
    await kept.drop()
    kept.losing = {lost}
    await sent_all(relay)
    await sent_all(relay)
    assert (_tries(kept, first), _tries(kept, second)) == ([1, 1], [1, 1])


async def test_a_relay_that_died_before_it_noted_what_it_told_leaves_no_gap(log, kept, relay, monkeypatch):
    await parked(log, 10)

    def die(point: str) -> None:
        raise ConnectionError(point)

    monkeypatch.setattr(dead_letter_relay, "crash_point", die)
    with pytest.raises(ConnectionError):
        await relay.step()
    monkeypatch.undo()
    await parked(log, 10)
    after = _relay(log, kept, "one")
    await after.start()
    await sent_all(after)
    told = {(str(one.stream), one.position, one.attempts) for one in kept.told}
    assert told == waits(await dead_letters.listed(log.engine))


async def test_a_relay_that_lost_its_lease_notes_nothing(store, log, relay):
    await store.lapse()
    other = _relay(log, Kept(), "two")
    await other.start()
    await parked(log, 20)
    with pytest.raises(LeaseLost):
        await relay.step()
    untold = await store.rows("SELECT count(*) FROM es_dead_letter WHERE told < attempts")
    assert untold == [(40,)]


async def test_no_error_that_the_table_may_hold_stops_the_relay(log, kept, relay):
    errors = ["", "Ошибка at f:1", "_Odd", "KeyError: 王女士", "X" * 200, "KeyError at <lambda>:3", dead_letters.BEHIND]
    for error in errors:
        await parked(log, error=error)
    await sent_all(relay)
    assert {one.reason for one in kept.told} == {"Undescribed", "_Odd", "KeyError", "Behind"}
