"""The closed vocabularies in the two languages that the pages speak."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from schemas.deadlines import DeadlineState
from schemas.words import (
    Channel,
    Contact,
    Disposition,
    FloorName,
    LinkType,
    LocatedBy,
    Mode,
    Outcome,
    Result,
    ReturnReason,
    Severity,
    Status,
)


class Lang(StrEnum):
    """A language of the pages; the value is what `<html lang>` says."""

    ZH = "zh-CN"
    EN = "en"

    @property
    def other(self) -> "Lang":
        return Lang.EN if self is Lang.ZH else Lang.ZH


class Text(NamedTuple):
    """The same words in Chinese and in English; `{name}` is filled in."""

    zh: str
    en: str

    def of(self, lang: Lang, **values: Any) -> str:
        """The words in one language with their values; numbers in groups of three digits."""
        told = {name: f"{value:,}" if type(value) is int else value for name, value in values.items()}
        return (self.zh if lang is Lang.ZH else self.en).format(**told)


def amount(digits: str) -> int | str:
    """The number that the reason of a floor holds; the words as they are where they are none."""
    return int(digits) if digits.isdecimal() else digits


STATUSES: Mapping[Status, Text] = {
    Status.FILED: Text("已登记", "Filed"),
    Status.ASSESSED: Text("已研判", "Assessed"),
    Status.ROUTED: Text("已派单", "Routed"),
    Status.ACCEPTED: Text("已签收", "Accepted"),
    Status.HELD: Text("已挂账", "On hold"),
    Status.RESOLVED: Text("已办结", "Resolved"),
    Status.CLOSED: Text("已结案", "Closed"),
    Status.WITHDRAWN: Text("已撤诉", "Withdrawn"),
    Status.REFERRED: Text("已引导", "Referred"),
    Status.DECLINED: Text("不予受理", "Declined"),
    Status.LINKED: Text("已并案", "Linked"),
    Status.SPLIT: Text("已拆分", "Split"),
}

LINKS: Mapping[LinkType, Text] = {
    LinkType.ROOT: Text("并入主单", "Follows"),
    LinkType.DUPLICATE: Text("从单", "Followed by"),
    LinkType.PART: Text("分单", "Part"),
    LinkType.SPLIT_FROM: Text("拆分自", "Split from"),
}

SEVERITIES: Mapping[Severity, Text] = {
    Severity.ROUTINE: Text("一般", "Routine"),
    Severity.URGENT: Text("紧急", "Urgent"),
    Severity.CRITICAL: Text("特急", "Critical"),
}

SEVERITY_SHAPES: Mapping[Severity, str] = {Severity.ROUTINE: "○", Severity.URGENT: "◆", Severity.CRITICAL: "▲"}
"""Severity is told by a word and a shape; colour only repeats them."""

DISPOSITIONS: Mapping[Disposition, Text] = {
    Disposition.HANDLE: Text("办理", "Handle"),
    Disposition.HAND_OFF: Text("立即告知并办理", "Tell at once and handle"),
    Disposition.ASK: Text("向诉求人补问", "Ask back"),
    Disposition.REFER: Text("引导至法定途径", "Refer to its legal way"),
    Disposition.DECLINE: Text("不予受理", "Decline"),
}

CHANNELS: Mapping[Channel, Text] = {
    Channel.HOTLINE: Text("热线", "Hotline"),
    Channel.APP: Text("手机应用", "App"),
    Channel.WECHAT: Text("微信", "WeChat"),
    Channel.WEB: Text("网站", "Website"),
    Channel.WALK_IN: Text("上门反映", "Walk-in"),
    Channel.LETTER: Text("来信", "Letter"),
    Channel.GRID_PATROL: Text("网格巡查", "Grid patrol"),
    Channel.VISIT: Text("入户走访", "Home visit"),
    Channel.OPEN311: Text("Open311", "Open311"),
    Channel.TRANSFER: Text("转办", "Transfer"),
}

FLOORS: Mapping[FloorName, Text] = {
    FloorName.AUTHORITY: Text("事权", "Authority"),
    FloorName.SCOPE: Text("范围", "Scope"),
    FloorName.SEVERITY: Text("紧急程度", "Severity"),
    FloorName.SCALE: Text("难易", "Scale"),
    FloorName.HISTORY: Text("经过", "History"),
}

LOCATED_BY: Mapping[LocatedBy, Text] = {
    LocatedBy.UNIT: Text("登记时填写的单元", "the unit that was named"),
    LocatedBy.COORDINATES: Text("坐标", "the coordinates"),
    LocatedBy.ADDRESS: Text("地址中的地名", "a name in the address"),
    LocatedBy.KNOWN_PLACE: Text("地址中的已知地点", "a known place in the address"),
}

MODES: Mapping[Mode, Text] = {
    Mode.ASSIGNED: Text("派单", "Assigned"),
    Mode.OPEN: Text("领单", "Open to claim"),
}

OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.SOLVED: Text("群众确认已解决", "solved, by the resident's word"),
    Outcome.NOT_REACHED: Text(
        "回访期内未能联系上群众，满意度不适用", "the resident was not reached; no rating applies"
    ),
    Outcome.NOT_APPLICABLE: Text(
        "匿名诉求无法回访，满意度不适用", "anonymous, nobody could be asked back; no rating applies"
    ),
    Outcome.BY_PERSON: Text("由有权人员结案", "by a named person"),
}

CONTACTS: Mapping[Contact, Text] = {
    Contact.PHONE: Text("电话", "by telephone"),
    Contact.SMS: Text("短信", "by text message"),
    Contact.WECHAT: Text("微信", "by WeChat"),
    Contact.APP: Text("应用", "in the app"),
    Contact.VISIT: Text("上门", "by a visit"),
}

RESULTS: Mapping[str, Text] = {
    Result.DONE: Text("已办结", "done"),
    Result.PARTLY_DONE: Text("部分解决", "partly done"),
    Result.SETTLED: Text("调解成功，达成协议", "settled, the parties agreed"),
    Result.EXPLAINED: Text("解释说明", "explained"),
    Result.NOT_POSSIBLE: Text("暂无法解决", "not possible for now"),
    Result.UNFOUNDED: Text("诉求不属实", "unfounded"),
}

RETURN_REASONS: Mapping[str, Text] = {
    ReturnReason.NOT_MINE: Text("不属本单位职责", "not its task"),
    ReturnReason.WRONG_AREA: Text("不在本辖区", "not its area"),
    ReturnReason.NEEDS_INFORMATION: Text("信息不足", "too little is known"),
    ReturnReason.BEYOND_POWER: Text("超出本级权限", "beyond its power"),
}

DEADLINES: Mapping[str, Text] = {
    "assess": Text("研判", "Assess"),
    "accept": Text("签收", "Accept"),
    "resolve": Text("办结", "Resolve"),
    "report_in": Text("报到", "Report in"),
    "hold": Text("挂账到期", "End of hold"),
    "hand_off": Text("告知确认", "Confirm hand-off"),
    "review": Text("复核", "Review"),
    "feedback": Text("回访", "Feedback"),
    "supervise": Text("督办答复", "Answer supervision"),
}
"""By family: the part of a deadline's name before the colon."""

