"""Events as Kafka records and back: CloudEvents 1.0 in binary mode.

The value of an event of the log is its stored JSON, byte for byte, so what was sealed stays ciphertext. The same event
always makes the same bytes.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from schemas.dead_letter import DeadLetter
from schemas.dispatches import DispatchEvent

Headers = list[tuple[str, bytes]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_SPEC = ("ce_specversion", b"1.0")
_JSON = ("content-type", b"application/json")
_ID = re.compile(rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):([1-9][0-9]{0,18})")
_TYPE = re.compile(rb"gridcase\.([A-Za-z][A-Za-z0-9]*)\.v([1-9][0-9]{0,4})")
_TIME = re.compile(rb"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.([0-9]{6})Z")


class Logged(NamedTuple):
    """What the log keeps of one event, as other processes may have it."""

    partition: int
    position: int
    petition: UUID
    version: int
    type: str
    schema_version: int
    data: str
    """The exact JSON as stored."""
    service: str
    causation: str
    by: str | None
    recorded_at: int
    """Microseconds since 1970 UTC."""
    traceparent: str | None = None


class Message(NamedTuple):
    """What a Kafka record holds, apart from where it lies."""

    key: bytes
    value: bytes
    headers: Headers


class NotOurMessage(ValueError):
    """A record that is no event of this log; `header` is the header at fault, or `key` or `value`."""

    def __init__(self, header: str, why: str) -> None:
        super().__init__(f"{header} {why}")
        self.header = header


def encode(logged: Logged, epoch: str) -> Message:
    """The record of an event from the store of this epoch; it goes to the topic's partition of the same number."""
    petition = str(logged.petition)
    key = petition.encode()
    headers = [
        _SPEC,
        ("ce_id", b"%b:%d" % (key, logged.version)),
        ("ce_type", type_name(logged.type, logged.schema_version)),
        ("ce_source", logged.service.encode()),
        ("ce_subject", key),
        ("ce_time", _time(logged.recorded_at)),
        ("ce_sequence", b"%d" % logged.position),
        ("ce_storeepoch", epoch.encode()),
        ("ce_causation", logged.causation.encode()),
    ]
    if logged.by:
        headers.append(("ce_by", logged.by.encode()))
    if logged.traceparent:
        headers.append(("traceparent", logged.traceparent.encode()))
    headers.append(_JSON)
    return Message(key, logged.data.encode(), headers)


def standing(headers: Collection[tuple[str, bytes | None]]) -> tuple[str, int, str]:
    """The event's type, its position, and the epoch of its store, the rest unread; raises NotOurMessage."""
    found = _read_headers(headers)
    name, _ = _type_of(found.get("ce_type"))
    position = _number("ce_sequence", found.get("ce_sequence") or b"")
    return name, position, _text("ce_storeepoch", found.get("ce_storeepoch"))


def decode(
    key: bytes | None, value: bytes | None, headers: Collection[tuple[str, bytes | None]], partition: int
) -> tuple[Logged, str]:
    """The event that a record of this partition holds, and the epoch of its store; raises NotOurMessage.

    Headers of other makers are passed over. A record whose `ce_source` or `ce_causation` is empty is refused: whoever
    wrote it could not be read, and the log says more.
    """
    found = _read_headers(headers)
    if found.get("content-type") != b"application/json":
        raise NotOurMessage("content-type", "must be application/json")
    petition, version = _matching(found, "ce_id", _ID)
    if found.get("ce_subject") != petition:
        raise NotOurMessage("ce_subject", "must be the petition of ce_id")
    if key != petition:
        raise NotOurMessage("key", "must be the petition of ce_id")
    name, schema_version = _type_of(found.get("ce_type"))
    second, micros = _matching(found, "ce_time", _TIME)
    logged = Logged(
        partition,
        _number("ce_sequence", found.get("ce_sequence") or b""),
        UUID(int=int(petition.replace(b"-", b""), 16)),
        int(version),
        name,
        schema_version,
        _text("value", value),
        _text("ce_source", found.get("ce_source")),
        _text("ce_causation", found.get("ce_causation")),
        _text("ce_by", found["ce_by"]) if "ce_by" in found else None,
        _seconds(second) * _SECOND + int(micros),
        _text("traceparent", found["traceparent"]) if "traceparent" in found else None,
    )
    return logged, _text("ce_storeepoch", found.get("ce_storeepoch"))


