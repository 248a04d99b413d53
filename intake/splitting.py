"""拆分: a petition that tells of several matters becomes as many petitions, each of which goes its own way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from intake import rejections_of_parts as refuse
from intake.raising import floor_of_parts
from intake.rejections_of_links import OthersFollow
from intake.state import State, refuse_unless_waiting
from schemas import floors
from schemas.event import Event
from schemas.events.intake import PetitionSplit
from schemas.events.router import Floor
from schemas.policy import Policy
from schemas.words import Severity

MOST_PARTS = 20
"""So many parts can come of one petition: all of them are filed in one append."""


@dataclass(frozen=True, slots=True)
class Split:
    """It is to become these petitions, each by the command that files it."""

    petition: UUID
    now: datetime
    parts: Sequence[Any]
    policy: Policy
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


def parts_of(state: State, command: Split) -> list[Any]:
    """Each part, filed no lower than the whole was raised to."""
    ladder, read = command.policy.jurisdiction.ladder, _read_since(state, command.policy)
    least = {own: floor_of_parts(state.raised, state.history, ladder, read, own_kind=own) for own in (True, False)}
    return [replace(one, history=least[one.kind is not None], unsolved=state.unsolved) for one in command.parts]


def _read_since(state: State, policy: Policy) -> tuple[Floor, ...]:
    """What its size asks for, and what a person has read in it, where it was read since its newest dispatch: the router
    may not have heard of that yet, or have left it where it stands, for it stands so high already."""
    if not state.read_since:
        return ()
    read = (one for one in floors.of_reading(policy, state.kind, state.severity) if one.floor in state.by_person)
    return (*read, *floors.of_size(policy, households=state.households, money=state.money))
