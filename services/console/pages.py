"""The pages: the list of petitions, and one petition with why it is where it is."""

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.door import PetitionId, Running
from services.chassis.permissions import Permission, allow
from services.chassis.web import routes
from services.console.api import Listing
from services.console.frame import Language, PageRoute, page, reader_of, with_language
from services.console.page_list import MOST_SUGGESTED, ask, beginnings_of, fitting, list_before, list_content
from services.console.page_petition import petition_content

pages = routes(include_in_schema=False)
pages.route_class = PageRoute


@pages.get("/", dependencies=[allow(Permission.READ)])
async def read_list(request: Request, runtime: Running, lists: Listing, lang: Language) -> Response:
    """The list of petitions; every filter stands in the URL."""
    reader = reader_of(runtime, lang)
    asked = ask(request, reader.policy)
    if not asked.as_written:
        return RedirectResponse(with_language(request, asked.url), 303)
    answer = None if asked.undecided else await lists.page(asked.query)
    beginnings = await beginnings_of(answer.items, runtime.log) if answer else {}
    return page(request, reader, "list.html", **list_content(asked, answer, beginnings, request, reader))


@pages.get("/suggestions", dependencies=[allow(Permission.POLICY_READ)])
async def read_suggestions(
    request: Request,
    runtime: Running,
    lang: Language,
    unit: Annotated[str, Query(max_length=100)] = "",
    within: Annotated[str, Query(max_length=100)] = "",
    department: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Units or departments for what is typed in a filter, as options of a data list."""
    reader = reader_of(runtime, lang)
    units = unit or within
    found = fitting(reader.policy, "unit" if units else "department", units or department)
    return page(request, reader, "suggestions.html", offices=found[:MOST_SUGGESTED])


@pages.get("/petitions/{petition}", dependencies=[allow(Permission.READ)])
async def read_petition(request: Request, petition: PetitionId, runtime: Running, lang: Language) -> Response:
    """One petition with its deadlines, why it is where it is, and its timeline."""
    reader, content = await petition_content(petition, runtime, lang)
    return page(request, reader, "petition.html", back=list_before(request), **content)
