"""抬高: what has raised a petition above what its own kind and place ask for; its parts begin no lower."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from schemas.event import EventRef
from schemas.events.router import KEEPS, Floor, PetitionRouted
from schemas.jurisdiction import Ladder
from schemas.words import FloorName

INHERITED = "inherited"
"""How the reason of the history floor begins that a part has because the whole had been raised to there."""


class Raised(NamedTuple):
    """What raised it by now, beside what was missed or done in vain; nothing before its first dispatch."""

    dispatch: str = ""
    tier: str = ""
    floors: tuple[Floor, ...] = ()
    """Of its dispatch: how much it touches, what is beyond somebody's power, and what a person's reading of it asks."""
    moved_to: str = ""
    """The tier to which a person moved it last; empty when nobody did."""
    moved_over: tuple[Floor, ...] = ()
    """What it asked for then."""


def raised_by(before: Raised, event: PetitionRouted, ref: EventRef, *, by_person: Collection[FloorName]) -> Raised:
    """What raised it once it has this dispatch; `by_person`: the floors that rest on what a person has read in it."""
    floors = tuple(one for one in event.floors if one.floor is FloorName.SCALE or one.floor in by_person)
    raised = before._replace(dispatch=str(ref), tier=event.tier, floors=floors)
    if event.rule == "policy":  # a person had the policy place it anew: what was moved before is over
        return raised._replace(moved_to="", moved_over=())
    if event.rule != "moved":
        return raised
    asked = tuple(floor for floor in event.floors if not floor.reason.startswith(KEEPS))
    return raised._replace(moved_to=event.tier, moved_over=asked)


def floor_of_parts(
    raised: Raised, climbed: Floor | None, ladder: Ladder, read: Iterable[Floor], *, own_kind: bool
) -> Floor | None:
    """The history floor with which a part of it begins: what it has climbed to, or what else raised it where that is
    higher; None where nothing did. `read`: what was read in it since its newest dispatch asks for. `own_kind`: whether
    whoever splits it says which kind the part is of, which counts for more than the kind of the whole."""
    tier = _highest(_but_its_kind(read) if own_kind else read, ladder)
    if floors := _but_its_kind(raised.floors) if own_kind else raised.floors:  # moved down since, it has no more
        asked = min(_highest(floors, ladder), ladder.known(raised.tier), key=ladder.rank)
        tier = ladder.highest([tier, asked])
    if raised.moved_to:
        to = ladder.known(raised.moved_to)
        if ladder.rank(to) > ladder.rank(_highest(raised.moved_over, ladder)):
            tier = ladder.highest([tier, to])
    if ladder.rank(tier) <= ladder.rank(ladder.lowest if climbed is None else ladder.known(climbed.tier)):
        return climbed
    return Floor(floor=FloorName.HISTORY, tier=tier, reason=f"{INHERITED}:{raised.dispatch}")


def _but_its_kind(floors: Iterable[Floor]) -> tuple[Floor, ...]:
    return tuple(one for one in floors if one.floor is not FloorName.AUTHORITY)


def _highest(floors: Iterable[Floor], ladder: Ladder) -> str:
    return ladder.highest([ladder.known(one.tier) for one in floors])
