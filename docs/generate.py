"""Renews the lists in docs/ that follow from the code: `.venv/bin/python docs/generate.py`.

A list stands between `<!-- list: NAME -->` and `<!-- end -->`; everything around it is written by hand.
"""

import ast
import asyncio
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from fastapi.routing import APIRoute, iter_route_contexts
from prometheus_client.metrics import MetricWrapperBase
from pydantic import AwareDatetime, BaseModel

from schemas.dispatches import DISPATCH_EVENTS, DispatchEvent
from schemas.events import EVENT_TYPES
from schemas.events.intake import External, FiledBy
from schemas.events.router import Floor
from schemas.events.severity import Reason
from schemas.people import Attachment, Coordinates, Petitioner
from schemas.places import Finding, Location
from schemas.sealed import Sealed
from services.chassis import metrics as measured
from services.chassis.deciding import Rejected
from services.chassis.settings import Settings
from services.chassis.topics import read_topics
from services.embedded import running
from services.process import SERVICES
from services.server import application

DOCS = Path(__file__).parent
PAGES = ("settings.md", "events.md", "api.md", "kafka.md", "metrics.md")
PARTS: tuple[type[BaseModel], ...] = (
    External,
    FiledBy,
    Petitioner,
    Coordinates,
    Location,
    Finding,
    Attachment,
    Reason,
    Floor,
)
"""What some fields of events are made of."""

MEANINGS = {
    "policy": "Version of the policy that it was decided by",
    "round": "Which round, counted from 1",
    "dispatch": "Id of the dispatch: `<petition>:<version of its PetitionRouted>`",
    "unit": "Code of the unit",
    "department": "Code of the department there that has the power; none when the unit itself handles it",
    "tier": "Code of the tier",
    "kind": "Code of the kind; none when no kind is known",
    "severity": "How grave it is",
    "disposition": "What kind of answer it asks for",
    "hand_off": "Who must be told at once",
    "confidence": "0..1: how surely kind and severity were read",
    "reasons": "Why, by rule and offset; never by words",
    "supplement": "Number of the supplement that led to it; none for the first reading",
    "reason": "Why",
    "cause": "What led to it",
    "text": "The words",
    "channel": "The door it came in by",
    "external": "Its number in the system it came from",
    "title": "The title",
    "occurred_at": "When the matter happened, as told",
    "received_at": "When the other system received it",
    "place_unit": "Code of the unit in which the matter lies",
    "address": "The address, as told",
    "coordinates": "Where the matter is",
    "where": "How surely it is known",
    "by": "What says it",
    "units": "Codes of units, or of a neighbour; none when it names nothing",
    "findings": "What each thing that was filed says",
    "petitioner": "Who asks",
    "anonymous": "The petitioner gave no name",
    "confidential": "The petitioner is to be hidden from handlers",
    "filed_by": "Who typed it in, when not the resident",
    "households": "How many households it touches, as told",
    "money": "How many yuan are at stake, as told",
    "attachments": "Files kept elsewhere",
    "assess_by": "Until when it must be routed or answered",
    "accept_by": "Until when it must be accepted",
    "resolve_by": "Until when the round must be resolved",
    "confirm_by": "Until when a person must confirm",
    "review_by": "Until when a person should look",
    "answer_by": "Until when it must be answered",
    "departments": "Codes of the departments",
    "report_in_by": "Until when each of them must report in",
    "until": "Until when it is asked for, or given",
    "due_at": "The due time, which is near or has passed",
    "root": "Id of the petition that is followed",
    "duplicate": "Id of the petition that follows",
    "part": "Id of the part",
    "parts": "Ids of the petitions that it became",
    "route_by": "Until when it must be routed",
    "mode": "Given to one receiver, or open for one to claim",
    "floors": "Every known floor; the tier is the highest of them",
    "floor": "Which rule set it",
    "to": "Who is to be told",
    "outstanding": "Who is still to be told",
    "number": "Counted from 1 in each petition",
    "attempt": "Counted from 1 in each round",
    "contact": "How the resident was asked",
    "solved": "Whether the resident says that it is solved",
    "satisfied": "Whether the resident is satisfied; none when not asked or not said",
    "outcome": "How it ended",
    "source": "Name of the other system",
    "role": "What kind of worker",
    "id": "Id in the other system",
    "name": "Name",
    "phone": "Phone number",
    "lat": "Degrees north",
    "lon": "Degrees east",
    "url": "Where the file is",
    "media_type": "Its media type",
    "sha256": "Lower-case hex of the SHA-256 of its bytes",
    "rule": "Name of the rule",
    "field": "Where the words stand",
    "start": "First code point",
    "end": "The code point after the last",
}
"""What a field means wherever its class says no more than its name."""

