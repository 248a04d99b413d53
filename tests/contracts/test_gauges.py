"""What the gauges say is what the tables say, on either database."""

from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.event import EventRef
from services.operations import read_metrics
from tests.contracts.probe import NAME, heard_all, tell
from tests.contracts.rows import stream

COUNTED = {
    "gridcase_lag_events": (
        "SELECT (SELECT COUNT(*) FROM es_event) - (SELECT SUM(position) FROM es_checkpoint WHERE subscriber = :name)"
    ),
    "gridcase_partitions_held": (
        "SELECT COUNT(*) FROM es_checkpoint WHERE subscriber = :name AND owner IS NOT NULL AND owner <> ''"
    ),
    "gridcase_lease_owners": (
        "SELECT COUNT(DISTINCT owner) FROM es_checkpoint WHERE subscriber = :name AND owner IS NOT NULL AND owner <> ''"
    ),
    "gridcase_dead_letters_waiting": "SELECT COUNT(*) FROM es_dead_letter WHERE subscriber = :name",
}
"""Counted by other ways than the gauges are: positions are 1..n, so their sum is a count of events."""


class NoSearch:
    """A search table without checkpoints."""

    async def query(self, sql, parameters):
        return []


@pytest.fixture
def process(probe, engine):
    """As much of a process as tells of all subscribers."""
    stores = SimpleNamespace(engine=engine, search=NoSearch())
    return SimpleNamespace(runtime=probe.runtime, data=stores, tells_of_all=True, workers=[])


async def _told(process) -> dict[str, float]:
    text = (await read_metrics(process)).body.decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name in COUNTED and sample.labels["subscriber"] == NAME
    }


async def _counted(engine) -> dict[str, float]:
    rows = {name: await engine.query(sql, {"name": NAME}) for name, sql in COUNTED.items()}
    return {name: float(row[0]) for name, (row,) in rows.items()}


async def test_gauges_equal_what_is_counted_in_the_tables(probe, log, engine, process):
    petitions = [stream() for _ in range(20)]
    for petition in petitions:
        await tell(log, petition, times=2)
    probe.reacts_badly.add(EventRef(petitions[0], 1))
    consumer = probe.consumer()
    await consumer.start()
    behind = await _told(process)
    assert behind == await _counted(engine)
    assert behind["gridcase_lag_events"] == 40
    await heard_all(consumer)
    at_rest = await _told(process)
    assert at_rest == await _counted(engine)
    assert (at_rest["gridcase_lag_events"], at_rest["gridcase_dead_letters_waiting"]) == (0, 2)
    await tell(log, petitions[1])
    assert await _told(process) == await _counted(engine)
