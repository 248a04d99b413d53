"""What is wrong with one part of a request, in English and Chinese."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from services.chassis.strict_json import escape


class Misfit(NamedTuple):
    """One thing wrong; `pointer` is a JSON pointer into the body, or `?name` for the query."""

    pointer: str
    en: str
    zh: str


CHINESE: Mapping[str, str] = {
    "missing": "缺少该项",
    "extra_forbidden": "不是已知的字段",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "list_type": "应为列表",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "string_type": "应为字符串",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "blank": "不能为空白",
    "no_address": "请写完整的网址，例如 https://files.example/1.jpg",
    "one_target": "须填写单元或部门，且只能填一个",
    "at_most_one_target": "单元与部门最多填一个",
    "in_a_name": "须填写 by 与 reason，或只作试算（dry_run）",
    "not_reached": "未联系上时不应填写",
    "exchanged": "纬度与经度似乎写反了：lat 为纬度（-90 至 90），lon 为经度（-180 至 180）",
    "out_of_reach": "年份应在 {first} 至 {last} 之间",
    "json_invalid": "不是合法 JSON",
    "uuid_parsing": "不是合法的标识",
    "dict_type": "应为对象",
    "int_from_float": "应为整数",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不应小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不应大于 {le}",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "timezone_aware": "时间须带时区",
    "datetime_parsing": "不是合法的日期时间",
    "datetime_from_date_parsing": "不是合法的日期时间",
    "moment": "请写带时区的日期时间，例如 2026-11-22T08:30:00+08:00",
}
"""The commonest of pydantic's own kinds of error."""


_AT = re.compile(r"line (\d+) column (\d+)")
"""Where the parser of pydantic says that it came to."""


def misfits(errors: Iterable[Any], pointer: Callable[[Any], str] | None = None) -> list[Misfit]:
    """The errors of pydantic with a pointer into the body, or what `pointer` makes of their place."""
    return [Misfit((pointer or pointer_to)(one["loc"]), str(one["msg"]), _chinese(one["type"], one)) for one in errors]


def pointer_to(path: Iterable[Any]) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{escape(str(step))}" for step in path)


def _chinese(kind: str, error: Any) -> str:
    if kind == "json_invalid" and (at := _AT.search(str(error["msg"]))):
        return f"{CHINESE[kind]}：第 {at[1]} 行第 {at[2]} 列"
    if kind not in CHINESE:
        return f"不合要求：{error['msg']}"
    words = {name: str(value).replace(" or ", " 或 ") for name, value in error.get("ctx", {}).items()}
    return CHINESE[kind].format(**words)
