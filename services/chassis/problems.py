"""Errors as RFC 9457 problem details, in English and, where the caller prefers it, in Chinese."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.chassis.batcher import Overloaded
from services.chassis.deciding import Rejected
from services.chassis.misfits import Misfit, misfits, pointer_to
from services.chassis.policies import NoPolicy
from services.chassis.store.engine import OutcomeUnknown, StoreUnavailable
from services.chassis.strict_json import NotJson

READS = {"GET", "HEAD"}
"""What changes nothing."""


class ProblemError(BaseModel):
    """One thing wrong with the request; `pointer` is a JSON pointer into the body, or `?name` for the query."""

    pointer: str
    message: str


class Problem(BaseModel):
    """The body of every error."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemError] = []


@dataclass
class ProblemRaised(Exception):
    """Answer with this problem."""

    status: int
    code: str
    en: str
    zh: str
    errors: Sequence[Misfit] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def told(self, *, chinese: bool) -> str:
        """What went wrong and what to do, in one language."""
        return self.zh if chinese else self.en

    def pointed(self, *, chinese: bool) -> list[dict[str, str]]:
        """Each thing wrong with its place, in one language."""
        return [{"pointer": one.pointer, "message": one.zh if chinese else one.en} for one in self.errors]


def prefers_chinese(request: Request) -> bool:
    """Whether the first language the caller names is Chinese."""
    return request.headers.get("accept-language", "").strip().lower().startswith("zh")


def respond(request: Request, problem: ProblemRaised) -> Response:
    """The problem as `application/problem+json`."""
    chinese = prefers_chinese(request)
    body = Problem(
        type=f"urn:gridcase:problem:{problem.code}",
        title=problem.code.replace("_", " "),
        status=problem.status,
        code=problem.code,
        detail=problem.told(chinese=chinese),
        errors=[ProblemError(**one) for one in problem.pointed(chinese=chinese)],
    )
    return Response(to_json(body), problem.status, headers=problem.headers, media_type="application/problem+json")


def on_problem(request: Request, error: Exception) -> Response:
    """Every expected error as its problem."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, NotJson | ProblemRaised):
        error = error.__cause__  # FastAPI calls a bad request whatever happens while it reads a body
    return respond(request, as_problem(error, reading=request.method in READS))


def as_problem(error: Exception, *, reading: bool = False) -> ProblemRaised:
    """What the caller is told of an error; of an unexpected one only that it happened. `reading`: nothing was to be
    kept."""
    match error:
        case ProblemRaised():
            return error
        case Rejected():
            return ProblemRaised(error.status, error.code, error.en(), error.zh())
        case NotJson():
            return ProblemRaised(
                error.status, "invalid_json", str(error), error.zh, [Misfit(error.pointer, str(error), error.zh)]
            )
        case RequestValidationError():
            return misfit(misfits(error.errors(), _pointer))
        case Overloaded():
            return ProblemRaised(
                503, "overloaded", "Too much is waiting to be written; nothing was kept. Try again in a second.",
                "系统繁忙，本次请求未被受理，请稍后重试。", headers={"Retry-After": "1"},
            )  # fmt: skip
        case StoreUnavailable() if reading:
            return ProblemRaised(
                503, "store_unavailable", "The store cannot be read now; try again in a minute.",
                "存储暂不可读，请稍后重试。", headers={"Retry-After": "60"},
            )  # fmt: skip
        case OutcomeUnknown():
            return ProblemRaised(
                503, "outcome_unknown",
                "The store was lost while it wrote; it may have been kept. Send it again with the same "
                "Idempotency-Key, or look whether it is there before you send it anew.",
                "写入时与存储失去联系，本次请求可能已被受理。请沿用同一个 Idempotency-Key 重发，或先查询再提交。",
                headers={"Retry-After": "10"},
            )  # fmt: skip
        case StoreUnavailable():
            return ProblemRaised(
                503, "store_unavailable", "The store cannot be written now; nothing was kept. Try again in a minute.",
                "存储暂不可写，本次请求未被受理，请稍后重试。", headers={"Retry-After": "60"},
            )  # fmt: skip
        case NoPolicy():
            return ProblemRaised(503, "no_policy", str(error), str(error), headers={"Retry-After": "30"})
        case HTTPException():
            return ProblemRaised(
                error.status_code, _HTTP_CODES.get(error.status_code, "http_error"),
                _HTTP_EN.get(error.status_code, str(error.detail)),
                _HTTP_ZH.get(error.status_code, str(error.detail)), headers=dict(error.headers or {}),
            )  # fmt: skip
        case _:
            return ProblemRaised(
                500, "internal", "The server failed; it may have kept the request. Try again with the same key.",
                "服务器内部错误，请使用相同的幂等键重试。",
            )  # fmt: skip


_HTTP_CODES = {400: "bad_request", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_HTTP_EN = {
    404: "There is no such address; /docs lists them.",
    405: "This address does not take that method; the header `Allow` names what it takes.",
}
_HTTP_ZH = {
    401: "需要有效的访问密钥。",
    404: "没有这个地址；所有地址见 /docs。",
    405: "该地址不支持此方法；可用的方法见响应头 Allow。",
    413: "请求体过大。",
}


def misfit(errors: Sequence[Misfit]) -> ProblemRaised:
    """JSON that is not what the contract says: what is wrong, by pointer."""
    english, chinese = "The request does not fit the contract; see `errors`.", "请求不符合接口约定，见 errors。"
    return ProblemRaised(422, "invalid", english, chinese, errors)


def not_found() -> ProblemRaised:
    """There is no such petition, or it is not for this caller to know."""
    return ProblemRaised(404, "not_found", "There is no such petition.", "没有该诉求。")


def _pointer(place: Sequence[Any]) -> str:
    where, *path = place
    return pointer_to(path) if where == "body" else f"?{'.'.join(map(str, path))}"
