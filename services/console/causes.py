"""Why something climbed, or a superior was asked."""

from services.console.reader import Reader
from services.console.words import Text


def cause_of_climbing(cause: str, reader: Reader) -> str:
    """Why it was escalated or a superior was asked."""
    if cause in _CAUSES:
        return reader.of(_CAUSES[cause])
    return reader.of(MISSED, deadline=reader.deadline(cause))


MISSED = Text("{deadline}超时", '"{deadline}" was missed')
_CAUSES = {
    "person": Text("有权人员要求", "a named person asked for it"),
    "unanswered": Text("上次督办没有按时答复", "the last supervision was not answered in time"),
    "unfinished": Text("督办已答复，但事情还没有办完", "the supervision was answered but the matter is still open"),
    "not_solved": Text("群众反映没有解决", "the resident says that it is not solved"),
    "danger": Text(
        "办结、结案、撤诉、引导或不予受理之后才研判为特急",
        "it was read as critical only after it had been resolved, closed, withdrawn, referred or declined",
    ),
    "part": Text("一件分单又重办了", "a part of it is open again"),
    "false_closure": Text(
        "群众反映办结前无人联系（虚假办结）", "the resident says that nobody had contacted them (false closure)"
    ),
}
