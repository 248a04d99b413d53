"""What a resident said, all of it: title, text, and what was added later."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.event import AnyRecorded
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from services.chassis.sealing import PetitionKey

BETWEEN = "\n"
"""What parts the text from what was added, and each addition from the next; quotes are counted with it."""


class Added(NamedTuple):
    """What the event of this version added; `start` is where it begins in the whole text."""

    version: int
    start: int
    words: str


class Said(NamedTuple):
    """The words of a petition up to some event."""

    title: str
    text: str
    added: Sequence[Added] = ()

    @property
    def whole(self) -> str:
        """The text with everything that was added, as quotes count it."""
        return BETWEEN.join((self.text, *(one.words for one in self.added)))


def said(stream: Sequence[AnyRecorded], key: PetitionKey) -> Said:
    """The words that these events of one petition hold, opened; raises Unsealable."""
    title, text = "", ""
    added: list[Added] = []
    end = 0
    for recorded in stream:
        if isinstance(recorded.event, PetitionFiled):
            title, text = key.open(recorded, "title") or "", key.open(recorded, "text")
            end = len(text)
        elif isinstance(recorded.event, PetitionSupplemented):
            words: str = key.open(recorded, "text")
            added.append(Added(recorded.version, end + len(BETWEEN), words))
            end += len(BETWEEN) + len(words)
    return Said(title, text, added)
