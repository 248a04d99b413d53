"""Where a matter lies, by code, coordinates and address: what is sure is said, and nothing is guessed."""

import sys
from typing import Any

import pytest

from intake.locating import PlaceTold, locator
from intake.place_names import PlaceNames
from schemas.jurisdiction import Jurisdiction
from schemas.people import Coordinates
from schemas.places import MOST_NAMED, Area, KnownPlace, Location
from schemas.policy import Policy
from schemas.words import Whereabouts
from tests.given import DISTRICT
from tests.mapped import MAPPED, POLICY, at, without

WEST = -34.0
"""So many degrees further west, where a longitude may be taken for a latitude."""


def moved_west(one: Area) -> Area:
    polygons = tuple(tuple(tuple((x + WEST, y) for x, y in ring) for ring in rings) for rings in one.polygons)
    return Area(unit=one.unit, polygons=polygons)


WESTERN = Policy(1, MAPPED.model_copy(update={"areas": tuple(map(moved_west, MAPPED.areas))}))


def located(
    *units: str, at: Coordinates | None = None, address: str | None = None, policy: Policy = POLICY
) -> Location:
    found = locator(policy).locate(PlaceTold(units, at, address))
    assert found is not None
    return found


def said(*units: str, **told: Any) -> str:
    """The reason of the scope floor; where it lies, when none is sure to contain it."""
    found = located(*units, **told)
    return found.reason if found.unit else f"{found.where}:{found.neighbour or ''}"


def test_a_code_alone_leaves_nothing_to_find_out():
    assert locator(POLICY).locate(PlaceTold(["SA11"])) is None
    assert locator(POLICY).locate(PlaceTold([])) is None


def test_a_unit_of_an_earlier_map_is_found_in_its_heir():
    redrawn = Policy(2, without("SA12"), before=POLICY)
    assert said("SA12", policy=redrawn) == "place:SA1"
    assert said("SA12", "SA1", policy=redrawn) == "place:SA1"
    assert said("SA11", "SA12", policy=redrawn) == "touches:SA11,SA1"
    assert said("SA12", "SB11", policy=redrawn) == "touches:SA1,SB11"
    assert said("SA12", at=at(0.5, 1), policy=redrawn) == "place:SA11:coordinates"


class TestSeveral:
    def test_two_grids_are_in_their_community(self):
        found = located("SA11", "SA12")
        assert (found.where, found.unit, found.touched) == (Whereabouts.IN_SEVERAL, "SA1", ("SA11", "SA12"))
        assert found.reason == "touches:SA11,SA12"

    def test_two_streets_are_in_the_district(self):
        assert located("SA11", "SB11").unit == "D"

    def test_nothing_weaker_makes_one_of_several_that_were_named(self):
        assert said("SA11", "SA12", at=at(0.5, 1), address="阳光花园") == "touches:SA11,SA12"
        assert said("SA11", "SA12", at=at(3, 1)) == "contradicts:unit=SA11,unit=SA12,coordinates=SB1"

    def test_a_unit_and_one_in_it_are_one_place(self):
        assert said("SA1", "SA11", "SA11") == "place:SA11"
        assert locator(POLICY).locate(PlaceTold(["SA11", "SA11"])) is None


