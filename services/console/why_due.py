"""Why the receiver of a dispatch must accept and resolve by then: how many hours, by which rule, and from when on."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from schemas.deadlines import DeadlineState
from schemas.event import AnyRecorded, Recorded
from schemas.events.intake import PetitionFiled
from schemas.events.router import PetitionHeld, PetitionRouted
from schemas.life import Life
from schemas.words import Clock, Severity, Status
from services.console.reader import Reader
from services.console.words import Text

ACCEPT = Text("签收限 {by}：{hours}。", "To be accepted by {by}: {hours}.")
RESOLVE = Text("办结限 {by}：{hours}。", "To be resolved by {by}: {hours}.")
BY_KIND = Text("类别“{kind}”的规定是 {n}（{clock}）{since}", 'its kind, "{kind}", leaves {n} ({clock}){since}')
BY_SEVERITY = Text(
    "“{severity}”最多 {n}（{clock}）{since}，比类别“{kind}”的 {own} 短",
    'what is {severity} leaves {n} at most ({clock}){since}, less than the {own} of its kind, "{kind}"',
)
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
OVERDUE = Text(
    "办结限 {by}：本轮时限已过，这次派单另给了办结时限。",
    "To be resolved by {by}: the round's deadline had passed, so this dispatch got its own.",
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
    before = [
        one.event
        for one in stream[: last.version - 1]
        if isinstance(one.event, PetitionRouted) and one.event.round == event.round
    ]
    return [
        reader.of(ACCEPT, by=reader.moment(event.accept_by), hours=_hours(event, "accept", [], reader)),
        _resolve(event, before, stream, reader),
        *_since(event, stream, life, reader),
        *([reader.of(PROVISIONAL)] if event.provisional else ()),
    ]


def _resolve(
    event: PetitionRouted, before: Sequence[PetitionRouted], stream: Sequence[AnyRecorded], reader: Reader
) -> str:
    by = reader.moment(event.resolve_by)
    if event.overdue:
        return reader.of(OVERDUE, by=by)
    if any(one.resolve_by == event.resolve_by for one in before):
        return reader.of(STANDS, by=by)
    filed = stream[0].event
    received = filed.received_at if isinstance(filed, PetitionFiled) and event.round == 1 else None
    return reader.of(RESOLVE, by=by, hours=_hours(event, "resolve", [received] if received else [], reader))


def _hours(event: PetitionRouted, what: str, others: Sequence[datetime], reader: Reader) -> str:
    """How many hours, and which rule gives them; `others` are moments from which they may count."""
    kind, rule = reader.policy.kinds.get(event.kind or ""), reader.policy.severity_rule(event.severity)
    if kind is None:
        return reader.of(BY_NO_KIND)
    own: float = getattr(kind, f"{what}_hours")
    most: float | None = getattr(rule, f"{what}_hours")
    clock = Clock.NATURAL if event.severity is Severity.CRITICAL else rule.clock or kind.clock
    hours, calendar = min(own, most or own), reader.policy.calendar
    until = event.accept_by if what == "accept" else event.resolve_by
    since = _counted_from(event, until, hours, clock, others)
    return reader.of(
        BY_KIND if hours == own else BY_SEVERITY,
        kind=reader.kind(kind.code),
        severity=reader.severity(event.severity),
        n=_span(hours, reader),
        own=_span(own, reader),
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


def _since(event: PetitionRouted, stream: Sequence[AnyRecorded], life: Life, reader: Reader) -> Iterator[str]:
    """What has happened to the time to resolve since the dispatch."""
    if life.status is Status.HELD:
        held = [one.event.until for one in stream if isinstance(one.event, PetitionHeld)]
        yield reader.of(ON_HOLD, until=reader.moment(held[-1]))
    now = [
        one.due_at for one in life.deadlines if one.name == f"resolve:{event.round}" and one.state is DeadlineState.OPEN
    ]
    if now and now[-1] != event.resolve_by:
        yield reader.of(SINCE_THEN, by=reader.moment(now[-1]))


def _span(hours: float, reader: Reader) -> str:
    """`8 小时`, or `10 分钟` for less than one."""
    if hours < 1:
        return reader.of(Text("{n} 分钟", "{n} min"), n=round(hours * 60))
    return reader.of(Text("{n} 小时", "{n} h"), n=f"{hours:,.2f}".rstrip("0").rstrip("."))