def encode_dispatch(event: DispatchEvent, epoch: str) -> Message:
    """The record of `dispatch.events.v1` that tells a receiver; its key keeps a receiver's records in order."""
    petition = str(event.petition)
    causation = ("ce_causation", f"{petition}:{event.version}".encode())
    return _made(event, event.target, [*_said_by("router", event, petition, epoch), causation, _JSON])


def encode_dead_letter(letter: DeadLetter, epoch: str) -> Message:
    """The record of `petition.deadletters.v1`; its key is what it points to."""
    place = str(letter.topic or letter.stream)
    return _made(letter, place, [*_said_by(letter.subscriber, letter, place, epoch), _JSON])


def _said_by(source: str, said: DispatchEvent | DeadLetter, subject: str, epoch: str) -> Headers:
    return [
        _SPEC,
        ("ce_id", said.id.encode()),
        ("ce_type", type_name(type(said).__name__, said.schema_version)),
        ("ce_source", source.encode()),
        ("ce_subject", subject.encode()),
        ("ce_time", _time((said.at - _EPOCH) // _MICROSECOND)),
        ("ce_storeepoch", epoch.encode()),
    ]


def _made(said: DispatchEvent | DeadLetter, key: str, headers: Headers) -> Message:
    return Message(key.encode(), said.model_dump_json(exclude_none=True).encode(), headers)


@lru_cache(maxsize=256)
def type_name(name: str, schema_version: int) -> bytes:
    """`gridcase.PetitionRouted.v1`: the `ce_type` of an event type."""
    return f"gridcase.{name}.v{schema_version}".encode()


def _read_headers(headers: Collection[tuple[str, bytes | None]]) -> Mapping[str, bytes | None]:
    """The headers by name; none of those that are read may stand there twice."""
    found = dict(headers)
    if found.get("ce_specversion") != b"1.0":
        raise NotOurMessage("ce_specversion", "must be 1.0")
    if len(found) != len(headers):
        names = [name for name, _ in headers]
        if twice := next((name for name in names if name in _OURS and names.count(name) > 1), None):
            raise NotOurMessage(twice, "stands there twice")
    return found


def _matching(found: Mapping[str, bytes | None], header: str, form: re.Pattern[bytes]) -> tuple[bytes, ...]:
    match = form.fullmatch(found.get(header) or b"")
    if match is None:
        raise NotOurMessage(header, "is missing or of another form")
    return match.groups()


def _number(header: str, digits: bytes) -> int:
    if not digits.isdigit() or digits.startswith(b"0") or len(digits) > 19:
        raise NotOurMessage(header, "must be a number from 1 on")
    return int(digits)


def _text(header: str, value: bytes | None) -> str:
    if not value:
        raise NotOurMessage(header, "is missing or empty")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise NotOurMessage(header, "must be UTF-8") from None


@lru_cache(maxsize=256)
def _type_of(written: bytes | None) -> tuple[str, int]:
    match = _TYPE.fullmatch(written or b"")
    if match is None:
        raise NotOurMessage("ce_type", "is missing or of another form")
    return match[1].decode(), int(match[2])


def _time(micros: int) -> bytes:
    second, rest = divmod(micros, _SECOND)
    return b"%b.%06dZ" % (_second(second), rest)


@lru_cache(maxsize=256)
def _second(second: int) -> bytes:
    return (_EPOCH + timedelta(seconds=second)).isoformat()[:19].encode()


@lru_cache(maxsize=256)
def _seconds(written: bytes) -> int:
    try:
        return (datetime.fromisoformat(f"{written.decode()}+00:00") - _EPOCH) // timedelta(seconds=1)
    except ValueError:
        raise NotOurMessage("ce_time", "is no moment") from None


_OURS = frozenset(
    {
        "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_sequence", "ce_storeepoch",
        "ce_causation", "ce_by", "traceparent", "content-type",
    }
)  # fmt: skip
