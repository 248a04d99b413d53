"""Invariants 3, 6 and 7 on their own: several callers at the same moment, or one and a service."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.invariants.likely import DANGER, LAMP
from tests.invariants.world import PARTITIONS, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def routed(world: World) -> tuple[object, int]:
    """A petition that a grid has to accept, and its version."""
    petition = world.file("楼道灯坏了两周了", place={"unit": "SA11"}).petition
    world.settle()
    return petition, world.read(petition).version


def test_of_several_commands_on_one_version_exactly_one_is_taken(world):
    petition, version = routed(world)
    moves = [("move", {"unit": unit, "reason": "转办"}) for unit in ("SA12", "SB11", "SB1", "SA2")]
    replies = world.commands(petition, [*moves, ("accept", {}), ("escalate", {"reason": "难"})], at=version)
    assert sorted(reply.status for reply in replies) == [200, 412, 412, 412, 412, 412]
    world.check_settled()


def test_without_a_version_each_is_judged_on_what_the_others_left(world):
    petition, version = routed(world)
    replies = world.commands(petition, [("accept", {})] * 3 + [("confirm", {})] * 2)
    assert [reply.status for reply in replies] == [200] * 5
    assert world.read(petition).version == version + 2, "one acceptance, one confirmation"
    world.check_settled()


def test_one_key_at_the_same_moment_is_one_command(world):
    petition, version = routed(world)
    replies = world.commands(petition, [("escalate", {"reason": "难"})] * 4, key="c-1")
    assert [reply.status for reply in replies] == [200] * 4
    assert sum(reply.replayed for reply in replies) == 3
    assert world.read(petition).version == version + 1


def test_one_key_for_two_commands_is_refused(world):
    petition, _ = routed(world)
    assert world.command(petition, "confirm", key="c-1").ok
    assert world.command(petition, "accept", key="c-1").body == {"code": "key_reused"}


def test_one_key_at_the_same_moment_is_one_petition(world):
    replies = world.file_at_once([("停水了", "k-1")] * 5)
    assert len({reply.petition for reply in replies}) == 1
    assert sum(reply.replayed for reply in replies) == 4
    world.check_settled()


def test_another_body_under_the_same_key_changes_nothing(world):
    replies = world.file_at_once([("停水了", "k-1"), ("停电了", "k-1")])
    assert sorted(reply.status for reply in replies) == [201, 422]
    world.checker.look()
    assert len(world.checker.petitions()) == 1


def test_a_petitions_keys_outlive_the_process(world):
    first = world.file("停水了", key="k-1", external={"source": "12345", "number": "1"})
    world.crash()
    again = world.file("停水了", key="k-1", external={"source": "12345", "number": "1"})
    assert (again.petition, again.replayed) == (first.petition, True)
    other = world.file("停电了", external={"source": "12345", "number": "2"})
    assert other.petition != first.petition
    both = world.file("停水了", key="k-1", external={"source": "12345", "number": "2"})
    assert (both.status, both.body) == (409, {"code": "key_conflict"})


@pytest.mark.parametrize("added", [False, True], ids=["filed", "added"])
def test_a_danger_that_is_taken_back_before_it_was_read_is_dealt_with(world, added):
    petition = world.file(LAMP if added else DANGER, place={"unit": "SA11"}).petition
    if added:
        world.settle()
        assert world.command(petition, "supplement", text=DANGER).ok
    assert world.command(petition, "withdraw", reason="打错了").ok
    world.check_settled()
    now = world.read(petition).body
    assert (now["status"], now["severity"], now["department"]["code"]) == ("routed", "critical", "D-GAS")
    assert now["hand_off"]["outstanding"]
    assert world.command(petition, "withdraw", reason="打错了").body == {"code": "critical_goes_on"}


def test_a_danger_that_was_added_before_a_machine_closed_it_is_dealt_with(world):
    petition = world.file(LAMP, place={"unit": "SA11"}, petitioner={"anonymous": True}).petition
    world.settle()
    world.command(petition, "accept")
    world.command(petition, "supplement", text=DANGER)
    world.command(petition, "resolve", text="已更换")
    world.hear("feedback")
    assert world.read(petition).body["status"] == "closed"
    world.check_settled()
    now = world.read(petition).body
    assert (now["status"], now["severity"]) == ("routed", "critical")
    assert now["hand_off"]["outstanding"]


def test_what_is_no_danger_and_is_taken_back_stays_so(world):
    petition = world.file(LAMP, place={"unit": "SA11"}).petition
    world.command(petition, "withdraw", reason="打错了")
    world.check_settled()
    assert (world.read(petition).body["status"], world.read(petition).version) == ("withdrawn", 2)


@pytest.mark.parametrize("last", ["danger", "other"], ids=["when it was answered", "while it waits"])
def test_what_was_split_waits_for_a_part_that_was_taken_back_and_proves_a_danger(world, last):
    whole = world.file(LAMP, place={"unit": "SA11"}).petition
    world.settle()
    asked = world.command(whole, "split", parts=[{"text": DANGER}, {"text": LAMP, "kind": "LAMP"}])
    danger, other = (UUID(link["petition"]) for link in asked.body["links"])
    if last == "danger":
        world.command(other, "withdraw", reason="已好")
    assert world.command(danger, "withdraw", reason="打错了").ok
    world.hear("router")
    assert world.read(whole).body["status"] == ("resolved" if last == "danger" else "split")
    world.check_settled()
    assert world.read(danger).body["severity"] == "critical"
    assert world.read(whole).body["status"] == "split"


@pytest.mark.parametrize("end", ["withdraw", "resolve"])
def test_a_danger_in_what_was_split_is_handled_also_when_its_parts_are_over_before_the_router_hears_of_it(world, end):
    whole = world.file(LAMP, place={"unit": "SA11"}).petition
    world.settle()
    world.command(whole, "supplement", text=DANGER)
    asked = world.command(whole, "split", parts=[{"text": LAMP, "kind": "LAMP"}, {"text": "商铺噪音", "kind": "NOISE"}])
    parts = [UUID(link["petition"]) for link in asked.body["links"]]

    def heard(service: str, *petitions: UUID) -> None:
        for petition in petitions:
            world.hear_some(service, petition.int % PARTITIONS, 50)

    heard("severity", *parts)
    heard("router", *parts)
    heard("severity", whole)
    for part in parts:
        if end == "resolve":
            assert world.command(part, "accept").ok
        assert world.command(part, end, **({"text": "已处理完毕"} if end == "resolve" else {"reason": "算了"})).ok
    heard("router", *parts)
    assert world.read(whole).body["status"] == "routed"
    world.check_settled()
    now = world.read(whole).body
    assert (now["status"], now["severity"], now["department"]["code"]) == ("routed", "critical", "D-GAS")
    assert now["hand_off"]["outstanding"]
