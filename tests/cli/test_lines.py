"""What a file's lines become before they are sent."""

import json
from typing import Any

import pytest

from services.cli.lines import LARGEST_LINE, Line, Refusal, china_time, read_lines

LAMP = {"channel": "app", "text": "楼道灯坏了"}
MESSAGE = {"id": "17", "user": "U0001", "time": "2020/1/6 12:09:38", "title": "灯", "body": "楼道灯坏了", "up": 3}


def sent(*lines: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        json.loads(line.body) for line in read(*(json.dumps(one).encode() for one in lines)) if isinstance(line, Line)
    ]


def read(*lines: bytes) -> list[Line | Refusal]:
    return list(read_lines(lines, "may", "hotline"))


def test_a_create_body_is_sent_as_it_is_with_a_key_made_of_prefix_and_line_number():
    assert sent(LAMP, LAMP) == [LAMP | {"key": "may-1"}, LAMP | {"key": "may-2"}]


def test_a_line_keeps_its_own_key_or_external_number():
    named = LAMP | {"external": {"source": "12345", "number": "7"}}
    keyed = LAMP | {"key": "mine"}
    assert sent(named, keyed) == [named, keyed]


def test_a_line_that_names_no_channel_gets_the_one_that_was_asked_for():
    assert sent({"text": "灯"})[0]["channel"] == "hotline"


def test_a_message_becomes_a_petition_without_its_author():
    assert sent(MESSAGE) == [
        {
            "channel": "hotline",
            "title": "灯",
            "text": "楼道灯坏了",
            "external": {"source": "may", "number": "17"},
            "occurred_at": "2020-01-06T12:09:38+08:00",
        }
    ]


def test_a_message_without_a_number_is_known_by_its_line():
    assert sent({"title": "灯", "body": "坏了"}) == [
        {"channel": "hotline", "title": "灯", "text": "坏了", "key": "may-1"}
    ]


def test_words_are_sent_character_for_character():
    words = " \t灯\u2028🌂坏了\r\n "
    assert sent({"text": words})[0]["text"] == words


def test_lines_are_counted_as_an_editor_counts_them():
    assert [line.number for line in read(b"\xef\xbb\xbf" + b'{"text":"a"}\r\n', b"\n", b'{"text":"b"}')] == [1, 3]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"not json", "invalid_json"),
        (b'{"text": "a", "text": "b"}', "invalid_json"),
        (b'{"text": "\xff"}', "invalid_json"),
        (b'{"text": "\\ud800"}', "invalid_json"),
        (b'{"text": "\\udc00"}', "invalid_json"),
        (b'{"text": "a", "\\uDFFF": 1}', "invalid_json"),
        (b"[1]", "invalid"),
        (b'{"text": "' + b"a" * LARGEST_LINE + b'"}', "too_large"),
    ],
)
def test_a_line_that_cannot_be_a_petition_is_refused_by_its_number(line: bytes, code: str):
    first, second = read(line, b'{"text": "b"}')
    assert isinstance(first, Refusal)
    assert (first.number, first.code) == (1, code)
    assert isinstance(second, Line)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2020/1/6 12:09:38", "2020-01-06T12:09:38+08:00"),
        ("\t2019-11-02 08:05:00\n", "2019-11-02T08:05:00+08:00"),
        ("2020/1/6 9:05", "2020-01-06T09:05:00+08:00"),
        ("2020-01-06T01:00:00Z", "2020-01-06T01:00:00+00:00"),
        ("2020/13/6 12:09:38", None),
        ("yesterday", None),
        (20200106, None),
        (None, None),
    ],
)
def test_a_time_without_an_offset_is_meant_in_china(told: object, meant: str | None):
    moment = china_time(told)
    assert (moment.isoformat() if moment else None) == meant
