"""How sure a machine's reading is, and whether a person looks at it because of that."""

from collections.abc import Sequence

from schemas.deadlines import Stop, changes
from schemas.event import AnyRecorded
from schemas.events.severity import ReviewRequested, SeverityAssessed
from services.console.reader import Reader
from services.console.words import Text

UNSURE = Text(
    "研判把握 {sure}，已请人在 {by} 前复核；复核改判的，去处可能随之改变。",
    "The reading is {sure} sure: a person is asked to look at it by {by}, and another reading may move it.",
)
TOO_UNSURE = Text(
    "研判把握 {sure}，不到 {least}，已请人在 {by} 前复核；复核改判的，去处可能随之改变。",
    "The reading is {sure} sure, which is less than {least}: a person is asked to look at it by {by}, and another "
    "reading may move it.",
)
SURE_ENOUGH = Text(
    "研判把握 {sure}，达到 {least}，所以没有请人复核。把握只看词句有多明确，读错了由有权人员改判。",
    "The reading is {sure} sure, which says how plain its words are and not that it is right. Only below {least} is a "
    "person asked to look at it; whoever may can change it at any time.",
)


def how_sure(stream: Sequence[AnyRecorded], reader: Reader) -> list[str]:
    """One sentence; none once a person has spoken about the reading, or where nobody has read it."""
    confidence, reading, review = None, None, None
    for recorded in reversed(stream):
        event = recorded.event
        if isinstance(event, ReviewRequested | SeverityAssessed) and confidence is None:
            confidence = event.confidence
        if isinstance(event, SeverityAssessed):
            reading = reading or event
        if isinstance(event, ReviewRequested):
            review = review or event
        if reading and review:
            break
        if any(isinstance(one, Stop) and one.covers("review") for one in changes(event, recorded.ref)):
            break
    if confidence is None:
        return []
    return _said(confidence, review, _least(reading, reader) if reading else None, reader)


def _least(event: SeverityAssessed, reader: Reader) -> float | None:
    """How sure that policy version wants a reading to be; None where the reader does not know that version."""
    known = (one for one in (reader.policy, *reader.others) if one.version == event.policy)
    policy = next(known, None)
    return None if policy is None else policy.limits.review_below


def _said(confidence: float, review: ReviewRequested | None, least: float | None, reader: Reader) -> list[str]:
    sure = f"{confidence:.0%}"
    if review is not None:
        by = reader.moment(review.review_by)
        if least is None or confidence >= least:
            return [reader.of(UNSURE, sure=sure, by=by)]
        return [reader.of(TOO_UNSURE, sure=sure, by=by, least=f"{least:.0%}")]
    if least is None or confidence < least:
        return []
    return [reader.of(SURE_ENOUGH, sure=sure, least=f"{least:.0%}")]
