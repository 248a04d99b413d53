"""Renews what is published of the Kafka side: `.venv/bin/python docs/contract.py`.

`schemas/json/` has a JSON Schema for each type and version, `schemas/asyncapi.yaml` says which topic holds which. What
would break a reader of what was published before (`tests/schemas/golden/published.json`) is not written.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from docs.compatibility import breaks, fields_of, renewed
from docs.generate import PARTS, first_paragraph, meanings
from schemas import topics
from schemas.dead_letter import DeadLetter
from schemas.dispatches import DISPATCH_EVENTS
from schemas.events import EVENT_TYPES
from services.chassis.topics import read_topics

ROOT = Path(__file__).resolve().parents[1]
JSON_SCHEMAS = ROOT / "schemas" / "json"
ASYNCAPI = ROOT / "schemas" / "asyncapi.yaml"
LOCK = ROOT / "tests" / "schemas" / "golden" / "published.json"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BINDING = "0.5.0"

Model = type[BaseModel]

CHANNELS: Mapping[str, tuple[str, tuple[Model, ...]]] = {
    "petitionEvents": (topics.PETITION_EVENTS, tuple(EVENT_TYPES.values())),
    "dispatchEvents": (topics.DISPATCH_EVENTS, DISPATCH_EVENTS),
    "departmentDispatchEvents": (topics.DEPARTMENT_EVENTS, DISPATCH_EVENTS),
    "deadLetters": (topics.DEAD_LETTERS, (DeadLetter,)),
}
"""Channel → its topic and the types on it."""

KEYS = {
    "Petition": "Id of the petition",
    "Dispatch": "Code of the receiver, a unit or a department",
    "DeadLetter": "The topic, or the id of the petition, that it points to",
}

HEADERS = {
    "ce_specversion": "Version of CloudEvents",
    "ce_id": "Names the event; a record with an id that was seen before is a repetition",
    "ce_type": "`gridcase.<type>.v<version of its schema>`",
    "ce_source": "The service that said it; of a dead letter, the subscriber",
    "ce_subject": "Id of the petition; of a dead letter, what it points to",
    "ce_time": "RFC 3339 in UTC with microseconds",
    "ce_sequence": "Position in the log partition, which has the number of the topic's partition",
    "ce_storeepoch": "The store that it comes from; another one after a restore",
    "ce_causation": "What caused it: the `ce_id` of an event, the id of a request or of a timer",
    "ce_by": "Staff id of the named person behind it; absent when a service decided alone",
    "traceparent": "W3C trace context; absent when no trace was kept",
    "content-type": "Media type of the value",
}
"""Header → what it means."""

CONSTANT = {"ce_specversion": "1.0", "content-type": "application/json"}
"""Header → the only value that it has."""

OF_ALL = ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_storeepoch")
HEADERS_OF: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Petition": ((*OF_ALL, "ce_sequence", "ce_causation", "content-type"), ("ce_by", "traceparent")),
    "Dispatch": ((*OF_ALL, "ce_causation", "content-type"), ()),
    "DeadLetter": ((*OF_ALL, "content-type"), ()),
}
"""Family of types → the headers always there, and those that may be absent."""


def name_of(model: Model) -> str:
    """`PetitionRouted.v1`."""
    return f"{model.__name__}.v{getattr(model, 'schema_version', 1)}"


def published() -> dict[str, dict[str, Any]]:
    """Name and version of every type → its JSON Schema."""
    models = dict.fromkeys(model for _, held in CHANNELS.values() for model in held)
    return {name_of(model): json_schema(model) for model in models}


def json_schema(model: Model) -> dict[str, Any]:
    """What a reader may count on. It is open: fields may be added, and a reader passes over what it does not know."""
    made = model.model_json_schema()
    parts = made.pop("$defs", {})
    for part in PARTS:
        if part.__name__ in parts:
            _explain(parts[part.__name__], part)
    for part in parts.values():
        part.pop("additionalProperties", None)
        part.pop("title", None)
    _explain(made, model)
    head = {"$schema": DIALECT, "$id": f"urn:gridcase:{name_of(model)}"}
    first = {word: made.pop(word) for word in ("title", "description", "type")}
    return {**head, **first, **made, **({"$defs": parts} if parts else {})}


def _explain(schema: dict[str, Any], model: Model) -> None:
    schema["description"] = first_paragraph(model)
    means = meanings(model)
    for name, one in schema["properties"].items():
        one.pop("title", None)
        one["description"] = means[name]


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document: which topic holds which types, under which keys and headers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    settings = read_topics()
    models = dict.fromkeys(model for _, held in CHANNELS.values() for model in held)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "gridcase on Kafka",
            "version": project["version"],
            "description": "CloudEvents 1.0 in binary mode. Fields and types are added, never renamed or taken away.",
            "license": {"name": project["license"]},
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "localhost:9092", "protocol": "kafka", "description": "An example"}},
        "channels": {
            name: _channel(settings.named(address), held) for name, (address, held) in CHANNELS.items()
        },
        "operations": {
            f"send{name[0].upper()}{name[1:]}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": settings.named(address).purpose,
            }
            for name, (address, _) in CHANNELS.items()
        },
        "components": {
            "messages": {model.__name__: _message(model) for model in models},
            "schemas": {f"{family}Headers": _headers(family) for family in HEADERS_OF},
        },
    }  # fmt: skip


def _channel(topic: topics.Topic, held: tuple[Model, ...]) -> dict[str, Any]:
    address = {
        "address": topic.name,
        "description": topic.purpose,
        "messages": {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"} for model in held},
    }
    if "{department}" in topic.name:
        address["parameters"] = {"department": {"description": "Code of the department"}}
    kafka = {
        "partitions": topic.partitions.value,
        "replicas": topic.replication_factor.value,
        "topicConfiguration": {
            "cleanup.policy": [topic.cleanup_policy.value],
            "retention.ms": topic.retention_ms.value,
            "max.message.bytes": topic.max_message_bytes.value,
        },
        "bindingVersion": BINDING,
    }
    return {**address, "bindings": {"kafka": kafka}}


def _message(model: Model) -> dict[str, Any]:
    family = _family(model)
    kind = {"properties": {"ce_type": {"const": f"gridcase.{name_of(model)}"}}}
    return {
        "name": model.__name__,
        "summary": first_paragraph(model),
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": f"#/components/schemas/{family}Headers"}, kind]},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./json/{name_of(model)}.json"},
        },
        "bindings": {
            "kafka": {"key": {"type": "string", "description": KEYS[family]}, "bindingVersion": BINDING},
        },
    }


def _family(model: Model) -> str:
    return "Dispatch" if model in DISPATCH_EVENTS else "DeadLetter" if model is DeadLetter else "Petition"


def _headers(family: str) -> dict[str, Any]:
    always, sometimes = HEADERS_OF[family]
    properties = {
        name: {"type": "string", "description": HEADERS[name]} | ({"const": CONSTANT[name]} if name in CONSTANT else {})
        for name in HEADERS
        if name in (*always, *sometimes)
    }
    return {"type": "object", "required": sorted(always), "properties": properties}


def files() -> dict[Path, str]:
    """Every published file as it should be; raises SystemExit with what would break a reader."""
    schemas = published()
    lock = json.loads(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else {}
    now = {name: fields_of(schema) for name, schema in schemas.items()}
    if found := breaks(lock, now):
        raise SystemExit("\n".join([*found, "a published type keeps its fields: add optional ones, or a new type"]))
    made = {JSON_SCHEMAS / f"{name}.json": _json(schema) for name, schema in schemas.items()}
    document = yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=120)
    return {**made, ASYNCAPI: document, LOCK: _json(renewed(lock, now))}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    JSON_SCHEMAS.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
