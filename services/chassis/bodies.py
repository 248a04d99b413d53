"""The parts that request bodies are made of."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from schemas.people import Attachment
from schemas.policy import MOST_HOUSEHOLDS, MOST_MONEY


class Body(BaseModel):
    """What a caller may send: nothing but what is named, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_NOTHING_TO_SEE = {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn"}
"""Unicode's categories of spaces, controls, zero-width signs, and marks that need a letter to stand on."""
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"
"""Fillers and the empty Braille cell: Unicode counts them as letters and signs."""


def is_blank(text: str) -> bool:
    """Whether there is nothing to see: no text, or spaces and invisible signs only."""
    return all(unicodedata.category(one) in _NOTHING_TO_SEE or one in _BLANK_LETTERS for one in text)


def not_blank(text: str) -> str:
    """The same text; for a body, complains where there is nothing to see in it."""
    if is_blank(text):
        raise PydanticCustomError("blank", "must not be blank")
    return text


Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""A code of the policy, or an id of another system."""

Staff = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(not_blank)]
"""Id of the person who does it; never a name."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=4_000), AfterValidator(not_blank)]
"""What a handler writes."""


Households = Annotated[int, Field(ge=0, le=MOST_HOUSEHOLDS)]
"""How many households a matter touches."""

Yuan = Annotated[int, Field(ge=0, le=MOST_MONEY)]
"""Money at stake."""


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)")


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticCustomError("moment", "write a date and time with its offset, as 2026-11-22T08:30:00+08:00")
    return value


def _in_reach(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise PydanticCustomError(
            "out_of_reach", "write a year from {first} to {last}", {"first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return moment


FIRST_YEAR, LAST_YEAR = 1900, 2199
"""What lies outside is a slip, and near the ends of the calendar no local time could be shown."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_in_reach), Field(strict=False)]
"""A moment that says its offset."""


_ADDRESS = TypeAdapter(HttpUrl)
_BEFORE_HOST = re.compile(r"https?://[^/\\]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def _leads_to_a_host(url: str) -> str:
    try:
        _ADDRESS.validate_python(url)
    except ValidationError:
        whole = False
    else:
        whole = bool(_BEFORE_HOST.match(url)) and not _CONTROLS.search(url)  # a browser passes over both
    if not whole:
        raise PydanticCustomError("no_address", "write the whole address, as https://files.example/1.jpg")
    return url


class AttachmentBody(Body):
    """A file kept elsewhere, which is never fetched; `sha256` is lower-case hex of its bytes."""

    url: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2_000, pattern=r"^https?://"),
        AfterValidator(_leads_to_a_host),
    ]
    media_type: Annotated[str, StringConstraints(max_length=200)] | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None

    def kept(self) -> Attachment:
        """As it is kept in an event."""
        return Attachment(url=self.url, media_type=self.media_type, sha256=self.sha256)
