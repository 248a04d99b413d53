"""The ledger of a petition in words: who had it for how long, net of holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.event import AnyRecorded
from schemas.ledger import Entry, Phase, ledger
from services.console import moments
from services.console.reader import Reader
from services.console.words import Text

NOBODY_YET = Text("待研判派单", "Waiting to be read and routed")
ON_HOLD = Text("挂账（不计入任何单位）", "On hold (counts for nobody)")
ASKED = Text("回访中", "The resident is being asked")


@dataclass(frozen=True)
class Held:
    """One entry as people read it."""

    entry: Entry
    who: str
    span: str


def holding_times(stream: Sequence[AnyRecorded], now: datetime, reader: Reader) -> list[Held]:
    """The ledger's entries, in the order in which they began."""
    return [
        Held(entry, _who(entry, reader), moments.span(entry.lasted.total_seconds(), reader.lang))
        for entry in ledger(stream, now)
    ]


def _who(entry: Entry, reader: Reader) -> str:
    match entry.phase:
        case Phase.HANDLED:
            return reader.receiver(entry.unit or "", entry.department)
        case Phase.ON_HOLD:
            return reader.of(ON_HOLD)
        case Phase.ASKED:
            return reader.of(ASKED)
        case Phase.WAITING:
            return reader.of(NOBODY_YET)
