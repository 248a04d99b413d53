"""Areas and known places of a bundle: what is wrong is said by file and feature, what is doubtful at the import."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.policy import PolicyBundle
from services.chassis.policy_areas import feature_collection
from services.chassis.policy_doubts import doubts
from services.chassis.policy_files import BundleErrors, check_bundle, read_bundle
from tests.mapped import MAPPED, area

Complaints = Callable[[dict[str, str | bytes | None]], list[str]]
BundleWith = Callable[..., Path]

UNITS = """\
code,name,tier,parent,sort,households
D,小区,street,,,
D1,一网格,grid,D,,250
D2,二网格,grid,D,,400
DP,物业,grid,D,partner,
"""
WHOLE, WEST, EAST = area("D", 0, 0, 2, 1), area("D1", 0, 0, 1, 1), area("D2", 1, 0, 2, 1)


def drawn(*areas: Any, **more: Any) -> str:
    return json.dumps(feature_collection(areas) | more)


def feature(geometry: Any, unit: Any = "D1") -> str:
    one = {"type": "Feature", "properties": {"unit": unit}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [one]})


def ground_doubts(bundle: PolicyBundle) -> list[str]:
    """What `gridcase policy check` names about the size and the ground of units."""
    found = [one for one in doubts(bundle) if one.where.startswith(("areas/", "units/"))]
    assert all(one.zh for one in found)
    return [one.told(chinese=False) for one in found]


@pytest.fixture
def said(complaints: Complaints) -> Callable[[str], list[str]]:
    return lambda text: complaints({"units.csv": UNITS, "areas.geojson": text})


def test_sound_areas_are_read(bundle_with: BundleWith):
    bundle = read_bundle(bundle_with({"units.csv": UNITS, "areas.geojson": drawn(WHOLE, WEST, EAST)}))
    assert bundle.areas == (WHOLE, WEST, EAST)
    assert ground_doubts(bundle) == []
    assert check_bundle(PolicyBundle.model_validate_json(bundle.model_dump_json())) == bundle


def test_a_height_says_nothing_here(bundle_with: BundleWith):
    ring = [[*position, 12.5] for position in WEST.polygons[0][0]]
    text = feature({"type": "Polygon", "coordinates": [ring]})
    assert read_bundle(bundle_with({"units.csv": UNITS, "areas.geojson": text})).areas == (WEST,)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{\n  nothing", "areas.geojson:2: is not JSON: "),
        ("[]", "areas.geojson: must be a GeoJSON FeatureCollection (RFC 7946)"),
        ('{"type": "FeatureCollection"}', "areas.geojson: needs a list of `features`"),
        (drawn(WEST, crs={"properties": {"name": "EPSG:4490"}}), "areas.geojson: names another `crs`: write WGS 84"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "areas.geojson: is no GeoJSON: "),
        ('{"type": "FeatureCollection", "features": [7]}', "areas.geojson: features.0: must be a Feature"),
        (feature({}, unit=1), "areas.geojson: features.0: needs the code of a unit, as text, in properties.unit"),
        (feature({"type": "Point", "coordinates": [1, 2]}), "areas.geojson: features.0: needs a Polygon or a Multi"),
        (feature({"type": "Polygon", "coordinates": [[]]}), "areas.geojson: features.0: 'D1' has a ring that is not"),
        (feature({"type": "Polygon", "coordinates": [[["a", 1]]]}), "areas.geojson: features.0: has a position that"),
        (
            feature({"type": "Polygon", "coordinates": [[[38.9, 121.5], [38.9, 121.6], [39, 121.6], [38.9, 121.5]]]}),
            "areas.geojson: features.0: 'D1' lies at 38.9, 121.5: write degrees, longitude before latitude",
        ),
        (
            feature({"type": "Polygon", "coordinates": [[[5e5, 4.3e6], [6e5, 4.3e6], [6e5, 4.4e6], [5e5, 4.3e6]]]}),
            "areas.geojson: features.0: 'D1' lies at 500000.0, 4300000.0: write degrees",
        ),
        (
            feature({"type": "Polygon", "coordinates": [[[179, 38], [-179, 38], [-179, 39], [179, 38]]]}),
            "areas.geojson: features.0: 'D1' is wider than 20 degrees: ",
        ),
        (drawn(area("X", 0, 0, 1, 1)), "areas.geojson: features.0: 'X' is no unit and no neighbour"),
        (drawn(area("DP", 0, 0, 1, 1)), "areas.geojson: features.0: 'DP' is a partner, who has no ground of its own"),
        (drawn(WEST, EAST, WEST), "areas.geojson: features.2: 'D1' is drawn already (features.0); use a MultiPolygon"),
        (drawn(WHOLE, area("D1", -1, 0, 1, 1)), "areas.geojson: features.1: 'D1' lies partly outside its parent 'D'"),
        (drawn(WEST, area("D2", 0.9, 0, 2, 1)), "areas.geojson: features.1: 'D2' overlaps 'D1'"),
    ],
)
def test_what_is_wrong_is_said_by_feature(said: Callable[[str], list[str]], text: str, complaint: str):
    [found] = said(text)
    assert found.startswith(complaint)


def test_a_ring_that_crosses_itself_is_no_area(said: Callable[[str], list[str]]):
    bow = [[121.5, 38.9], [121.6, 39.0], [121.6, 38.9], [121.5, 39.0], [121.5, 38.9]]
    assert said(feature({"type": "Polygon", "coordinates": [bow]})) == [
        "areas.geojson: features.0: 'D1' is no sound polygon near 121.55000, 38.95000: Self-intersection"
    ]


@pytest.mark.parametrize(
    ("features", "name"),
    [
        ('[], "features": []', "features"),
        ('[{"type": "Feature", "properties": {"unit": "D1", "unit": "D2"}, "geometry": null}]', "unit"),
    ],
)
def test_a_name_that_stands_twice_is_refused(said: Callable[[str], list[str]], features: str, name: str):
    assert said(f'{{"type": "FeatureCollection", "features": {features}}}') == [
        f"areas.geojson: has '{name}' twice in one object: leave one out"
    ]


def test_two_who_drew_one_line_each_are_not_said_to_overlap(bundle_with: BundleWith):
    text = drawn(WHOLE, area("D1", -0.001, 0, 1.001, 1), EAST)  # a metre too far on both sides
    assert read_bundle(bundle_with({"units.csv": UNITS, "areas.geojson": text})).areas


def test_a_gap_and_a_grid_of_another_size_are_told_and_not_refused(bundle_with: BundleWith):
    district = "name: 小区\nladder: [grid, street]\nbasic_households: [200, 300]\n"
    files = {
        "district.yaml": district,
        "units.csv": UNITS,
        "areas.geojson": drawn(WHOLE, WEST, area("D2", 1.5, 0, 2, 1)),
    }
    assert ground_doubts(read_bundle(bundle_with(files))) == [
        "units/D2/households: 400; a basic unit of the lowest tier should have 200 to 300",
        "areas/D: has ground that no unit below it has: its own desk places what lies there",
    ]


def test_where_not_every_unit_below_is_drawn_nothing_is_said_of_gaps(bundle_with: BundleWith):
    assert ground_doubts(read_bundle(bundle_with({"units.csv": UNITS, "areas.geojson": drawn(WHOLE, WEST)}))) == []


def test_areas_stand_in_their_own_file(complaints: Complaints):
    assert complaints({"district.yaml": "name: 小区\nladder: [grid, street]\nareas: []\n"}) == [
        "district.yaml:3: areas: stand in areas.geojson beside this file"
    ]
    (error,) = complaints({"area.geojson": "{}"})
    assert error.startswith("area.geojson: is not read; known are ")
    error, _ = complaints({"AREAS.JSON": "{}"})
    assert error.startswith("AREAS.JSON: is not read; known are ")


def test_what_a_bundle_sends_is_held_to_the_same():
    overlapping = MAPPED.model_copy(update={"areas": (*MAPPED.areas[:-1], area("N", 0, 3, 4, 6))})
    with pytest.raises(BundleErrors, match=r"^/areas/8: 'N' overlaps 'D'$"):
        check_bundle(overlapping)
    cut = MAPPED.areas[0].model_copy(update={"polygons": ((((121.5, 38.9), (121.6, 38.9)),),)})
    with pytest.raises(BundleErrors, match=r"^/areas/0: 'D' has a ring that is not closed"):
        check_bundle(MAPPED.model_copy(update={"areas": (cut,)}))
    bare = MAPPED.areas[0].model_copy(update={"polygons": ((),)})
    with pytest.raises(BundleErrors, match=r"^/areas/0: 'D' has a polygon without rings$"):
        check_bundle(MAPPED.model_copy(update={"areas": (bare,)}))


class TestKnownPlaces:
    NEIGHBOURS = "code,name\nN,邻区\n"

    def test_one_name_may_stand_for_several_places(self, bundle_with: BundleWith):
        places = "name,unit\n万家超市,D1\n万家超市,D\n体育场,N\n"
        bundle = read_bundle(bundle_with({"neighbours.csv": self.NEIGHBOURS, "places.csv": places}))
        assert [(place.name, place.unit) for place in bundle.places] == [
            ("万家超市", "D1"), ("万家超市", "D"), ("体育场", "N"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("row", "complaint"),
        [
            ("体育场,X", "unit: there is no unit and no neighbour 'X'"),
            ("店,D1", "name: '店' is too short to be found in an address: at least 2 characters"),
            ("阳光\u200b花园,D1", "name: holds a sign that nobody sees, and no address has it: write the name anew"),
            ("物业中心,DP", "unit: 'DP' is a partner: name the unit it is in"),
            (",D1", "name: '' is too short to be found in an address: at least 2 characters"),
        ],
    )
    def test_a_wrong_row(self, complaints: Complaints, row: str, complaint: str):
        assert complaints({"units.csv": UNITS, "places.csv": f"name,unit\n{row}\n"}) == [f"places.csv:2: {complaint}"]

    def test_a_neighbour_has_a_code_of_its_own(self, complaints: Complaints):
        assert complaints({"neighbours.csv": "code,name\nD1,邻区\nN,\nD-WATER,某区\n"}) == [
            "neighbours.csv:2: code: 'D1' is the code of a unit or a department",
            "neighbours.csv:4: code: 'D-WATER' is the code of a unit or a department",
        ]


@pytest.mark.parametrize(
    ("bounds", "complaint"),
    [
        ("[300, 200]", "basic_households: 300 is more than 200"),
        ("[200]", "basic_households.1: is missing"),
        ("[-5, 200]", "basic_households.0: '-5' is less than 0"),
        ("[200, 99999999]", "basic_households.1: '99999999' is more than 10000000"),
        (f"[{'9' * 5000}, 200]", f"basic_households.0: '{'9' * 58}… is not a whole number"),
    ],
)
def test_bounds_are_numbers_in_order(complaints: Complaints, bounds: str, complaint: str):
    text = f"name: 小区\nladder: [grid, street]\nbasic_households: {bounds}\n"
    assert complaints({"district.yaml": text}) == [f"district.yaml:3: {complaint}"]


def test_bounds_that_a_bundle_sends_are_in_order_too():
    with pytest.raises(BundleErrors, match=r"^basic_households: 300 is more than 200$"):
        check_bundle(MAPPED.model_copy(update={"basic_households": (300, 200)}))
