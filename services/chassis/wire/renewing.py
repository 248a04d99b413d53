"""The topic of a restored log is made anew: nothing may be written behind the events of another store."""

from services.chassis.wire.tails import Tail, read_tails
from services.chassis.wire.topics import count_partitions, ensure_topics, remove_topic

CLIENT = "gridcase-renew"


async def renew_topic(bootstrap: str, epoch: str, partitions: int, replication: int | None = None) -> bool:
    """Delete `petition.events.v1` where it holds anything of another epoch, and make it again, empty: the relay fills
    it. False, and nothing is done, where it holds nothing of another.

    Raises TopicNotMade, and what Kafka's client raises."""
    if count := await count_partitions(bootstrap):
        tails = await read_tails(bootstrap, CLIENT, range(count), {})
        if not any(_holds_others(tail, epoch) for tail in tails.values()):
            return False
        await remove_topic(bootstrap)
    await ensure_topics(bootstrap, partitions, replication)
    return True


def _holds_others(tail: Tail, epoch: str) -> bool:
    if tail.begins == tail.ends:
        return False
    return any(stands is None or stands.epoch != epoch for stands in (tail.first, tail.last))
