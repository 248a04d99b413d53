"""拆分: a petition that tells of several matters becomes as many petitions, each of which goes its own way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from intake import rejections_of_parts as refuse
from intake.rejections_of_links import OthersFollow
from intake.state import State, refuse_unless_waiting
from schemas.event import Event
from schemas.events.intake import PetitionSplit
from schemas.jurisdiction import Ladder
from schemas.words import Severity

MOST_PARTS = 20
"""So many parts can come of one petition: all of them are filed in one append."""


@dataclass(frozen=True, slots=True)
class Split:
    """It is to become these petitions, each by the command that files it."""

    petition: UUID
    now: datetime
    parts: Sequence[Any]
    ladder: Ladder
    """By which its parts begin no lower than where it was raised to."""


def split(state: State, command: Split) -> list[Event]:
    """The whole: it is one petition still, for itself, and no emergency."""
    refuse_unless_waiting(state)
    if state.duplicates:
        raise OthersFollow(len(state.duplicates))
    if state.split_from is not None:
        raise refuse.IsAPart(state.split_from)
    if not state.assessed:
        raise refuse.NotRead
    if state.climbs or not state.raised.dispatch:
        raise refuse.BeingPlaced
    if state.severity is Severity.CRITICAL:
        raise refuse.CriticalStaysWhole
    return [PetitionSplit(at=command.now, parts=tuple(one.petition for one in command.parts))]
