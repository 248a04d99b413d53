"""One cluster for the tests of a module, with replicas and Kafka as `make cluster` has them."""

from collections.abc import Iterator

import pytest

from tests.cluster.made import MadeCluster
from tests.serving import Door, hasty


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeCluster]:
    made = MadeCluster(hasty(tmp_path_factory.mktemp("district"), seconds=2))
    yield made
    made.close()


@pytest.fixture(scope="module")
def door(cluster: MadeCluster) -> Iterator[Door]:
    opened = cluster.start()
    yield opened
    opened.http.close()