class TestCoordinates:
    @pytest.mark.parametrize(("x", "y", "unit"), [(0.5, 1, "SA11"), (1.5, 1, "SA12"), (1, 3, "SA2"), (3, 1, "SB1")])
    def test_the_lowest_unit_whose_area_contains_them(self, x: float, y: float, unit: str):
        assert said(at=at(x, y)) == f"place:{unit}:coordinates"

    def test_on_a_border_it_is_one_of_two_and_nobody_says_which(self):
        found = located(at=at(1, 1))
        assert (found.where, found.unit, found.touched) == (Whereabouts.UNCLEAR, "SA1", ())
        assert found.reason == "unclear:SA11,SA12"

    def test_they_narrow_what_a_code_says(self):
        assert said("SA", at=at(0.5, 1)) == "place:SA11:coordinates"

    def test_they_say_no_less_than_a_code(self):
        assert said("SB11", at=at(3, 1)) == "place:SB11"

    def test_a_code_and_coordinates_elsewhere_leave_what_contains_both(self):
        assert said("SA11", at=at(1.5, 1)) == "contradicts:unit=SA11,coordinates=SA12"
        found = located("SA11", at=at(3, 1))
        assert (found.where, found.unit) == (Whereabouts.CONTRADICTORY, "D")

    def test_no_address_settles_what_contradicts_itself(self):
        assert said("SA11", at=at(1.5, 1), address="第一小学") == "contradicts:unit=SA11,coordinates=SA12"

    def test_a_telephone_a_few_steps_over_the_border_contradicts_nobody(self):
        assert said("SA11", at=at(1.05, 1)) == "place:SA11"
        assert said("SA2", at=at(1, 4.05)) == "place:SA2"
        strict = MAPPED.limits.model_copy(update={"nearby_metres": 0})
        policy = Policy(2, MAPPED.model_copy(update={"limits": strict}))
        assert said("SA11", at=at(1.05, 1), policy=policy) == "contradicts:unit=SA11,coordinates=SA12"

    def test_in_a_neighbours_area_it_is_outside(self):
        assert said(at=at(1, 5)) == "outside:N"

    def test_outside_and_a_code_of_ours_contradict(self):
        assert said("SA11", at=at(1, 5)) == "contradicts:unit=SA11,coordinates=N"
        assert located("SA11", at=at(1, 5)).unit == "D"

    def test_in_nobodys_area_nothing_is_known(self):
        assert said(at=at(40, 40)) == "unknown:"
        assert said("SA11", at=at(40, 40)) == "place:SA11"

    @pytest.mark.parametrize(("x", "y", "code"), [(0.5, 1, "SA11"), (1, 1, "SA1"), (1, 5, "N"), (40, 40, None)])
    def test_degrees_that_lie_in_a_known_area_only_when_exchanged_are_seen(self, x: float, y: float, code: str | None):
        right = at(x, y)
        western = Coordinates(lat=right.lat, lon=right.lon + WEST)
        as_given = Coordinates(lat=western.lon, lon=western.lat)
        assert said(at=as_given, policy=WESTERN) == "unknown:"
        assert locator(WESTERN).exchanged(as_given) == code
        assert locator(WESTERN).exchanged(western) is None
        assert locator(DISTRICT).exchanged(as_given) is None

    def test_without_areas_they_say_nothing(self):
        assert said(at=at(0.5, 1), policy=DISTRICT) == "unknown:"


