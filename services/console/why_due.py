"""Why the receiver of a dispatch must accept and resolve by then: how many hours, by which rule, and from when on."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.deadlines import DeadlineState, Start, changes
from schemas.event import AnyRecorded, Event, Recorded
from schemas.events.intake import PetitionFiled
from schemas.events.router import PetitionHeld, PetitionRouted
from schemas.life import Life
from schemas.words import Clock, Severity, Status
from services.console.reader import Reader
from services.console.words import Text

ACCEPT = Text("签收限 {by}：{hours}。", "To be accepted by {by}: {hours}.")
RESOLVE = Text("办结限 {by}：{hours}。", "To be resolved by {by}: {hours}.")
BY_KIND = Text("类别“{kind}”的规定是 {n}（{clock}）{since}", 'its kind, "{kind}", leaves {n} ({clock}){since}')
BY_KIND_AS_SEVERITY_COUNTS = Text(
    "类别“{kind}”的规定是 {n}，“{severity}”按{clock}计算{since}",
    'its kind, "{kind}", leaves {n}, and what is {severity} counts them {clock}{since}',
)
BY_SEVERITY = Text(
    "“{severity}”最多 {n}（{clock}）{since}，比类别“{kind}”的 {own} 短",
    'what is {severity} leaves {n} at most ({clock}){since}, less than the {own} of its kind, "{kind}"',
)
BY_SEVERITY_ALONE = Text("“{severity}”的规定是 {n}（{clock}）{since}", "what is {severity} leaves {n} ({clock}){since}")
"""Where no kind says how many hours, or the severity leaves fewer by another clock than the kind's."""
BY_NO_KIND = Text("类别未知，按通用时限", "the hours of what has no kind")
CLOCKS = {
    Clock.NATURAL: Text("自然时间", "day and night"),
    Clock.WORKING: Text("只算工作日 {opens}–{closes}", "working days {opens}–{closes} only"),
}
SINCE_DISPATCH = Text("，从派单算起", ", counted from the dispatch")
SINCE_RECEIVED = Text("，从收到诉求算起", ", counted from when the petition was received")
STANDS = Text(
    "办结限 {by}：本轮早先定下的，换了承办单位也不变。",
    "To be resolved by {by}: the round has had that from before, and another receiver changes nothing of it.",
)
STANDS_AS_CHANGED = Text(
    "办结限 {by}：本轮早先延期、挂账后恢复或按公布的日历重算时定下的，换了承办单位也不变。",
    "To be resolved by {by}: the round has had that from before, when it was extended, on hold or counted anew, and"
    " another receiver changes nothing of it.",
)
WITH_ACCEPTING = Text(
    "办结限 {by}：规定的办结时间在签收限之前就已届满，所以与签收限相同。",
    "To be resolved by {by}: its time to be resolved ends before it must be accepted, so both are due together.",
)
OVERDUE = Text(
    "办结限 {by}：本轮时限已过，这次派单另给了办结时限。",
    "To be resolved by {by}: the round's deadline had passed, so this dispatch got its own.",
)
ACCEPT_SINCE_THEN = Text(
    "签收限后来按公布的日历重算为 {by}。",
    "It is now to be accepted by {by}: that was counted anew on the calendar that was published.",
)
SINCE_THEN = Text(
    "办结限后来改为 {by}（延期、挂账后恢复，或按公布的日历重算）。",
    "It is now to be resolved by {by}: it was extended, on hold, or counted anew on the calendar that was published.",
)
ON_HOLD = Text(
    "挂账至 {until}，其间不计办结时限。", "It is on hold until {until}; meanwhile no time to resolve it runs."
)
PROVISIONAL = Text(
    "时限按尚未公布完整的日历推算，日历确定后可能不同。", "A deadline was counted on a calendar that may still change."
)


def why_due(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], life: Life, reader: Reader) -> list[str]:
    """A sentence for each deadline of the dispatch, then what has changed it since."""
    event = last.event
    return [
        reader.of(ACCEPT, by=reader.moment(event.accept_by), hours=_hours(event, "accept", [], reader)),
        _resolve(event, stream[: last.version - 1], reader),
        *_since(last, stream, life, reader),
        *([reader.of(PROVISIONAL)] if event.provisional else ()),
    ]


def _resolve(event: PetitionRouted, before: Sequence[AnyRecorded], reader: Reader) -> str:
    by = reader.moment(event.resolve_by)
    if event.overdue:
        return reader.of(OVERDUE, by=by)
    if (set_by := _set_by(event, before)) is not None:
        return reader.of(STANDS if isinstance(set_by, PetitionRouted) else STANDS_AS_CHANGED, by=by)
    filed = before[0].event if before else None
    received = filed.received_at if isinstance(filed, PetitionFiled) and event.round == 1 else None
    others = [received] if received else []
    if event.resolve_by == event.accept_by and not _same_hours(event, reader):
        return reader.of(WITH_ACCEPTING, by=by)
    return reader.of(RESOLVE, by=by, hours=_hours(event, "resolve", others, reader))


