"""What a petition's page says, as JSON in both languages, for programs that show it elsewhere: why it is where it is,
its deadlines and its events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from schemas.deadlines import DeadlineState
from schemas.event import AnyRecorded
from schemas.events.severity import SeverityAssessed
from schemas.ledger import Phase
from schemas.life import Life, fold_life
from schemas.petition import Answer
from schemas.words import Severity
from services.chassis.answers import to_show
from services.chassis.petition_words import said as words_of
from services.chassis.runtime import Runtime
from services.chassis.sealing import PetitionKey
from services.console.frame import reader_of
from services.console.holding_times import holding_times
from services.console.naming_deadlines import deadline_names
from services.console.quoting import grounds
from services.console.reader import Reader
from services.console.sentences import sentence
from services.console.why import explain, placing, policy_of
from services.console.why_so_grave import confidence_of
from services.console.words import Lang


class Said(Answer):
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


class Quoted(Answer):
    """Words of the petition that a rule spoke of; `field` is `title` or `text`."""

    field: str
    words: str


class GroundSaid(Answer):
    """One rule that spoke when it was read, and the words it spoke of; none once they are erased."""

    said: Said
    quotes: list[Quoted]


class SeveritySaid(Answer):
    """How grave it was read as, and why: `said`. `confidence` is how surely it was read, 0 to 1, null where a named
    person said it. `review` is `open` while a person is asked to look at the reading, until `review_by`; null where
    nobody was asked."""

    severity: Severity
    name: Said
    confidence: float | None
    review: DeadlineState | None
    review_by: datetime | None
    said: Said


class FloorSaid(Answer):
    """A floor with its reason in words; `decides` when the petition's tier is this floor's."""

    floor: Said
    tier: Said
    reason: Said
    decides: bool


class DeadlineSaid(Answer):
    """What a deadline is called; the rest is as in the petition."""

    name: str
    due_at: datetime
    state: DeadlineState
    said: Said


class HeldSaid(Answer):
    """责任台账: how long one phase lasted in all, in seconds; when it is `handled`, for which this unit or department
    answers. `current`: it goes on, and is counted until now."""

    phase: Phase
    unit: str | None
    department: str | None
    seconds: float
    current: bool
    who: Said
    said: Said


class EventSaid(Answer):
    """One event as its name and a sentence."""

    version: int
    name: Said
    said: Said


class Explanation(Answer):
    """Why a petition is where it is after the events up to `version`; `policy` and `dispatch` are null before that.

    `reading` says what its kind and severity rest on, as rules last read it; a person's word stands in `timeline`.
    `severity` says how grave it was read as, how surely, why, and whether a person is still to look at that; null
    before it was read. `due` says why its dispatch has these deadlines. Moments in sentences are in the district's own
    time, with its offset.
    `located` says where the matter lies and how that is known.
    `otherwise` says what would have put it lower or higher; `kind`, `unit` and `department` are what its codes are
    called, in English where the district says so.
    `responsibility` says who had it for how long. Its seconds, without those `on_hold`, are those that the petition was
    open and not on hold.
    """

    version: int
    policy: int | None
    dispatch: str | None
    kind: Said | None
    unit: Said | None
    department: Said | None
    severity: SeveritySaid | None
    reading: list[GroundSaid]
    placed: Said
    located: Said | None
    holds: Said | None
    floors: list[FloorSaid]
    notes: list[Said]
    due: list[Said]
    otherwise: list[Said]
    deadlines: list[DeadlineSaid]
    responsibility: list[HeldSaid]
    timeline: list[EventSaid]


def explained(
    stream: Sequence[AnyRecorded], key: PetitionKey | None, runtime: Runtime, called: Mapping[UUID, str]
) -> Explanation:
    """The explanation that the events of a petition give, with the names of the policy that placed it; `called` is what
    it and those linked with it are called."""
    life, by_policy = fold_life(stream), policy_of(placing(stream))
    policy = runtime.policies.version(by_policy) if by_policy else None
    readers = [replace(reader_of(runtime, lang, policy), numbers=called, offset=True) for lang in (Lang.ZH, Lang.EN)]
    zh, en = (explain(stream, reader) for reader in readers)
    floors = [
        FloorSaid(
            floor=_said(a.name, b.name), tier=_said(a.tier, b.tier), reason=_said(a.reason, b.reason), decides=a.decides
        )
        for a, b in zip(zh.floors, en.floors, strict=True)
    ]
    return Explanation(
        version=len(stream),
        policy=zh.policy,
        dispatch=str(zh.dispatch.ref) if zh.dispatch else None,
        kind=_name(life.kind, [reader.kind for reader in readers]),
        unit=_name(life.unit, [reader.unit for reader in readers]),
        department=_name(life.department, [reader.department for reader in readers]),
        severity=_severity(life, stream, readers, _said(zh.severity, en.severity)),
        reading=_reading(stream, key, readers),
        placed=_said(zh.placed, en.placed),
        located=_said(zh.located, en.located) if zh.located else None,
        holds=_said(zh.holds, en.holds) if zh.holds else None,
        floors=floors,
        notes=[_said(a, b) for a, b in zip(zh.notes, en.notes, strict=True)],
        due=[_said(a, b) for a, b in zip(zh.due, en.due, strict=True)],
        otherwise=[_said(a, b) for a, b in zip(zh.otherwise, en.otherwise, strict=True)],
        deadlines=_deadlines(life, stream, readers),
        responsibility=_responsibility(stream, runtime.time.now(), readers),
        timeline=[_event(recorded, readers) for recorded in to_show(stream)],
    )


def _severity(life: Life, stream: Sequence[AnyRecorded], readers: Sequence[Reader], said: Said) -> SeveritySaid | None:
    severity = life.severity
    if severity is None:
        return None
    review = next((one for one in reversed(life.deadlines) if one.name == "review"), None)
    return SeveritySaid(
        severity=severity,
        name=_said(*(reader.severity(severity) for reader in readers)),
        confidence=confidence_of(stream),
        review=review.state if review else None,
        review_by=review.due_at if review else None,
        said=said,
    )


def _reading(stream: Sequence[AnyRecorded], key: PetitionKey | None, readers: Sequence[Reader]) -> list[GroundSaid]:
    read = next((one.event for one in reversed(stream) if isinstance(one.event, SeverityAssessed)), None)
    if read is None:
        return []
    words = words_of(stream, key) if key else None
    title, text = (words.title, words.whole) if words else ("", "")
    zh, en = (grounds(read.reasons, title, text, reader) for reader in readers)
    return [
        GroundSaid(
            said=_said(a.said, b.said), quotes=[Quoted(field=one.field, words=one.words) for one in a.quotes if words]
        )
        for a, b in zip(zh, en, strict=True)
    ]


def _name(code: str | None, called: Sequence[Callable[[str], str]]) -> Said | None:
    return None if code is None else _said(*(name(code) for name in called))


def _deadlines(life: Life, stream: Sequence[AnyRecorded], readers: Sequence[Reader]) -> list[DeadlineSaid]:
    zh, en = (deadline_names(stream, reader) for reader in readers)
    return [
        DeadlineSaid(name=one.name, due_at=one.due_at, state=one.state, said=_said(zh(one), en(one)))
        for one in life.deadlines
    ]


def _responsibility(stream: Sequence[AnyRecorded], now: datetime, readers: Sequence[Reader]) -> list[HeldSaid]:
    zh, en = (holding_times(stream, now, reader) for reader in readers)
    return [
        HeldSaid(
            phase=a.entry.phase,
            unit=a.entry.unit,
            department=a.entry.department,
            seconds=a.entry.lasted.total_seconds(),
            current=a.entry.current,
            who=_said(a.who, b.who),
            said=_said(a.span, b.span),
        )
        for a, b in zip(zh, en, strict=True)
    ]


def _event(recorded: AnyRecorded, readers: Sequence[Reader]) -> EventSaid:
    name = type(recorded.event).__name__
    return EventSaid(
        version=recorded.version,
        name=_said(*(reader.event(name) for reader in readers)),
        said=_said(*(sentence(recorded.event, reader) for reader in readers)),
    )


def _said(zh: str, en: str) -> Said:
    return Said(zh=zh, en=en)
