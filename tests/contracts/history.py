"""What must be true of a log that many processes wrote, read with SQL and code of its own."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.store.engine import Engine
from tests.contracts.rows import PARTITIONS

ALL = "SELECT partition, position, stream_id, version, data FROM es_event ORDER BY partition, position"


class Hole(AssertionError):
    """A reader was given a position before one that comes earlier."""


class Tail:
    """Reads on from where it stands, and insists that nothing is skipped."""

    def __init__(self, engine: Engine, limit: int) -> None:
        self.position = dict.fromkeys(range(PARTITIONS), 0)
        self._engine = engine
        self._limit = limit

    async def step(self) -> int:
        """Read a page; returns how many events it had."""
        rows = await self._engine.read(self.position, self._limit)
        for row in rows:
            if row.position != self.position[row.partition] + 1:
                raise Hole(f"{row.position} of partition {row.partition} after {self.position[row.partition]}")
            self.position[row.partition] = row.position
        return len(rows)


def check(rows: Sequence[tuple[Any, ...]], acknowledged: dict[str, tuple[UUID, int, int, int]]) -> None:
    """Positions and versions without gaps, and every acknowledged event once, where it was said to be."""
    positions = Counter(partition for partition, *_ in rows)
    versions: Counter[UUID] = Counter()
    seen: dict[str, tuple[UUID, int, int, int]] = {}
    count: Counter[int] = Counter()
    for partition, position, stream, version, data in rows:
        count[partition] += 1
        versions[stream] += 1
        assert position == count[partition], f"partition {partition} has {position} where {count[partition]} is due"
        assert version == versions[stream], f"{stream} has {version} where {versions[stream]} is due"
        assert data not in seen, f"{data} was written twice"
        seen[data] = (stream, version, partition, position)
    assert sum(positions.values()) == len(rows)
    lost = {data: place for data, place in acknowledged.items() if seen.get(data) != place}
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged events are not where they were said to be"