class TestAddress:
    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("海州区东街道东一社区3号楼", "place:SA1:address"),
            ("东 街 道 １２号", "place:SA:address"),
            ("东一社区二网格门口", "place:SA12:address"),
            ("阳光花园8号院", "place:SA11:known_place"),
            ("东街道阳光花园", "place:SA11:known_place"),
            ("海州区东方路1号", "place:D:address"),
        ],
    )
    def test_the_lowest_unit_that_it_names(self, address: str, reason: str):
        assert said(address=address) == reason

    def test_a_longer_name_goes_before_a_shorter_one(self):
        assert said(address="东一社区一网格") == "place:SA11:address"

    def test_two_places_that_are_both_meant_are_touched(self):
        found = located(address="东一社区与东二社区之间的路")
        assert (found.where, found.unit, found.touched) == (Whereabouts.IN_SEVERAL, "SA", ("SA1", "SA2"))
        assert located(address="东街道东一社区和西街道西一社区").touched == ("SA1", "SB1")

    def test_two_that_are_only_named_are_one_of_them(self):
        assert said(address="阳光花园，第一小学对面") == "unclear:SA11,SA12"

    def test_one_name_in_two_streets_is_clear_only_beside_its_street(self):
        assert said(address="万家超市门前") == "unclear:SA1,SB1"
        assert said(address="西街道万家超市门前") == "place:SB1:known_place"
        assert said("SA", address="万家超市门前") == "place:SA1:known_place"
        assert said(at=at(3, 1), address="万家超市") == "place:SB1:coordinates"

    def test_it_says_nothing_about_what_is_sure(self):
        assert said("SA11", address="西一社区") == "place:SA11"
        assert said(at=at(0.5, 1), address="西一社区") == "place:SA11:coordinates"

    def test_it_contradicts_what_it_could_have_narrowed(self):
        assert said("SA", address="西一社区") == "contradicts:unit=SA,address=SB1"

    def test_it_settles_on_which_side_of_a_border(self):
        assert said(at=at(1, 1), address="第一小学") == "place:SA12:known_place"

    def test_the_name_of_a_neighbour_before_everything_else_is_outside(self):
        assert said(address="北山区人民路1号") == "outside:N"
        assert said(address="辽宁省海城市北山区人民路1号") == "outside:N"
        assert said(address="体育场") == "outside:N"

    @pytest.mark.parametrize("address", ["人民路通往北山区的桥", "北山区与东街道交界", "湖畔广场东门", "", "人民路1号"])
    def test_what_may_be_on_either_side_is_not_known(self, address: str):
        assert said(address=address) == "unknown:"

    def test_what_may_be_across_the_border_is_ours_beside_a_name_of_ours(self):
        assert said(address="西街道湖畔广场") == "place:SB11:known_place"

    def test_coordinates_across_the_border_and_a_name_of_ours_contradict(self):
        assert said(at=at(1, 5), address="东一社区") == "contradicts:coordinates=N,address=SA1"
        assert said(at=at(0.5, 1.5), address="北山区人民路") == "place:SA11:coordinates"


def steps_to_find(address: str, places: int) -> int:
    """How many calls it takes among so many known places whose names begin alike and are equally long."""
    more = tuple(KnownPlace(name=f"阳光花园{number:05}号院", unit="SA11") for number in range(places))
    names = PlaceNames(Policy(1, MAPPED.model_copy(update={"places": more})))
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        names.find(address)
    finally:
        sys.setprofile(None)
    return steps


def test_among_a_thousand_names_that_begin_alike_one_looks_as_often_as_among_two():
    address = "阳光" * 50
    assert steps_to_find(address, 1_000) == steps_to_find(address, 2)


def test_official_names_are_known_by_what_people_say():
    units = tuple(
        unit.model_copy(update={"name": {"SA1": "东一社区居民委员会", "SA2": "后盐村委会"}.get(unit.code, unit.name)})
        for unit in MAPPED.units
    )
    policy = Policy(3, MAPPED.model_copy(update={"units": units}))
    assert said(address="东一社区", policy=policy) == "place:SA1:address"
    assert said(address="后盐村12号", policy=policy) == "place:SA2:address"


def with_grids(count: int, *names: str) -> Policy:
    """So many more grids in SA1, with these names in turn."""
    grid = next(unit for unit in MAPPED.units if unit.code == "SA11")
    many = [grid.model_copy(update={"code": f"G{n}", "name": names[n % len(names)]}) for n in range(count)]
    return Policy(4, MAPPED.model_copy(update={"units": (*MAPPED.units, *many)}))


def test_a_name_that_more_units_have_than_are_named_says_where_all_of_them_are():
    assert said(address="河边网格", policy=with_grids(2, "河边网格")) == "unclear:G0,G1"
    assert said(address="河边网格", policy=with_grids(MOST_NAMED + 1, "河边网格")) == "place:SA1:address"


def test_a_name_that_hundreds_of_grids_have_costs_a_filing_a_look_at_each(monkeypatch: pytest.MonkeyPatch):
    policy = with_grids(400, "第0网格", "第1网格", "第2网格", "第3网格")
    looks, chain = [], Jurisdiction.chain
    monkeypatch.setattr(Jurisdiction, "chain", lambda units, code: looks.append(code) or chain(units, code))
    assert located(address="第0网格、第1网格、第2网格、第3网格，第0网格", policy=policy).unit == "SA1"
    assert len(looks) < 5 * 400


def test_nothing_of_the_address_is_kept_in_what_was_found():
    assert "花园" not in located(address="阳光花园8号院").model_dump_json()
