"""Why a dispatch is not for whoever would claim it, each with what to do next."""

from services.chassis.deciding import Rejected


class NotPutBefore(Rejected):
    """The unit or department is not among those that may claim the dispatch."""

    code = "not_put_before"

    def __init__(self, claimer: str, put_before: str) -> None:
        super().__init__(claimer, put_before)
        self.claimer = claimer
        self.put_before = put_before

    def en(self) -> str:
        return (
            f"Only {self.put_before}, the units below it, and the departments of it and of the units above it may claim"
            f" it, and {self.claimer} is none of them; if it should go there, ask a desk to move it."
        )

    def zh(self) -> str:
        return (
            f"只有 {self.put_before}、其下级单元，以及它和它各上级的部门可以领取，{self.claimer} 不在其中；"
            "如应由其办理，请由受理台移送。"
        )


class BelowFloor(Rejected):
    """A floor other than that of its kind asks for a tier above whoever would claim it."""

    code = "below_floor"

    def __init__(self, unit: str, floor: str, tier: str) -> None:
        super().__init__(unit, floor, tier)
        self.unit = unit
        self.floor = floor
        self.tier = tier

    def en(self) -> str:
        return (
            f"Its {self.floor} floor is {self.tier}, above {self.unit}; a unit there takes it, or a desk moves it down."
        )

    def zh(self) -> str:
        return f"该诉求的 {self.floor} 底线为 {self.tier}，高于 {self.unit}；请由该层级单元领取，或由受理台移送。"


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
