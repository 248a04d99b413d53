"""Moments as people say them: the local time of the district, and how far away it is."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from services.console.words import Lang, Text

_SPANS = (
    (60, 1, Text("不到 1 分钟", "under 1 min")),
    (90 * 60, 60, Text("{n} 分钟", "{n} min")),
    (36 * 3600, 3600, Text("{n} 小时", "{n} h")),
    (float("inf"), 86400, Text("{n} 天", "{n} d")),
)
"""Up to so many seconds, in units of so many seconds."""

_WHOLE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?|[(（]?(第 \d+ [轮次]|第 \d+ 条事件|round \d+|event \d+|no\. \d+)[)）]?"
)
"""What is not to be parted at the end of a line: a moment, the number of an event or a round with its brackets."""
AHEAD = Text("{span}后", "in {span}")
AGO = Text("{span}前", "{span} ago")
LATE = Text("已超时 {span}", "{span} overdue")


def local(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-11-22 08:30` in the district's own time."""
    return f"{_there(moment, zone):%Y-%m-%d %H:%M}"


def local_with_offset(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-11-22 08:30+08:00`: the district's own time, for whoever does not know its zone."""
    return _there(moment, zone).isoformat(sep=" ", timespec="minutes")


def local_to_the_second(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-11-22 08:30:05` in the district's own time."""
    return f"{_there(moment, zone):%Y-%m-%d %H:%M:%S}"


def _there(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the calendar ends within hours of it
        return moment


def span(seconds: float, lang: Lang) -> str:
    """How long, rounded to one unit."""
    seconds = abs(seconds)
    unit, words = next((unit, words) for most, unit, words in _SPANS if seconds < most)
    return words.of(lang, n=max(1, round(seconds / unit)))


def relative(moment: datetime, now: datetime, lang: Lang) -> str:
    """`3 小时后`, `2 d ago`."""
    away = (moment - now).total_seconds()
    return (AHEAD if away >= 0 else AGO).of(lang, span=span(away, lang))


def late(due: datetime, now: datetime, lang: Lang) -> str:
    """`已超时 3 小时`, for a due time that has passed."""
    return LATE.of(lang, span=span((now - due).total_seconds(), lang))


def unbroken(said: str) -> Markup:
    """A sentence whose moments and numbers stay on one line each; everything else in it is text."""
    return Markup(_WHOLE.sub(r'<span class="moment">\g<0></span>', str(escape(said))))  # noqa: S704 - escaped above
