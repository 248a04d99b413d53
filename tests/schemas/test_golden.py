"""Events are storage: what was once written must always be read, and mean the same.

`golden/<Event>.v1.json` is one event as it stands in a log, every field filled; `golden/shapes.json` says what kind of
value each field holds, because a date that became a text would still be written the same. Files here are only added:
a test that fails says that the model must change back, or that a new event is needed.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import create_model
from pydantic_core import to_json

from schemas.event import Event, Instant
from schemas.events import EVENT_TYPES
from schemas.sealed import Sealed
from services.chassis.codec import Undecodable, decode, encode_data, encode_meta
from services.chassis.sealing import sealed_fields
from services.chassis.store.engine import EventRow

GOLDEN = Path(__file__).parent / "golden"
SHAPES: dict[str, dict[str, str]] = json.loads((GOLDEN / "shapes.json").read_text(encoding="utf-8"))
PETITION = UUID("019a0b1c-7d2e-7f00-8000-0000000000a5")


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8")


def shape(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What kind of value a field holds, in a word: `string/date-time`, `one of a b c`, `list of {code name}`."""
    if "$ref" in schema:
        return shape(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return " or ".join(shape(one, definitions) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return "one of " + " ".join(schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {shape(schema['items'], definitions)}"
    if schema.get("type") == "object":
        parts = (f"{name}: {shape(one, definitions)}" for name, one in schema["properties"].items())
        return "{" + ", ".join(parts) + "}"
    return "/".join(schema[word] for word in ("type", "format") if word in schema)


def shapes_of(event_type: type[Event]) -> dict[str, str]:
    schema = event_type.model_json_schema()
    shapes = {name: shape(one, schema.get("$defs", {})) for name, one in schema["properties"].items()}
    for name, content in sealed_fields(event_type).items():
        inside = content.json_schema()
        shapes[name] = shapes[name].replace("string/sealed", f"sealed {shape(inside, inside.get('$defs', {}))}")
    return shapes


def complaints(event_type: type[Event], text: str, shapes: dict[str, str]) -> list[str]:
    """What keeps this model from reading and writing what was once written; empty when nothing does."""
    try:
        again = json.loads(encode_data(event_type.model_validate_json(text)))
    except ValueError as error:
        return [f"cannot be read: {error}"]
    written = json.loads(text)
    lost = [f"{name} is not written as it was" for name in written if again.get(name) != written[name]]
    found = shapes_of(event_type)
    changed = [
        f"{name} was {old}, is {found.get(name)}" for name, old in shapes.items() if not _holds(found.get(name), old)
    ]
    needed = [
        f"{name} is required, and old events do not have it"
        for name, field in event_type.model_fields.items()
        if field.is_required() and name not in written
    ]
    return lost + changed + needed


def _holds(found: str | None, old: str) -> bool:
    """A closed vocabulary may grow; anything else stays as it was."""
    if found is not None and found.startswith("one of ") and old.startswith("one of "):
        return set(old.split()) <= set(found.split())
    return found == old


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_what_was_written_is_read_and_written_again_as_it_was(name):
    assert complaints(EVENT_TYPES[name], golden(name), SHAPES[name]) == []


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_row_of_the_log_is_that_event(name):
    meta = encode_meta(EVENT_TYPES[name].owner, "a cause", "s-1", None)
    row = EventRow(5, 7, PETITION, 3, name, 1, golden(name), meta, 1_000_000)
    recorded = decode(row)
    assert type(recorded.event) is EVENT_TYPES[name]
    assert json.loads(encode_data(recorded.event)) == json.loads(golden(name))
    assert (recorded.service, recorded.causation, recorded.by) == (EVENT_TYPES[name].owner, "a cause", "s-1")


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_what_may_be_missing_is_read_back_as_missing(name):
    event_type = EVENT_TYPES[name]
    nullable = {field: None for field, kind in SHAPES[name].items() if kind.endswith(" or null")}
    event = event_type.model_validate_json(golden(name)).model_copy(update=nullable)
    assert event_type.model_validate_json(encode_data(event)) == event


def test_every_event_has_its_golden_file_with_every_field():
    assert {path.name for path in GOLDEN.glob("*.v1.json")} == {f"{name}.v1.json" for name in EVENT_TYPES}
    unfilled = {
        name: set(event_type.model_fields) - set(json.loads(golden(name)))
        for name, event_type in EVENT_TYPES.items()
        if set(event_type.model_fields) - set(json.loads(golden(name)))
    }
    assert not unfilled
    assert {name: set(shapes) for name, shapes in SHAPES.items()} == {
        name: set(event_type.model_fields) for name, event_type in EVENT_TYPES.items()
    }


def test_no_golden_file_holds_a_word_in_clear():
    for name, shapes in SHAPES.items():
        written = json.loads(golden(name))
        assert all(written[field].startswith("s1.") for field, kind in shapes.items() if "sealed" in kind), name


def test_an_event_of_a_later_release_is_kept_apart_and_loses_nothing():
    row = EventRow(5, 7, PETITION, 3, "PetitionSang", 1, "{}", encode_meta("intake", "x", None, None), 0)
    assert decode(row).event.model_dump(include={"type", "known"}) == {"type": "PetitionSang", "known": False}


def test_a_field_of_a_later_release_does_not_keep_an_event_from_being_read():
    newer = to_json({**json.loads(golden("DispatchAccepted")), "mood": "glad"}).decode()
    meta = encode_meta("router", "x", None, None)
    event = decode(EventRow(5, 7, PETITION, 3, "DispatchAccepted", 1, newer, meta, 0)).event
    assert not isinstance(event, Undecodable)


class TestPlantedChanges:
    """Copies of a model with one field changed: the comparison must notice each."""

    def noticed(self, **changes: Any) -> list[str]:
        name, fields = "DeadlineMissed", {"deadline": (str, ...), "due_at": (Instant, ...), "late": (bool, False)}
        planted = {field: kind for field, kind in {**fields, **changes}.items() if kind}
        return complaints(create_model(name, __base__=_Planted, **planted), golden(name), SHAPES[name])

    def test_the_copy_itself_is_sound(self):
        assert not self.noticed()

    def test_removed(self):
        assert self.noticed(late=None)

    def test_renamed(self):
        assert self.noticed(deadline=None, deadline_id=(str, ""))

    @pytest.mark.parametrize("kind", [int, Sealed[str], list[str]])
    def test_retyped_so_that_it_cannot_be_read(self, kind):
        assert self.noticed(deadline=(kind, ...))

    def test_retyped_so_that_it_still_looks_the_same(self):
        assert self.noticed(due_at=(str, ...))

    def test_no_longer_sealed(self):
        name = "SupervisionAnswered"
        planted = create_model(name, __base__=_Planted, number=(int, ...), text=(str, ...))
        assert complaints(planted, golden(name), SHAPES[name]) == ["text was sealed string, is string"]

    def test_sealed_around_something_else(self):
        name = "SupervisionAnswered"
        planted = create_model(name, __base__=_Planted, number=(int, ...), text=(Sealed[list[str]], ...))
        assert complaints(planted, golden(name), SHAPES[name]) == ["text was sealed string, is sealed list of string"]

    def test_a_vocabulary_that_lost_a_word(self):
        name = "PetitionClosed"
        assert complaints(EVENT_TYPES[name], golden(name), {"outcome": "one of solved not_reached forgotten"})

    def test_a_new_field_that_is_required(self):
        assert self.noticed(shift=(str, ...))

    def test_a_new_field_that_is_optional_is_the_one_change_allowed(self):
        assert not self.noticed(shift=(str | None, None))


class _Planted(Event):
    owner = "escalation"
