"""What a load prints at its end: where its petitions went, which are critical, what became of the lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from schemas.words import Severity, Status
from services.cli.sending import Tally
from services.cli.settling import WAITING, Whereabouts
from services.cli.terminal import plain

NONE = "—"
SEVERITIES = {Severity.CRITICAL: "特急", Severity.URGENT: "紧急", Severity.ROUTINE: "一般"}
ENDS = (Status.REFERRED, Status.DECLINED, Status.WITHDRAWN, Status.CLOSED)


@dataclass(frozen=True)
class Pace:
    """Seconds from the first line sent to the last answer, and on to the last route."""

    filing: float
    routing: float


def print_tables(console: Console, where: Whereabouts, policy: dict[str, Any]) -> None:
    """By tier, severity and kind, then the critical ones by number and id; `policy` names the tiers."""
    tiers = [(one["code"], one["name"]) for one in policy["ladder"]]
    by_tier = _shares("tier 层级", where.tiers, tiers)
    if where.to_place:
        by_tier.add_row("", "of these at a placing desk 其中待定位", f"{where.to_place:,}", "")
    console.print(by_tier)
    console.print(_shares("severity 紧急程度", where.severities, list(SEVERITIES.items())))
    kinds = sorted(where.kinds, key=lambda kind: (-where.kinds[kind], kind))
    console.print(_shares("kind 类别", Counter({code: n for (code, _), n in where.kinds.items()}), kinds))
    if where.critical:
        console.print(_critical(where))


def _shares(title: str, counts: Counter[str], order: Sequence[tuple[str, str]]) -> Table:
    table = Table(title=f"by {title}", title_justify="left", title_style="bold")
    table.add_column("code")
    table.add_column("name 名称")
    table.add_column("petitions", justify="right")
    table.add_column("%", justify="right")
    for code, name in _complete(counts, order):
        share = f"{counts[code] / counts.total():.1%}"
        table.add_row(plain(code or NONE), plain(name or NONE), f"{counts[code]:,}", share)
    return table


def _complete(counts: Counter[str], order: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The known codes that occur, in their order, and after them any others."""
    known = [(code, name) for code, name in order if counts[code]]
    return known + [(code, "") for code in counts if code not in {code for code, _ in known}]


def _critical(where: Whereabouts) -> Table:
    table = Table(title=f"{len(where.critical)} critical 特急: read each one", title_justify="left", title_style="bold")
    table.add_column("number 编号", no_wrap=True)
    table.add_column("id", no_wrap=True)
    table.add_column("kind 类别", overflow="fold")
    for one in where.critical:
        table.add_row(one.number, one.id, plain(one.kind or NONE))
    return table


def print_counts(console: Console, tally: Tally, where: Whereabouts, pace: Pace) -> None:
    """What became of the lines and of their petitions, and how fast."""
    table = Table(title="this load 本次导入", title_justify="left", title_style="bold", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("filed now 新登记", f"{tally.filed:,}")
    table.add_row("filed before 此前已登记", f"{tally.replayed:,}")
    table.add_row("refused 未受理", f"{tally.refused:,}")
    table.add_row("petitions 诉求", f"{len(tally.petitions):,}")
    table.add_row("routed 已派单", f"{where.routed - sum(where.statuses[end] for end in ENDS):,}")
    for end in ENDS:
        if where.statuses[end]:
            table.add_row(end.value, f"{where.statuses[end]:,}")
    table.add_row("not yet routed 尚未派单", f"{where.unrouted:,}")
    for status in WAITING:
        if where.statuses[status]:
            table.add_row(f"  of these {status}", f"{where.statuses[status]:,}")
    answered, petitions = tally.filed + tally.replayed, len(tally.petitions)
    table.add_row("answered in 应答用时", _rate(pace.filing, answered))
    table.add_row("routed in 派单完成用时", _rate(pace.routing, petitions))
    console.print(table)


def _rate(seconds: float, count: int) -> str:
    return f"{seconds:.1f} s, {count / seconds:,.0f}/s" if seconds else f"{seconds:.1f} s"
