"""What a petition is about and how grave it is: read by rules at once, changed only by a named person."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.event import Event, EventRef
from schemas.events.severity import (
    SUPERIOR,
    PetitionDeclined,
    PetitionReferred,
    Reason,
    ReviewRequested,
    SeverityAssessed,
    SeverityConfirmed,
    SeverityReassessed,
)
from schemas.places import REFERRED_ACROSS
from schemas.policy import Policy
from schemas.sealed import Sealed
from schemas.words import Disposition, Severity, told_at_once
from services.chassis.deciding import Decider
from severity.policy import NOT_ALL_READ, Reading
from severity.rejections import (
    AlreadyResolved,
    FollowsAnother,
    IsSplit,
    NobodyToTell,
    NoLegalWay,
    NotAssessed,
    NothingChanges,
    OthersFollow,
    PetitionEnded,
    UnknownKind,
)
from severity.state import State, evolve, extent_after, initial


@dataclass(frozen=True, slots=True)
class Assess:
    """Record the reading of the petition that was filed."""

    petition: UUID
    now: datetime
    policy: Policy
    reading: Reading
    refer_to: str | None = None
    """The way to refer it; None is the way of its kind."""


@dataclass(frozen=True, slots=True)
class Reread:
    """Words were added: record what all of them come to, where that is graver or clearer than the reading in force.

    After a person's word about the reading only what was added since is read, so that nothing they judged is judged
    again. Words of which nobody can say whether that person knew them count for themselves."""

    petition: UUID
    now: datetime
    policy: Policy
    reading: Reading
    alone: Reading
    """What these words are by themselves."""
    added: int
    """Version of the event that added them."""
    supplement: int


@dataclass(frozen=True, slots=True)
class RaisePart:
    """What had been added before the split was read as graver after it, and may be about this part: until a person says
    so or not, the part is as grave. `first`: to be read by its own words, where that was not done yet and can be."""

    petition: UUID
    now: datetime
    policy: Policy
    whole: UUID
    severity: Severity
    confidence: float
    first: Assess | None


@dataclass(frozen=True, slots=True)
class Confirm:
    """A named person agrees with the reading."""

    petition: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class Reassess:
    """A named person changes the reading; None leaves a part as it is. The policy says who must be told."""

    petition: UUID
    now: datetime
    kind: str | None
    severity: Severity | None
    disposition: Disposition | None
    reason: str
    policy: Policy
    households: int | None = None
    money: int | None = None


def decide(state: State, command: Any) -> list[Event]:
    """What the command makes of the reading in force."""
    match command:
        case Assess():
            return _assess(state, command)
        case Reread():
            return _reread(state, command)
        case RaisePart():
            return _raise_part(state, command)
        case Confirm():
            return _confirm(state, command)
        case Reassess():
            return _reassess(state, command)
        case _:
            raise TypeError(f"severity has no command {type(command).__name__}")


def _assess(state: State, command: Assess) -> list[Event]:
    if not state.filed or state.assessed or _is_over_for(state, command.reading, state.let_go):
        return []  # it was read already, or a person was faster
    read, policy, limits = command.reading, command.policy.version, command.policy.limits
    lowers = state.taken is Severity.CRITICAL and read.severity is not Severity.CRITICAL
    if lowers:
        read = _still_critical(read)
    if (state.supplemented or state.answered) and read.disposition in (Disposition.REFER, Disposition.DECLINE):
        read = _not_turned_away(read)
    said: list[Event] = [_read_as(command, read)]
    until = limits.reopen_until(command.now)
    if read.disposition is Disposition.DECLINE:
        return [*said, PetitionDeclined(at=command.now, reason="empty", policy=policy, reopen_until=until)]
    if read.disposition is Disposition.REFER:
        to = command.refer_to or read.kind or ""
        return [*said, PetitionReferred(at=command.now, to=to, policy=policy, reopen_until=until)]
    unsure = lowers or read.unread or read.confidence < limits.review_below
    if unsure and not _stays_over(state, read):
        said.append(_to_be_reviewed(command, read.confidence))
    return said


def _is_over_for(state: State, read: Reading, unknown: bool) -> bool:
    """Whether it is over and read no more. A danger is not over by the word of nobody who knew what is read."""
    return state.ended and not (unknown and told_at_once(read.severity, read.disposition))


def _stays_over(state: State, read: Reading) -> bool:
    """Whether who must know is told and nothing else follows: only what is critical is opened again, and looked at."""
    return state.ended and read.severity is not Severity.CRITICAL


def _read_as(command: Assess | Reread | RaisePart, read: Reading, **because: Any) -> SeverityAssessed:
    """The reading as it is recorded; `because`: what led to it, where that is not the filing."""
    return SeverityAssessed(
        at=command.now,
        kind=read.kind,
        severity=read.severity,
        disposition=read.disposition,
        hand_off=read.hand_off,
        confidence=read.confidence,
        reasons=read.reasons,
        policy=command.policy.version,
        **because,
    )


def _to_be_reviewed(command: Assess | Reread | RaisePart, confidence: float) -> ReviewRequested:
    review_by = command.now + timedelta(hours=command.policy.limits.review_hours)
    return ReviewRequested(at=command.now, confidence=confidence, review_by=review_by)


def _still_critical(read: Reading) -> Reading:
    """Read as milder than it was routed without a reading: critical is lowered, and answered, only by a person."""
    disposition = Disposition.HAND_OFF if read.disposition is Disposition.HAND_OFF else Disposition.HANDLE
    reasons = (*read.reasons, Reason(rule="routed_as_critical", field="filed"))
    return replace(read, severity=Severity.CRITICAL, disposition=disposition, reasons=reasons)


def _not_turned_away(read: Reading) -> Reading:
    """Turned away by what was filed, while more was added, which is read next; or while somebody has answered it, or
    opened it again: a person looks at it."""
    confidence = min(read.confidence, NOT_ALL_READ)
    return replace(read, disposition=Disposition.HANDLE, confidence=confidence, unread=True)


def _reread(state: State, command: Reread) -> list[Event]:
    passed_by = state.judged > command.added  # by a person, who may have known these words
    read, limits = command.alone if passed_by else command.reading, command.policy.limits
    if state.assessed:
        read = read.plain or read  # caution raises nothing that a reading settled
    turned_away = state.ended and not state.resolved  # by a person, where it was not taken back
    if not state.filed or _is_over_for(state, read, state.let_go or (turned_away and passed_by)):
        return []
    read = _with_what_was_added(state, read)
    tells_others = not set(read.hand_off) <= set(state.hand_off)
    graver = read.severity.rank > state.severity.rank
    clearer = (read.kind, read.disposition) != (state.kind, state.disposition) and not passed_by
    changes = graver or tells_others or clearer
    said: list[Event] = []
    if changes:
        said.append(_read_as(command, read, supplement=command.supplement))
    unsure = read.confidence < limits.review_below and (changes or (read.unread and not state.ended))
    if not state.in_review and not _stays_over(state, read) and (unsure or (changes and state.judged)):
        said.append(_to_be_reviewed(command, read.confidence))
    return said


def _with_what_was_added(state: State, read: Reading) -> Reading:
    """The reading in force with what the added words raise or clear up. No machine makes it milder by them, gives it
    another kind without making it graver, or turns away what somebody has."""
    graver = read.severity.rank > state.severity.rank
    known, new = (read, state) if graver else (state, read)
    disposition = max(state.disposition, read.disposition.once_reopened, key=_HOW_MUCH_IT_ASKS.index)
    hand_off = tuple(dict.fromkeys((*state.hand_off, *read.hand_off)))
    return replace(
        read,
        kind=known.kind or new.kind,
        severity=known.severity,
        disposition=disposition,
        hand_off=hand_off if told_at_once(known.severity, disposition) else state.hand_off,
    )


_HOW_MUCH_IT_ASKS = (
    Disposition.DECLINE, Disposition.REFER, Disposition.ASK, Disposition.HANDLE, Disposition.HAND_OFF,
)  # fmt: skip


def _raise_part(state: State, command: RaisePart) -> list[Event]:
    said = _assess(state, command.first) if command.first else []
    for event in said:
        state = evolve(state, event, EventRef(command.petition, 0))
    over = state.ended or state.resolved or not state.assessed
    if over or command.severity.rank <= state.severity.rank:
        return said
    why = (Reason(rule=f"whole:{command.whole}", field="filed"),)
    read = Reading(state.kind, command.severity, state.disposition, state.hand_off, command.confidence, why)
    said.append(_read_as(command, read, whole=command.whole))
    if not state.in_review:
        said.append(_to_be_reviewed(command, command.confidence))
    return said


def _confirm(state: State, command: Confirm) -> list[Event]:
    if not state.assessed:
        raise NotAssessed
    return [] if state.confirmed else [SeverityConfirmed(at=command.now)]


def _reassess(state: State, command: Reassess) -> list[Event]:
    if not state.assessed and not state.routed:
        raise NotAssessed
    if state.ended:
        raise PetitionEnded
    if state.root is not None:
        raise FollowsAnother(state.root)
    if state.parts:
        raise IsSplit(state.parts)
    if command.kind is not None and command.kind not in command.policy.kinds:
        raise UnknownKind(command.kind)
    kind = command.kind or state.kind
    severity = command.severity or state.severity
    disposition = command.disposition or _left(state, severity)
    extent = extent_after(state.extent, command.households, command.money)
    if (kind, severity, disposition) == (state.kind, state.severity, state.disposition) and extent == state.extent:
        raise NothingChanges
    if state.resolved and disposition in (Disposition.REFER, Disposition.DECLINE):
        raise AlreadyResolved
    ends = disposition in (Disposition.REFER, Disposition.DECLINE)
    if state.duplicates and (ends or severity.rank < state.severity.rank):  # one that follows may be as grave
        raise OthersFollow(len(state.duplicates))
    hand_off = _to_be_told(state, command)
    if told_at_once(severity, disposition.once_reopened):  # what is turned away tells nobody until it is opened again
        hand_off = hand_off or command.policy.bundle.hand_off_default
    if told_at_once(severity, disposition) and not hand_off:
        raise NobodyToTell(kind)
    said: list[Event] = [
        SeverityReassessed(
            at=command.now,
            kind=kind,
            severity=severity,
            disposition=disposition,
            hand_off=hand_off,
            households=extent[0],
            money=extent[1],
            reason=Sealed.of(command.reason),
            policy=command.policy.version,
        )
    ]
    turned_away = {
        "at": command.now,
        "policy": command.policy.version,
        "reopen_until": command.policy.limits.reopen_until(command.now),
    }
    if disposition is Disposition.REFER:
        said.append(PetitionReferred(to=_way(state, kind, command.policy), **turned_away))
    if disposition is Disposition.DECLINE:
        said.append(PetitionDeclined(reason="by_person", **turned_away))
    return said


def _way(state: State, kind: str | None, policy: Policy) -> str:
    """Where a person sends who turns to nobody here: the superior of the top, else the legal way of its kind, else the
    neighbour in whose district it lies."""
    if state.about == policy.jurisdiction.top.code:
        return SUPERIOR
    known = policy.kinds.get(kind or "")
    if state.neighbour is not None and (known is None or known.disposition is not Disposition.REFER):
        return f"{REFERRED_ACROSS}{state.neighbour}"
    if kind is None:
        raise NoLegalWay
    return kind


def _to_be_told(state: State, command: Reassess) -> tuple[str, ...]:
    """Those of a new kind; else those the words named, or of the kind when they named none."""
    if command.kind is None and state.hand_off:
        return state.hand_off
    kind = command.policy.kinds.get(command.kind or state.kind or "")
    return kind.hand_off if kind else ()


def _left(state: State, severity: Severity) -> Disposition:
    """The disposition when the person names none: a hand-off that came with `critical` goes with it."""
    lowered = state.severity is Severity.CRITICAL and severity is not Severity.CRITICAL
    return Disposition.HANDLE if lowered and state.disposition is Disposition.HAND_OFF else state.disposition


DECIDER = Decider("severity", initial, decide, evolve)
