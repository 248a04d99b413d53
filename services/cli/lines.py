"""A file's lines as petitions to file, each with a key of its own, so that the file can be loaded again at will."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from pydantic_core import to_json

from services.chassis import strict_json

LARGEST_LINE = 256 * 1024
CHINA = timezone(timedelta(hours=8))
_CHINA_TIME = re.compile(r"\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s*")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One petition as the batch endpoint takes it; `number` counts the file's lines from 1."""

    number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not filed, and why; quotes none of its words."""

    number: int
    code: str
    detail: str


def read_lines(file: Iterable[bytes], prefix: str, channel: str) -> Iterator[Line | Refusal]:
    """The petitions of an NDJSON file; a line that cannot be one is a refusal, an empty one is nothing.

    A line keeps its own `external` or `key`; a message with an `id` gets the external number `id` of source
    `prefix`; any other the key `<prefix>-<line>`. `channel` is for lines that name none.
    """
    for number, raw in enumerate(file, 1):
        content = raw.removeprefix(_BYTE_ORDER_MARK).strip()
        if not content:
            continue
        if len(content) > LARGEST_LINE:
            yield Refusal(number, "too_large", f"is larger than {LARGEST_LINE // 1024} KiB")
            continue
        try:
            value = strict_json.parse(content)
        except strict_json.NotJson as error:
            yield Refusal(number, "invalid_json", str(error))
            continue
        if not isinstance(value, dict):
            yield Refusal(number, "invalid", "is not a JSON object")
            continue
        yield Line(number, to_json(_petition(value, number, prefix, channel)))


def _petition(value: dict[str, Any], number: int, prefix: str, channel: str) -> dict[str, Any]:
    petition = _from_message(value, prefix) if "body" in value and "text" not in value else value
    if petition.get("external") is None and petition.get("key") is None:
        petition = {**petition, "key": f"{prefix}-{number}"}
    return {"channel": channel, **petition}


def _from_message(message: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Words, time and number of a message; whatever else it holds, such as its author, stays behind."""
    petition = {"title": message.get("title"), "text": message["body"]}
    if (number := message.get("id")) not in (None, "") and isinstance(number, str | int):
        petition["external"] = {"source": prefix, "number": str(number)}
    if (moment := china_time(message.get("time"))) is not None:
        petition["occurred_at"] = moment.isoformat()
    return petition


def china_time(told: Any) -> datetime | None:
    """A date and time as a message tells it, meant in China when it has no offset; None when it is neither."""
    if not isinstance(told, str):
        return None
    try:
        if parts := _CHINA_TIME.fullmatch(told):
            year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=CHINA)
        moment = datetime.fromisoformat(told.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
