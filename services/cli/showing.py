"""`gridcase show`: one petition, why it is where it is, and everything that happened to it."""

import asyncio
import re
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from pydantic_core import from_json, to_json
from rich.console import Console

from services.chassis.settings import Settings
from services.cli.asking import Data, Url, ask, fail, settings_from
from services.cli.finding import server_or_data
from services.cli.here import standing
from services.cli.page import PetitionPage

if TYPE_CHECKING:
    from services.chassis.log import Log

NUMBER = re.compile(r"\d{8}-(\d+)-(\d+)")
MOST_LISTED = 500
LIST_SECONDS, LOOK_SECONDS = 10, 0.2


def show(
    petition: Annotated[str, typer.Argument(help="Its id, or its number such as 20261122-07-12")],
    url: Url = None,
    data: Data = None,
) -> None:
    """Print one petition with its deadlines, the reasons for its place, and its timeline."""
    wanted = _wanted(petition)
    settings = settings_from(url=url, data=data)
    with server_or_data(settings) as server:
        page = _ask(settings, server, wanted) if server else asyncio.run(_read_here(settings, wanted))
    page.print(Console())


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


def _ask(settings: Settings, server: str, wanted: UUID | str) -> PetitionPage:
    if isinstance(wanted, str):
        wanted = _ask_by_number(settings, server, wanted)
    path = f"/v1/petitions/{wanted}"
    petition = ask(settings, server, "GET", path)
    timeline = ask(settings, server, "GET", f"{path}/timeline")["items"]
    return PetitionPage(petition, timeline, ask(settings, server, "GET", "/v1/policy")["timezone"])


def _ask_by_number(settings: Settings, server: str, number: str) -> UUID:
    """The petition with that number, looked for until the list has seen everything, or for a while."""
    end = monotonic() + LIST_SECONDS
    while True:
        page = ask(settings, server, "GET", "/v1/petitions", query={"q": number, "limit": MOST_LISTED})
        if found := [one["id"] for one in page["items"] if one["number"] == number]:
            return UUID(found[0])
        if page["behind"]["events"] == 0 or monotonic() > end:
            raise _not_found(number)
        sleep(LOOK_SECONDS)


async def _read_here(settings: Settings, wanted: UUID | str) -> PetitionPage:
    from services.chassis import answers

    async with standing(settings) as embedded:
        log, policies = embedded.runtime.log, embedded.runtime.policies
        petition = await _by_number(log, wanted) if isinstance(wanted, str) else wanted
        stream = (await log.load([petition]))[petition] if petition else ()
        if not stream:
            raise _not_found(wanted)
        key = (await log.keyring.get([stream[0].petition]))[stream[0].petition]
        answer = await answers.answer(stream, log.keyring, policies)
        if isinstance(wanted, str) and answer.number != wanted:
            raise _not_found(wanted)
        items = from_json(to_json(answers.timeline(stream, key)))
        return PetitionPage(from_json(to_json(answer)), items, policies.current.bundle.timezone)


async def _by_number(log: "Log", number: str) -> UUID | None:
    """The petition of the event at the partition and position that the number names."""
    _, partition, position = (int(part) for part in number.split("-"))
    events = await log.read({partition: position - 1}, 1)
    return next((one.petition for one in events if one.position == position), None)


def _not_found(wanted: UUID | str) -> typer.Exit:
    return fail(f"there is no petition {wanted} here: look for it in the console's list / 没有该诉求，请在列表页查找")
