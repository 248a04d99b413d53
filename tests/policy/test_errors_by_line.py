"""What is wrong in a bundle is said by file, line and field, all of it at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.chassis.policy_files import BundleErrors, read_bundle

Complaints = Callable[[dict[str, str | bytes | None]], list[str]]

UNITS = "code,name,tier,parent,staff\nD,小区,street,,3\nD1,一网格,grid,D,1\n"
SIZED = UNITS.replace("staff", "households")
DEPARTMENTS = "code,name,unit,power\nD-WATER,水务所,D,water\n"
KINDS = "code,name,tier,power,accept_hours,resolve_hours\nLAMP,灯不亮,grid,,8,48\nPIPE,停水,street,water,1,24\n"
DISTRICT = "name: 小区\nladder: [grid, street]\n"


def test_a_tier_that_is_not_on_the_ladder(complaints: Complaints):
    assert complaints({"kinds.csv": KINDS + "ROAD,路,towns,,1,2\n"}) == [
        "kinds.csv:4: tier: 'towns' is not on the ladder (grid, street)"
    ]


def test_a_code_that_is_not_unified(complaints: Complaints):
    unified = DISTRICT.replace("[grid, street]", "[{code: grid, digits: 4}, {code: street, digits: 2}]")
    units = "code,name,tier,parent\n11,街,street,\n1101,一,grid,11\n110,二,grid,11\n11A3,三,grid,11\n1204,四,grid,11\n"
    departments = DEPARTMENTS.replace("水务所,D,", "水务所,11,")
    assert complaints({"district.yaml": unified, "units.csv": units, "departments.csv": departments}) == [
        "units.csv:4: code: '110' is not 4 digits, as the codes of 'grid' are",
        "units.csv:5: code: '11A3' is not 4 digits, as the codes of 'grid' are",
        "units.csv:6: code: '1204' does not begin with the code of its parent, '11'",
    ]


def test_everything_is_said_at_once(complaints: Complaints):
    found = complaints(
        {
            "district.yaml": DISTRICT + "timezone: Moon/Base\nseverities: {critical: {floor: sky}}\n",
            "units.csv": UNITS + "D2,二网格,grid,D9,1\n",
            "departments.csv": DEPARTMENTS + "D-GAS,燃气所,D7,gas\n",
            "kinds.csv": KINDS + "ROAD,路,grid,roads,0,-2\n",
        }
    )
    assert found == [
        "departments.csv:3: unit: there is no unit 'D7'",
        "district.yaml:3: timezone: there is no time zone 'Moon/Base'",
        "district.yaml:4: floor: 'sky' is not on the ladder (grid, street)",
        "kinds.csv:4: accept_hours: '0' is not more than 0.0",
        "kinds.csv:4: resolve_hours: '-2' is not more than 0.0",
        "units.csv:4: parent: there is no unit 'D9'",
    ]


@pytest.mark.parametrize(
    ("name", "content", "row", "message"),
    [
        ("units.csv", UNITS, "D1,又一个,grid,D,1", "code: 'D1' is taken already (units.csv:3)"),
        ("units.csv", UNITS, "D2,二,tower,D,1", "tier: 'tower' is not on the ladder (grid, street)"),
        ("units.csv", UNITS, "D2,二,grid,D1,1", "parent: 'D1' stands at 'grid', which is not above 'grid'"),
        ("units.csv", UNITS, "D2,二,street,,1", "parent: is missing: 'D' is the top already"),
        ("units.csv", UNITS, "D2,二,grid,D,few", "staff: 'few' is not a whole number"),
        ("units.csv", UNITS, "D2,二,grid,D,-1", "staff: '-1' is less than 0"),
        (
            "units.csv",
            UNITS,
            "D/2,二,grid,D,1",
            "code: 'D/2' may hold letters, digits, '.', '-' and '_' only, at most 64",
        ),
        ("units.csv", UNITS, "..,二,grid,D,1", "code: '..' needs a letter or a digit"),
        ("units.csv", UNITS, "D2,二,grid,D,1000001", "staff: 1000001 is more than 1000000"),
        ("units.csv", SIZED, "D2,二,grid,D,10000001", "households: 10000001 is more than 10000000"),
        ("units.csv", UNITS, ",二,grid,D,1", "code: is missing"),
        (
            "departments.csv",
            DEPARTMENTS,
            "D-W2,水二所,D,water",
            "power: 'D-WATER' has the power 'water' at 'D' already",
        ),
        (
            "departments.csv",
            DEPARTMENTS,
            "D-WATER,水二所,D1,water",
            "code: 'D-WATER' is taken already (departments.csv:2)",
        ),
        (
            "departments.csv",
            DEPARTMENTS,
            "D1,所,D,gas",
            "code: 'D1' is the code of a unit: both are addresses of dispatches",
        ),
        ("kinds.csv", KINDS, "LAMP,灯,grid,,8,48", "code: 'LAMP' is taken already (kinds.csv:2)"),
        ("kinds.csv", KINDS, "GAS,气,street,gas,1,2", "power: no department has the power 'gas'"),
        (
            "kinds.csv",
            KINDS,
            "GAS,气,grid,water,1,2",
            "tier: no department has the power 'water' at 'grid', only at street",
        ),
        ("kinds.csv", KINDS, "GAS,气,street,,soon,2", "accept_hours: 'soon' is not a number"),
        ("kinds.csv", KINDS, "GAS,气,street,,1,inf", "resolve_hours: 'inf' is too large"),
        ("kinds.csv", KINDS, "GAS,气,street,,1,1e-9", "resolve_hours: '1e-9' is less than a second"),
        ("kinds.csv", KINDS, "GAS,气,street,,nan,2", "accept_hours: 'nan' is not more than 0.0"),
    ],
)
def test_a_wrong_row(complaints: Complaints, name: str, content: str, row: str, message: str):
    assert complaints({name: content + row + "\n"}) == [f"{name}:{content.count(chr(10)) + 1}: {message}"]


def test_a_department_lower_than_its_kind_leaves_the_kind_without_one(complaints: Complaints):
    departments = DEPARTMENTS.replace(",D,water", ",D1,water")
    assert complaints({"departments.csv": departments}) == [
        "kinds.csv:3: tier: no department has the power 'water' at 'street', only at grid"
    ]


def test_units_in_a_circle(complaints: Complaints):
    circle = "A,甲,grid,B,1\nB,乙,grid,C,1\nC,丙,grid,A,1\n"
    assert complaints({"units.csv": UNITS + circle}) == [
        "units.csv:4: parent: the units go round in a circle (A → B → C → A)",
        "units.csv:5: parent: the units go round in a circle (B → C → A → B)",
        "units.csv:6: parent: the units go round in a circle (C → A → B → C)",
    ]


def test_a_tree_without_a_top(complaints: Complaints):
    assert complaints({"units.csv": "code,tier,parent\nD,street,D1\nD1,grid,D\n"}) == [
        "units.csv:2: parent: the units go round in a circle (D → D1 → D)",
        "units.csv:2: parent: no unit is without a parent: one must be the top",
        "units.csv:3: parent: the units go round in a circle (D1 → D → D1)",
    ]


def test_a_top_below_the_top_tier(complaints: Complaints):
    assert complaints({"district.yaml": "name: 小区\nladder: [grid, street, city]\n"}) == [
        "units.csv:2: tier: 'D' has no parent, so it must stand at the top tier 'city'"
    ]


def test_one_wrong_row_is_not_every_row_below_it(complaints: Complaints):
    assert complaints({"units.csv": UNITS.replace("小区,street,,3", "小区,street,,three")}) == [
        "units.csv:2: staff: 'three' is not a whole number"
    ]


def test_choices_are_listed(complaints: Complaints):
    kinds = (
        KINDS.replace("resolve_hours\n", "resolve_hours,severity\n")
        .replace("48\n", "48,grave\n")
        .replace("24\n", "24,\n")
    )
    assert complaints({"kinds.csv": kinds}) == [
        "kinds.csv:2: severity: 'grave' is not 'routine', 'urgent' or 'critical'"
    ]


def test_a_hand_off_names_who_is_told(complaints: Complaints, bundle_with: Callable[..., Path]):
    kinds = (
        KINDS.replace("resolve_hours\n", "resolve_hours,disposition\n")
        .replace("48\n", "48,hand_off\n")
        .replace("24\n", "24,\n")
    )
    assert complaints({"kinds.csv": kinds}) == [NOBODY_TOLD]
    assert read_bundle(bundle_with({"kinds.csv": kinds, "district.yaml": DISTRICT + NAMES_110}))


def test_what_can_become_critical_names_who_is_told(complaints: Complaints, bundle_with: Callable[..., Path]):
    grave = (
        KINDS.replace("resolve_hours\n", "resolve_hours,severity\n")
        .replace("48\n", "48,critical\n")
        .replace("24\n", "24,\n")
    )
    assert complaints({"kinds.csv": grave}) == [NOBODY_TOLD]
    signs = "kind,words,raises\nLAMP,漏电,critical\nPIPE,停水,urgent\n"
    assert complaints({"signs.csv": signs}) == [NOBODY_TOLD]
    assert read_bundle(bundle_with({"signs.csv": signs, "district.yaml": DISTRICT + NAMES_110}))
    names_119 = (
        KINDS.replace("resolve_hours\n", "resolve_hours,hand_off\n")
        .replace("48\n", "48,119\n")
        .replace("24\n", "24,\n")
    )
    assert read_bundle(bundle_with({"signs.csv": signs, "kinds.csv": names_119}))


NAMES_110 = "hand_off_default: ['110']\n"
NOBODY_TOLD = "kinds.csv:2: hand_off: is missing, and so is hand_off_default: who must be told at once?"


class TestSigns:
    def test_a_bad_pattern(self, complaints: Complaints):
        signs = "LAMP:\n  - 灯不亮\n  - {words: '(灯', regex: true}\n  - {words: '(灯', regex: false}\n"
        (error,) = complaints({"signs.yaml": signs})
        assert error.startswith("signs.yaml:3: words: is not a regular expression: ")

    def test_a_pattern_that_is_everywhere(self, complaints: Complaints):
        assert complaints({"signs.csv": "kind,words,regex\nLAMP,灯*,true\n"}) == [
            "signs.csv:2: words: finds itself in an empty text"
        ]

    @pytest.mark.parametrize(
        ("words", "complaint"),
        [
            ("灯[中-個]", "is not a regular expression: bad character range"),
            ("灯(?P<ａ>x)(?P<a>y)", "is not a regular expression: redefinition"),
            ("(" * 900 + "灯" + ")" * 900, "is not a regular expression: "),
            ("灯.{4294967296}", "is not a regular expression: "),
            ("灯" * 2_001, "is longer than 2000 characters"),
            ("(?:灯|灯灯)+坏", "takes too long: "),
        ],
    )
    def test_an_expression_that_no_text_should_be_shown_to(self, complaints: Complaints, words: str, complaint: str):
        (error,) = complaints({"signs.csv": f"kind,words,regex\nLAMP,{words},true\n"})
        assert error.startswith(f"signs.csv:2: words: {complaint}")

    def test_an_unknown_kind_is_said_once(self, complaints: Complaints):
        assert complaints({"signs.yaml": "LAMP: [灯]\nLAMB:\n  - 羊\n  - 羔\n"}) == [
            "signs.yaml:3: kind: there is no kind 'LAMB'"
        ]

    def test_wrong_fields(self, complaints: Complaints):
        signs = "LAMP:\n  - {words: 灯, wait: 3}\n  - words: 亮\n    weight: heavy\n    raises: routine\n  - ''\n"
        assert complaints({"signs.yaml": signs}) == [
            "signs.yaml:2: wait: is not a known field",
            "signs.yaml:4: weight: 'heavy' is not a number",
            "signs.yaml:5: raises: 'routine' is not 'urgent' or 'critical'",
            "signs.yaml:6: words: must not be empty",
        ]

    def test_signs_are_a_list(self, complaints: Complaints):
        assert complaints({"signs.yaml": "LAMP: 灯\n"}) == ["signs.yaml:1: LAMP: must be a list"]

    def test_signs_inline_keep_their_lines(self, complaints: Complaints):
        kind = "kinds:\n  - code: ROAD\n    tier: grid\n    accept_hours: 1\n    resolve_hours: 2\n    signs:\n"
        signs = "      - 路\n      - {words: 坑, weight: x}\n"
        assert complaints({"district.yaml": DISTRICT + kind + signs}) == [
            "district.yaml:10: weight: 'x' is not a number"
        ]


class TestShape:
    """What keeps a file from being read as a table is said first, for every file."""

    def test_no_such_place(self, tmp_path: Path):
        with pytest.raises(BundleErrors, match=r"^nowhere: cannot be read: No such file or directory$"):
            read_bundle(tmp_path / "nowhere")

    def test_a_directory_without_a_district(self, complaints: Complaints):
        assert complaints({"district.yaml": None}) == ["district.yaml: cannot be read: No such file or directory"]

    def test_a_column_nobody_knows(self, complaints: Complaints):
        assert complaints({"departments.csv": "code,name,unit,powers\nD-W,水,D,water\n"}) == [
            "departments.csv:1: powers: is not a known column (code, name, name_en, unit, power)"
        ]

    def test_a_column_twice(self, complaints: Complaints):
        assert complaints({"departments.csv": "code,unit,unit,power\nD-W,D,D,water\n"}) == [
            "departments.csv:1: unit: is given twice"
        ]

    def test_rows_of_another_width(self, complaints: Complaints):
        assert complaints({"units.csv": UNITS + "D2,二,grid\n", "kinds.csv": KINDS + "A,b,c,d,1,2,3\n"}) == [
            "kinds.csv:4: has 7 values for 6 columns",
            "units.csv:4: has 3 values for 5 columns",
        ]

    def test_a_quote_that_never_ends(self, complaints: Complaints):
        (error,) = complaints({"units.csv": UNITS + 'D2,"二,grid,D,1\n'})
        assert error.startswith("units.csv:4: is not CSV: ")

    def test_lines_are_counted_through_quoted_line_ends(self, complaints: Complaints):
        assert complaints({"units.csv": UNITS + 'D2,"二\n网格",grid,D,1\n\nD3,三,grid,D9,1\n'}) == [
            "units.csv:7: parent: there is no unit 'D9'"
        ]

    def test_another_encoding(self, complaints: Complaints):
        assert complaints({"units.csv": b"code,name\n" + "D,小区\n".encode("gbk")}) == [
            "units.csv:2: is not UTF-8; in Excel, save it as CSV UTF-8"
        ]

    def test_broken_yaml(self, complaints: Complaints):
        (error,) = complaints({"district.yaml": "name: 小区\nladder: [grid\nunits: []\n"})
        assert error.startswith("district.yaml:3: is not YAML: ")

    def test_control_characters(self, complaints: Complaints):
        (error,) = complaints({"district.yaml": "name: 小区\nladder: [grid]\nname_en: \x07\n"})
        assert error.startswith("district.yaml:3: is not YAML: ")

    @pytest.mark.parametrize("content", ["", "- name\n", "小区"])
    def test_yaml_that_is_no_mapping(self, complaints: Complaints, content: str):
        assert complaints({"district.yaml": content}) == ["district.yaml:1: must be a mapping of fields"]

    def test_a_key_twice(self, complaints: Complaints):
        assert complaints({"district.yaml": DISTRICT + "name: 大区\n"}) == ["district.yaml:3: name: is given twice"]

    def test_aliases_are_not_followed(self, complaints: Complaints):
        assert complaints({"district.yaml": "name: &a 小区\nname_en: *a\nladder: [grid, street]\n"}) == [
            "district.yaml:1: aliases (*name) are not read: write it out"
        ]

    def test_a_section_of_the_wrong_shape(self, complaints: Complaints):
        assert complaints({"district.yaml": DISTRICT + "units: 3\nkinds:\n  - LAMP\nlimits: []\n"}) == [
            "district.yaml:3: units: must be a list",
            "district.yaml:5: kinds: must be a mapping of fields",
            "district.yaml:6: limits: must be a mapping of fields",
        ]

    def test_a_file_that_nobody_would_read(self, complaints: Complaints):
        (error,) = complaints({"unit.csv": UNITS})
        assert error.startswith("unit.csv: is not read; known are district.yaml, units.csv, ")


class TestHeader:
    def test_unknown_and_missing_fields(self, complaints: Complaints):
        assert complaints({"district.yaml": "ladder: [grid, street]\nunassessed: mild\ncolour: red\n"}) == [
            "district.yaml:1: name: is missing",
            "district.yaml:2: unassessed: 'mild' is not 'routine', 'urgent' or 'critical'",
            "district.yaml:3: colour: is not a known field",
        ]

    def test_who_is_told_when_nobody_is_named_is_a_list_of_names(self, complaints: Complaints):
        assert complaints({"district.yaml": DISTRICT + 'hand_off_default: "110"\n'}) == [
            "district.yaml:3: hand_off_default: '110' is not a list",
        ]
        assert complaints({"district.yaml": DISTRICT + 'hand_off_default: [""]\n'}) == [
            "district.yaml:3: hand_off_default.0: must not be empty",
        ]

    def test_an_empty_bundle(self, complaints: Complaints):
        nothing = {"units.csv": None, "departments.csv": None, "kinds.csv": None}
        assert complaints({**nothing, "district.yaml": "name: 小区\n"}) == [
            "district.yaml:1: ladder: needs at least 1",
            "district.yaml:1: units: needs at least 1",
            "district.yaml:1: kinds: needs at least 1",
        ]

    def test_a_deadline_is_not_over_when_it_is_set(self, complaints: Complaints):
        rules = "limits:\n  supervise_hours: 0.016\nseverities:\n  critical: {accept_hours: 0.0001}\n"
        assert complaints({"district.yaml": DISTRICT + rules}) == [
            "district.yaml:4: supervise_hours: '0.016' is less than a minute",
            "district.yaml:6: accept_hours: '0.0001' is less than a second",
        ]

    def test_severities_and_limits(self, complaints: Complaints):
        rules = "severities:\n  critical:\n    accept_hours: 0\n  grave: {floor: street}\nlimits:\n  review_below: 2\n"
        assert complaints({"district.yaml": DISTRICT + rules}) == [
            "district.yaml:5: accept_hours: '0' is not more than 0.0",
            "district.yaml:6: severities.grave.[key]: 'grave' is not 'routine', 'urgent' or 'critical'",
            "district.yaml:8: review_below: '2' is more than 1.0",
        ]
