"""Why a history floor stands: what became of it before, or of the petition of which it is a part."""

from uuid import UUID

from schemas.event import AnyRecorded
from services.console.causes import cause_of_climbing
from services.console.reader import Reader
from services.console.words import Text

ONE_UP = Text("{cause}，所以比{dispatch}高一级。", "One tier above {dispatch}: {cause}.")
OF_ANOTHER = Text("诉求 {petition} 的{dispatch}", "{dispatch} of petition {petition}")
IN_VAIN = Text(
    "已 {n} 次报办结后又重办，由最高一级办理。", "Reported done and opened again {n} times: the top has it now."
)
STANDS = Text(
    "{dispatch}已经到这一级，诉求不会因为一条消息往下退。",
    "It was put at this tier by {dispatch}, and no message moves it down.",
)
HOLDS = Text(
    "按{dispatch}，已由更高的单元承办，诉求不会因为一条消息退给更低的单元。",
    "By {dispatch} a higher unit has it, and no message moves it to a lower one.",
)
INHERITED = Text(
    "拆分前，{dispatch}已抬高到这一级；分单不低于此，只有有权人员说明理由才能往下派。",
    "Before it was split, {dispatch} had been raised to this tier; only a named person moves its parts down.",
)


def history(reason: str, own: AnyRecorded, reader: Reader) -> str:
    """The reason code of a history floor as a sentence; one that this release does not know stays as it is."""
    said, _, facts = reason.partition(":")
    match said:
        case "stands":
            return reader.of(STANDS, dispatch=reader.dispatch(facts))
        case "holds":
            return reader.of(HOLDS, dispatch=reader.dispatch(facts))
        case "done_in_vain":
            return reader.of(IN_VAIN, n=facts)
        case _ if reason.count(":") < 2:
            return reason
    cause, petition, version = reason.rsplit(":", 2)
    there = reader.dispatch(version)
    if petition != str(own.petition):
        there = reader.of(OF_ANOTHER, dispatch=there, petition=reader.petition(UUID(petition)))
    if cause == "inherited":
        return reader.of(INHERITED, dispatch=there)
    return reader.of(ONE_UP, cause=cause_of_climbing(cause, reader), dispatch=there)
