"""Counting where petitions went, from the list's items."""

from typing import Any

from services.cli.settling import Critical, Whereabouts


def item(**said: Any) -> dict[str, Any]:
    lamp = {"code": "LAMP", "name": "楼道灯不亮"}
    usual = {
        "id": "01",
        "number": "20261122-01-1",
        "status": "routed",
        "tier": "grid",
        "to_place": False,
        "severity": "routine",
        "kind": lamp,
    }
    return usual | said


def test_a_petition_counts_where_it_was_routed():
    where = Whereabouts()
    where.add(item())
    where.add(item(tier="street", severity="urgent"))
    assert (where.routed, where.unrouted) == (2, 0)
    assert where.tiers == {"grid": 1, "street": 1}
    assert where.severities == {"routine": 1, "urgent": 1}
    assert where.kinds == {("LAMP", "楼道灯不亮"): 2}


def test_one_whose_place_is_not_known_counts_at_its_tier_and_at_a_desk():
    where = Whereabouts()
    where.add(item())
    where.add(item(to_place=True))
    assert (where.tiers["grid"], where.to_place) == (2, 1)


def test_one_that_ended_without_a_dispatch_is_not_waited_for():
    where = Whereabouts()
    where.add(item(status="referred", tier=None, kind=None))
    assert (where.routed, where.unrouted, where.statuses["referred"]) == (1, 0, 1)


def test_one_on_its_way_is_not_counted_at_any_tier():
    where = Whereabouts()
    where.add(item(status="filed", tier=None, severity=None, kind=None))
    where.add(item(status="assessed", tier=None))
    assert (where.routed, where.unrouted, where.tiers.total()) == (0, 2, 0)


def test_a_critical_one_is_named_by_number_and_id():
    where = Whereabouts()
    where.add(item(severity="critical"))
    assert where.critical == [Critical("20261122-01-1", "01", "楼道灯不亮")]