DEADLINE_STATES: Mapping[DeadlineState, Text] = {
    DeadlineState.OPEN: Text("进行中", "Open"),
    DeadlineState.MET: Text("按时", "Met"),
    DeadlineState.MISSED: Text("超时", "Missed"),
    DeadlineState.LAPSED: Text("已终止", "Lapsed"),
}

DEADLINE_MARKS: Mapping[DeadlineState, str] = {
    DeadlineState.OPEN: "○",
    DeadlineState.MET: "✓",
    DeadlineState.MISSED: "✕",
    DeadlineState.LAPSED: "–",
}

SERVICES: Mapping[str, Text] = {
    "intake": Text("受理", "intake"),
    "severity": Text("研判", "severity"),
    "router": Text("派单", "router"),
    "escalation": Text("时限", "escalation"),
    "feedback": Text("回访", "feedback"),
}

EVENTS: Mapping[str, Text] = {
    "PetitionFiled": Text("登记", "Filed"),
    "PetitionSupplemented": Text("补充", "Supplemented"),
    "PetitionUrged": Text("催办", "Urged"),
    "DuplicateLinked": Text("并案", "Linked"),
    "DuplicateUnlinked": Text("取消并案", "Unlinked"),
    "PetitionSplit": Text("拆分", "Split"),
    "PetitionWithdrawn": Text("撤诉", "Withdrawn"),
    "SeverityAssessed": Text("研判", "Assessed"),
    "ReviewRequested": Text("请求复核", "Review requested"),
    "SeverityConfirmed": Text("复核确认", "Reading confirmed"),
    "SeverityReassessed": Text("改判", "Reassessed"),
    "PetitionReferred": Text("引导", "Referred"),
    "PetitionDeclined": Text("不予受理", "Declined"),
    "PetitionRouted": Text("派单", "Routed"),
    "PetitionPlaced": Text("定位", "Placed"),
    "HandOffOrdered": Text("立即告知", "Hand-off ordered"),
    "HandOffConfirmed": Text("告知确认", "Hand-off confirmed"),
    "DispatchAccepted": Text("签收", "Accepted"),
    "DispatchClaimed": Text("领单", "Claimed"),
    "WorkHandedOver": Text("交接", "Work handed over"),
    "DispatchReturned": Text("退单", "Returned"),
    "DispatchTransferred": Text("转办", "Transferred"),
    "CoHandlersSummoned": Text("吹哨", "Departments summoned"),
    "CoHandlerReportedIn": Text("报到", "Reported in"),
    "ProgressReported": Text("办理进展", "Progress"),
    "ExtensionRequested": Text("申请延期", "Extension requested"),
    "ExtensionGranted": Text("批准延期", "Extension granted"),
    "ExtensionRefused": Text("驳回延期", "Extension refused"),
    "HoldRequested": Text("申请挂账", "Hold requested"),
    "HoldRefused": Text("驳回挂账", "Hold refused"),
    "PetitionHeld": Text("挂账", "On hold"),
    "PetitionResumed": Text("恢复办理", "Resumed"),
    "DeadlinesRecounted": Text("时限重算", "Deadlines counted anew"),
    "ResolutionReported": Text("办结", "Resolved"),
    "PartFinished": Text("分单办完", "Part finished"),
    "NobodyOnDuty": Text("无人值守", "Nobody on duty"),
    "DeadlineNear": Text("临期预警", "Deadline near"),
    "DeadlineMissed": Text("超时", "Deadline missed"),
    "PetitionEscalated": Text("上呈", "Escalated"),
    "SupervisionOrdered": Text("督办", "Supervision ordered"),
    "SupervisionAnswered": Text("督办答复", "Supervision answered"),
    "FeedbackRequested": Text("发起回访", "Feedback requested"),
    "FeedbackAttempted": Text("回访未接通", "Not reached"),
    "FeedbackReceived": Text("回访答复", "Feedback received"),
    "PetitionReopened": Text("重办", "Re-opened"),
    "PartReopened": Text("分单重办", "Part re-opened"),
    "DuplicateReopened": Text("从单重办", "Repeat re-opened"),
    "PetitionClosed": Text("结案", "Closed"),
}

