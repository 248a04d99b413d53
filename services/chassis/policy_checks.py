"""What must hold between the rows of a bundle, so that no decision meets a hole, a loop or a dead end."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from schemas.jurisdiction import Data, Department, Tier, Unit, UnitSort
from schemas.places import KnownPlace, Neighbour
from schemas.policy import MOST_HOUSEHOLDS, Kind, ScaleRule, SeverityRule, Sign
from schemas.words import Disposition, Severity
from services.chassis.policy_rows import BundleError, Row
from services.chassis.policy_scale import check_scale
from services.chassis.sign_patterns import NoPattern, refuse_unfit

M = TypeVar("M", bound=Data)

_CODE = re.compile(r"[\w.\-]{1,64}")
"""Codes stand in URLs, topic names and the names of deadlines."""

_MOST_STAFF = 1_000_000
SHORTEST_NAME = 2


@dataclass(frozen=True)
class Section(Generic[M]):
    """The rows of one table, and those of them that could be made into `M`.

    References are looked up among all rows: one wrong row should not make every row that names it wrong too.
    """

    rows: list[Row]
    records: list[tuple[Row, M]]

    @property
    def models(self) -> tuple[M, ...]:
        return tuple(model for _, model in self.records)

    def every(self, field: str) -> set[str]:
        """What the rows say in this field."""
        return {text for row in self.rows if (text := row.text(field)) is not None}


@dataclass(frozen=True)
class Draft:
    """A bundle as read, not yet known to be sound; every record stands beside its row."""

    header: Row
    ladder: Section[Tier]
    units: Section[Unit]
    departments: Section[Department]
    places: Section[KnownPlace]
    neighbours: Section[Neighbour]
    kinds: Section[Kind]
    signs: Section[Sign]
    severities: Section[SeverityRule]
    scale: Section[ScaleRule]

    @property
    def ranks(self) -> dict[str, int]:
        """Tier code -> 0 for the lowest."""
        return {row.text("code") or "": rank for rank, row in enumerate(self.ladder.rows)}


def check(draft: Draft) -> Iterator[BundleError]:
    """Everything that does not hold."""
    for section in (draft.ladder, draft.units, draft.departments, draft.neighbours, draft.kinds):
        yield from _codes(section.rows)
        yield from _names(section.rows)
    yield from _names([draft.header])
    yield from _blanks(draft.header)
    yield from _units(draft)
    yield from _tops(draft)
    yield from _departments(draft)
    yield from _places(draft)
    yield from _kinds(draft)
    yield from _signs(draft)
    for row, rule in draft.severities.records:
        if rule.floor is not None:
            yield from _on_ladder(draft, row, "floor", rule.floor)
    for row, _ in draft.scale.records:
        yield from _on_ladder(draft, row, "", row.text("tier") or "")
    yield from check_scale(draft.scale.records, list(draft.ranks))
    yield from _time_zone(draft.header)
    yield from _bounds(draft.header)


def _codes(rows: list[Row]) -> Iterator[BundleError]:
    first: dict[str, Row] = {}
    for row in rows:
        code = row.text("code")
        if code is None:
            continue
        if not _CODE.fullmatch(code):
            en = f"'{code}' may hold letters, digits, '.', '-' and '_' only, at most 64"
            yield row.error("code", en, f"“{code}”只能含字母、汉字、数字和“.”“-”“_”，最多 64 个字符")
        elif not code.strip("."):
            # In an address these two mean the folder itself and the one above.
            yield row.error("code", f"'{code}' needs a letter or a digit", f"“{code}”至少要有一个字母、汉字或数字")
        if code in first:
            at = f"{first[code].file}:{first[code].line}"
            yield row.error("code", f"'{code}' is taken already ({at})", f"“{code}”已被使用（{at}）")
        first.setdefault(code, row)


def _names(rows: list[Row]) -> Iterator[BundleError]:
    for row in rows:
        for field in ("name", "name_en"):
            if (name := row.text(field)) is not None and not name.strip():
                yield row.error(field, "must not be blank", "不能为空白")


def _blanks(header: Row) -> Iterator[BundleError]:
    for field in ("hand_off_default", "stock_phrases"):
        said = header.values.get(field)
        for number, one in enumerate(said if isinstance(said, list) else []):
            if isinstance(one, str) and one and not one.strip():
                yield header.error(f"{field}.{number}", "must not be blank", "不能为空白")


def _on_ladder(draft: Draft, row: Row, field: str, tier: str) -> Iterator[BundleError]:
    if draft.ranks and tier not in draft.ranks:
        rungs = list(draft.ranks)
        en = f"'{tier}' is not on the ladder ({', '.join(rungs)})"
        yield row.error(field, en, f"“{tier}”不在层级阶梯上（{'、'.join(rungs)}）")


def _units(draft: Draft) -> Iterator[BundleError]:
    ranks, codes = draft.ranks, draft.units.every("code")
    units = {unit.code: unit for _, unit in draft.units.records}
    looping = _looping(units)
    digits = {tier.code: tier.digits for tier in draft.ladder.models if tier.digits is not None}
    for row, unit in draft.units.records:
        yield from _unified(row, unit, digits.get(unit.tier))
        yield from _on_ladder(draft, row, "tier", unit.tier)
        if unit.staff > _MOST_STAFF:
            yield row.error("staff", f"{unit.staff} is more than {_MOST_STAFF}", f"{unit.staff} 超过 {_MOST_STAFF}")
        if (households := unit.households or 0) > MOST_HOUSEHOLDS:
            en, zh = f"{households} is more than {MOST_HOUSEHOLDS}", f"{households} 超过 {MOST_HOUSEHOLDS}"
            yield row.error("households", en, zh)
        if unit.parent is None:
            continue
        if unit.parent not in codes:
            yield row.error("parent", f"there is no unit '{unit.parent}'", f"没有单元“{unit.parent}”")
        elif unit.code in looping:
            way = " → ".join(looping[unit.code])
            yield row.error("parent", f"the units go round in a circle ({way})", f"上级关系成环（{way}）")
        elif (parent := units.get(unit.parent)) and ranks.get(parent.tier, 99) <= ranks.get(unit.tier, -1):
            en = f"'{parent.code}' stands at '{parent.tier}', which is not above '{unit.tier}'"
            yield row.error("parent", en, f"“{parent.code}”的层级“{parent.tier}”不高于“{unit.tier}”")


def _unified(row: Row, unit: Unit, digits: int | None) -> Iterator[BundleError]:
    """统一编码: whoever knows a code knows the tier, and the units above."""
    if digits is None:
        return
    if not re.fullmatch(f"[0-9]{{{digits}}}", unit.code):
        en = f"'{unit.code}' is not {digits} digits, as the codes of '{unit.tier}' are"
        yield row.error("code", en, f"“{unit.code}”不是 {digits} 位数字，“{unit.tier}”的编码应为 {digits} 位")
    elif unit.parent is not None and not unit.code.startswith(unit.parent):
        en = f"'{unit.code}' does not begin with the code of its parent, '{unit.parent}'"
        yield row.error("code", en, f"“{unit.code}”不以其上级编码“{unit.parent}”开头")


def _looping(units: dict[str, Unit]) -> dict[str, list[str]]:
    """The units that are above themselves, each with its way round."""
    loops: dict[str, list[str]] = {}
    clear: set[str] = set()
    for start in units:
        way: list[str] = []
        code: str | None = start
        while code in units and code not in clear and code not in loops and code not in way:
            way.append(code)
            code = units[code].parent
        if code in way:
            circle = way[way.index(code) :]
            loops.update({member: [*circle[at:], *circle[:at], member] for at, member in enumerate(circle)})
        clear.update(set(way) - set(loops))
    return loops


def _tops(draft: Draft) -> Iterator[BundleError]:
    tops = [(row, unit) for row, unit in draft.units.records if unit.parent is None]
    if not tops and len(draft.units.records) == len(draft.units.rows) > 0:
        row = draft.units.rows[0]
        yield row.error(
            "parent", "no unit is without a parent: one must be the top", "没有无上级的单元：必须有一个最高单元"
        )
    for row, unit in tops[:1]:
        highest = max(draft.ranks, key=draft.ranks.__getitem__, default=unit.tier)
        if unit.tier in draft.ranks and unit.tier != highest:
            en = f"'{unit.code}' has no parent, so it must stand at the top tier '{highest}'"
            yield row.error("tier", en, f"“{unit.code}”没有上级，必须处于最高层级“{highest}”")
    for row, _ in tops[1:]:
        top = tops[0][1].code
        yield row.error("parent", f"is missing: '{top}' is the top already", f"缺少上级：最高单元已是“{top}”")


def _departments(draft: Draft) -> Iterator[BundleError]:
    units = draft.units.every("code")
    holders: dict[tuple[str, str], Department] = {}
    for row, office in draft.departments.records:
        if office.code in units:
            en = f"'{office.code}' is the code of a unit: both are addresses of dispatches"
            yield row.error("code", en, f"“{office.code}”已是单元的编码，派单对象的编码不能重复")
        if office.unit not in units:
            yield row.error("unit", f"there is no unit '{office.unit}'", f"没有单元“{office.unit}”")
        other = holders.setdefault((office.unit, office.power), office)
        if other is not office:
            en = f"'{other.code}' has the power '{office.power}' at '{office.unit}' already"
            yield row.error("power", en, f"“{office.unit}”的事权“{office.power}”已归“{other.code}”")


def _places(draft: Draft) -> Iterator[BundleError]:
    """Known places, and the neighbours in which some of them lie."""
    units, neighbours = draft.units.every("code"), draft.neighbours.every("code")
    taken = units | draft.departments.every("code")
    for row in draft.neighbours.rows:
        if (code := row.text("code")) in taken:
            yield row.error("code", f"'{code}' is the code of a unit or a department", f"“{code}”已是单元或部门的编码")
    partners = {unit.code for _, unit in draft.units.records if unit.sort is UnitSort.PARTNER}
    for row, place in draft.places.records:
        if len(place.name.strip()) < SHORTEST_NAME:
            en = f"'{place.name}' is too short to be found in an address: at least {SHORTEST_NAME} characters"
            yield row.error("name", en, f"“{place.name}”太短，无法在地址中识别：至少 {SHORTEST_NAME} 个字")
        elif not "".join(place.name.split()).isprintable():
            en = "holds a sign that nobody sees, and no address has it: write the name anew"
            yield row.error("name", en, "含有不可见字符，地址中不会有：请重新输入名称")
        if place.unit not in units and place.unit not in neighbours:
            en, zh = f"there is no unit and no neighbour '{place.unit}'", f"没有单元或邻区“{place.unit}”"
            yield row.error("unit", en, zh)
        elif place.unit in partners:
            en, zh = f"'{place.unit}' is a partner: name the unit it is in", f"“{place.unit}”是合伙人单元：请填所在单元"
            yield row.error("unit", en, zh)


def _kinds(draft: Draft) -> Iterator[BundleError]:
    powers = draft.departments.every("power")
    tier_of = {unit.code: unit.tier for _, unit in draft.units.records}
    held = {(office.power, tier_of.get(office.unit)) for _, office in draft.departments.records}
    for row, kind in draft.kinds.records:
        yield from _on_ladder(draft, row, "tier", kind.tier)
        if _may_have_to_be_told(kind) and not kind.hand_off and not draft.header.values.get("hand_off_default"):
            en = "is missing, and so is hand_off_default: who must be told at once?"
            yield row.error("hand_off", en, "缺少该项，也没有 hand_off_default：应当立即告知谁？")
        if not all(one.strip() for one in kind.hand_off):
            yield row.error("hand_off", "names somebody without a name", "含有空白的通知对象")
        if row.text("hand_off") is not None and not kind.hand_off:
            yield row.error("hand_off", "names nobody", "没有写明通知谁")
        if kind.disposition is Disposition.DECLINE:
            en = "'decline' is no answer to a kind: a machine declines only what is empty"
            yield row.error("disposition", en, "“decline”不能作为类别的处置：系统只对空白内容不予受理")
        if kind.power is None:
            continue
        if kind.power not in powers:
            yield row.error("power", f"no department has the power '{kind.power}'", f"没有部门拥有事权“{kind.power}”")
            continue
        at = [tier for tier in draft.ranks if (kind.power, tier) in held]
        if at and kind.tier in draft.ranks and kind.tier not in at:
            en = f"no department has the power '{kind.power}' at '{kind.tier}', only at {', '.join(at)}"
            yield row.error("tier", en, f"“{kind.tier}”没有部门拥有事权“{kind.power}”，只在{'、'.join(at)}")


def _may_have_to_be_told(kind: Kind) -> bool:
    """Whether a petition of this kind can become one of which somebody must be told at once."""
    grave = kind.severity is Severity.CRITICAL or any(sign.raises == Severity.CRITICAL.value for sign in kind.signs)
    return grave or kind.disposition is Disposition.HAND_OFF


def _signs(draft: Draft) -> Iterator[BundleError]:
    kinds = draft.kinds.every("code")
    unknown = Counter[str]()
    for row in draft.signs.rows:
        code = row.text("kind") or ""
        if code not in kinds and not unknown[code]:
            yield row.error("kind", f"there is no kind '{code}'", f"没有类别“{code}”")
        unknown[code] += code not in kinds
    for row, sign in draft.signs.records:
        if not sign.words.strip():
            yield row.error("words", "must not be blank", "不能为空白")
        if not sign.regex:
            continue
        try:
            refuse_unfit(sign.words)
        except NoPattern as unfit:
            yield row.error("words", str(unfit), unfit.zh)


def _bounds(header: Row) -> Iterator[BundleError]:
    match header.values.get("basic_households"):
        case [least, most] if _count(least) > _count(most) >= 0:
            yield header.error("basic_households", f"{least} is more than {most}", f"{least} 大于 {most}")


def _count(given: object) -> int:
    """A number of things, also as it is written in a file; -1 where it is none, or longer than any that could be
    meant."""
    written = str(given)
    return int(written) if written.isdecimal() and len(written) <= len(str(MOST_HOUSEHOLDS)) else -1


def _time_zone(header: Row) -> Iterator[BundleError]:
    name = header.text("timezone")
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        yield header.error("timezone", f"there is no time zone '{name}'", f"没有时区“{name}”")