def _set_by(event: PetitionRouted, before: Sequence[AnyRecorded]) -> Event | None:
    """What gave the round the time to resolve it that this dispatch left as it was; None where the dispatch gave it."""
    name = f"resolve:{event.round}"
    starts = [(one.event, it) for one in before for it in changes(one.event, one.ref) if isinstance(it, Start)]
    of_round: list[tuple[Event, datetime]] = [(said, it.due_at) for said, it in starts if it.name == name]
    if not of_round or of_round[-1][1] != event.resolve_by:
        return None
    return next(said for said, due_at in of_round if due_at == event.resolve_by)


class _Time(NamedTuple):
    """How long there is by the rules; `own` by the kind's alone, None where nothing names a kind; `most` by the
    severity's alone."""

    hours: float
    clock: Clock
    own: float | None
    own_clock: Clock | None
    most: float | None


def _time(event: PetitionRouted, what: str, reader: Reader) -> _Time | None:
    """None where neither the kind nor the severity says it."""
    kind, rule = reader.policy.kinds.get(event.kind or ""), reader.policy.severity_rule(event.severity)
    own: float | None = getattr(kind, f"{what}_hours", None)
    most: float | None = getattr(rule, f"{what}_hours")
    said = [hours for hours in (own, most) if hours is not None]
    own_clock = kind.clock if kind else None
    clock = Clock.NATURAL if event.severity is Severity.CRITICAL else rule.clock or own_clock or Clock.NATURAL
    return _Time(min(said), clock, own, own_clock, most) if said else None


def _same_hours(event: PetitionRouted, reader: Reader) -> bool:
    """Whether the rules leave as long to resolve it as to accept it."""
    accept, resolve = _time(event, "accept", reader), _time(event, "resolve", reader)
    return accept is not None and resolve is not None and accept.hours == resolve.hours


def _hours(event: PetitionRouted, what: str, others: Sequence[datetime], reader: Reader) -> str:
    """How many hours, and which rule gives them; `others` are moments from which they may count."""
    time, calendar = _time(event, what, reader), reader.policy.calendar
    if time is None:
        return reader.of(BY_NO_KIND)
    hours, clock, own, own_clock, most = time
    until = event.accept_by if what == "accept" else event.resolve_by
    since = _counted_from(event, until, hours, clock, others)
    if own is None and since is None:
        return reader.of(BY_NO_KIND)  # its hours may be fewer than the most that the severity leaves
    if own is not None and clock is own_clock:
        by_what = BY_KIND if hours == own else BY_SEVERITY
    else:
        by_what = BY_SEVERITY_ALONE if hours == most else BY_KIND_AS_SEVERITY_COUNTS
    return reader.of(
        by_what,
        kind=reader.kind(event.kind),
        severity=reader.severity(event.severity),
        n=_span(hours, reader),
        own=_span(own or hours, reader),
        clock=reader.of(CLOCKS[clock], opens=f"{calendar.opens:%H:%M}", closes=f"{calendar.closes:%H:%M}"),
        since=reader.of(since) if since else "",
    )


def _counted_from(
    event: PetitionRouted, until: datetime, hours: float, clock: Clock, others: Sequence[datetime]
) -> Text | None:
    """From when the hours count; None where the events alone do not say it."""
    if clock is Clock.WORKING:
        return None
    moments = [(event.at, SINCE_DISPATCH), *((one, SINCE_RECEIVED) for one in others)]
    return next((said for moment, said in moments if abs(until - moment - timedelta(hours=hours)) < _SAME), None)


_SAME = timedelta(seconds=1)


def _since(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded], life: Life, reader: Reader) -> Iterator[str]:
    """What has happened to the time to accept and to resolve since the dispatch."""
    event = last.event
    due = {one.name: one.due_at for one in life.deadlines if one.state is DeadlineState.OPEN}
    accept, resolve = due.get(f"accept:{last.ref}"), due.get(f"resolve:{event.round}")
    if accept is not None and accept != event.accept_by:
        yield reader.of(ACCEPT_SINCE_THEN, by=reader.moment(accept))
    if life.status is Status.HELD:
        held = [one.event.until for one in stream if isinstance(one.event, PetitionHeld)]
        yield reader.of(ON_HOLD, until=reader.moment(held[-1]))
    if resolve is not None and resolve != event.resolve_by:
        yield reader.of(SINCE_THEN, by=reader.moment(resolve))


def _span(hours: float, reader: Reader) -> str:
    """`8 小时`, or `10 分钟` for less than one."""
    if hours < 1:
        return reader.of(Text("{n} 分钟", "{n} min"), n=round(hours * 60))
    return reader.of(Text("{n} 小时", "{n} h"), n=f"{hours:,.2f}".rstrip("0").rstrip("."))
