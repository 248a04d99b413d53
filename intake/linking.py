"""并案: a repeat follows its root, and is answered with it. Each end of a link is decided in its own stream."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from intake import rejections_of_links as refuse
from intake.rejections_of_parts import RootIsSplit
from intake.state import State, refuse_unless_open
from schemas.event import Event
from schemas.events.intake import DuplicateLinked, DuplicateUnlinked
from schemas.jurisdiction import Jurisdiction
from schemas.words import Severity

MOST_DUPLICATES = 100
"""So many can follow one petition: what is reported done for it is said for all of them in one append."""


@dataclass(frozen=True, slots=True)
class Link:
    """This petition repeats the one that is named, and is to follow it."""

    petition: UUID
    now: datetime
    to: UUID
    units: Jurisdiction
    """Who answers to whom: what complains about somebody is not answered by them."""


@dataclass(frozen=True, slots=True)
class TakeDuplicate:
    """The other end of it: a petition as grave as this, about somebody or nobody, is to follow this one."""

    petition: UUID
    now: datetime
    duplicate: UUID
    severity: Severity
    about: str | None
    units: Jurisdiction


@dataclass(frozen=True, slots=True)
class Unlink:
    """It is another matter after all; `route_by` is until when it must be routed for itself."""

    petition: UUID
    now: datetime
    route_by: datetime


@dataclass(frozen=True, slots=True)
class LetGo:
    """The other end of it: a petition follows this one no more."""

    petition: UUID
    now: datetime
    duplicate: UUID


def link(state: State, command: Link) -> list[Event]:
    """The repeat: nobody follows it, and it follows nobody yet."""
    refuse_unless_open(state)
    if state.root == command.to:
        return []
    if command.to == command.petition:
        raise refuse.LinksToItself
    if command.to in state.duplicates:
        raise refuse.LinkedTheOtherWay(command.to)
    if state.other_end is not None:
        raise refuse.FollowsAnother(state.other_end)
    if state.duplicates:
        raise refuse.OthersFollow(len(state.duplicates))
    if not state.assessed:
        raise refuse.NotReadYet
    return [DuplicateLinked(at=command.now, root=command.to, duplicate=command.petition)]


def take_duplicate(state: State, command: TakeDuplicate) -> list[Event]:
    """The root: somebody works on it, and it is at least as grave."""
    if not state.filed:
        raise refuse.UnknownPetition(str(command.petition))
    if state.ended or state.resolved:
        raise refuse.RootIsOver
    if state.parts:
        raise RootIsSplit(state.parts)
    if command.duplicate in state.duplicates:
        return []
    if state.root == command.duplicate:  # said there too, if this link was not yet seen there
        raise refuse.LinkedTheOtherWay(command.petition)
    if state.root is not None:
        raise refuse.RootFollowsAnother(state.root)
    if not state.assessed:
        raise refuse.NotReadYet
    if command.severity.rank > state.severity.rank:
        raise refuse.GraverThanRoot(command.severity, state.severity)
    if command.units.is_about(command.about, state.unit, state.department):
        raise refuse.ComplainsAboutItsHandler
    if len(state.duplicates) >= MOST_DUPLICATES:
        raise refuse.TooManyFollow(MOST_DUPLICATES)
    return [DuplicateLinked(at=command.now, root=command.petition, duplicate=command.duplicate)]


def unlink(state: State, command: Unlink) -> list[Event]:
    """The repeat goes its own way again; where it does so already, nobody need wait for it any more."""
    if state.left is not None:
        return [DuplicateUnlinked(at=command.now, root=state.left, duplicate=command.petition)]
    refuse_unless_open(state)
    if state.root is None:
        raise refuse.NotLinked
    return [DuplicateUnlinked(at=command.now, root=state.root, duplicate=command.petition, route_by=command.route_by)]


def let_go(state: State, command: LetGo) -> list[Event]:
    """The root has one less to answer."""
    if command.duplicate not in state.duplicates:
        return []
    return [DuplicateUnlinked(at=command.now, root=command.petition, duplicate=command.duplicate)]
