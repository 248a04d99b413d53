"""The HTTP door of a process: strict JSON in, problem details out, every route behind a permission."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Sequence, Set
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import metrics, strict_json
from services.chassis.batcher import Overloaded
from services.chassis.crowd import MOST_AT_WORK, Crowd, at_work
from services.chassis.dead_letters import describe
from services.chassis.deciding import Rejected
from services.chassis.permissions import refuse_unprotected
from services.chassis.policies import NoPolicy
from services.chassis.problems import READS, Problem, ProblemRaised, on_problem
from services.chassis.runtime import Runtime
from services.chassis.settings import Settings
from services.chassis.store.engine import StoreUnavailable
from services.chassis.strict_json import NotJson

log = structlog.get_logger()
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_SENTENCE_END = re.compile(r"(?<=[.;])\s")
LONGEST_READ = 8.0
"""Seconds until an answer that changes nothing is given up, as `door.LONGEST_WORK` does with the others."""
LARGEST_BODY = 256 * 1024
ABOUT = (
    "Routes residents' petitions to the lowest tier that has the power to settle them, keeps every deadline, and closes"
    " a petition on the resident's word. 把群众诉求派到有权解决的最低层级，盯住每一个时限，办没办好由群众说了算。\n\n"
    "`POST /v1/petitions` files one; a petition's id or number stands wherever `{petition}` does. A retry with the same"
    " `Idempotency-Key` changes nothing. A command with `If-Match` is refused when the petition has moved on. What is"
    " refused says why, with a `code`, and what to do next, in the language of `Accept-Language`."
)
TAGS = [
    {"name": "petitions", "description": "File them and read one 登记与查看"},
    {"name": "handling", "description": "What handlers and desks do 办理"},
    {"name": "severity", "description": "What reviewers do 复核"},
    {"name": "escalation", "description": "What superiors do 上呈与督办"},
    {"name": "feedback", "description": "What the resident says 回访"},
    {"name": "reading", "description": "Lists, units, the policy in force 列表与规则"},
    {"name": "operations", "description": "For whoever runs the server 运维"},
]
"""In the order in which a reader of the contract needs them."""
LARGEST_BULK_BODY = 64 * 1024 * 1024
BULK = {"/v1/petitions/batch", "/v1/operations/policy", "/v1/operations/policy/publish"}


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = strict_json.parse(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route that reads JSON strictly, and only what says that it is JSON: a form on another site's page cannot.

    Its summary is the first sentence of what its function says of itself."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, summary: str | None = None, **options: Any) -> None:
        super().__init__(path, endpoint, summary=summary or _first_sentence(endpoint.__doc__), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            _refuse_foreign_type(request)
            if request.method in READS:
                return await _read_in_time(handler(StrictRequest(request.scope, request.receive)))
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


async def _read_in_time(answer: Coroutine[Any, Any, Response]) -> Response:
    try:
        async with asyncio.timeout(LONGEST_READ):
            return await answer
    except TimeoutError:
        raise ProblemRaised(
            503, "too_slow", "It takes too long to read that now; ask again in a few seconds.",
            "读取超时，请几秒后重试。", headers={"Retry-After": "5"},
        ) from None  # fmt: skip


def _first_sentence(said: str | None) -> str | None:
    return _SENTENCE_END.split(" ".join(said.split()), maxsplit=1)[0].rstrip(".;") if said else None


def _refuse_foreign_type(request: Request) -> None:
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and not (kind in ("application/json", "application/x-ndjson") or kind.endswith("+json")):
        raise ProblemRaised(
            415,
            "not_json",
            "Send JSON and say so: Content-Type: application/json.",
            "请发送 JSON，并注明 Content-Type: application/json。",
        )


def routes(**options: Any) -> APIRouter:
    """A service's routes: strict JSON, problems documented."""
    return APIRouter(
        route_class=StrictRoute,
        responses={"default": {"model": Problem, "content": {"application/problem+json": {}}}},
        strict_content_type=False,
        **options,
    )


