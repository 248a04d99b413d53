"""Why the router leaves a dispatch to none of its partners, each with what to do next."""

from services.chassis.deciding import Rejected


class NotForPartners(Rejected):
    """A partner claims only what is routine and of a kind that is open to claim."""

    code = "not_for_partners"

    def en(self) -> str:
        return "It is graver than routine, or of a kind that is not open; the unit itself takes it."

    def zh(self) -> str:
        return "该诉求紧急程度高于一般，或其类别不再开放领单，合伙人不能领取，请由单元自行领取。"


class OutsideItsUnit(Rejected):
    """A partner helps where it belongs."""

    code = "outside_its_unit"

    def __init__(self, partner: str, parent: str | None) -> None:
        super().__init__(partner, parent)
        self.partner = partner
        self.parent = parent

    def en(self) -> str:
        return f"{self.partner} belongs to {self.parent} and claims only what lies there; leave it to who is nearer."

    def zh(self) -> str:
        return f"{self.partner} 属于 {self.parent}，只能领取该范围内的诉求，请由就近的单元领取。"


class AsksToStayHidden(Rejected):
    """Who asked is confidential, and a partner is no authority."""

    code = "asks_to_stay_hidden"

    def en(self) -> str:
        return "Who asked wants to stay hidden; no partner claims it, the unit itself takes it."

    def zh(self) -> str:
        return "诉求人要求保密，合伙人不能领取，请由单元自行领取。"
