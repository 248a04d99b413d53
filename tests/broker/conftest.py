"""What the broker's tests share: one real Apache Kafka, started once."""

from collections.abc import Iterator

import pytest

from deploy.broker.cache import kit as made_once
from deploy.broker.kafka import Broker
from deploy.broker.kit import Kit


@pytest.fixture(scope="session")
def kit() -> Kit:
    """The kit of this machine."""
    return made_once()


@pytest.fixture(scope="session")
def broker(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that runs; a test that ends or freezes it starts it again."""
    with Broker(tmp_path_factory.mktemp("kafka"), kit) as broker:
        yield broker
