"""`gridcase show`: one petition, why it is where it is, and everything that happened to it."""

import asyncio
import re
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import typer

from services.chassis.settings import Settings
from services.cli.asking import Data, Url, ask, fail, settings_from
from services.cli.finding import server_or_data
from services.cli.here import standing

NUMBER = re.compile(r"\d{8}-(\d+)-(\d+)")
MOST_LISTED = 500


@dataclass(frozen=True)
class Shown:
    """A petition as the API answers it, its timeline's items, and the name of the time zone to tell times in."""

    petition: dict[str, Any]
    timeline: list[dict[str, Any]]
    zone: str


def show(
    petition: Annotated[str, typer.Argument(help="Its id, or its number such as 20261122-07-12")],
    url: Url = None,
    data: Data = None,
) -> None:
    """Print one petition with its deadlines, the reasons for its place, and its timeline."""
    from services.cli.page import print_petition

    wanted = _wanted(petition)
    settings = settings_from(url=url, data=data)
    with server_or_data(settings) as server:
        shown = _ask(settings, server, wanted) if server else asyncio.run(_read_here(settings, wanted))
    print_petition(shown)


def _wanted(petition: str) -> UUID | str:
    """The id, or the number as it was written; ends with a clear word when it is neither."""
    if NUMBER.fullmatch(petition):
        return petition
    try:
        return UUID(petition)
    except ValueError:
        raise fail(
            "that is neither a petition's id (a UUID) nor its number (<date>-<partition>-<position>)"
            " / 请给出诉求的 id（UUID）或编号（<日期>-<分区>-<序号>）"
        ) from None


def _ask(settings: Settings, server: str, wanted: UUID | str) -> Shown:
    if isinstance(wanted, str):
        items = ask(settings, server, "GET", "/v1/petitions", query={"q": wanted, "limit": MOST_LISTED})["items"]
        wanted = next((UUID(one["id"]) for one in items if one["number"] == wanted), _none(wanted))
    path = f"/v1/petitions/{wanted}"
    petition = ask(settings, server, "GET", path)
    timeline = ask(settings, server, "GET", f"{path}/timeline")["items"]
    return Shown(petition, timeline, ask(settings, server, "GET", "/v1/policy")["timezone"])
