"""What others build against is what is sent, and stays readable for who read it before.

`golden/published.json` says what every field of every published type was; it only grows.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest
import yaml

from docs import contract
from docs.compatibility import breaks, fields_of, renewed
from router.dispatches import moved, news
from router.receivers import evolve, initial
from schemas.cloudevents import Logged, encode, encode_dead_letter, encode_dispatch
from schemas.dead_letter import DeadLetter
from schemas.deadlines import Start
from schemas.dispatches import DISPATCH_EVENTS, DispatchEvent
from schemas.events import EVENT_TYPES
from schemas.topics import NAMES
from tests.given import PETITION, T0, dispatch, later, recorded
from tests.past import accepted, answered, assessed, closed, confirmed, filed, missed, resolved, routed

SCHEMAS = contract.published()
LOCK: dict[str, dict[str, str]] = json.loads(contract.LOCK.read_text(encoding="utf-8"))
DOCUMENT: dict[str, Any] = yaml.safe_load(contract.ASYNCAPI.read_text(encoding="utf-8"))
GOLDEN = contract.LOCK.parent
LETTER = DeadLetter(at=T0, subscriber="router", stream=PETITION, partition=5, position=7, reason="UnreadableStream")


def all_news() -> dict[str, DispatchEvent]:
    """One piece of each kind of news, as a petition's life makes them."""
    begun = [filed(), assessed(), routed(), missed(f"accept:{dispatch(3)}", later(hours=8))]
    done = [routed("community", "SA1"), accepted(dispatch(5)), confirmed(), resolved(dispatch(5))]
    life = [*begun, *done, answered(solved=True), closed()]
    state, said = initial, {}
    for one in recorded(*life):
        moves = moved(state, one, [Start("resolve:1", later(hours=72))])
        said |= {type(item).__name__: item for item in (*moves, *news(state, one))}
        state = evolve(state, one)
    return said


NEWS = all_news()


def headers_of(name: str) -> dict[str, str]:
    """The headers of a record of this type, all that there can be."""
    if name in EVENT_TYPES:
        logged = Logged(5, 7, PETITION, 3, name, 1, "{}", EVENT_TYPES[name].owner, "a cause", "s-1", 0, "00-ab-cd-01")
        made = encode(logged, "e")
    else:
        made = encode_dispatch(NEWS[name], "e") if name in NEWS else encode_dead_letter(LETTER, "e")
    return {header: value.decode() for header, value in made.headers}


def refs(value: Any) -> Iterator[str]:
    """Everything that a document points to."""
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from refs(one)
    elif isinstance(value, list):
        for one in value:
            yield from refs(one)


