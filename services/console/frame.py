"""What every page shares: the reader's language, the templates, and trouble told as a page."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.policy import Policy
from services.chassis.policies import NoPolicy
from services.chassis.problems import ProblemRaised
from services.chassis.runtime import Runtime
from services.chassis.web import StrictRoute
from services.console import words
from services.console.labels import LABELS
from services.console.moments import unbroken
from services.console.reader import Reader
from services.console.words import Lang

COOKIE = "lang"
A_YEAR = 365 * 24 * 3600
_SPOKEN = {"zh": Lang.ZH, "en": Lang.EN}
_SHORT = {lang: short for short, lang in _SPOKEN.items()}

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["words"] = words
TEMPLATES.filters["unbroken"] = unbroken


def language(request: Request) -> Lang:
    """`?lang=`, else what it last was, else Chinese."""
    return _asked(request) or _meant(request.cookies.get(COOKIE, "")) or Lang.ZH


def _asked(request: Request) -> Lang | None:
    return _meant(request.query_params.get("lang", ""))


def _meant(tag: str) -> Lang | None:
    """The language of a tag (BCP 47) by its primary subtag: `zh` of `zh-Hans-CN`; None for one that no page speaks."""
    return _SPOKEN.get(tag.replace("_", "-").partition("-")[0].lower())


Language = Annotated[Lang, Depends(language)]


def reader_of(runtime: Runtime, lang: Lang, policy: Policy | None = None) -> Reader:
    """A reader with the names of `policy`, by default the one in force; other versions name what it does not know."""
    policies = runtime.policies
    return Reader(lang, policy or policies.current, runtime.time.now(), policies.names().versions)


def page(request: Request, reader: Reader, template: str, **content: Any) -> HTMLResponse:
    """A page for this reader."""
    return _respond(request, reader.lang, template, v=reader, t=reader.t, district=reader.district, **content)


def _respond(request: Request, lang: Lang, template: str, status: int = 200, **content: Any) -> HTMLResponse:
    html = TEMPLATES.get_template(template).render(lang=lang, switch=_switch(request, lang), **content)
    response = HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
    if (asked := _asked(request)) is not None:
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, _SHORT[asked], max_age=A_YEAR, samesite="lax", httponly=True, secure=secure)
    return response


def _switch(request: Request, lang: Lang) -> str:
    """The same page in the other language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return "?" + urlencode([*kept, ("lang", _SHORT[lang.other])])


def with_language(request: Request, url: str) -> str:
    """A URL of ours that keeps the language asked for."""
    asked = _asked(request)
    return url if asked is None else f"{url}{'&' if '?' in url else '?'}lang={_SHORT[asked]}"


class PageRoute(StrictRoute):
    """A route whose expected trouble is told as a page in both languages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except ProblemRaised as problem:
                return _trouble(request, problem)
            except NoPolicy:
                return _trouble(request, NOTHING_IMPORTED)

        return told


NOTHING_IMPORTED = ProblemRaised(
    503,
    "no_policy",
    "No district was imported yet. Import one, for example the sample: gridcase import deploy/districts/ganjingzi",
    "尚未导入辖区。请先导入，例如样例辖区：gridcase import deploy/districts/ganjingzi",
)


def _trouble(request: Request, problem: ProblemRaised) -> Response:
    lang = language(request)
    told = {Lang.ZH: problem.zh, Lang.EN: problem.en}
    response = _respond(
        request,
        lang,
        "trouble.html",
        problem.status,
        t=lambda label, **values: LABELS[label].of(lang, **values),
        district=None,
        code=problem.status,
        said=told[lang],
        also=told[lang.other],
    )
    response.headers.update(problem.headers)
    return response
