"""Renews the lists in docs/ that follow from the code: `.venv/bin/python docs/generate.py`.

A list stands between `<!-- list: NAME -->` and `<!-- end -->`; everything around it is written by hand.
"""

import ast
import asyncio
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from schemas.event import Event
from schemas.events import EVENT_TYPES
from schemas.events.intake import External, FiledBy
from schemas.events.router import Floor
from schemas.events.severity import Reason
from schemas.people import Attachment, Coordinates, Petitioner
from services.chassis.deciding import Rejected
from services.chassis.permissions import Permission
from services.chassis.settings import Settings

DOCS = Path(__file__).parent
PAGES = ("settings.md", "events.md", "api.md")
PARTS: tuple[type[BaseModel], ...] = (External, FiledBy, Reason, Floor, Petitioner, Coordinates, Attachment)
"""What some fields of events are made of."""

_MARKED = re.compile(r"(<!-- list: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(page: str) -> str:
    """The page with its lists as the code now has them."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{LISTS[found[2]]()}\n{found[3]}", page)


def settings() -> str:
    """Every setting with its variable, default and meaning."""
    rows = (
        (f"`{name}`", f"`GRIDCASE_{name.upper()}`", _default(field.default), f"{field.description}")
        for name, field in Settings.model_fields.items()
    )
    return _table(("setting", "variable", "default", "meaning"), rows)


def events() -> str:
    """Every event under the service that owns it, with its fields."""
    sections = []
    for owner in dict.fromkeys(event.owner for event in EVENT_TYPES.values()):
        sections.append(f"## {owner}\n")
        sections += [_event(event) for event in EVENT_TYPES.values() if event.owner == owner]
    return "\n".join(sections)


def parts() -> str:
    """What some fields are made of."""
    return "\n".join(_fields_of(f"### {part.__name__}", part) for part in PARTS)


def routes() -> str:
    """Every route of the front door, in the order of its path."""
    rows = sorted(
        (f"`{path}`", f"`{method}`", permission, meaning) for method, path, permission, meaning in routes_of(_running)
    )
    return _table(("path", "method", "permission", "what it does"), rows)


def refusals() -> str:
    """Every way in which a service refuses a command."""
    _running(lambda app: None)  # the services are imported with the application
    rows = sorted((f"`{one.code}`", str(one.status), one.__module__.split(".")[0], _doc(one)) for one in _refusals())
    return _table(("code", "status", "service", "when"), rows)


LISTS: Mapping[str, Callable[[], str]] = {
    "settings": settings,
    "events": events,
    "parts": parts,
    "routes": routes,
    "refusals": refusals,
}


def routes_of(application: Callable[[Callable[[FastAPI], Any]], Any]) -> list[tuple[str, str, str, str]]:
    """Method, path, permission and meaning of each route; pages and static files are no part of the contract."""

    def collect(app: FastAPI) -> list[tuple[str, str, str, str]]:
        contexts = [one for one in iter_route_contexts(app.routes) if isinstance(one.original_route, APIRoute)]
        return [
            (method, str(one.path), _permission(one), _doc(one.endpoint))
            for one in contexts
            for method in sorted(one.methods or ())
        ]

    found: list[tuple[str, str, str, str]] = application(collect)
    return found


def _running(look: Callable[[FastAPI], Any]) -> Any:
    """What `look` finds on the application as it runs."""
    from services.embedded import running
    from services.server import application

    async def run() -> Any:
        with TemporaryDirectory() as directory:
            async with running(Path(directory)) as embedded:
                return look(application(embedded, Settings()))

    return asyncio.run(run())


def _permission(route: Any) -> str:
    calls = [dependency.call for dependency in route.dependant.dependencies]
    return next(f"{Permission(call.permission)}" for call in calls if hasattr(call, "permission"))


def _refusals() -> Iterator[type[Rejected]]:
    return (one for one in Rejected.__subclasses__() if not one.__module__.startswith("tests."))


def _event(event: type[Event]) -> str:
    return _fields_of(f"### {event.__name__}", event)


def _fields_of(heading: str, model: type[BaseModel]) -> str:
    meanings = field_meanings(model)
    rows = (
        (f"`{name}`", _type(field.annotation), "yes" if _is_sealed(field.annotation) else "", meanings.get(name, ""))
        for name, field in model.model_fields.items()
        if name != "at"
    )
    table = _table(("field", "type", "sealed", "meaning"), rows)
    return f"{heading}\n\n{_doc(model)}\n\n{table}" if table else f"{heading}\n\n{_doc(model)}\n"


def field_meanings(model: type[BaseModel]) -> dict[str, str]:
    """The sentences that stand below a class's own fields."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    said: dict[str, str] = {}
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                said[name] = " ".join(words.split())
    return said


def _type(annotation: Any) -> str:
    """A type as one reads it: `Sealed[str] | None` is `text | none`."""
    if not isinstance(annotation, type):
        annotation = str(annotation)
    name = annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__origin__") else annotation
    text = re.sub(r"typing\.Annotated\[datetime\.datetime[^|]*\]|[\w.]*AwareDatetime", "moment", str(name))
    text = re.sub(r"[\w.]*Sealed\[([\w.]+(?:\[[\w.]+\])?)\]", r"\1", text)
    text = re.sub(r"(?:\w+\.)+(\w+)", r"\1", text)
    for python, plain in _PLAIN:
        text = re.sub(python, plain, text)
    return text.replace("|", "\\|")


_PLAIN = (
    (r"\bLiteral\[(.*?)\]", r"\1"),
    (r"\btuple\[(\w+), \.\.\.\]", r"list of \1"),
    (r"\blist\[(\w+)\]", r"list of \1"),
    (r"\bstr\b", "text"),
    (r"\bint\b", "number"),
    (r"\bfloat\b", "number"),
    (r"\bbool\b", "true or false"),
    (r"\bNone\b", "none"),
)


def _is_sealed(annotation: Any) -> bool:
    return "Sealed[" in str(annotation)


def _default(value: object) -> str:
    return "none" if value is None or value is PydanticUndefined else f"`{value}`"


def _doc(thing: Any) -> str:
    """The docstring's first paragraph on one line."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    names = list(head)
    return "\n".join([f"| {' | '.join(names)} |", "|" + "---|" * len(names), *lines, ""]) if lines else ""


if __name__ == "__main__":
    for name in PAGES:
        path = DOCS / name
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
