"""A whole life, with a hold and a second round: the ledger is what the checker counted for itself."""

from pathlib import Path

from tests.invariants.world import World


def test_the_ledger_of_a_life_with_a_hold_and_a_second_round(tmp_path: Path):
    world = World(tmp_path)
    petition = world.file("楼道灯坏了两周了", place={"unit": "SA11"}).petition
    steps = [
        ("accept", {}),
        ("request-hold", {"until": "2026-12-10T09:00:00+08:00", "reason": "等配件"}),
        ("decide-hold", {"by": "s-2", "granted": True, "reason": "同意"}),
        ("resume", {}),
        ("resolve", {"text": "已更换"}),
        ("feedback", {"reached": True, "solved": False}),
        ("accept", {}),
    ]
    for name, body in steps:
        world.settle()
        world.advance(hours=1)
        assert world.command(petition, name, **body).ok, name
    world.check_settled()
    spent = world.checker.courses[petition.hex].spent
    assert {status for status, time in spent.items() if time} == {"routed", "accepted", "held", "resolved"}
    world.close()
