"""The timer's table is a projection: whatever was heard at once or one by one, it holds exactly what is open."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.invariants.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def at_the_desk(world: World) -> UUID:
    """A petition without a place: whoever misses it is supervised, and it stays where it is."""
    petition = world.file("小区里的事").petition
    world.settle()
    return petition


def test_a_deadline_moved_and_missed_in_one_batch_leaves_no_row(world: World):
    petition = at_the_desk(world)
    world.command(petition, "reassess", kind="POISON", severity="critical", reason="有人中毒")
    world.hear("router")
    world.advance(days=1)
    world.fire()
    world.check_settled()


def test_heard_one_by_one_it_leaves_no_row(world: World):
    petition = at_the_desk(world)
    world.command(petition, "reassess", kind="POISON", severity="critical", reason="有人中毒")
    world.settle()
    world.advance(days=1)
    world.check_settled()


def test_one_answer_takes_the_rows_of_all_supervisions(world: World):
    petition = at_the_desk(world)
    world.command(petition, "reassess", kind="POISON", severity="critical", reason="有人中毒")
    world.settle()
    world.advance(hours=3)
    world.settle()
    open_now = [one.name for one in world.checker.courses[petition.hex].time.open]
    assert len([name for name in open_now if name.startswith("supervise:")]) > 1
    world.command(petition, "answer-supervision", text="已到现场")
    world.check_settled()


def test_what_is_opened_again_in_the_same_moment_has_its_row(world: World):
    petition = world.file("楼道灯坏了两周了", about="D").petition
    world.hear("severity")
    world.command(petition, "reopen", reason="街道能处理")
    world.check()
    world.hear("escalation")
    world.advance(minutes=4)
    assert world.fire() == 1
    world.check_settled()


def test_a_deadline_that_is_near_is_looked_at_again_only_when_it_has_passed(world: World):
    petition = world.file("楼道灯坏了两周了", place={"unit": "SA11"}).petition
    world.settle()
    world.command(petition, "accept")
    world.settle()
    world.advance(hours=38, minutes=25)
    assert (world.fire(), world.fire()) == (1, 0)
    world.check_settled()
    assert world.checker.rows[-1].type == "DeadlineNear"
    world.advance(hours=9, minutes=34)
    assert world.fire() == 0
    world.advance(minutes=2)
    assert world.fire() == 1
    world.check_settled()
    assert world.checker.rows[-1].type == "PetitionRouted"
