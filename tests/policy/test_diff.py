"""What a bundle would change, line by line."""

from schemas.policy import PolicyBundle, ScaleRule
from services.chassis.policy_diff import Difference, differences
from services.chassis.policy_files import read_bundle
from tests.serving import DISTRICT

BUNDLE = read_bundle(DISTRICT)


def changed(**sections: object) -> list[Difference]:
    return differences(BUNDLE, BUNDLE.model_copy(update=sections))


def test_a_bundle_does_not_differ_from_itself():
    assert changed() == []


def test_a_changed_field_is_named_by_section_code_and_field():
    first, *others = BUNDLE.kinds
    slower = first.model_copy(update={"resolve_hours": first.resolve_hours + 1})
    where = f"kinds/{first.code}/resolve_hours"
    assert changed(kinds=(slower, *others)) == [Difference(where, first.resolve_hours, first.resolve_hours + 1)]
    limits = BUNDLE.limits.model_copy(update={"reopen_days": 30.0})
    assert changed(limits=limits) == [Difference("limits/reopen_days", BUNDLE.limits.reopen_days, 30.0)]


def test_a_changed_limit_of_a_tier_is_named():
    before = BUNDLE.model_copy(update={"scale": {"grid": ScaleRule(households=50)}})
    after = BUNDLE.model_copy(update={"scale": {"grid": ScaleRule(households=60, money=5_000)}})
    assert differences(before, after) == [
        Difference("scale/grid/households", 50, 60),
        Difference("scale/grid/money", None, 5_000),
    ]


def test_what_comes_or_goes_is_told_whole():
    *others, last = BUNDLE.units
    [gone] = changed(units=tuple(others))
    assert (gone.where, gone.before["name"], gone.after) == (f"units/{last.code}", last.name, None)
    [come] = differences(BUNDLE.model_copy(update={"units": tuple(others)}), BUNDLE)
    assert (come.where, come.before, come.after["name"]) == (f"units/{last.code}", None, last.name)


def test_the_order_of_the_ladder_is_part_of_it():
    turned: PolicyBundle = BUNDLE.model_copy(update={"ladder": BUNDLE.ladder[::-1]})
    codes = [tier.code for tier in BUNDLE.ladder]
    assert differences(BUNDLE, turned) == [Difference("ladder in order", codes, codes[::-1])]
