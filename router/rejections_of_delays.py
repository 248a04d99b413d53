"""Why the router gives no more time, no hold, and passes nothing on for ever, each with what to do next."""

from datetime import datetime

from services.chassis.deciding import Rejected


class _Until(Rejected):
    """A refusal that names a moment."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(moment)
        self.moment = moment

    @property
    def said(self) -> str:
        """The moment as answers write it."""
        return self.moment.isoformat(timespec="seconds")


class ExtensionAsked(_Until):
    """More time was asked for already, and nobody has decided."""

    code = "extension_asked"

    def en(self) -> str:
        return f"An extension until {self.said} was asked for already; wait until it is decided."

    def zh(self) -> str:
        return f"已申请延期至 {self.said}，请等待审批。"


class ExtendedEnough(Rejected):
    """The round got as many extensions as the policy allows."""

    code = "extended_enough"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def en(self) -> str:
        return f"A round is extended at most {self.most} times; resolve it, or ask for a hold."

    def zh(self) -> str:
        return f"每轮最多延期 {self.most} 次；请办结，或申请挂账。"


class ExtensionTooLong(_Until):
    """The policy allows no extension so long."""

    code = "extension_too_long"
    status = 422

    def en(self) -> str:
        return f"The round can be extended until {self.said} at the latest; ask for less, or for a hold."

    def zh(self) -> str:
        return f"本轮最迟延期至 {self.said}；请缩短延期，或申请挂账。"


class HeldEnough(Rejected):
    """The round was put on hold as often as the policy allows."""

    code = "held_enough"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def en(self) -> str:
        return f"A round is put on hold at most {self.most} times; resolve it as far as it can be, or give it back."

    def zh(self) -> str:
        return f"每轮最多挂账 {self.most} 次；请先按现有条件办结，或退单。"


class NotLater(_Until):
    """The moment asked for is not later than this one."""

    code = "not_later"
    status = 422

    def en(self) -> str:
        return f"`until` must be later than {self.said}."

    def zh(self) -> str:
        return f"until 必须晚于 {self.said}。"


class DeadlinePassed(_Until):
    """More time, or a hold, is asked for, and granted, before the deadline."""

    code = "deadline_passed"

    def en(self) -> str:
        return f"The round was due {self.said}; more time, or a hold, must be asked for, and granted, before that."

    def zh(self) -> str:
        return f"本轮办结时限 {self.said} 已过；延期或挂账须在到期前申请并批准。"


class NothingToDecide(Rejected):
    """Nobody has asked for it, it was decided, or it ended with a hold or another dispatch."""

    code = "nothing_to_decide"

    def en(self) -> str:
        return (
            "Nobody waits for such a decision: it was never asked for, is decided, or ended with a hold or another"
            " dispatch that came meanwhile. Read the petition again; who still needs it asks anew."
        )

    def zh(self) -> str:
        return (
            "没有待审批的申请：未曾申请、已经审批，或因批准挂账、重新派单而失效。请重新读取诉求；仍需要的，请重新申请。"
        )


class OwnRequest(Rejected):
    """Who asked for it, or has it to do by now, does not decide about it."""

    code = "own_request"

    def en(self) -> str:
        return "Another person must decide about it than who asked for it or has it to do now."

    def zh(self) -> str:
        return "申请人和现承办人均不能审批该申请，请由他人审批。"


class HoldAsked(_Until):
    """A hold was asked for already, and nobody has decided."""

    code = "hold_asked"

    def en(self) -> str:
        return f"A hold until {self.said} was asked for already; wait until it is decided."

    def zh(self) -> str:
        return f"已申请挂账至 {self.said}，请等待审批。"


class HoldTooLong(_Until):
    """The policy allows no hold so long."""

    code = "hold_too_long"
    status = 422

    def en(self) -> str:
        return f"It can be put on hold until {self.said} at the latest; ask for less."

    def zh(self) -> str:
        return f"挂账最迟至 {self.said}。"


class CriticalGoesOn(Rejected):
    """What is critical is never left."""

    code = "critical_goes_on"

    def en(self) -> str:
        return "What is critical gets no more time and no hold; where it is not, a named person must reassess it first."

    def zh(self) -> str:
        return "特急诉求不得延期或挂账；如紧急程度有误，请先改判。"


class NotOnHold(Rejected):
    """It is not on hold."""

    code = "not_on_hold"

    def en(self) -> str:
        return "The petition is not on hold; handle it as usual."

    def zh(self) -> str:
        return "诉求未挂账，请照常办理。"


class TransferredEnough(Rejected):
    """The round was passed on as often as the policy allows."""

    code = "transferred_enough"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def en(self) -> str:
        return f"A round is passed on at most {self.most} times; give it back, and the desk above decides who has it."

    def zh(self) -> str:
        return f"每轮最多转办 {self.most} 次；请退单，由上级受理台决定承办单位。"
