"""The topics are there before anything is written, as the file says, and never with another number of partitions."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.broker.kafka import Broker
from schemas.topics import DEAD_LETTERS, DEPARTMENT_EVENTS, DISPATCH_EVENTS, PETITION_EVENTS
from services.chassis.topics import read_topics
from services.chassis.wire.topics import TopicDiffers, TopicNotMade, ensure_topics
from tests.contracts.rows import PARTITIONS
from tests.wire.conftest import forget

pytestmark = pytest.mark.kafka


@pytest.fixture
async def empty(broker: Broker) -> Broker:
    """A broker without topics."""
    broker.start()
    await forget(broker)
    return broker


async def _asked(broker: Broker, question):
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    async with asyncio.timeout(20):
        await admin.start()
        try:
            return await question(admin)
        finally:
            await admin.close()


async def _partitions(broker: Broker) -> dict[str, int]:
    found = await _asked(broker, lambda admin: admin.describe_topics())
    return {topic["topic"]: len(topic["partitions"]) for topic in found if not topic["is_internal"]}


async def test_every_topic_is_made_and_making_them_again_changes_nothing(empty):
    for _ in range(2):
        await ensure_topics(empty.address, 8, 1, departments=["SA-CG"])
        assert await _partitions(empty) == {
            PETITION_EVENTS: 8,
            DEAD_LETTERS: 8,
            DISPATCH_EVENTS: 16,
            "dispatch.events.v1.SA-CG": 1,
        }


@pytest.mark.parametrize(
    ("topic", "said_of"),
    [(name, name) for name in (PETITION_EVENTS, DISPATCH_EVENTS, DEAD_LETTERS)]
    + [("dispatch.events.v1.SA-CG", DEPARTMENT_EVENTS)],
)
async def test_a_topic_has_the_settings_of_the_file_and_one_broker_is_enough_for_one_copy(empty, topic, said_of):
    await ensure_topics(empty.address, PARTITIONS, 1, departments=["SA-CG"])
    asked = ConfigResource(ConfigResourceType.TOPIC, topic)
    (answer,) = await _asked(empty, lambda admin: admin.describe_configs([asked]))
    settings = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    said = read_topics().named(said_of).configs
    assert "retention.ms" in said
    assert {name: settings[name] for name in said} == said | {"min.insync.replicas": "1"}


async def test_several_processes_may_make_them_at_once(empty):
    await asyncio.gather(*(ensure_topics(empty.address, PARTITIONS, 1) for _ in range(3)))
    assert len(await _partitions(empty)) == 3


async def test_a_topic_with_another_number_of_partitions_is_refused(empty):
    await ensure_topics(empty.address, 8, 1)
    with pytest.raises(TopicDiffers, match=r"has 8 partitions and must have 16.*有 8 个分区"):
        await ensure_topics(empty.address, 16, 1)


async def test_what_the_broker_refuses_is_said(empty):
    with pytest.raises(TopicNotMade, match=r"InvalidReplicationFactorError.*无法创建主题"):
        await ensure_topics(empty.address, PARTITIONS, None)
