"""What in a sound bundle would be without effect, or is likely a slip: said by name before it is published."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from schemas.jurisdiction import UnitSort
from schemas.policy import Kind, Limits, Policy, PolicyBundle
from schemas.words import Clock, Mode, Severity
from services.chassis.policy_areas import Drawn
from services.chassis.policy_ground import gaps

_MANY_NAMES = 3


class Doubt(NamedTuple):
    """`where` names a section, a code and a field, as a difference does: `kinds/LAMP/mode`."""

    where: str
    en: str
    zh: str

    def told(self, *, chinese: bool) -> str:
        """Where it is and what is doubtful, in one language."""
        return f"{self.where}: {self.zh if chinese else self.en}"


def doubts(bundle: PolicyBundle) -> list[Doubt]:
    """Every rule that decides nothing, section by section."""
    policy = Policy(0, bundle)
    return [
        *_tiers(bundle),
        *_departments(policy),
        *(one for kind in bundle.kinds for one in _kind(kind)),
        *_severities(policy),
        *_attempts(bundle.limits),
        *_households(bundle),
        *_gaps(bundle),
        *_place_names(bundle),
    ]


def _tiers(bundle: PolicyBundle) -> Iterator[Doubt]:
    units = [unit for unit in bundle.units if unit.sort is not UnitSort.PARTNER]
    rostered = {posting.unit for posting in bundle.roster}
    staffed = {unit.tier for unit in units if unit.staff or unit.code in rostered}
    taken = {unit.tier for unit in units}
    for tier in bundle.ladder:
        where = f"ladder/{tier.code}"
        if tier.code not in taken:
            en = "no unit with power stands there: what asks for it goes higher"
            yield Doubt(where, en, "没有有权的单元处于该层级：要求该层级的诉求会到更高一级")
        elif tier.code not in staffed:
            yield Doubt(
                where, "no unit there has staff: all of it goes higher", "该层级的单元都没有人值守：一律到更高一级"
            )
    for kind in bundle.kinds:
        if kind.tier not in taken:
            en = f"no unit with power stands at '{kind.tier}': it goes higher"
            yield Doubt(f"kinds/{kind.code}/tier", en, f"“{kind.tier}”没有有权的单元：会到更高一级")


def _departments(policy: Policy) -> Iterator[Doubt]:
    for office in policy.bundle.departments:
        if policy.jurisdiction.units[office.unit].sort is UnitSort.PARTNER:
            en = f"'{office.unit}' is a partner, which has no power: no rule sends anything to it"
            zh = f"“{office.unit}”是合伙人单元，没有事权：不会按规则收到派单"
            yield Doubt(f"departments/{office.code}/unit", en, zh)


def _kind(kind: Kind) -> Iterator[Doubt]:
    where = f"kinds/{kind.code}"
    if kind.mode is Mode.OPEN and kind.power is not None:
        en = "is `open`, and a department has the power: that receives it, assigned"
        yield Doubt(f"{where}/mode", en, "设为领单，但事权在部门：将直接派给该部门")
    elif kind.mode is Mode.OPEN and kind.severity is not Severity.ROUTINE:
        en = f"is `open` and {kind.severity.value}: only what is routine can be claimed"
        yield Doubt(f"{where}/mode", en, "设为领单，但不是“一般”：只有一般诉求可以领单")
    if kind.resolve_hours < kind.accept_hours:
        en = f"{kind.resolve_hours:g} is less than the {kind.accept_hours:g} to accept it, which it gets all the same"
        zh = f"{kind.resolve_hours:g} 小时短于签收时限 {kind.accept_hours:g} 小时：仍按签收时限计"
        yield Doubt(f"{where}/resolve_hours", en, zh)
    for sign in kind.signs:
        if sign.weight == 0 and sign.raises is None:
            yield Doubt(
                f"{where}/signs", f"'{sign.words}' weighs nothing and raises nothing", f"“{sign.words}”不起作用"
            )


def _severities(policy: Policy) -> Iterator[Doubt]:
    given, ladder = policy.bundle.severities, policy.jurisdiction.ladder
    if Severity.CRITICAL not in given:
        en = "is missing: nothing lifts what is critical, or shortens its time"
        yield Doubt("severities/critical", en, "缺少该项：特急诉求既不提级，也不缩短时限")
    for severity, rule in given.items():
        where = f"severities/{severity.value}"
        if rule.floor == ladder.lowest:
            en = f"'{rule.floor}' is the lowest tier: every petition stands there or higher"
            yield Doubt(f"{where}/floor", en, f"“{rule.floor}”是最低层级：不起作用")
        if severity is Severity.CRITICAL and rule.clock is Clock.WORKING:
            yield Doubt(
                f"{where}/clock", "what is critical runs in natural hours all the same", "特急一律按自然时间计时"
            )
        if all(value is None for _, value in rule):
            yield Doubt(where, "says nothing", "没有任何内容")


def _attempts(limits: Limits) -> Iterator[Doubt]:
    last = (limits.feedback_attempts - 1) * limits.feedback_spacing_hours
    if last >= limits.feedback_hours:
        en = f"attempt {limits.feedback_attempts} counts {last:g} hours after the first, when the time to ask is over"
        zh = f"第 {limits.feedback_attempts} 次联系最早在 {last:g} 小时后才计入：回访时限已先届满"
        yield Doubt("limits/feedback_attempts", en, zh)


def _households(bundle: PolicyBundle) -> Iterator[Doubt]:
    if bundle.basic_households is None:
        return
    least, most = bundle.basic_households
    for unit in bundle.units:
        counted = unit.tier == bundle.ladder[0].code and unit.sort is UnitSort.BASIC and unit.households is not None
        if counted and not least <= (unit.households or 0) <= most:
            en = f"{unit.households}; a basic unit of the lowest tier should have {least} to {most}"
            zh = f"{unit.households} 户，最低层级的基础单元应为 {least} 至 {most} 户"
            yield Doubt(f"units/{unit.code}/households", en, zh)


def _place_names(bundle: PolicyBundle) -> Iterator[Doubt]:
    """Known places whose name stands in the addresses of many others, all of which would be taken to lie there."""
    places = {place.name for place in bundle.places}
    names = places | {unit.name for unit in bundle.units}
    ends = Counter(name[at:] for name in names for at in range(1, len(name)) if name[at:] in places)
    for name in sorted(places):
        if name.isdecimal():
            en = "is a number: every address that has it is taken to lie there"
            yield Doubt(f"places/{name}", en, "只是数字：凡含该数字的地址都会被认为在此处")
        elif ends[name] >= _MANY_NAMES:
            en = f"ends {ends[name]} other names: every address that has it is taken to lie there"
            zh = f"是其他 {ends[name]} 个名称的结尾：凡含该词的地址都会被认为在此处"
            yield Doubt(f"places/{name}", en, zh)


def _gaps(bundle: PolicyBundle) -> Iterator[Doubt]:
    """A gap is no error: what lies in it is placed by the desk of the unit around it, which surely contains it."""
    drawn = [Drawn(area, "", "") for area in bundle.areas]
    for one in gaps(drawn, {unit.code: unit for unit in bundle.units}):
        en = "has ground that no unit below it has: its own desk places what lies there"
        yield Doubt(f"areas/{one.area.unit}", en, "内有不属于任何下级单元的空白，该处的诉求由它的受理台定位")
