"""难易: a limit that could never decide anything is refused by name."""

import pytest

from schemas.policy import ScaleRule
from services.chassis.policy_files import BundleErrors, check_bundle, read_bundle
from tests.policy.conftest import DISTRICT, Complaints

THREE = DISTRICT.replace("[grid, street]", "[grid, community, street]")


def scale(*lines: str, district: str = THREE) -> dict[str, str]:
    return {"district.yaml": district + "scale:\n" + "".join(f"  {line}\n" for line in lines)}


def test_limits_are_read_by_tier(bundle_with):
    bundle = read_bundle(bundle_with(scale("grid: {households: 50, money: 5000}", "community: {households: 300}")))
    assert bundle.scale == {
        "grid": ScaleRule(households=50, money=5_000),
        "community": ScaleRule(households=300),
    }
    assert check_bundle(bundle) == bundle


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["sky: {households: 5}"], "6: 'sky' is not on the ladder (grid, community, street)"),
        (["grid: {}"], "6: names no limit"),
        (["grid: {houses: 5}"], "6: houses: is not a known field"),
        (["grid: {households: -1}"], "6: households: '-1' is less than 0"),
        (["grid: {households: many}"], "6: households: 'many' is not a whole number"),
        (["grid: {money: 1000000000001}"], "6: money: '1000000000001' is more than 1000000000000"),
        (
            ["grid: {households: 50}", "community: {households: 50}"],
            "7: households: 50 is not more than 50 at 'grid' below it",
        ),
        (
            ["community: {money: 10}", "grid: {money: 50}"],
            "6: money: 10 is not more than 50 at 'grid' below it",
        ),
        (["community: {money: 10}"], "6: money: has no effect: 'grid' below it has no limit"),
        (
            ["grid: {money: 1, joint: 1}", "community: {money: 2, joint: 2}", "street: {money: 3}"],
            "8: money: has no effect: nobody stands above 'street'",
        ),
    ],
)
def test_a_limit_without_effect_is_refused(complaints: Complaints, lines: list[str], found: str):
    [said] = complaints(scale(*lines))
    assert said == f"district.yaml:{found}"


def test_what_is_sent_over_http_is_held_to_the_same(bundle_with):
    sound = read_bundle(bundle_with())
    with pytest.raises(BundleErrors) as raised:
        check_bundle(sound.model_copy(update={"scale": {"sky": ScaleRule(money=1)}}))
    assert str(raised.value) == "/scale/sky: 'sky' is not on the ladder (grid, street)"