def test_every_published_file_is_fresh_and_none_is_left_over():
    files = contract.files()
    stale = [path.name for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    assert not stale, "run `make docs`"
    assert set(contract.JSON_SCHEMAS.iterdir()) == {path for path in files if path.parent == contract.JSON_SCHEMAS}


def test_every_type_has_its_schema():
    types = {*EVENT_TYPES, *(event.__name__ for event in DISPATCH_EVENTS), "DeadLetter"}
    assert set(SCHEMAS) == {f"{name}.v1" for name in types}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema_and_says_what_every_field_means(name):
    jsonschema_rs.meta.validate(SCHEMAS[name])
    assert SCHEMAS[name]["description"]
    assert all(field["description"] for field in SCHEMAS[name]["properties"].values())


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_what_stands_in_a_log_fits_its_schema(name):
    written = json.loads((GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(SCHEMAS[f"{name}.v1"]).validate(written)
    assert not jsonschema_rs.is_valid(SCHEMAS[f"{name}.v1"], written | {"at": 7})


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_reader_of_today_reads_a_field_of_tomorrow(name):
    written = json.loads((GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8"))
    grown = {field: value | {"mood": "glad"} if isinstance(value, dict) else value for field, value in written.items()}
    jsonschema_rs.validator_for(SCHEMAS[f"{name}.v1"]).validate({**grown, "mood": "glad"})


@pytest.mark.parametrize("name", [event.__name__ for event in DISPATCH_EVENTS])
def test_what_receivers_hear_fits_its_schema(name):
    value = encode_dispatch(NEWS[name], "e").value
    jsonschema_rs.validator_for(SCHEMAS[f"{name}.v1"]).validate(json.loads(value))


def test_a_dead_letter_fits_its_schema_and_points_to_one_place():
    written = json.loads(encode_dead_letter(LETTER, "e").value)
    assert jsonschema_rs.is_valid(SCHEMAS["DeadLetter.v1"], written)
    assert not jsonschema_rs.is_valid(SCHEMAS["DeadLetter.v1"], written | {"topic": "petition.events.v1"})


def test_nothing_that_receivers_hear_was_ever_sealed():
    kinds = {kind for name in NEWS for kind in LOCK[f"{name}.v1"].values()}
    assert not [kind for kind in kinds if "sealed" in kind]
    assert any("sealed" in kind for kind in LOCK["PetitionFiled.v1"].values())


def test_the_document_has_every_topic_and_every_type_on_its_topic():
    assert [channel["address"] for channel in DOCUMENT["channels"].values()] == list(NAMES)
    held = [list(channel["messages"]) for channel in DOCUMENT["channels"].values()]
    dispatches = [event.__name__ for event in DISPATCH_EVENTS]
    assert held == [list(EVENT_TYPES), dispatches, dispatches, ["DeadLetter"]]


def test_every_reference_of_the_document_leads_somewhere():
    pointed = set(refs(DOCUMENT))
    assert {f"./json/{name}.json" for name in SCHEMAS} <= pointed
    for ref in pointed:
        if ref.startswith("./"):
            assert (contract.ASYNCAPI.parent / ref).is_file(), ref
        else:
            found: Any = DOCUMENT
            for step in ref.removeprefix("#/").split("/"):
                found = found[step]


def test_every_operation_sends_to_a_channel_and_every_channel_has_one():
    operations = DOCUMENT["operations"].values()
    assert {one["action"] for one in operations} == {"send"}
    assert [one["channel"]["$ref"] for one in operations] == [f"#/channels/{name}" for name in DOCUMENT["channels"]]


@pytest.mark.parametrize("name", DOCUMENT["components"]["messages"])
def test_the_document_says_the_headers_that_a_record_has(name):
    message = deepcopy(DOCUMENT["components"]["messages"][name])
    family, kind = message["headers"]["allOf"]
    described = DOCUMENT["components"]["schemas"][family["$ref"].rpartition("/")[2]]
    made = headers_of(name)
    assert set(described["properties"]) == set(made)
    assert set(described["required"]) == set(made) - {"ce_by", "traceparent"}
    assert jsonschema_rs.is_valid({"allOf": [described, kind]}, made)
    assert not jsonschema_rs.is_valid({"allOf": [described, kind]}, made | {"ce_type": "gridcase.Other.v1"})


def test_nobody_who_read_what_was_published_stumbles():
    assert breaks(LOCK, {name: fields_of(schema) for name, schema in SCHEMAS.items()}) == []


class TestPlantedChanges:
    """The published types with one thing changed: the comparison must notice what breaks, and nothing else."""

    def noticed(self, change: Any, name: str = "PetitionRouted.v1") -> list[str]:
        schemas = deepcopy(SCHEMAS)
        change(schemas[name])
        return breaks(LOCK, {one: fields_of(schema) for one, schema in schemas.items()})

    def field(self, name: str, kind: Mapping[str, Any], *, required: bool = False, part: str = "") -> list[str]:
        def change(schema: dict[str, Any]) -> None:
            holder = schema["$defs"][part] if part else schema
            holder["properties"][name] = kind
            holder["required"] = [*(one for one in holder["required"] if one != name), *([name] if required else [])]

        return self.noticed(change)

    def test_nothing_changed(self):
        assert not self.noticed(lambda schema: None)

    def test_a_type_is_gone(self):
        fewer = {name: fields_of(schema) for name, schema in SCHEMAS.items() if name != "PetitionRouted.v1"}
        assert breaks(LOCK, fewer) == ["PetitionRouted.v1 is gone"]

    @pytest.mark.parametrize("name", ["PetitionRouted.v1", "DispatchIssued.v1"])
    def test_a_field_is_gone(self, name):
        assert self.noticed(lambda schema: schema["properties"].pop("mode"), name) == [f"{name}: mode is gone"]

    def test_a_field_of_a_part_is_gone(self):
        gone = self.noticed(lambda schema: schema["$defs"]["Floor"]["properties"].pop("reason"))
        assert gone == ["PetitionRouted.v1: floors[].reason is gone"]

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("round", {"type": "string"}),
            ("accept_by", {"type": "string"}),
            ("unit", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
            ("floors", {"type": "object", "properties": {}}),
            ("mode", {"enum": ["assigned"]}),
        ],
    )
    def test_a_field_is_of_another_type(self, name, kind):
        assert self.field(name, kind, required=True)

    def test_a_field_that_was_always_there_may_be_absent(self):
        assert self.field("unit", {"type": "string"})

    def test_a_field_that_could_be_absent_is_required(self):
        assert self.field("rule", {"type": "string"}, required=True) == []
        assert self.field("overdue", {"type": "boolean"}, required=True)

    def test_a_new_field_is_required(self):
        assert self.field("shift", {"type": "string"}, required=True)
        assert self.field("shift", {"type": "string"}, required=True, part="Floor")

    def test_allowed_a_new_field_that_is_optional(self):
        assert not self.field("shift", {"type": "string"})
        assert not self.field("shift", {"type": "string"}, part="Floor")
        inside = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
        assert not self.field("shift", inside)

    def test_allowed_a_vocabulary_that_grew(self):
        assert not self.field("mode", {"enum": ["assigned", "open", "shared"]}, required=True)

    def test_allowed_a_new_type(self):
        sang = {"PetitionSang.v1": fields_of(SCHEMAS["PetitionRouted.v1"])}
        assert not breaks(LOCK, {name: fields_of(schema) for name, schema in SCHEMAS.items()} | sang)

    def test_what_is_new_is_kept_from_then_on(self):
        grown = {name: fields_of(schema) for name, schema in SCHEMAS.items()}
        grown["PetitionRouted.v1"]["shift"] = "optional string"
        kept = renewed(LOCK, grown)
        assert breaks(kept, {name: fields_of(schema) for name, schema in SCHEMAS.items()}) == [
            "PetitionRouted.v1: shift is gone"
        ]
