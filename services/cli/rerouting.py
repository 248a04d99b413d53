"""`gridcase policy reroute`: lists what is under way and would stand elsewhere by the policy in force, and moves it."""

from collections import Counter
from typing import Annotated, Any

import typer

from services.cli.asking import Data, Url, ask, fail, settings_from, speaks_chinese

REROUTE = "/v1/operations/policy/reroute"
PAGE = 100
OTHERWISE = {
    "ended": ("ended", "已结束"),
    "resolved": ("resolved: if it is re-opened, it follows the policy of then", "已办结，重办时按当时规则"),
    "linked": ("follow another", "已并案"),
    "split": ("were split", "已拆分"),
    "not_routed": ("not routed yet: they follow the policy by themselves", "尚未派单，将按现行规则派单"),
    "held": ("on hold: run it again when they are resumed", "挂账中，恢复后可再运行"),
    "decided": ("decided after two returns", "两次退单后已裁定"),
    "chosen": ("a person chose where they are", "由人员指定去向"),
    "kind_gone": ("of a kind that the policy does not know", "类别已不在规则中"),
    "unreadable": ("could not be judged: see the server's log", "无法判断，见服务日志"),
    "contended": ("were being changed: run it again", "正被修改，请再运行"),
}
"""Why one is left alone, in the two languages."""


def reroute(
    by: Annotated[str | None, typer.Option(help="Id of the person who does it")] = None,
    reason: Annotated[str | None, typer.Option(help="Why they go elsewhere; it stands in each petition")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them; nothing is changed")] = False,
    kind: Annotated[str | None, typer.Option(help="Only of this kind")] = None,
    severity: Annotated[str | None, typer.Option(help="Only of this severity")] = None,
    tier: Annotated[str | None, typer.Option(help="Only what stands at this tier")] = None,
    unit: Annotated[str | None, typer.Option(help="Only what is with this unit")] = None,
    department: Annotated[str | None, typer.Option(help="Only what is with this department")] = None,
    url: Url = None,
    data: Data = None,
) -> None:
    """Re-route the unfinished petitions that the policy in force would have elsewhere, up or down; run again at will.

    What a person moved, what was decided after two returns, what is on hold, resolved, linked or split is left alone.
    """
    from pydantic_core import to_json

    from services.cli.finding import server_on

    if not dry_run and (by is None or reason is None):
        raise fail("name who does it and why: --by and --reason, or --dry-run / 请用 --by、--reason 写明经办人和理由")
    settings = settings_from(url=url, data=data)
    server = server_on(settings)
    asked = {"kind": kind, "severity": severity, "tier": tier, "unit": unit, "department": department}
    asked |= {"by": by, "reason": reason}
    body: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    body |= {"dry_run": dry_run, "limit": PAGE}
    counts = Counter[str]()
    while True:
        page = ask(settings, server, "POST", REROUTE, content=to_json(body))
        counts.update(page["counts"])
        for item in page["items"]:
            typer.echo(_line(item))
        body["policy"], body["after"] = page["policy"], page["next"]
        if page["next"] is None:
            break
        typer.echo(f"… {counts.total():,} looked at / 已核对", err=True)
    _report(counts, page["policy"], dry_run=dry_run)


def _line(item: dict[str, Any]) -> str:
    """`→ 20261127-03-15: grid SA11 → community SA1 (authority kind:LAMP)`; `·` for what is left alone, and why."""
    floors = [f"{one['floor']} {one['reason']}" for one in item["because"]]
    why = ", ".join(floors + [f"{one['department'] or one['unit']} {one['cause']}" for one in item["skipped"]])
    places = f"{item['number']}: {_place(item['from'])} → {_place(item['to'])}"
    left = OTHERWISE.get(item["verdict"])
    said = f"→ {places}" if left is None else f"· {places}; {left[speaks_chinese()]}"
    return f"{said} ({why})" if why else said


def _place(place: dict[str, str | None]) -> str:
    return " ".join(filter(None, (place["tier"], place["department"] or place["unit"])))


def _report(counts: Counter[str], version: int, *, dry_run: bool) -> None:
    moved = counts["differs"]
    done = ("would be re-routed", "将重派") if dry_run else ("re-routed", "已重派")
    typer.echo(f"{moved:,} of {counts.total():,} {done[0]} by policy version {version} / {done[1]}")
    for verdict, said in OTHERWISE.items():
        if counts[verdict]:
            typer.echo(f"{counts[verdict]:,} left alone, {said[0]} / {said[1]}")
