"""A long bundle is read so that others have their turn meanwhile, and comes out as if it were read in one go."""

import gc

import pytest
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from schemas.policy import PolicyBundle
from services.chassis import policy_pieces
from services.chassis.making_many import MANY, making_many
from services.chassis.policy_pieces import bundle_of
from tests.given import DISTRICT

TEXT = DISTRICT.bundle.model_dump_json()


@pytest.fixture
def long(monkeypatch):
    """What a long bundle is, for one that is not."""
    monkeypatch.setattr(policy_pieces, "MANY", 0)
    monkeypatch.setattr(policy_pieces, "AT_ONCE", 2)


@pytest.mark.parametrize("text", [TEXT, TEXT.encode()])
def test_in_pieces_it_is_the_same_bundle(long, text):
    assert bundle_of(text) == PolicyBundle.model_validate_json(text)


@pytest.mark.parametrize("broken", [{"units": {"last": "odd"}}, {"kinds": []}, {"nothing": 1}])
def test_what_is_wrong_is_said_where_it_stands_in_the_whole(long, broken):
    whole = from_json(TEXT)
    text = to_json(
        whole | {name: [*whole["units"], rows] if name == "units" else rows for name, rows in broken.items()}
    )
    with pytest.raises(ValidationError) as told:
        bundle_of(text)
    with pytest.raises(ValidationError) as expected:
        PolicyBundle.model_validate_json(text)
    assert told.value.errors() == expected.value.errors()


@pytest.mark.parametrize("text", ["[]", "null", "{", ""])
def test_what_is_no_bundle_at_all_is_refused(long, text):
    with pytest.raises(ValidationError):
        bundle_of(text)


@pytest.fixture
def thawed():
    """What is kept from the collector in a test is given back to it."""
    yield
    gc.unfreeze()


def test_nothing_is_collected_until_the_last_who_makes_many_has_done(thawed):
    gc.unfreeze()
    with making_many(MANY):
        with making_many(MANY):
            assert not gc.isenabled()
        assert not gc.isenabled()
        assert not gc.get_freeze_count()
    assert gc.isenabled()
    assert gc.get_freeze_count()


def test_a_short_text_changes_nothing():
    with making_many(MANY - 1):
        assert gc.isenabled()


def test_where_nothing_is_collected_nothing_is_afterwards(thawed):
    gc.disable()
    try:
        with making_many(MANY):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