def web_app(runtime: Runtime, settings: Settings, apis: Sequence[APIRouter], **options: Any) -> FastAPI:
    """The application with these services' routes; raises UnprotectedRoute."""
    app = FastAPI(
        title="gridcase",
        version="0.1.0",
        description=ABOUT,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        **options,
    )
    app.state.runtime = runtime
    app.state.settings = settings
    for api in apis:
        app.include_router(api)
    refuse_unprotected(app)
    expected = (
        ProblemRaised,
        Rejected,
        NotJson,
        RequestValidationError,
        Overloaded,
        NoPolicy,
        StoreUnavailable,
        HTTPException,
        Exception,
    )
    for error in expected:
        app.add_exception_handler(error, on_problem)
    app.add_middleware(Guard, hosts=LOOPBACK_NAMES | {settings.host} if settings.key is None else None)
    return app


COUNTED = "/v1/"
"""Of these requests only so many are worked on at once; whether the server is well can always be asked."""


class BodyTooLarge(ProblemRaised):
    """More bytes than the contract allows."""

    def __init__(self, most: int) -> None:
        super().__init__(
            413, "too_large",
            f"The body is larger than {most // 1024} KiB; name files by their URL, send batches in smaller parts.",
            f"请求体超过 {most // 1024} KiB；附件请以 URL 提交，大批量请分批发送。",
        )  # fmt: skip


class AnswerBrokenOff(Exception):
    """The server failed when a part of the answer had been sent; the log says at what."""


class Guard:
    """Pure ASGI: limits the body, and how many requests are worked on at once; counts and times every answer, keeps
    errors' words to itself. Costs a tenth of a BaseHTTPMiddleware.

    `hosts`: the names that a server without a key answers to, so that no page of another site can reach it by a name
    of its own that points to this machine; None for any.
    """

    def __init__(self, app: ASGIApp, hosts: Set[str] | None) -> None:
        self._app = app
        self._hosts = hosts
        self._crowd = Crowd(MOST_AT_WORK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = LARGEST_BULK_BODY if scope["path"] in BULK else LARGEST_BODY
        started, status, taken, begun = time.perf_counter(), 500, 0, False

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise BodyTooLarge(most)
            return message

        async def watched(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        try:
            if (refusal := self._refusal(dict(scope["headers"]), most)) is not None:
                await on_problem(Request(scope), refusal)(scope, receive, watched)
            elif not scope["path"].startswith(COUNTED):
                await self._app(scope, limited, watched)
            elif self._crowd.is_full:
                await on_problem(Request(scope), Overloaded())(scope, receive, watched)
            else:
                with at_work(self._crowd):
                    await self._app(scope, limited, watched)
        except Exception as error:
            # It stays here: the server would log the error's own words, and they may be a resident's.
            log.error("request_failed", route=_route(scope), error=describe(error))
            if begun:
                raise AnswerBrokenOff from None
            await on_problem(Request(scope), error)(scope, receive, watched)
        finally:
            route = _route(scope)
            metrics.REQUESTS.labels(scope["method"], route, status).inc()
            metrics.REQUEST_SECONDS.labels(scope["method"], route).observe(time.perf_counter() - started)

    def _refusal(self, headers: dict[bytes, bytes], most: int) -> ProblemRaised | None:
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > most:
            return BodyTooLarge(most)
        if self._hosts is not None and _host(headers) not in self._hosts:
            return ProblemRaised(
                421,
                "wrong_host",
                "Without a key this server answers only to loopback names: use http://127.0.0.1 or set GRIDCASE_KEY.",
                "未设置密钥时仅响应本机地址，请使用 http://127.0.0.1，或设置 GRIDCASE_KEY。",
            )
        return None


def _route(scope: Scope) -> str:
    """The pattern of the address, which names no petition."""
    return getattr(scope.get("route"), "path", "none")


def _host(headers: dict[bytes, bytes]) -> str | None:
    """The name by which the caller called this server, without its port."""
    try:
        return urlsplit(f"//{headers.get(b'host', b'').decode('latin-1')}").hostname
    except ValueError:
        return None


SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
]


async def runtime_of(request: Request) -> Runtime:
    """The runtime of the application that answers this request."""
    runtime: Runtime = request.app.state.runtime
    return runtime