ROUTING_RULES: Mapping[str, Text] = {
    "assessed": Text("按研判结果派单", "routed by the reading"),
    "unassessed": Text("未能按时研判，按最谨慎的读法派单", "not read in time, routed on the most cautious reading"),
    "supplemented": Text("补充后重新研判，按新结果派单", "read again with what was added, and routed by that"),
    "reassessed": Text("按改判结果派单", "routed by the new reading"),
    "escalated": Text("上呈派单", "routed one tier up after it was escalated"),
    "reopened": Text("重办派单", "routed again after it was re-opened"),
    "unlinked": Text("取消并案后派单", "routed for itself, since it follows no other petition"),
    "placed": Text("定位后派单", "routed to where it was placed"),
    "moved": Text("由有权人员移送", "moved by a named person"),
    "returned": Text("退单后由上级受理", "given back, so whoever stands above has it"),
    "transferred": Text("由承办单位转办", "passed on by its receiver"),
    "policy": Text("规则变更后按现行规则重派", "routed anew by the policy in force, as a named person asked"),
}

MOODS: Mapping[str, Text] = {
    "figurative": Text("是比喻", "a figure of speech"),
    "denied": Text("说的是没有发生", "said not to be so"),
    "supposed": Text("是假设或名称", "supposed or only named"),
    "feared": Text("是担心", "feared"),
    "told": Text("是转述", "told of elsewhere"),
    "asked": Text("是询问", "asked about"),
    "usual": Text("是平时的情形", "what happens at times"),
    "past": Text("是过去的事", "past"),
    "over": Text("已经过去", "over by now"),
    "narrated": Text("是经过中的一段", "part of a longer story"),
}
"""Why a sign of an emergency was not taken to happen now."""

ROLES: Mapping[str, Text] = {
    "grid_worker": Text("网格员", "grid worker"),
    "operator": Text("话务员", "operator"),
}


def known(words: Mapping[Any, Text], code: str, lang: Lang) -> str:
    """The words for a code of an open vocabulary; the code itself when there are none."""
    return words[code].of(lang) if code in words else code
