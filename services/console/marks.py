"""What else is to be known of a petition at a glance, each by a word and a shape."""

from typing import NamedTuple

from services.console.reader import Reader
from services.console.words import Text

TO_PLACE = Text("待定位", "to be placed")
REOPENED = Text("重办，第 {n} 轮", "re-opened, round {n}")
ESCALATED = Text("曾上呈", "escalated")
SUPERVISED = Text("督办中", "under supervision")
CONFIDENTIAL = Text("为诉求人保密", "the petitioner stays hidden")
OVERDUE = Text("已超时", "overdue")


class Mark(NamedTuple):
    """A word with its shape; an alarming one stands out."""

    shape: str
    said: str
    alarming: bool = False


def marks(
    reader: Reader,
    *,
    to_place: bool,
    round: int,
    escalated: bool,
    supervised: bool,
    overdue: bool,
    confidential: bool = False,
) -> list[Mark]:
    """Those that hold, the most pressing first. Only a petition's own page says that it is `confidential`."""
    every = [
        (overdue, Mark("✕", reader.of(OVERDUE), alarming=True)),
        (supervised, Mark("!", reader.of(SUPERVISED), alarming=True)),
        (escalated, Mark("↑", reader.of(ESCALATED))),
        (round > 1, Mark("↻", reader.of(REOPENED, n=round))),
        (confidential, Mark("⊘", reader.of(CONFIDENTIAL), alarming=True)),
        (to_place, Mark("?", reader.of(TO_PLACE))),
    ]
    return [mark for holds, mark in every if holds]
