"""A petition under way when its district takes another ladder is not stranded."""

from schemas.jurisdiction import Jurisdiction, Ladder, Tier, Unit

VILLAGE = Jurisdiction(
    ladder=Ladder((Tier(code="cell", name="格", name_en="cell"), Tier(code="county", name="县", name_en="county"))),
    units={"C": Unit(code="C", name="县", tier="county")},
)


def test_above_a_tier_of_an_earlier_ladder_stands_the_top() -> None:
    assert VILLAGE.ladder.above("grid") == "county"


def test_a_unit_is_no_placing_desk_for_a_tier_that_is_gone() -> None:
    assert not VILLAGE.is_placing_desk("grid", "C", None)
