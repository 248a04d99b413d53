"""Why the router refuses a command, each with what to do next."""

from services.chassis.deciding import Rejected


class NotRouted(Rejected):
    """There is no dispatch yet."""

    code = "not_routed"

    def en(self) -> str:
        return "The petition has not been routed yet; try again in a moment."

    def zh(self) -> str:
        return "诉求尚未派单，请稍后再试。"


class PetitionEnded(Rejected):
    """The petition's life is over."""

    code = "petition_ended"

    def en(self) -> str:
        return "The petition has ended; re-open it before handling it again."

    def zh(self) -> str:
        return "诉求已结案；如需继续办理请先重办。"


class AlreadyResolved(Rejected):
    """This round's resolution was reported; the resident is being asked."""

    code = "already_resolved"

    def en(self) -> str:
        return (
            "This round is resolved and waits for the resident's answer; it can be handled again when it is re-opened."
        )

    def zh(self) -> str:
        return "本轮已办结，正在回访；如群众反映未解决将自动重办。"


class DispatchNotCurrent(Rejected):
    """The command names a dispatch that another one has replaced."""

    code = "dispatch_not_current"

    def __init__(self, current: str) -> None:
        super().__init__(current)
        self.current = current

    def en(self) -> str:
        return f"That dispatch was replaced; the current one is {self.current}. Read the petition again."

    def zh(self) -> str:
        return f"该派单已被替换，当前派单为 {self.current}，请重新读取诉求。"


class NotAccepted(Rejected):
    """Nobody has taken this dispatch, so nobody can report it done."""

    code = "not_accepted"

    def en(self) -> str:
        return (
            "The dispatch has not been accepted; accept it first, or name the earlier one that you are responsible for."
        )

    def zh(self) -> str:
        return "该派单尚未签收，请先签收；如办结的是此前由您负责的派单，请写明该派单编号。"


class UnknownUnit(Rejected):
    """No such unit in the policy in force."""

    code = "unknown_unit"
    status = 422

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit

    def en(self) -> str:
        return f"There is no unit {self.unit}; see /v1/units."

    def zh(self) -> str:
        return f"没有编码为 {self.unit} 的单元，请查询 /v1/units。"


class UnknownDepartment(Rejected):
    """No such department in the policy in force."""

    code = "unknown_department"
    status = 422

    def __init__(self, department: str) -> None:
        super().__init__(department)
        self.department = department

    def en(self) -> str:
        return f"There is no department {self.department}; see /v1/departments."

    def zh(self) -> str:
        return f"没有编码为 {self.department} 的部门，请查询 /v1/departments。"


class ComplainedAbout(Rejected):
    """The petition complains about this receiver."""

    code = "complained_about"

    def en(self) -> str:
        return "The petition complains about this receiver or one it answers to; send it elsewhere."

    def zh(self) -> str:
        return "该诉求反映的正是此单位（或其上级），不得转由其办理，请另行指定。"


class PartnerWithoutPower(Rejected):
    """A partner may help and has no power, so nothing is dispatched to it."""

    code = "partner_without_power"

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit

    def en(self) -> str:
        return f"{self.unit} is a partner and has no power; move it to the unit above it."

    def zh(self) -> str:
        return f"{self.unit} 是合伙人单元，没有事权，请移送给其上级单元。"


class NobodyThere(Rejected):
    """The receiver has nobody who could take a dispatch."""

    code = "nobody_there"

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit

    def en(self) -> str:
        return f"{self.unit} has nobody on duty; move it to the unit above it, or give it staff with an import."

    def zh(self) -> str:
        return f"{self.unit} 无人值守，请移送给其上级单元，或先导入值守人数。"


class BelowAuthority(Rejected):
    """A department's matter, and the receiver stands below the lowest tier with the power for it."""

    code = "below_authority"

    def __init__(self, kind: str, tier: str) -> None:
        super().__init__(kind, tier)
        self.kind = kind
        self.tier = tier

    def en(self) -> str:
        return f"The power for {self.kind} begins at {self.tier}; move it no lower, or reassess the kind first."

    def zh(self) -> str:
        return f"类别 {self.kind} 的事权最低在 {self.tier}，不能移送到更低层级；如类别有误，请先改判。"


class NothingMoves(Rejected):
    """It is there already."""

    code = "nothing_moves"

    def en(self) -> str:
        return "The petition is with this receiver already."

    def zh(self) -> str:
        return "诉求已在该单位，无需移送。"


class NoHandOff(Rejected):
    """Nobody of that name must be told, or they were told already by this petition's hand-off."""

    code = "no_hand_off"

    def __init__(self, open_to: tuple[str, ...]) -> None:
        super().__init__(*open_to)
        self.open_to = open_to

    def en(self) -> str:
        return f"No open hand-off to that receiver; open: {', '.join(self.open_to) or 'none'}."

    def zh(self) -> str:
        return f"没有待确认的立即告知对象；待确认：{'、'.join(self.open_to) or '无'}。"
