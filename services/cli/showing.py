"""`gridcase show`: one petition, why it is where it is, and everything that happened to it."""

import asyncio
import re
from typing import Annotated
from uuid import UUID

import typer
from pydantic_core import from_json, to_json
from rich.console import Console

from schemas.life import fold_life
from services.chassis.settings import Settings
from services.cli.asking import Data, Url, ask, fail, settings_from, speaks_chinese
from services.cli.finding import server_or_data
from services.cli.here import standing
from services.cli.page import PetitionPage
from services.console.words import Lang

NUMBER = re.compile(r"[0-9]{8}-[0-9]+-[0-9]+")


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


def _wanted(petition: str) -> str:
    """The id or the number; ends with a clear word when it is neither."""
    if NUMBER.fullmatch(petition):
        return petition
    try:
        return str(UUID(petition))
    except ValueError:
        raise fail(
            "that is neither a petition's id (a UUID) nor its number (<date>-<partition>-<position>)"
            " / 请给出诉求的 id（UUID）或编号（<日期>-<分区>-<序号>）"
        ) from None


def _ask(settings: Settings, server: str, wanted: str) -> PetitionPage:
    path = f"/v1/petitions/{wanted}"
    petition = ask(settings, server, "GET", path)
    timeline = ask(settings, server, "GET", f"{path}/timeline")["items"]
    explained = ask(settings, server, "GET", f"{path}/explain")
    zone = ask(settings, server, "GET", "/v1/policy")["timezone"]
    return PetitionPage(petition, timeline, explained, zone, _language())


def _language() -> Lang:
    return Lang.ZH if speaks_chinese() else Lang.EN


async def _read_here(settings: Settings, wanted: str) -> PetitionPage:
    from services.chassis import answers
    from services.chassis.naming import petition_named
    from services.console.explaining import explained
    from services.console.linked import called

    async with standing(settings) as embedded:
        log, policies = embedded.runtime.log, embedded.runtime.policies
        petition = await petition_named(wanted, log)
        stream = (await log.load([petition]))[petition] if petition else ()
        if not stream:
            raise fail(
                f"there is no petition {wanted} here: look for it in the console's list / 没有该诉求，请在列表页查找"
            )
        key = (await log.keyring.get([stream[0].petition]))[stream[0].petition]
        answer = await answers.answer(stream, log.keyring, policies)
        items = from_json(to_json(answers.timeline(stream, key)))
        names = await called(fold_life(stream), log)
        why = from_json(to_json(explained(stream, key, embedded.runtime, names)))
        zone = policies.current.bundle.timezone
        return PetitionPage(from_json(to_json(answer)), items, why, zone, _language())
