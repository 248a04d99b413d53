"""Why intake refuses a resident's later word, each with what to do next."""

from services.chassis.deciding import Rejected


class PetitionEnded(Rejected):
    """The petition's life is over."""

    code = "petition_ended"

    def en(self) -> str:
        return "The petition has ended; re-open it, or file a new one."

    def zh(self) -> str:
        return "诉求已结束；请申请重办，或提交新的诉求。"


class AlreadyResolved(Rejected):
    """Its handler reported it done; the resident is being asked."""

    code = "already_resolved"

    def en(self) -> str:
        return "It was reported done and the resident is being asked; answer that with `feedback`."

    def zh(self) -> str:
        return "该诉求已办结并正在回访，请以回访答复（feedback）说明。"


class CriticalGoesOn(Rejected):
    """A danger is dealt with, whatever became of who told of it."""

    code = "critical_goes_on"

    def en(self) -> str:
        return "What is critical cannot be withdrawn; a named person must reassess it first."

    def zh(self) -> str:
        return "特急诉求不能撤诉；如紧急程度有误，请先改判。"


class NothingAdded(Rejected):
    """A supplement without a word or a file."""

    code = "nothing_added"
    status = 422

    def en(self) -> str:
        return "There is nothing in it; write what is to be added, or attach a file."

    def zh(self) -> str:
        return "补充内容为空；请填写文字或附上材料。"


class TooManySupplements(Rejected):
    """Words were added as often as they are read together."""

    code = "too_many_supplements"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def en(self) -> str:
        return (
            f"It was supplemented {self.most} times, and no more can be read with it; file the new matter for itself."
        )

    def zh(self) -> str:
        return f"该诉求已补充 {self.most} 次，不能再补充；请将新情况另行提交。"
