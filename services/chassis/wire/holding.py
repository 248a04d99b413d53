"""A producer that sends over the connections it began with, and over no other.

aiokafka connects again silently and sends what it has: to a broker that came back without what it held, the newest
event would be the first. A broker that was wiped, restored or lost its tail was restarted, and that ends its
connections. So whoever opens a producer and then reads where the topics end knows that what it sends stands behind
that end, or that it is not sent at all.

Two losses end no connection: a topic that is deleted under a running broker, and an unclean election, which Kafka does
not do unless it is told to. They are seen by the offset of the acknowledgement, and what was lost then comes behind
what was sent first.
"""

from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaError


class ConnectionLost(KafkaError):  # type: ignore[misc]  # aiokafka is not typed
    """A connection that the producer began with is closed: what the topics hold must be read anew.

    Of aiokafka's errors, and none that it tries again after.
    """


async def hold(producer: AIOKafkaProducer) -> None:
    """Connect to every broker there is, and from now on to none."""
    for broker in producer.client.cluster.brokers():
        await producer.client.ready(broker.nodeId)
    producer.client.send = _Held(producer.client)


def still_held(producer: AIOKafkaProducer) -> bool:
    """Whether every connection that it began with is open."""
    held: _Held = producer.client.send
    return held.all_open


class _Held:
    """The client's `send`, as long as all connections are those of the beginning."""

    def __init__(self, client: Any) -> None:
        self._send = client.send
        self._now = client._conns
        self._held = dict(client._conns)

    @property
    def all_open(self) -> bool:
        return all(one.connected() for one in self._held.values())

    async def __call__(self, node: int, request: Any, *, group: int = ConnectionGroup.DEFAULT) -> Any:
        place = (node, group)
        if not self.all_open or place not in self._held or self._now.get(place) is not self._held[place]:
            raise ConnectionLost
        return await self._send(node, request, group=group)
