"""What departments and operators were once sent must always be read, and sent as it was.

`golden/messages/<Type>.v1.json` is one record of a topic: its key, its headers, and its value with every field filled.
Files here are only added; `golden/published.json` holds the kind of every field.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import create_model

from docs import contract
from docs.compatibility import breaks, fields_of
from schemas.cloudevents import Message, encode_dead_letter, encode_dispatch
from schemas.dead_letter import DeadLetter
from schemas.dispatches import DISPATCH_EVENTS, DispatchEvent, DispatchFollowedUp

GOLDEN = Path(__file__).parent / "golden" / "messages"
RECORDS = {path.stem.removesuffix(".v1"): json.loads(path.read_text(encoding="utf-8")) for path in GOLDEN.iterdir()}
TYPES: Mapping[str, type[DispatchEvent | DeadLetter]] = {one.__name__: one for one in DISPATCH_EVENTS} | {
    "DeadLetter": DeadLetter,
    "DeadLetter-of-a-record": DeadLetter,
}
EITHER_OR = {"DeadLetter": {"topic"}, "DeadLetter-of-a-record": {"stream", "event"}}
"""A dead letter points to an event or to a record; both have their file."""


def sent(one: DispatchEvent | DeadLetter) -> dict[str, Any]:
    """The record as it goes to its topic."""
    message: Message = (
        encode_dead_letter(one, "epoch-1") if isinstance(one, DeadLetter) else encode_dispatch(one, "epoch-1")
    )
    headers = {name: value.decode() for name, value in message.headers}
    return {"key": message.key.decode(), "headers": headers, "value": json.loads(message.value)}


def read(kind: type[DispatchEvent | DeadLetter], name: str) -> DispatchEvent | DeadLetter:
    return kind.model_validate_json(json.dumps(RECORDS[name]["value"]))


def test_every_type_has_its_golden_file_with_every_field():
    assert set(RECORDS) == set(TYPES)
    for name, kind in TYPES.items():
        value = RECORDS[name]["value"]
        assert set(kind.model_fields) - {
            field for field, held in value.items() if held not in (None, [])
        } == EITHER_OR.get(name, set()), name


@pytest.mark.parametrize("name", TYPES)
def test_what_was_sent_is_read_and_sent_again_as_it_was(name):
    assert sent(read(TYPES[name], name)) == RECORDS[name]


@pytest.mark.parametrize("name", TYPES)
def test_what_was_sent_fits_the_schema_of_today(name):
    schema = contract.published()[f"{TYPES[name].__name__}.v1"]
    jsonschema_rs.validator_for(schema).validate(RECORDS[name]["value"])


@pytest.mark.parametrize(
    "change",
    [
        {"followed_by": (int, ...)},
        {"solved": (str | None, None)},
        {"shift": (str, ...)},
    ],
    ids=["retyped", "retyped and optional", "new and required"],
)
def test_a_planted_change_is_noticed(change):
    planted = create_model("DispatchFollowedUp", __base__=DispatchFollowedUp, **change)
    with pytest.raises(ValueError, match="DispatchFollowedUp"):
        read(planted, "DispatchFollowedUp")


def test_a_planted_change_of_a_dead_letter_is_noticed():
    schemas = contract.published()
    before = {name: fields_of(schema) for name, schema in schemas.items()}
    del schemas["DeadLetter.v1"]["properties"]["attempts"]
    assert breaks(before, {name: fields_of(schema) for name, schema in schemas.items()}) == [
        "DeadLetter.v1: attempts is gone"
    ]
