"""The command for a first petition fits the district in force."""

import pytest

from schemas.policy import Policy
from services.chassis.policy_files import read_bundle
from services.console.sample import sample_curl
from tests.serving import DISTRICT


def test_it_names_a_unit_of_the_lowest_tier_that_somebody_works_in():
    bundle = read_bundle(DISTRICT)
    assert '"place": {"unit": "SA11"}' in sample_curl(Policy(1, bundle), "http://x", asks_for_key=False)
    units = tuple(one.model_copy(update={"staff": 0}) if one.code == "SA11" else one for one in bundle.units)
    emptied = bundle.model_copy(update={"units": units})
    assert '"place": {"unit": "SA12"}' in sample_curl(Policy(1, emptied), "http://x", asks_for_key=False)


@pytest.mark.parametrize("asks_for_key", [True, False])
def test_the_key_is_taken_from_the_environment_where_one_is_asked_for(asks_for_key):
    curl = sample_curl(Policy(1, read_bundle(DISTRICT)), "http://x", asks_for_key=asks_for_key)
    assert ('-H "Authorization: Bearer $GRIDCASE_KEY"' in curl) is asks_for_key
