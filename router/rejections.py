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


class FoundCritical(Rejected):
    """It was found critical after that dispatch, and what was done for a milder matter does not answer it."""

    code = "found_critical"

    def en(self) -> str:
        return (
            "It was found critical after that dispatch was made. Read the petition again: whoever has the current"
            " dispatch accepts it, sees to the danger, and reports it done."
        )

    def zh(self) -> str:
        return "该派单之后诉求被研判为特急，请重新读取诉求，由当前派单的承接方签收、处置险情后办结。"


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
        return f"{self.unit} has nobody on duty; move it to the unit above it, or import who is on duty."

    def zh(self) -> str:
        return f"{self.unit} 无人值守，请移送给其上级单元，或先导入值守人员。"


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


class OpenToClaim(Rejected):
    """The dispatch is open for one of several to claim."""

    code = "open_to_claim"

    def en(self) -> str:
        return "The dispatch is open to claim; claim it instead of accepting it."

    def zh(self) -> str:
        return "该派单为领单方式，请领单，无需签收。"


class NotOpenToClaim(Rejected):
    """The dispatch was given to one receiver."""

    code = "not_open_to_claim"

    def en(self) -> str:
        return "The dispatch is not open to claim; its receiver accepts it."

    def zh(self) -> str:
        return "该派单不是领单方式，请由承办单位签收。"


class AlreadyClaimed(Rejected):
    """Somebody else was faster."""

    code = "already_claimed"

    def __init__(self, claimer: str, claimed_by: str) -> None:
        super().__init__(claimer, claimed_by)
        self.claimer = claimer
        self.claimed_by = claimed_by

    def en(self) -> str:
        return f"{self.claimed_by} of {self.claimer} claimed it already; claim another one."

    def zh(self) -> str:
        return f"该派单已由 {self.claimer} 的 {self.claimed_by} 领取，请领取其他派单。"


class DecisionStands(Rejected):
    """It was returned twice, and the common superior has decided."""

    code = "decision_stands"

    def en(self) -> str:
        return "It was returned twice in this round; the common superior decides, and only it can move it now."

    def zh(self) -> str:
        return "本轮已两次退单，由共同上级裁定，裁定后不得再退回或转办；如需调整，请由上级移送。"


class NobodyAbove(Rejected):
    """Nobody stands above who could decide about a return."""

    code = "nobody_above"

    def en(self) -> str:
        return "Nobody stands above this receiver; move or transfer it to whom it belongs."

    def zh(self) -> str:
        return "上面没有可以受理退单的单位，请移送或转办给应承办的单位。"


class GoesDown(Rejected):
    """A transfer goes sideways or up."""

    code = "goes_down"

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit

    def en(self) -> str:
        return f"{self.unit} stands lower; a transfer goes sideways or up. A person at the desk can move it down."

    def zh(self) -> str:
        return f"{self.unit} 层级更低，转办只能平级或向上；如需下派，请由受理台人员移送。"


class AlreadyReturned(Rejected):
    """It was given back just now; whoever has it since is meant only when the dispatch is named."""

    code = "already_returned"

    def __init__(self, current: str) -> None:
        super().__init__(current)
        self.current = current

    def en(self) -> str:
        return f"It was given back just now. To give back the dispatch that followed, name it: {self.current}."

    def zh(self) -> str:
        return f"该诉求刚刚退单。如要退回其后的派单，请写明派单编号 {self.current}。"


class OnHold(Rejected):
    """It is on hold."""

    code = "on_hold"

    def en(self) -> str:
        return "The petition is on hold; resume it first."

    def zh(self) -> str:
        return "诉求已挂账，请先恢复办理。"


class EmptyResolution(Rejected):
    """The words of the resolution hold no letter and no digit."""

    code = "empty_resolution"
    status = 422

    def en(self) -> str:
        return "The resolution says nothing; write what was done, where, and what came of it."

    def zh(self) -> str:
        return "办结内容为空，请写明做了什么、在哪里、结果如何。"


class StockResolution(Rejected):
    """The words of the resolution are nothing but stock phrases."""

    code = "stock_resolution"
    status = 422

    def en(self) -> str:
        return "The resolution is a stock phrase; write what was done, where, and what came of it."

    def zh(self) -> str:
        return "办结内容只是套话，请写明做了什么、在哪里、结果如何。"
