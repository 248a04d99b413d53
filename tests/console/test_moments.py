"""Moments in the words of people."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from services.console.moments import late, local, relative, unbroken
from services.console.words import Lang
from tests.given import T0


@pytest.mark.parametrize(
    ("away", "zh", "en"),
    [
        (timedelta(hours=3), "3 小时后", "in 3 h"),
        (timedelta(hours=-3), "3 小时前", "3 h ago"),
        (timedelta(seconds=20), "不到 1 分钟后", "in under 1 min"),
        (timedelta(minutes=-89), "89 分钟前", "89 min ago"),
        (timedelta(hours=35), "35 小时后", "in 35 h"),
        (timedelta(days=15), "15 天后", "in 15 d"),
    ],
)
def test_how_far_away(away, zh, en):
    assert relative(T0 + away, T0, Lang.ZH) == zh
    assert relative(T0 + away, T0, Lang.EN) == en


def test_what_is_overdue_says_so():
    assert late(T0 - timedelta(hours=2), T0, Lang.ZH) == "已超时 2 小时"
    assert late(T0 - timedelta(hours=2), T0, Lang.EN) == "2 h overdue"


def test_times_are_the_districts_own():
    assert local(T0, ZoneInfo("Asia/Shanghai")) == "2026-11-23 09:00"
    assert local(T0, ZoneInfo("Asia/Urumqi")) == "2026-11-23 07:00"


def test_a_moment_in_a_sentence_stays_on_one_line_and_the_rest_is_text():
    assert unbroken("<b> 2026-11-22 08:30 前") == '&lt;b&gt; <span class="moment">2026-11-22 08:30</span> 前'
