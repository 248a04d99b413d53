"""Why a petition was read as so grave: words tell of a danger now, its kind is, out of caution, or a person said so."""

from collections.abc import Sequence

from schemas.event import AnyRecorded
from schemas.events.router import PetitionRouted
from schemas.events.severity import ReviewRequested, SeverityAssessed, SeverityConfirmed, SeverityReassessed
from schemas.life import fold_life
from schemas.words import Severity
from services.console.reader import Reader
from services.console.words import Text

BY_PERSON = Text("由有权人员改判为“{severity}”。", "A named person read it as {severity}.")
LEFT = Text("由有权人员确认为“{severity}”。", "A named person left it at {severity}.")
BY_THE_WHOLE = Text(
    "读作“{severity}”：原单 {petition} 的补充读来更紧急，可能与本件有关。",
    "Read as {severity}: what was added to {petition}, of which it is a part, is graver and may be about it.",
)
STILL_CRITICAL = Text(
    "仍为“{severity}”：没有按时研判，已按“{severity}”派单，只有人可以下调。",
    "Still {severity}: it was not read in time and was routed as that; only a person lowers it.",
)
HAPPENS_NOW = Text(
    "读作“{severity}”：有词句说“{kinds}”眼下正在发生。", "Read as {severity}: words say that this happens now: {kinds}."
)
FILED_AS = Text(
    "读作“{severity}”：登记人选定了类别“{kind}”，辖区规则把这一类都定为“{severity}”。",
    'Read as {severity}: the filer chose the kind "{kind}", and the district takes all of that kind as {severity}.',
)
OF_ITS_KIND = Text(
    "读作“{severity}”：辖区规则把“{kind}”一类都定为“{severity}”；没有词句说有眼下的险情，有的话会更高。",
    'Read as {severity}: the district takes all of the kind "{kind}" as that. No words tell of a danger now, which'
    " would raise it.",
)
NOT_NOW = Text(
    "读作“{severity}”：“{kind}”正在发生时才是“{critical}”，没有词句这样说。",
    'Read as {severity}: "{kind}" would be {critical} if it happened now, and no words say so.',
)
CAUTIOUS = Text(
    "读作“{severity}”：研判没有把握，按最谨慎的读法。",
    "Read as {severity}: the reading is not sure, so the most cautious one is taken.",
)
NO_DANGER = Text("读作“{severity}”：没有词句说有险情。", "Read as {severity}: no words tell of a danger.")
UNASSESSED = Text(
    "没有在时限内研判出来，按“{severity}”派单，免得耽误。",
    'It was not read in time and was taken as "{severity}" so as not to wait.',
)


def why_so_grave(stream: Sequence[AnyRecorded], reader: Reader) -> str:
    """By the newest event that says how grave it is; empty before there is one."""
    for index, recorded in reversed(list(enumerate(stream))):
        event = recorded.event
        if isinstance(event, PetitionRouted) and event.rule == "unassessed":
            return reader.of(UNASSESSED, severity=reader.severity(event.severity))
        if isinstance(event, SeverityReassessed):
            left = index > 0 and fold_life(stream[:index]).severity is event.severity
            return reader.of(LEFT if left else BY_PERSON, severity=reader.severity(event.severity))
        if isinstance(event, SeverityAssessed):
            return _read(event, reader)
    return ""


def confidence_of(stream: Sequence[AnyRecorded]) -> float | None:
    """How surely it was read, 0 to 1, by the newest event that says it; None where a named person said it since."""
    for recorded in reversed(stream):
        event = recorded.event
        if isinstance(event, SeverityReassessed | SeverityConfirmed):
            return None
        if isinstance(event, ReviewRequested | SeverityAssessed):
            return event.confidence
    return None


def _read(event: SeverityAssessed, reader: Reader) -> str:
    severity = reader.severity(event.severity)
    if event.whole is not None:
        return reader.of(BY_THE_WHOLE, severity=severity, petition=reader.petition(event.whole))
    if any(one.rule == "routed_as_critical" for one in event.reasons):
        return reader.of(STILL_CRITICAL, severity=severity)
    now = dict.fromkeys(one.rule.partition(":")[0] for one in event.reasons if one.rule.endswith(":now"))
    if now and event.severity is not Severity.ROUTINE:
        return reader.of(HAPPENS_NOW, severity=severity, kinds=reader.listed([reader.kind(code) for code in now]))
    kind = reader.policy.kinds.get(event.kind or "")
    if kind is None:
        return reader.of(NO_DANGER if event.severity is Severity.ROUTINE else CAUTIOUS, severity=severity)
    said = {"severity": severity, "kind": reader.kind(kind.code)}
    if kind.severity is event.severity:
        chosen = any(one.rule == "filed_kind" for one in event.reasons)
        return reader.of(FILED_AS if chosen else OF_ITS_KIND, **said)
    if kind.severity is Severity.CRITICAL:
        return reader.of(NOT_NOW, critical=reader.severity(Severity.CRITICAL), **said)
    return reader.of(CAUTIOUS, **said)
