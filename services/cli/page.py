"""One petition on a terminal: what it is, where it stands and why, its deadlines, its timeline."""

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.cli.terminal import plain

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ABOVE = {"title", "text", "address", "coordinates", "channel", "external", "filed_by", "policy"}
"""What the head of the page says already, and what only machines need."""


class PetitionPage:
    """Prints a petition and its timeline as the API answers them, with times of one zone."""

    def __init__(self, petition: dict[str, Any], timeline: list[dict[str, Any]], zone: str) -> None:
        self._petition = petition
        self._timeline = timeline
        self._zone = ZoneInfo(zone)

    def print(self, console: Console) -> None:
        """Head, floors, deadlines, timeline; words stand as they came, without markup."""
        console.print(self._head())
        for table in (self._floors(), self._deadlines(), self._events()):
            if table.row_count:
                console.print(table)

    def _head(self) -> Panel:
        one = self._petition
        grid = Table.grid(padding=(0, 2))
        rows = {
            "status 状态": one["status"],
            "filed 登记": self._moment(one["filed_at"]) + f"  {one['channel']}",
            "external 外部编号": _joined(one["external"], "source", "number"),
            "kind 类别": _joined(one["kind"], "code", "name"),
            "severity 紧急程度": _pair(one["severity"], one["disposition"]),
            "tell now 立即通知": _hand_off(one["hand_off"]),
            "place 地点": _pair(one["place"]["unit"], one["place"]["address"]),
            "tier 层级": one["tier"],
            "unit 单位": _joined(one["unit"], "code", "name", "tier"),
            "department 部门": _joined(one["department"], "code", "name"),
            "responsible 首接负责": _joined(one["responsible"], "unit", "department"),
            "title 标题": one["title"],
            "text 内容": "(erased 已删除)" if one["text"] is None else one["text"],
        }
        for label, value in rows.items():
            if value:
                grid.add_row(Text(label, style="bold"), plain(value))
        return Panel(grid, title=f"{one['number']}  {one['id']}  v{one['version']}", title_align="left")

    def _floors(self) -> Table:
        table = _table("why here 底线", "floor", "tier", "reason")
        for floor in self._petition["floors"]:
            table.add_row(floor["floor"], plain(floor["tier"]), plain(floor["reason"]))
        return table

    def _deadlines(self) -> Table:
        table = _table("deadlines 时限", "name", "due", "state")
        for deadline in self._petition["deadlines"]:
            table.add_row(self._short(deadline["name"]), self._moment(deadline["due_at"]), deadline["state"])
        return table

    def _events(self) -> Table:
        table = _table("timeline 经过", "v", "at", "event", "by", "what")
        for item in self._timeline:
            what = "\n".join(f"{name}: {self._told(value)}" for name, value in self._news(item).items())
            table.add_row(
                str(item["version"]), self._moment(item["at"]), item["type"], plain(item["by"]), plain(what)
            )  # fmt: skip
        return table

    def _news(self, item: dict[str, Any]) -> dict[str, Any]:
        """What the event says that the head does not, and what is not simply so as always; reasons with their words."""
        data = {
            name: value
            for name, value in item["data"].items()
            if name not in ABOVE and value is not False and value not in (None, [], {})
        }
        if "reasons" in data:
            data["reasons"] = "; ".join(self._reason(one) for one in data["reasons"])
        if "floors" in data:
            data["floors"] = "; ".join(_joined(one, "floor", "tier", "reason") for one in data["floors"])
        return data

    def _reason(self, reason: dict[str, Any]) -> str:
        words = self._petition.get(reason["field"]) or ""
        quoted = words[reason["start"] : reason["end"]]
        return f"{reason['rule']} “{quoted}”" if quoted else str(reason["rule"])

    def _told(self, value: Any) -> str:
        if isinstance(value, str):
            return self._moment(value) if MOMENT.fullmatch(value) else self._short(value)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return ", ".join(value)
        return json.dumps(value, ensure_ascii=False)

    def _short(self, told: str) -> str:
        """`accept:#3` for a dispatch of this petition, which is named by the version of its event."""
        return told.replace(f"{self._petition['id']}:", "#")

    def _moment(self, told: str) -> str:
        try:
            return f"{datetime.fromisoformat(told).astimezone(self._zone):%Y-%m-%d %H:%M:%S}"
        except OverflowError:  # the calendar ends within hours of it
            return told


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _joined(part: dict[str, Any] | None, *names: str) -> str:
    return "  ".join(str(part[name]) for name in names if part.get(name)) if part else ""


def _pair(*values: str | None) -> str:
    return "  ".join(value for value in values if value)


def _hand_off(hand_off: dict[str, Any] | None) -> str:
    if not hand_off:
        return ""
    left = hand_off["outstanding"]
    return ", ".join(hand_off["to"]) + (f"  still to tell 尚未通知: {', '.join(left)}" if left else "  all told 已通知")
