"""What moved a round's time, as sentences: more time asked for, a hold, a calendar that came."""

from collections.abc import Mapping

from schemas.events import router
from services.console.reader import Reader
from services.console.words import Text


def asked(event: router.ExtensionRequested | router.HoldRequested, reader: Reader) -> str:
    """Until when who asks for it."""
    said = Text("第 {n} 轮，{by} 申请至 {until}", "round {n}; {by} asks for it until {until}")
    return reader.of(said, n=event.round, by=event.asked_by, until=reader.moment(event.until))


def extended(event: router.ExtensionGranted, reader: Reader) -> str:
    """Until when it is due now."""
    said = Text("第 {n} 轮办结限改为 {until}", "round {n} is now due {until}")
    return reader.of(said, n=event.round, until=reader.moment(event.until))


def refused(event: router.ExtensionRefused | router.HoldRefused, reader: Reader) -> str:
    """That nothing changes."""
    return reader.of(Text("第 {n} 轮时限不变", "the deadline of round {n} stands"), n=event.round)


def held(event: router.PetitionHeld, reader: Reader) -> str:
    """Until when."""
    said = Text("第 {n} 次挂账，至 {until}", "hold {n}, until {until}")
    return reader.of(said, n=event.number, until=reader.moment(event.until))


def resumed(event: router.PetitionResumed, reader: Reader) -> str:
    """Why it goes on, and until when it is due."""
    said = Text("第 {n} 次挂账结束：{cause}；办结限 {due}", "hold {n} is over: {cause}; resolve by {due}")
    cause = reader.of(_RESUMED_BY.get(event.cause, _GOES_ON))
    return reader.of(said, n=event.number, cause=cause, due=reader.moment(event.resolve_by))


def recounted(event: router.DeadlinesRecounted, reader: Reader) -> str:
    """What is due when by the calendar that came."""
    times = [
        reader.of(words, due=reader.moment(due))
        for words, due in ((_ACCEPT_BY, event.accept_by), (_RESOLVE_BY, event.resolve_by))
        if due is not None
    ]
    return reader.of(_BY_THE_CALENDAR, times=reader.listed(times) if times else reader.of(_AS_BEFORE))


_BY_THE_CALENDAR = Text("按已公布的日历：{times}", "by the calendar that was published: {times}")
_ACCEPT_BY = Text("签收限 {due}", "accept by {due}")
_RESOLVE_BY = Text("办结限 {due}", "resolve by {due}")
_AS_BEFORE = Text("时限不变", "the times stay")
_RESUMED_BY: Mapping[str, Text] = {
    "person": Text("由经办人恢复", "a person resumed it"),
    "deadline": Text("挂账到期", "its day has come"),
    "assessed": Text("研判完成", "it was read"),
    "reassessed": Text("经人改判", "a person read it anew"),
    "supplemented": Text("结合补充重新研判", "it was read again with what was added"),
    "escalated": Text("已上呈", "it was escalated"),
    "unlinked": Text("已取消并案", "it follows no other petition any more"),
}
"""Who has it then stands in the dispatch that follows, if one does."""
_GOES_ON = Text("恢复办理", "it goes on")
