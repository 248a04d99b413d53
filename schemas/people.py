"""Personal and free-text parts of a petition; they are stored only inside `Sealed`."""

import unicodedata

from pydantic import BaseModel, ConfigDict


class Petitioner(BaseModel):
    """Who asks. Name and phone are never shown to handlers of a confidential petition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    phone: str | None = None
    anonymous: bool = False
    confidential: bool = False


class Coordinates(BaseModel):
    """WGS 84 degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lat: float
    lon: float


class Attachment(BaseModel):
    """A file kept elsewhere; `sha256` is lower-case hex of its bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    media_type: str | None = None
    sha256: str | None = None


def same_person(one: str, another: str) -> bool:
    """Whether two ids of staff, as people type them, mean one person: letter case, width, spaces and invisible signs
    tell nobody apart."""
    return _plain(one) == _plain(another)


def _plain(person: str) -> str:
    folded = unicodedata.normalize("NFKC", person).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZC")
