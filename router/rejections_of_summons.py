"""Why the router calls nobody together, each with what to do next."""

from services.chassis.deciding import Rejected


class TooLow(Rejected):
    """Who stands at the lowest tier, or is a partner, calls nobody."""

    code = "too_low"

    def en(self) -> str:
        return "The lowest tier and partners cannot summon departments; give it back, or escalate it, to who can."

    def zh(self) -> str:
        return "最低一级和合伙人不能吹哨，请退单或上呈，由上一级吹哨。"


class NotSummoned(Rejected):
    """That department was not called in this round."""

    code = "not_summoned"

    def __init__(self, summoned: tuple[str, ...]) -> None:
        super().__init__(*summoned)
        self.summoned = summoned

    def en(self) -> str:
        return f"That department was not summoned in this round; summoned: {', '.join(self.summoned) or 'none'}."

    def zh(self) -> str:
        return f"本轮未向该部门吹哨；已吹哨：{'、'.join(self.summoned) or '无'}。"
