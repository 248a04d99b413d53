"""What `gridcase verify` finds in the topics of dispatches and dead letters; nothing where nothing is wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from router.dispatches import told
from schemas.cloudevents import encode_dead_letter, encode_dispatch
from schemas.dead_letter import DeadLetter
from schemas.event import EventRef
from services.chassis.log import Cause, Entry, Write
from services.chassis.policy_files import read_bundle
from services.chassis.verifying import Verified
from services.chassis.wire.dead_letter_relay import Letter
from services.chassis.wire.verifying_dispatches import Dispatches
from services.chassis.wire.verifying_letters import Letters
from services.embedded import running
from services.process import Process
from tests.contracts.petitions import filed
from tests.contracts.rows import stream

DISTRICT = Path(__file__).parents[1] / "district.yaml"
EPOCH, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.fixture(scope="module")
async def process(tmp_path_factory) -> AsyncIterator[Process]:
    """Four petitions, each of them dispatched."""
    async with running(tmp_path_factory.mktemp("data")) as running_process:
        await running_process.runtime.policies.publish(read_bundle(DISTRICT))
        for _ in range(4):
            petition = stream()
            entry = Entry(Cause("intake", str(petition)), [Write(petition, 0, [filed(place_unit="SA11")])])
            await running_process.runtime.batcher.append(entry)
        await running_process.settled()
        yield running_process


@pytest.fixture
async def streams(process):
    rows = await process.data.engine.read(dict.fromkeys(range(process.runtime.log.partitions), 0), 1_000)
    return list((await process.runtime.log.load({row.stream_id for row in rows})).values())


def _records(messages, epoch=EPOCH):
    """As Kafka gives them."""
    return [
        SimpleNamespace(
            key=one.key, value=one.value, partition=0, offset=offset,
            headers=[(name, epoch.encode() if name == "ce_storeepoch" else held) for name, held in one.headers],
        )
        for offset, one in enumerate(messages)
    ]  # fmt: skip


@pytest.fixture
def news(streams):
    return [encode_dispatch(one, EPOCH) for life in streams for one in told(life)]


async def _dispatches(process, records, *, parked=(), reached=None, expired=0) -> list[str]:
    found = Verified()
    dispatches = Dispatches(process.runtime.log, EPOCH, told, found)
    await dispatches.compare(records)
    dispatches._expired = dict.fromkeys(range(16), expired)
    await dispatches.look_for_the_missing(reached or await process.runtime.log.heads(), parked)
    return found.faults


async def test_a_topic_of_dispatches_that_repeats_and_comes_in_another_order_is_right(process, news):
    assert await _dispatches(process, _records([*reversed(news), *news])) == []
    assert len(news) == 4


async def test_news_that_is_missing_is_found(process, news):
    faults = await _dispatches(process, _records(news[1:]))
    assert faults == [f"dispatch.events.v1: {dict(news[0].headers)['ce_id'].decode()} is missing"]


async def test_what_the_relay_has_not_come_to_what_is_parked_and_what_expired_is_not_missed(process, streams, news):
    reached = await process.runtime.log.heads()
    for placed in [life[2] for life in streams]:
        reached[placed.partition] = min(reached[placed.partition], placed.position - 1)
    assert await _dispatches(process, [], reached=reached) == []
    assert await _dispatches(process, [], parked=[life[0].petition for life in streams]) == []
    assert await _dispatches(process, [], expired=int(datetime.now(UTC).timestamp() * 1e6) + 10_000_000) == []


@pytest.mark.parametrize(
    "changed",
    [{"value": b"{}"}, {"key": b"another"}, {"headers": [("ce_storeepoch", EPOCH.encode()), ("ce_id", b"no id")]}],
)
async def test_news_that_the_log_does_not_say_is_found_and_that_of_another_epoch_passed_over(process, news, changed):
    (wrong,) = _records(news[:1])
    vars(wrong).update(changed)
    assert await _dispatches(process, [wrong, *_records(news)]) == [
        "dispatch.events.v1 0, offset 0: not what the log says"
    ]
    wrong.headers = [(name, OTHER.encode() if name == "ce_storeepoch" else held) for name, held in wrong.headers]
    assert await _dispatches(process, [wrong, *_records(news)]) == []


async def test_what_was_said_before_a_restore_and_still_holds_is_not_missed(process, news):
    assert await _dispatches(process, _records(news, OTHER)) == []


def _letter(recorded) -> Letter:
    place = (recorded.partition, recorded.position, recorded.version)
    return Letter("router", recorded.petition, *place, 1, "KeyError at fold:3", 1_800_000_000_000_000)


async def _letters(process, records, waiting=(), expired=0) -> list[str]:
    found = Verified()
    letters = Letters(process.data.engine, EPOCH, found)
    await letters.compare(records)
    letters._expired = dict.fromkeys(range(16), expired)
    letters.look_for_the_missing(waiting)
    return found.faults


@pytest.fixture
def letters(streams):
    return [_letter(life[0]) for life in streams]


def _told(*letters: DeadLetter):
    return _records([encode_dead_letter(one, EPOCH) for one in letters])


async def test_a_topic_that_has_every_letter_and_some_that_were_handled_is_right(process, letters):
    assert await _letters(process, _told(*(one.pointer() for one in letters)), letters[1:]) == []


async def test_a_letter_that_is_missing_is_found_unless_it_expired(process, letters):
    faults = await _letters(process, [], letters[:1])
    assert faults == [f"petition.deadletters.v1: {letters[0].pointer().id} is missing"]
    assert await _letters(process, [], letters[:1], letters[0].failed_at + 1) == []


@pytest.mark.parametrize("changed", [{"position": 999}, {"partition": 99}, {"event": str(EventRef(stream(), 1))}])
async def test_a_letter_that_points_to_another_place_is_found(process, letters, changed):
    (fault,) = await _letters(process, _told(letters[0].pointer().model_copy(update=changed)))
    assert "points to" in fault


async def test_what_is_no_letter_is_found_and_that_of_another_epoch_passed_over(process, letters):
    (record,) = _told(letters[0].pointer())
    record.value = b"{}"
    assert await _letters(process, [record]) == ["petition.deadletters.v1 0, offset 0: no dead letter"]
    record.headers = [("ce_storeepoch", OTHER.encode())]
    assert await _letters(process, [record]) == []