_MARKED = re.compile(r"(<!-- list: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(page: str) -> str:
    """The page with its lists as the code now has them."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{LISTS[found[2]]()}\n{found[3]}", page)


def settings() -> str:
    """Every setting with its variable, default and meaning."""
    rows = (
        (
            f"`{name}`",
            f"`GRIDCASE_{name.upper()}`",
            "made at each start" if field.default_factory else _default(field.default),
            str(field.description),
        )
        for name, field in Settings.model_fields.items()
    )
    return _table(("setting", "variable", "default", "meaning"), rows)


def events() -> str:
    """Every event under the service that owns it, with its fields."""
    sections = []
    for owner in dict.fromkeys(event.owner for event in EVENT_TYPES.values()):
        sections.append(f"## {owner}\n")
        sections += [_described(event) for event in EVENT_TYPES.values() if event.owner == owner]
    return "\n".join(sections)


def parts() -> str:
    """What some fields are made of."""
    return "\n".join(map(_described, PARTS))


def dispatch_events() -> str:
    """What all news of a dispatch says, then each kind of news with what it adds."""
    return "\n".join(map(_described, (DispatchEvent, *DISPATCH_EVENTS, Floor)))


def topics() -> str:
    """Every topic with what it is for."""
    rows = (
        (f"`{one.name}`", one.purpose, str(one.partitions.value), f"{one.retention_ms.value // 86_400_000} days")
        for one in read_topics().topics
    )
    return _table(("topic", "what it is for", "partitions", "kept for"), rows)


def routes() -> str:
    """Every route of the front door as it runs, in the order of its path."""
    found = asyncio.run(_routes())
    rows = ((f"`{method}`", f"`{path}`", permission, meaning) for path, method, permission, meaning in sorted(found))
    return _table(("method", "path", "permission", "what it does"), rows)


def refusals() -> str:
    """Every way in which a service refuses a command."""
    names = {service.name for service in SERVICES}
    named = [(one.__module__.split(".")[0], one) for one in Rejected.__subclasses__()]
    rows = sorted(
        (f"`{one.code}`", str(one.status), name, first_paragraph(one)) for name, one in named if name in names
    )
    return _table(("code", "status", "service", "when"), rows)


def metrics() -> str:
    """Every metric with its labels."""
    found = [one for one in vars(measured).values() if isinstance(one, MetricWrapperBase)]
    rows = (
        (f"`{name}`", one._type, ", ".join(f"`{label}`" for label in one._labelnames), one._documentation)
        for one in found
        for name in [one._name + ("_total" if one._type == "counter" else "")]
    )
    return _table(("metric", "type", "labels", "what it says"), rows)


LISTS: Mapping[str, Callable[[], str]] = {
    "settings": settings,
    "events": events,
    "parts": parts,
    "dispatch_events": dispatch_events,
    "topics": topics,
    "routes": routes,
    "refusals": refusals,
    "metrics": metrics,
}


async def _routes() -> list[tuple[str, str, str, str]]:
    with TemporaryDirectory() as directory:
        async with running(Path(directory)) as embedded:
            contexts = list(iter_route_contexts(application(embedded, Settings()).routes))
    return [
        (str(one.path), method, _permission(one), first_paragraph(one.endpoint))
        for one in contexts
        if isinstance(one.original_route, APIRoute)
        for method in sorted(one.methods or ())
    ]


def _permission(route: Any) -> str:
    calls = (dependency.call for dependency in route.dependant.dependencies)
    return next(str(call.permission) for call in calls if hasattr(call, "permission"))


def _described(model: type[BaseModel]) -> str:
    means = meanings(model)
    fields = [name for name in model.model_fields if name in inspect.get_annotations(model)]
    rows = ((f"`{name}`", _type(model.model_fields[name].annotation), means[name]) for name in fields)
    table = _table(("field", "what it holds", "meaning"), rows) if fields else ""
    return f"### {model.__name__}\n\n{first_paragraph(model)}\n" + (f"\n{table}" if table else "")


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """What each field means: by the sentence below it, else by its name."""
    own: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, BaseModel) and one is not BaseModel:
            own.update(_own_meanings(one))
    return {name: own.get(name) or MEANINGS[name] for name in model.model_fields}


def _own_meanings(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """The sentences that stand below the class's own fields."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, " ".join(words.split()).removesuffix(".")


def _type(annotation: Any) -> str:
    """A type as one reads it: `Sealed[str] | None` is `text, sealed, optional`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return ", ".join([*(_type(one) for one in arguments if one is not NoneType), "optional"])
    if origin is Sealed:
        return f"{_type(arguments[0])}, sealed"
    if origin in (list, tuple):
        return f"list of {_type(arguments[0])}"
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in arguments)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{one.value}`" for one in annotation)
    if annotation in PARTS:
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _PLAIN[annotation]


_PLAIN: Mapping[Any, str] = {
    str: "text",
    UUID: "text",
    int: "number",
    float: "number",
    bool: "true or false",
    AwareDatetime: "moment",
}


def _default(value: object) -> str:
    return "none" if value is None else f"`{value}`"


def first_paragraph(thing: Any) -> str:
    """The first paragraph of what it says of itself, on one line."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = (f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join([f"| {' | '.join(names)} |", "|" + "---|" * len(names), *lines, ""])


if __name__ == "__main__":
    for name in PAGES:
        path = DOCS / name
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
