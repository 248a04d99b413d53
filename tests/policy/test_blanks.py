"""What must be named is named."""

from tests.policy.test_errors_by_line import DISTRICT, Complaints


def test_nothing_is_called_by_a_blank(complaints: Complaints):
    tables = "ladder:\n  - {code: grid, name: ''}\n  - {code: street, name_en: ' '}\n"
    assert complaints({"district.yaml": "name: ' '\n" + tables}) == [
        "district.yaml:1: name: must not be blank",
        "district.yaml:3: name: must not be blank",
        "district.yaml:4: name_en: must not be blank",
    ]


def test_nobody_without_a_name_is_told(complaints: Complaints):
    kinds = "kinds:\n  - {code: GAS, name: 气, tier: grid, hand_off: ['119', ''], accept_hours: 1, resolve_hours: 2}\n"
    assert complaints({"district.yaml": DISTRICT + kinds}) == [
        "district.yaml:4: hand_off: names somebody without a name"
    ]
