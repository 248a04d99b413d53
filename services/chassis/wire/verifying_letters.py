"""Looks whether `petition.deadletters.v1` holds what waits: every dead letter that was told, and no event besides."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pydantic import ValidationError

from schemas.dead_letter import DeadLetter
from schemas.topics import DEAD_LETTERS
from services.chassis.store.engine import Engine, as_uuid
from services.chassis.verifying import Verified
from services.chassis.wire.clients import close_consumer, open_consumer
from services.chassis.wire.dead_letter_relay import LETTERS, Letter
from services.chassis.wire.paging import CannotRead, pages

TOLD = f"{LETTERS} WHERE told >= attempts"


async def verify_letters(engine: Engine, epoch: str, bootstrap: str, client_id: str, found: Verified) -> int:
    """Read the topic up to where it stands now and compare; returns how many records it held.

    What was handled since, and what expired at its beginning, is no fault."""
    told = [
        Letter(subscriber, as_uuid(petition), *rest) for subscriber, petition, *rest in await engine.query(TOLD, {})
    ]
    letters = Letters(engine, epoch, found)
    consumer = await open_consumer(bootstrap, client_id)
    try:
        records = [await letters.read(consumer, partition) for partition in range(engine.partitions)]
    finally:
        await close_consumer(consumer)
    letters.look_for_the_missing(told)
    return sum(records)


class Letters:
    """What the topic has, as far as it was read."""

    def __init__(self, engine: Engine, epoch: str, found: Verified) -> None:
        self._engine = engine
        self._epoch = epoch
        self._found = found
        self._seen: set[str] = set()
        self._expired: dict[int, int] = {}

    async def read(self, consumer: AIOKafkaConsumer, partition: int) -> int:
        """One partition of it; returns how many records it held."""
        count = 0
        try:
            async for page in pages(consumer, TopicPartition(DEAD_LETTERS, partition)):
                await self.compare(page.records)
                self._expired[partition] = page.expired
                count += len(page.records)
        except CannotRead as error:
            self._found.fault(str(error))
        return count

    async def compare(self, records: Sequence[ConsumerRecord]) -> None:
        """Each record must point to an event that the log has there; those of another epoch are passed over."""
        ours = [record for record in records if dict(record.headers).get("ce_storeepoch") == self._epoch.encode()]
        said = {record.offset: _letter(record) for record in ours}
        petitions = {letter.stream for letter in said.values() if letter and letter.stream}
        rows = await self._engine.load(sorted(petitions))
        there = {(str(row.stream_id), f"{row.stream_id}:{row.version}", row.partition, row.position) for row in rows}
        for record in ours:
            letter = said[record.offset]
            place = f"{DEAD_LETTERS} {record.partition}, offset {record.offset}"
            if letter is None or dict(record.headers).get("ce_id") != letter.id.encode():
                self._found.fault(f"{place}: no dead letter")
            elif (
                letter.topic is None
                and (str(letter.stream), letter.event, letter.partition, letter.position) not in there
            ):
                self._found.fault(
                    f"{place}: points to {letter.event}, which is not at {letter.partition}-{letter.position}"
                )
            else:
                self._seen.add(letter.id)

    def look_for_the_missing(self, told: Sequence[Letter]) -> None:
        """Every letter that the topic was told of must have been read."""
        for one in told:
            name = one.pointer().id
            if name not in self._seen and one.failed_at >= self._expired.get(one.partition, 0):
                self._found.fault(f"{DEAD_LETTERS}: {name} is missing")


def _letter(record: ConsumerRecord) -> DeadLetter | None:
    try:
        return DeadLetter.model_validate_json(record.value or b"")
    except ValidationError:
        return None
