"""Why escalation refuses a command, each with what to do next."""

from services.chassis.deciding import Rejected


class NothingToEscalate(Rejected):
    """No dispatch is being handled."""

    code = "nothing_to_escalate"

    def en(self) -> str:
        return "No dispatch is being handled; only a routed or accepted petition can be escalated."

    def zh(self) -> str:
        return "当前没有在办派单；只有已派单或已签收的诉求可以上呈。"


class AlreadyEscalated(Rejected):
    """That dispatch has climbed already, or was replaced."""

    code = "already_escalated"

    def __init__(self, current: str) -> None:
        super().__init__(current)
        self.current = current

    def en(self) -> str:
        return (
            f"That dispatch was escalated or replaced already; the current one is {self.current}. "
            "To send a newer one up, name it in `dispatch`."
        )

    def zh(self) -> str:
        return f"该派单已上呈或已被替换，当前派单为 {self.current}。要上呈较新的派单，请在 dispatch 中指明。"


class NoTierAbove(Rejected):
    """It is with the top unit, or with a desk that has still to say where it lies."""

    code = "no_tier_above"

    def en(self) -> str:
        return "No tier above could take it. If nobody knows yet where it lies, place it; else move it to a department."

    def zh(self) -> str:
        return "已无上级可呈。地点未明的请先定位；其余请移送有关部门。"


class NoSupervision(Rejected):
    """No supervision is open."""

    code = "no_supervision"

    def en(self) -> str:
        return "No supervision waits for an answer."

    def zh(self) -> str:
        return "当前没有待答复的督办。"
