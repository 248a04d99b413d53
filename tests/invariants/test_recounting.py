"""A calendar arrives while petitions are under way: what was provisional is counted anew, once."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.chassis import recounting
from tests.given import DISTRICT
from tests.invariants.calendars import job, publish
from tests.invariants.world import PARTITIONS, Broken, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.advance(days=37)  # 30 December, 9:00
    yield world
    world.close()


def publish_the_plan_of_2027(world: World) -> None:
    publish(world, {2026, 2027}, {date(2027, 1, 1)}, DISTRICT.bundle.calendar.make_up)


def due(world: World, petition: object) -> list[str]:
    course = world.checker.courses[petition.hex]  # type: ignore[attr-defined]
    return [f"{one.due:%m-%d %H}" for one in course.time.open if one.family == "resolve"]


def test_what_is_provisional_is_counted_anew_and_nothing_else(world: World):
    working, natural = (world.file(text).petition for text in ("门口占道经营", "楼道灯坏了两周了"))
    world.settle()
    everywhere = range(PARTITIONS)
    assert world.do(job(world).recount(everywhere)) == 0, "no calendar came"
    publish_the_plan_of_2027(world)
    assert world.do(job(world).recount([])) == 0, "another process owns it"
    assert world.do(job(world).recount(everywhere)) == 1
    assert world.do(job(world).recount(everywhere)) == 0
    world.check_settled()
    assert (due(world, working), due(world, natural)) == (["01-04 09"], ["01-01 01"])


def test_what_is_handled_while_it_counts_is_counted_on_its_newest_state(world: World):
    petition = world.file("门口占道经营").petition
    world.settle()
    publish_the_plan_of_2027(world)
    world.next_write_breaks = "before"
    with pytest.raises(Broken):
        world.do(job(world).recount(range(PARTITIONS)))
    world.command(petition, "accept")
    assert world.do(job(world).recount(range(PARTITIONS))) == 1
    world.check_settled()


def test_others_go_on_between_the_petitions_that_it_counts(world: World, monkeypatch: pytest.MonkeyPatch):
    for _ in range(3):
        world.file("门口占道经营")
    world.settle()
    publish_the_plan_of_2027(world)
    counting, turn, decided_in = job(world), 0, list[int]()
    decide = counting._decide

    def decide_and_note(*asked: Any) -> Any:
        decided_in.append(turn)
        return decide(*asked)

    monkeypatch.setattr(counting, "_decide", decide_and_note)

    async def beside() -> int:
        nonlocal turn
        task = asyncio.create_task(counting.recount(range(PARTITIONS)))
        while not task.done():
            turn += 1
            await asyncio.sleep(0)
        return task.result()

    assert world.do(beside()) == 3
    assert len(set(decided_in)) == 3


def test_it_looks_at_each_partition_for_each_policy_and_once_more_a_little_later(world: World):
    looks = job(world)._partitions_to_look_at
    everywhere = list(range(PARTITIONS))
    assert (looks(0.0), looks(1.0)) == (everywhere, [])
    assert (looks(recounting.AGAIN_SECONDS), looks(recounting.AGAIN_SECONDS + 1)) == (everywhere, [])
    publish_the_plan_of_2027(world)
    assert (looks(20.0), looks(21.0)) == (everywhere, [])
