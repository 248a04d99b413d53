"""Why feedback refuses a command, each with what to do next."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.chassis.deciding import Rejected


class NotAsked(Rejected):
    """Nothing was resolved that the resident could be asked about."""

    code = "not_resolved"

    def en(self) -> str:
        return "No resolution waits for the resident's answer; when it is closed, re-open it, else resolve it first."

    def zh(self) -> str:
        return "当前没有待回访的办结结果：已结案的请先重办，在办的请先办结。"


class IsSplit(Rejected):
    """It was split, and its resident is asked about it once its parts are all done with."""

    code = "is_split"

    def __init__(self, parts: Sequence[UUID]) -> None:
        super().__init__(parts)
        self.parts = parts

    def en(self) -> str:
        parts = ", ".join(map(str, self.parts))
        return f"It was split into {parts}: answer for those that are open; it is asked about after the last."

    def zh(self) -> str:
        parts = "、".join(map(str, self.parts))
        return f"该诉求已拆分为 {parts}，请就尚未办结的分单答复，全部办结后再回访本诉求。"


class PersonNeeded(Rejected):
    """The answer on a critical petition comes through a named person."""

    code = "person_needed"
    status = 422

    def en(self) -> str:
        return "Only a named person may do this; give `by`."

    def zh(self) -> str:
        return "此操作须由具名人员作出，请填写 by。"


class NotClosed(Rejected):
    """Only what is resolved or has ended can be re-opened."""

    code = "not_closed"

    def en(self) -> str:
        return "Only a resolved, closed, withdrawn, referred or declined petition can be re-opened."

    def zh(self) -> str:
        return "只有已办结、已结案、已撤诉、已引导或不予受理的诉求可以重办。"


class AttemptTooSoon(Rejected):
    """The resident was tried a moment ago, which counts as one attempt, in whatever way."""

    code = "attempt_too_soon"

    def __init__(self, counts_from: datetime) -> None:
        super().__init__(counts_from)
        self.counts_from = counts_from

    def en(self) -> str:
        at = self.counts_from.isoformat(timespec="seconds")
        return f"The resident was just tried; the next attempt counts from {at} on. An answer is taken at any time."

    def zh(self) -> str:
        at = self.counts_from.isoformat(timespec="seconds")
        return f"刚刚已尝试联系，下一次联系自 {at} 起计入；群众的答复随时可以登记。"


class WindowClosed(Rejected):
    """The time to re-open, counted from the resolution, or from when it was withdrawn or turned away, is over."""

    code = "window_closed"

    def __init__(self, until: str) -> None:
        super().__init__(until)
        self.until = until

    def en(self) -> str:
        return f"The time to re-open ended at {self.until}; file a new petition."

    def zh(self) -> str:
        return f"重办期限已于 {self.until} 届满，请提交新的诉求。"


class NoAnswer(Rejected):
    """A resident who was reached said nothing about whether it is solved."""

    code = "no_answer"
    status = 422

    def en(self) -> str:
        return (
            "When the resident was reached, `solved` must say true or false; "
            "`contacted` false alone is enough when nobody had contacted them."
        )

    def zh(self) -> str:
        return "已联系到群众时，solved 必须填写 true 或 false；办结前无人联系过群众的，可只填 contacted 为 false。"
