"""A value that is only ever stored as ciphertext.

Personal data travels inside events as `Sealed[T]`. A sealed value is in one of two forms: *clear* (just made by a
decider, not yet stored) or a *token* (as stored: `s1.` and base64url of nonce and AES-256-GCM ciphertext), which may be
*carried* from one event of a petition into another. Only `services.chassis.sealing` turns one into the other; printing,
logging or comparing a `Sealed` never shows the words.
"""

from typing import Any, Generic, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")

TOKEN_PREFIX = "s1."  # noqa: S105 - names the format, opens nothing


class Sealed(Generic[T]):
    """One personal value of type `T`; `Sealed.of(value)` when it is made, a token once it is stored."""

    __slots__ = ("clear", "origin", "token")

    def __init__(
        self, *, clear: T | None = None, token: str | None = None, origin: tuple[int, str] | None = None
    ) -> None:
        self.clear = clear
        self.token = token
        self.origin = origin
        """Version and field where the token opens, while it is carried elsewhere; None where it stands."""

    @classmethod
    def of(cls, value: T) -> "Sealed[T]":
        return cls(clear=value)

    def carried(self, version: int, field: str) -> "Sealed[T]":
        """The same value for another event of its petition; now it stands in this field of the event of this version.

        A token opens only in its own place: it is opened and sealed again when the other event is appended."""
        return self if self.token is None else Sealed(token=self.token, origin=(version, field))

    def __repr__(self) -> str:
        return "Sealed(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and (self.token, self.clear) == (other.token, other.clear)

    def __hash__(self) -> int:
        return hash(self.token)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _from_stored,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _to_stored, return_schema=core_schema.str_schema()
            ),
            metadata={"sealed": (get_args(source) or (Any,))[0]},
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "format": "sealed",
            "description": "ciphertext: s1. and base64url(nonce, AES-256-GCM)",
        }


def _from_stored(value: object) -> Sealed[Any]:
    if isinstance(value, Sealed):
        return value
    if isinstance(value, str) and value.startswith(TOKEN_PREFIX):
        return Sealed(token=value)
    raise ValueError("a sealed value is a token that starts with s1.")


def _to_stored(value: Sealed[Any]) -> str:
    if value.token is None or value.origin is not None:
        raise ValueError("a value must be sealed for its own place before it is written")
    return value.token


def content_adapter(annotation: Any) -> TypeAdapter[Any]:
    """The adapter of `T` for a field annotated `Sealed[T]` or `Sealed[T] | None`."""
    for candidate in (annotation, *get_args(annotation)):
        if getattr(candidate, "__origin__", None) is Sealed:
            return TypeAdapter(get_args(candidate)[0])
    raise TypeError(f"{annotation!r} is not sealed")
