"""The topics are made as `schemas/topics.yaml` says, before anything is written to them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from schemas.topics import DEAD_LETTERS, DEPARTMENT_EVENTS, PETITION_EVENTS, Topic, department_topic
from services.chassis.topics import read_topics
from services.chassis.wire.clients import REQUEST_MS, answered

MADE_SECONDS = 20.0
LOOK_SECONDS = 0.05
AS_THE_LOG = (PETITION_EVENTS, DEAD_LETTERS)
"""The topics whose partitions have the numbers of the log's."""


class TopicNotMade(Exception):
    """The broker refused to make a topic or to delete it before it is made anew, or does not show it."""

    def __init__(self, topic: str, why: str) -> None:
        super().__init__(f"topic {topic} could not be made: {why} / 无法创建主题 {topic}：{why}")


class TopicDiffers(Exception):
    """A topic is there with another number of partitions."""

    def __init__(self, topic: str, found: int, wanted: int) -> None:
        super().__init__(
            f"topic {topic} has {found} partitions and must have {wanted}, or the order of events would break: delete"
            f" it, and it is made and filled again from the log / 主题 {topic} 有 {found} 个分区，应为 {wanted} 个，"
            "否则事件顺序会被打乱：请删除该主题，系统会按日志重新创建并写入"
        )


async def ensure_topics(
    bootstrap: str, partitions: int, replication: int | None = None, departments: Sequence[str] = ()
) -> None:
    """Make the topics that are missing, return once all are there; raises TopicNotMade or TopicDiffers.

    `replication`: how many brokers keep a copy, where there are fewer than the file asks. `departments` have a topic of
    their own.
    """
    wanted = _wanted(partitions, departments)
    async with _asking(bootstrap, sorted(wanted)) as admin:
        found = await _partitions(admin, wanted)
        missing = [_made(name, *wanted[name], replication) for name in wanted if name not in found]
        if missing:
            await _make(admin, missing)
        while len(found) < len(wanted):
            await asyncio.sleep(LOOK_SECONDS)
            found = await _partitions(admin, wanted)
    for name, (_, count) in wanted.items():
        if found[name] != count:
            raise TopicDiffers(name, found[name], count)


async def count_partitions(bootstrap: str, topic: str = PETITION_EVENTS) -> int:
    """How many partitions a topic has; 0 where there is none of this name."""
    async with _asking(bootstrap, [topic]) as admin:
        return (await _partitions(admin, [topic])).get(topic, 0)


async def remove_topic(bootstrap: str, topic: str = PETITION_EVENTS) -> None:
    """Delete a topic with everything in it; returns once it is gone. Raises TopicNotMade when the broker refuses."""
    async with _asking(bootstrap, [topic]) as admin:
        answer = await admin.delete_topics([topic])
        for name, code, *_ in answer.topic_error_codes:
            if code:
                raise TopicNotMade(name, for_code(code).__name__)
        found = {topic: 1}
        while found:
            await asyncio.sleep(LOOK_SECONDS)
            found = await _partitions(admin, [topic])


@asynccontextmanager
async def _asking(bootstrap: str, topics: Sequence[str]) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for the block, which must not take long; raises TopicNotMade when it does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MS)
    try:
        async with asyncio.timeout(MADE_SECONDS):
            await admin.start()
            yield admin
    except TimeoutError:
        raise TopicNotMade(", ".join(topics), f"no answer within {MADE_SECONDS:.0f} s") from None
    finally:
        with suppress(Exception):
            await answered(admin.close())


def _wanted(partitions: int, departments: Sequence[str]) -> dict[str, tuple[Topic, int]]:
    """Each topic by its own name, with its number of partitions."""
    wanted: dict[str, tuple[Topic, int]] = {}
    for topic in read_topics().topics:
        count = partitions if topic.name in AS_THE_LOG else topic.partitions.value
        own = topic.name == DEPARTMENT_EVENTS
        wanted |= dict.fromkeys(map(department_topic, departments) if own else (topic.name,), (topic, count))
    return wanted


async def _partitions(admin: AIOKafkaAdminClient, wanted: Iterable[str]) -> dict[str, int]:
    """How many partitions those that are there have."""
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics(list(wanted))
        if topic["error_code"] == 0
    }


def _made(name: str, topic: Topic, partitions: int, replication: int | None) -> NewTopic:
    copies = topic.replication_factor.value if replication is None else replication
    least = str(min(topic.min_insync_replicas.value, max(1, copies - 1)))
    configs = topic.configs | {"min.insync.replicas": least}
    return NewTopic(name, partitions, copies, topic_configs=configs)


async def _make(admin: AIOKafkaAdminClient, topics: Sequence[NewTopic]) -> None:
    answer = await admin.create_topics(list(topics))
    for name, code, *why in answer.topic_errors:  # aiokafka raises none of them
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise TopicNotMade(name, f"{error.__name__} {why[0] if why and why[0] else ''}".strip())
