"""What the topics hold, read with another client than the product's."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

PETITIONS, DISPATCHES, DEAD_LETTERS = "petition.events.v1", "dispatch.events.v1", "petition.deadletters.v1"
TOPICS = (PETITIONS, DISPATCHES, DEAD_LETTERS)
EVENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9]+")
LETTER = re.compile(r"[a-z_]+(:[^:]+){2}(:[0-9]+){2}")
"""Who could not handle it, the petition or topic, partition, position, and the microsecond at which that was."""
OURS = {PETITIONS: EVENT, DISPATCHES: EVENT, DEAD_LETTERS: LETTER}
SILENT_SECONDS = 15.0


class Record(NamedTuple):
    """A record as it stands there; `id` is empty when it is none of gridcase's."""

    topic: str
    partition: int
    offset: int
    id: str
    type: str
    sequence: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def epoch(self) -> str:
        """Of the store that it came from."""
        return dict(self.headers).get("ce_storeepoch", b"").decode(errors="replace")

    @property
    def said(self) -> tuple[Any, ...]:
        """What must be equal when it is said again."""
        return self.partition, self.key, self.value, self.headers


@dataclass
class Topics:
    """Each topic, each of its partitions in order."""

    petitions: list[Record] = field(default_factory=list)
    dispatches: list[Record] = field(default_factory=list)
    letters: list[Record] = field(default_factory=list)


def read_topics(bootstrap: str) -> Topics:
    """Everything that they hold now; raises KafkaException or TimeoutError."""
    return Topics(*(list(_read(bootstrap, topic)) for topic in TOPICS))


def reader(bootstrap: str) -> Consumer:
    """Reads and remembers nothing at the broker."""
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "faults-checker",
            "enable.auto.commit": False,
            "enable.partition.eof": False,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )


def record_of(message: Message) -> Record:
    """A record of any origin."""
    headers = tuple((name, value or b"") for name, value in message.headers() or ())
    known = dict(headers)
    named = known.get("ce_id", b"").decode(errors="replace")
    sequence = known.get("ce_sequence", b"0")
    return Record(
        message.topic(), message.partition(), message.offset(), named if OURS[message.topic()].match(named) else "",
        known.get("ce_type", b"").decode(errors="replace"), int(sequence) if sequence.isdigit() else 0,
        message.key() or b"", message.value() or b"", headers,
    )  # fmt: skip


def _read(bootstrap: str, topic: str) -> Iterator[Record]:
    consumer = reader(bootstrap)
    try:
        metadata = consumer.list_topics(topic, timeout=10).topics[topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        left = {}
        for number in metadata.partitions:
            first, end = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
            if end > first:
                left[number] = end
        consumer.assign([TopicPartition(topic, number, 0) for number in left])
        heard = time.monotonic()
        while left:
            for message in consumer.consume(1_000, timeout=0.5):
                if message.error() is not None:
                    continue
                heard = time.monotonic()
                yield record_of(message)
                if message.offset() + 1 >= left.get(message.partition(), 0):
                    left.pop(message.partition(), None)
            if time.monotonic() - heard > SILENT_SECONDS:
                raise TimeoutError(f"{topic}: nothing more of partitions {sorted(left)}")
    finally:
        consumer.close()
