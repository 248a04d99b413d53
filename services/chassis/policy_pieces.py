"""A bundle from its JSON, piece by piece where it is long: a parser that makes it in one go lets nobody else work."""

from typing import Any, get_args, get_origin

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from schemas.policy import PolicyBundle
from services.chassis.making_many import MANY, making_many

AT_ONCE = 2_000
"""Rows that are made before others have their turn."""
_TABLES = {
    name: TypeAdapter[Any](field.annotation or tuple)
    for name, field in PolicyBundle.model_fields.items()
    if get_origin(field.annotation) is tuple and get_args(field.annotation)[1:] == (...,)
}


def bundle_of(text: str | bytes) -> PolicyBundle:
    """The bundle that the JSON says. Raises pydantic's ValidationError."""
    if len(text) < MANY:
        return PolicyBundle.model_validate_json(text)
    with making_many(len(text)):
        try:
            return _in_pieces(from_json(text, cache_strings="none"))
        except ValueError:
            return PolicyBundle.model_validate_json(text)  # which says where in the whole it is wrong


def _in_pieces(whole: Any) -> PolicyBundle:
    if not isinstance(whole, dict):
        raise ValueError("not an object")
    tables = {name: rows for name in _TABLES if isinstance(rows := whole.get(name), list) and len(rows) > AT_ONCE}
    first = {name: rows[:AT_ONCE] for name, rows in tables.items()}
    bundle = PolicyBundle.model_validate_json(to_json(whole | first))
    made = {name: [*getattr(bundle, name)] for name in tables}
    for name, rows in tables.items():
        for start in range(AT_ONCE, len(rows), AT_ONCE):
            made[name] += _TABLES[name].validate_json(to_json(rows[start : start + AT_ONCE]))
    return bundle.model_copy(update={name: tuple(rows) for name, rows in made.items()})
