"""Rows made into the models of the policy; what does not fit is said by file, line and field in both languages."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.jurisdiction import Data
from schemas.policy import Limits
from services.chassis.policy_rows import BundleError, Row

M = TypeVar("M", bound=Data)

_LARGEST = 87_600.0
"""Ten years in hours: nothing in a policy is larger, and a deadline must stay a date that can be written."""
_SECOND = (1 / 3600, "a second", "一秒")
_SHORTEST: Mapping[type, tuple[float, str, str]] = {Limits: (1 / 60, "a minute", "一分钟")}
"""A deadline that is over when it is set would follow the next, and fill the log."""

_SENTENCES = {
    "missing": ("is missing", "缺少该项"),
    "extra_forbidden": ("is not a known field", "不是已知的字段"),
    "enum": ("{given} is not {expected}", "{given} 不是 {expected} 之一"),
    "literal_error": ("{given} is not {expected}", "{given} 不是 {expected} 之一"),
    "greater_than": ("{given} is not more than {gt}", "{given} 应大于 {gt}"),
    "greater_than_equal": ("{given} is less than {ge}", "{given} 不应小于 {ge}"),
    "less_than_equal": ("{given} is more than {le}", "{given} 不应大于 {le}"),
    "too_short": ("needs at least {min_length}", "至少需要 {min_length} 项"),
    "string_too_short": ("must not be empty", "不能为空"),
    "string_type": ("{given} is not text", "{given} 不是文字"),
}
_THINGS = {
    "float": ("a number", "数字"),
    "int": ("a whole number", "整数"),
    "bool": ("true or false", "true 或 false"),
    "date": ("a date like 2026-02-14", "日期，例如 2026-02-14"),
    "time": ("a time like 09:00", "时间，例如 09:00"),
    "tuple": ("a list", "列表"),
    "frozen": ("a list", "列表"),
}


def validated(model: type[M], row: Row, errors: list[BundleError], **defaults: object) -> M | None:
    """The row as `model`, with defaults for what it does not give; None, with the reasons in `errors`."""
    given = {name: value for name, value in row.values.items() if value is not None}
    try:
        made = model.model_validate({**defaults, **given})
    except ValidationError as invalid:
        errors.extend(_explained(row, problem) for problem in invalid.errors(include_url=False))
        return None
    endless = [
        row.error(name, f"{_shown(given[name])} is too large", f"{_shown(given[name])} 过大")
        for name, value in made
        if isinstance(value, float) and name in given and not abs(value) <= _LARGEST
    ]
    least, en, zh = _SHORTEST.get(model, _SECOND)
    brief = [
        row.error(name, f"{_shown(given[name])} is less than {en}", f"{_shown(given[name])} 不足{zh}")
        for name, value in made
        if name.endswith("_hours") and name in given and value < least
    ]
    errors.extend(endless + brief)
    return None if endless or brief else made


def _explained(row: Row, problem: ErrorDetails) -> BundleError:
    words: dict[str, Any] = {**problem.get("ctx", {}), "given": _shown(problem["input"])}
    kind = problem["type"]
    if kind in _SENTENCES:
        en, zh = (sentence.format(**words) for sentence in _SENTENCES[kind])
    elif thing := _THINGS.get(kind.split("_")[0]):
        en, zh = f"{words['given']} is not {thing[0]}", f"{words['given']} 不是{thing[1]}"
    else:
        en, zh = f"{words['given']}: {problem['msg']}", f"{words['given']} 不合要求：{problem['msg']}"
    return BundleError(row.file, row.line_at(*problem["loc"]), ".".join(str(step) for step in problem["loc"]), en, zh)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
