"""One petition on a terminal, in the words of the console: what it is, why it is there, its deadlines, its timeline."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Line

from schemas.deadlines import DeadlineState
from services.cli.terminal import plain
from services.console import words
from services.console.labels import LABELS
from services.console.moments import local_to_the_second
from services.console.words import Lang, Text, known

EVENT_COLUMNS = (
    Text("序号", "No."),
    Text("时间", "At"),
    Text("事件", "Event"),
    Text("经办", "By"),
    Text("说明", "What"),
)


class PetitionPage:
    """Prints a petition, its timeline and its explanation as the API answers them: one language, times of one zone."""

    def __init__(
        self,
        petition: dict[str, Any],
        timeline: list[dict[str, Any]],
        explained: dict[str, Any],
        zone: str,
        lang: Lang,
    ) -> None:
        self._petition = petition
        self._timeline = timeline
        self._explained = explained
        self._zone = ZoneInfo(zone)
        self._lang = lang

    def print(self, console: Console) -> None:
        """Head, why it is here, deadlines, timeline; words stand as they came, without markup."""
        console.print(self._head())
        console.print(self._why())
        for table in (self._floors(), self._deadlines(), self._events()):
            if table.row_count:
                console.print(table)

    def _head(self) -> Panel:
        one = self._petition
        grid = Table.grid(padding=(0, 2))
        rows = {
            "status": known(words.STATUSES, one["status"], self._lang),
            "filed_at": self._moment(one["filed_at"]),
            "received_at": self._first("received_at"),
            "occurred_at": self._first("occurred_at"),
            "channel": known(words.CHANNELS, one["channel"], self._lang),
            "external": _joined(one["external"], "source", "number"),
            "kind": self._named("kind"),
            "severity": one["severity"] and known(words.SEVERITIES, one["severity"], self._lang),
            "disposition": one["disposition"] and known(words.DISPOSITIONS, one["disposition"], self._lang),
            "hand_off": self._hand_off(),
            "place": _joined(one["place"], "unit", "address") or self._t("place_unknown"),
            "unit": self._named("unit"),
            "department": self._named("department"),
            "responsible": _joined(one["responsible"], "unit", "department"),
            "title": one["title"],
            "matter": self._t("erased") if one["text"] is None else one["text"],
        }
        for label, value in rows.items():
            if value:
                grid.add_row(Line(self._t(label), style="bold"), plain(value))
        title = f"{one['number']}  v{one['version']}"
        if policy := self._explained["policy"]:
            title += f"  {self._t('by_policy', n=policy)}"
        return Panel(grid, title=title, title_align="left", subtitle=one["id"], subtitle_align="left")

    def _first(self, moment: str) -> str:
        """A moment that the filing names, if it does."""
        told = self._timeline[0]["data"].get(moment)
        return self._moment(told) if told else ""

    def _named(self, part: str) -> str:
        """A code of the petition, and what it is called."""
        one = self._petition[part]
        return f"{one['code']}  {self._said(self._explained[part])}" if one else ""

    def _hand_off(self) -> str:
        hand_off = self._petition["hand_off"]
        if not hand_off:
            return ""
        if hand_off["confirmed_at"]:
            left = self._t("hand_off_done", at=self._moment(hand_off["confirmed_at"]))
        else:
            left = self._t("hand_off_open", to=", ".join(hand_off["outstanding"]))
        return f"{', '.join(hand_off['to'])}  {left}"

    def _why(self) -> Line:
        """Why it is here, as sentences."""
        why = self._explained
        grave = (why.get("severity") or {}).get("said")
        optional = [one for one in (grave, why.get("located"), why["holds"]) if one]
        said = [why["placed"], *optional, *why["notes"], *why.get("due", ()), *why["otherwise"]]
        return plain("\n".join([self._t("why"), *(f"  {self._said(one)}" for one in said)]))

    def _floors(self) -> Table:
        table = self._table("", *(LABELS[label] for label in ("floor", "lowest_tier", "reason")))
        for floor in self._explained["floors"]:
            decides = f"  ◀ {self._t('decides')}" if floor["decides"] else ""
            name, tier, reason = (self._said(floor[part]) for part in ("floor", "tier", "reason"))
            table.add_row(plain(name), plain(tier), plain(reason + decides))
        return table

    def _deadlines(self) -> Table:
        table = self._table("deadlines", *(LABELS[label] for label in ("deadline", "due_at", "state")))
        for deadline, named in zip(self._petition["deadlines"], self._explained["deadlines"], strict=False):
            state = DeadlineState(deadline["state"])
            told = f"{words.DEADLINE_MARKS[state]} {words.DEADLINE_STATES[state].of(self._lang)}"
            table.add_row(plain(self._said(named["said"])), self._moment(deadline["due_at"]), told)
        return table

    def _events(self) -> Table:
        table = self._table("timeline", *EVENT_COLUMNS)
        for item, named in zip(self._timeline, self._explained["timeline"], strict=False):
            told = [self._said(named["said"]), *self._written(item)]
            table.add_row(
                str(item["version"]),
                self._moment(item["at"]),
                plain(self._said(named["name"])),
                plain(item["by"]),
                plain("\n".join(line for line in told if line)),
            )
        return table

    def _written(self, item: dict[str, Any]) -> list[str]:
        """The petition's words that a reading rests on, or what a person wrote about what they did."""
        data = item["data"]
        if quoted := dict.fromkeys(self._quoted(one) for one in data.get("reasons") or ()):
            return [" ".join(f"“{words}”" for words in quoted if words)]
        if item["version"] == 1:
            return []
        return [data[name] for name in ("reason", "text") if isinstance(data.get(name), str)]

    def _quoted(self, reason: dict[str, Any]) -> str:
        return str((self._petition.get(reason["field"]) or "")[reason["start"] : reason["end"]])

    def _table(self, title: str, *columns: Text) -> Table:
        table = Table(title=self._t(title) if title else None, title_justify="left", title_style="bold")
        for column in columns:
            table.add_column(column.of(self._lang), overflow="fold")
        return table

    def _t(self, label: str, **values: Any) -> str:
        return LABELS[label].of(self._lang, **values)

    def _said(self, said: dict[str, str]) -> str:
        return said["zh" if self._lang is Lang.ZH else "en"]

    def _moment(self, told: str) -> str:
        return local_to_the_second(datetime.fromisoformat(told), self._zone)


def _joined(part: dict[str, Any] | None, *names: str) -> str:
    return "  ".join(str(part[name]) for name in names if part.get(name)) if part else ""
