"""A producer, and where the topics it writes to end: an end that is lower than it was means that records were lost."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition

from schemas.cloudevents import Message
from services.chassis.wire.clients import abandon, acknowledged, open_producer
from services.chassis.wire.holding import still_held
from services.chassis.wire.sending import Sent, send
from services.chassis.wire.tails import read_ends


class Outlet:
    """Where a relay writes that cannot read from the topic what was sent."""

    def __init__(
        self,
        bootstrap: str,
        client_id: str,
        partitions: Sequence[TopicPartition],
        make_topics: Callable[[], Awaitable[None]],
        remembered: Callable[[], Awaitable[Mapping[TopicPartition, int]]] | None = None,
    ) -> None:
        """`remembered`: where partitions ended when anybody last noted it, should nobody of then live any more."""
        self.ends: dict[TopicPartition, int] = {}
        """The offset where the next record of each partition must stand."""
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._partitions = partitions
        self._make_topics = make_topics
        self._remembered = remembered
        self._producer: AIOKafkaProducer | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is connected, and was since the ends were read."""
        return self._producer is not None and still_held(self._producer)

    async def open(self) -> set[TopicPartition]:
        """Connect, and make the topics that are missing; returns the partitions that lost records since it last did."""
        await self.drop()
        await self._make_topics()
        self._producer = await open_producer(self._bootstrap, self._client_id)
        return await self.lost()

    async def drop(self) -> None:
        """After an error: nobody knows what was delivered."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)

    async def send(self, messages: Mapping[TopicPartition, Sequence[Message]]) -> set[TopicPartition]:
        """Have all of it acknowledged; returns the partitions that had lost records before."""
        assert self._producer
        batches: list[tuple[TopicPartition, Sent]] = []
        for to, part in messages.items():
            batches += [(to, sent) for sent in await send(self._producer, to.topic, to.partition, part)]
        places = await acknowledged(sent.place for _, sent in batches)
        lost = set()
        for (to, sent), place in zip(batches, places, strict=True):
            if place.offset < 0:  # Kafka does not say where a batch stands that it had acknowledged long before
                continue
            if place.offset < self.ends[to]:
                lost.add(to)
            self.ends[to] = place.offset + sent.records
        return lost

    async def lost(self) -> set[TopicPartition]:
        """The partitions that end before where they were left."""
        noted = await self._remembered() if self._remembered else {}  # first: others go on meanwhile
        ends = await read_ends(self._bootstrap, f"{self._client_id}-ends", self._partitions)
        lost = {one for one, end in ends.items() if end < max(self.ends.get(one, 0), noted.get(one, 0))}
        self.ends = ends
        return lost
