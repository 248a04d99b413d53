"""Operators hear of every dead letter at least once, whatever happens on the way, and never a word of a resident's."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import jsonschema_rs
import pytest
from confluent_kafka import KafkaException

from docs.contract import published
from schemas.dead_letter import DeadLetter
from schemas.topics import DEAD_LETTERS
from services.chassis import dead_letters
from services.chassis.clock import MachineTime
from services.chassis.leases import Shared
from services.chassis.wire.dead_letter_relay import NAME, DeadLetterRelay, Letter
from tests.contracts.letters import ERROR, fails_again, parked, waits
from tests.contracts.lives import happens
from tests.contracts.rows import stream
from tests.past import filed
from tests.privacy.canaries import Canary, canary, hits
from tests.wire.reading import read_all
from tests.wire.topic import EPOCH, running, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def relay(log, kafka, owner: str = "one") -> DeadLetterRelay:
    return DeadLetterRelay(log.engine, EPOCH, kafka.address, Shared(log.engine, NAME, owner), 1, MachineTime())


@pytest.fixture
async def started(log, kafka):
    one = relay(log, kafka)
    await one.start()
    yield one
    await one.stop()


async def heard(kafka) -> list[dict]:
    """What an operator's own system reads, with another client than ours."""
    return [json.loads(record.value()) for record in await asyncio.to_thread(read_all, kafka, DEAD_LETTERS)]


def named(said: Sequence[dict]) -> set[tuple[str, int, int]]:
    return {(one["stream"], one["position"], one["attempts"]) for one in said}


async def until_heard(log, kafka, seconds: float = 30) -> list[dict]:
    """Return once everything that waits now was told."""
    end = time.monotonic() + seconds
    while True:
        expected = waits(await dead_letters.listed(log.engine))
        try:
            said = await heard(kafka)
        except (KafkaException, KeyError):  # the topic is being made again
            said = []
        if expected <= named(said) or time.monotonic() > end:
            assert expected <= named(said)
            return said
        await asyncio.sleep(0.2)


async def test_another_client_reads_who_could_not_handle_what_and_why(log, kafka, started):
    (petition,) = await parked(log)
    first, behind = (await log.load([petition]))[petition]
    await sent_all(started)
    one, two = await asyncio.to_thread(read_all, kafka, DEAD_LETTERS)
    said = json.loads(one.value())
    (kept, _) = await dead_letters.listed(log.engine)
    assert DeadLetter.model_validate(said) == DeadLetter(
        at=kept.failed_at, subscriber="router", stream=petition, event=f"{petition}:1", partition=first.partition,
        position=first.position, reason="KeyError", error=ERROR, attempts=1,
    )  # fmt: skip
    headers = dict(one.headers())
    assert (one.key(), one.partition()) == (str(petition).encode(), first.partition)
    assert headers["ce_id"].decode() == DeadLetter.model_validate(said).id
    assert (headers["ce_source"], headers["ce_storeepoch"]) == (b"router", EPOCH.encode())
    waiting = json.loads(two.value())
    assert (waiting["position"], waiting["reason"], waiting.get("error")) == (behind.position, "Behind", None)
    schema = jsonschema_rs.validator_for(published()["DeadLetter.v1"])
    for value in (said, waiting):
        schema.validate(value)


async def test_two_relays_and_a_broker_that_goes_and_comes_and_loses_everything_miss_nothing(log, kafka):
    one, two = relay(log, kafka, "one"), relay(log, kafka, "two")
    async with running(one, two):
        petitions = await parked(log, 20)
        await until_heard(log, kafka)
        kafka.kill()
        for petition in petitions:
            await fails_again(log, petition)
        await asyncio.to_thread(kafka.start)
        await until_heard(log, kafka)
        await asyncio.to_thread(kafka.wipe)
        await until_heard(log, kafka)
        assert not one.reached.keys() & two.reached.keys()


def _told(kafka) -> dict[str, bytes]:
    """Every byte of the topic."""
    found = read_all(kafka, DEAD_LETTERS)
    return {
        f"{one.partition()}-{one.offset()}": b"\0".join((one.key(), one.value(), *(held for _, held in one.headers())))
        for one in found
    }


async def _filed_with(log, words: Canary, error: str) -> None:
    petition = stream()
    await happens(log, petition, filed(text=words))
    (first,) = (await log.load([petition]))[petition]
    await log.transact([], (), dead_letters.park("router", [(first, error)], datetime.now(UTC)))


async def test_no_word_of_a_resident_is_on_the_topic_whatever_an_error_says(log, kafka, started):
    words = {"text": canary("王女士 "), "error": canary("电话 ")}
    for error in (ERROR, f"ValueError: {words['error']}", f"ValueError at {words['error']}:3", words["text"]):
        await _filed_with(log, words["text"], error)
    await sent_all(started)
    told = await asyncio.to_thread(_told, kafka)
    assert len(told) == 4
    assert hits(told, words) == set()


async def test_a_relay_that_tells_errors_as_they_are_is_found(log, kafka, started, monkeypatch):
    """The planted leak."""
    words = {"error": canary("电话 ")}
    pointer = Letter.pointer
    leak = lambda one: pointer(one).model_copy(update={"error": one.error})  # noqa: E731
    monkeypatch.setattr(Letter, "pointer", leak)
    await _filed_with(log, words["error"], f"ValueError: {words['error']}")
    await sent_all(started)
    assert hits(await asyncio.to_thread(_told, kafka), words)
