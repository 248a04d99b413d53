"""What an engine promises of `load`, `read` and `heads`: order, no gaps, no starving."""

import asyncio
import random
from uuid import UUID

from services.chassis.store.engine import Appended, Conflict, Engine
from tests.contracts.rows import PARTITIONS, entry, filing, stream, write

FROM_ZERO = dict.fromkeys(range(PARTITIONS), 0)


async def test_load_gives_whole_streams_in_version_order_whatever_was_asked_first(engine):
    one, two, unknown = stream(partition=9), stream(partition=2), stream()
    await engine.append([filing(one, "1"), filing(two, "1")])
    await engine.append([entry(write(one, 1, "2", "3")), entry(write(two, 1, "2"))])
    rows = await engine.load([unknown, two, one])
    found = {petition: [r.data for r in rows if r.stream_id == petition] for petition in (one, two)}
    assert found == {one: ["1", "2", "3"], two: ["1", "2"]}
    assert len(rows) == 5


async def test_load_of_nothing_is_nothing(engine):
    assert await engine.load([]) == []
    assert await engine.load_newer({}) == []


async def test_what_is_known_already_is_not_loaded_again(engine):
    one, two, three, unknown = stream(), stream(), stream(), stream()
    await engine.append([filing(one, "1", "2", "3"), filing(two, "1", "2"), filing(three, "1")])
    rows = await engine.load_newer({two: 2, one: 1, three: 0, unknown: 4})
    assert [[(r.version, r.data) for r in rows if r.stream_id == petition] for petition in (one, two, three)] == [
        [(2, "2"), (3, "3")],
        [],
        [(1, "1")],
    ]
    assert len(rows) == 3


async def test_heads_of_an_empty_log_are_zero(engine):
    assert await engine.heads() == FROM_ZERO


async def test_heads_are_the_newest_positions(engine):
    await engine.append([filing(stream(partition=3), "1", "2"), filing(stream(partition=3)), filing(stream(4))])
    assert await engine.heads() == {**FROM_ZERO, 3: 3, 4: 1}


async def test_read_goes_on_after_the_positions_it_is_given(engine):
    await engine.append([filing(stream(partition=1), *map(str, range(10)))])
    rows = await engine.read({**FROM_ZERO, 1: 4}, 3)
    assert [(row.partition, row.position) for row in rows] == [(1, 5), (1, 6), (1, 7)]


async def test_read_looks_only_at_the_partitions_it_is_asked_for(engine):
    await engine.append([filing(stream(partition=1)), filing(stream(partition=2))])
    assert [row.partition for row in await engine.read({2: 0}, 10)] == [2]


async def test_read_at_the_head_finds_nothing(engine):
    await engine.append([filing(stream(partition=1))])
    assert await engine.read(await engine.heads(), 100) == []


async def test_a_busy_partition_does_not_starve_the_others(engine):
    await engine.append([filing(stream(partition=0), *["{}"] * 500), *(filing(stream(p)) for p in range(1, 16))])
    rows = await engine.read(FROM_ZERO, 100)
    assert {row.partition for row in rows} == set(range(PARTITIONS))
    assert len(rows) == 100


async def test_quiet_partitions_leave_their_share_to_the_busy_one(engine):
    await engine.append([filing(stream(partition=15), *["{}"] * 500)])
    assert len(await engine.read(FROM_ZERO, 100)) == 100


async def test_even_the_smallest_page_moves_every_partition(engine):
    await engine.append([filing(stream(partition)) for partition in range(PARTITIONS)])
    assert {row.partition for row in await engine.read(FROM_ZERO, 1)} == set(range(PARTITIONS))


class Tail:
    """Reads on from where it stands and insists that nothing is skipped."""

    def __init__(self, engine: Engine, limit: int) -> None:
        self.position = dict(FROM_ZERO)
        self._engine = engine
        self._limit = limit

    async def step(self) -> int:
        rows = await self._engine.read(self.position, self._limit)
        for row in rows:
            assert row.position == self.position[row.partition] + 1
            self.position[row.partition] = row.position
        return len(rows)

    async def follow(self, done: asyncio.Event) -> None:
        while not done.is_set() or await self.step():
            await self.step()
            await asyncio.sleep(0)


async def _write_much(engine: Engine, seed: int) -> None:
    luck = random.Random(seed)
    versions = {stream(): 0 for _ in range(6)}
    for _ in range(25):
        chosen = luck.sample(sorted(versions), 3)
        entries = [
            entry(write(one, versions[one] + luck.choice([0, 0, 0, 3]), *["{}"] * luck.randint(1, 4))) for one in chosen
        ]
        outcomes = await engine.append(entries)
        for one, outcome in zip(chosen, outcomes, strict=True):
            if isinstance(outcome, Appended):
                versions[one] = outcome.places[-1].version
            else:
                assert isinstance(outcome, Conflict)


async def test_positions_are_contiguous_for_a_tailing_reader_at_every_moment(engine, store):
    done, tails = asyncio.Event(), [Tail(engine, 1), Tail(engine, 7), Tail(engine, 1_000)]
    following = [asyncio.create_task(tail.follow(done)) for tail in tails]
    await asyncio.gather(*(_write_much(engine, seed) for seed in range(8)))
    done.set()
    await asyncio.gather(*following)
    heads = await engine.heads()
    assert all(tail.position == heads for tail in tails)
    counted = dict(await store.rows("SELECT partition, count(*) FROM es_event GROUP BY partition"))
    assert counted == {partition: head for partition, head in heads.items() if head}
    gaps = await store.rows("SELECT stream_id FROM es_event GROUP BY stream_id HAVING max(version) != count(*)")
    assert gaps == []


async def test_streams_are_read_whole_in_the_order_of_their_ids(engine):
    petitions = sorted(stream() for _ in range(7))
    for petition in reversed(petitions):
        await engine.append([filing(petition, "1", "2", "3")])
    found, after = [], UUID(int=0)
    while page := await engine.read_streams(after, petitions[5], 8):
        assert [row.version for row in page] == [1, 2, 3] * 2
        found += page[::3]
        after = page[-1].stream_id
    assert [row.stream_id for row in found] == petitions[:6]


async def test_a_stream_longer_than_the_limit_is_read_whole(engine):
    long, after = sorted((stream(), stream()))
    await engine.append([filing(long, *map(str, range(9))), filing(after, "1")])
    assert [row.stream_id for row in await engine.read_streams(UUID(int=0), after, 4)] == [long] * 9
    assert [row.stream_id for row in await engine.read_streams(long, after, 4)] == [after]
