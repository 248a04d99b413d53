"""JSON at the door: UTF-8, no duplicate names, no NaN, no NUL or lone surrogates, at most 32 deep."""

import json
import re
from typing import Any, NoReturn

DEEPEST = 32
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class NotJson(Exception):
    """The body is not acceptable JSON; `pointer` (RFC 6901) says where, as near as can be told."""

    def __init__(self, message: str, zh: str, pointer: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.zh = zh
        self.pointer = pointer
        self.status = status


class _Duplicate(Exception):
    """This name stands twice in one object."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Pairs(list[tuple[str, Any]]):
    """An object with its names as they came, to find where one stands twice."""


def parse(body: bytes) -> Any:
    """The value of a JSON text; raises NotJson."""
    text = _decode(body)
    if _too_deep(text):
        raise NotJson(f"nested deeper than {DEEPEST}", f"嵌套超过 {DEEPEST} 层")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_int)
    except _Duplicate as twice:
        message = f"the name {twice.name!r} stands twice in one object"
        raise NotJson(message, "对象中有重复的名称", _find_duplicate(text), 422) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise NotJson(
            f"not JSON: {error.msg} at {place}", f"不是合法 JSON：第 {error.lineno} 行第 {error.colno} 列"
        ) from None
    if _ESCAPED.search(body):
        _refuse_unstorable(value, "")
    return value


def _decode(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}", f"不是 UTF-8：第 {error.start} 字节") from None
    if "\x00" in text:
        raise NotJson("NUL is not allowed; send UTF-8", "不允许 NUL 字符，请使用 UTF-8")
    if text.startswith("\ufeff"):
        raise NotJson("a byte order mark is not JSON; send UTF-8 without it", "请去掉字节顺序标记（BOM）")
    return text


def _too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = deepest = 0
    # Possessive, and with or without its closing quote: a string that never ends must not be tried from every quote.
    for bracket in re.findall(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', text, re.DOTALL):
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "]}":
            depth -= 1
    return deepest > DEEPEST


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        for name, _ in pairs:
            if value.pop(name, pairs) is pairs:  # taken out before, so it is here again
                raise _Duplicate(name)
    return value


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON", f"{name} 不是合法 JSON")


def _int(digits: str) -> int:
    if len(digits) > 40:
        raise NotJson("a number with more than 40 digits", "数字超过 40 位", status=422)
    return int(digits)


def _find_duplicate(text: str) -> str:
    """Where the first name that stands twice does so again; empty when the text goes on to be no JSON at all."""
    try:
        value = json.loads(text, object_pairs_hook=_Pairs, parse_int=str, parse_constant=str)
    except json.JSONDecodeError:
        return ""
    return (_walk(value, "") or "").encode("utf-8", "replace").decode()  # the name may hold a lone surrogate


def _walk(value: Any, pointer: str) -> str | None:
    if isinstance(value, _Pairs):
        seen = set()
        for name, part in value:
            here = f"{pointer}/{escape(name)}"
            if name in seen:
                return here
            seen.add(name)
            if found := _walk(part, here):
                return found
    elif isinstance(value, list):
        for index, part in enumerate(value):
            if found := _walk(part, f"{pointer}/{index}"):
                return found
    return None


def _refuse_unstorable(value: Any, pointer: str) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise NotJson("NUL is not allowed", "不允许 NUL 字符", pointer, 422)
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise NotJson("a lone surrogate is no character", "含有不成对的代理字符", pointer, 422)
    elif isinstance(value, dict):
        for name, part in value.items():
            _refuse_unstorable(name, pointer)
            _refuse_unstorable(part, f"{pointer}/{escape(name)}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _refuse_unstorable(part, f"{pointer}/{index}")


def escape(name: str) -> str:
    """A name as one step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
