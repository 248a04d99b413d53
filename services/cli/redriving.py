"""`gridcase dead-letters` and `redrive`: what could not be handled, and another try."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from services.chassis.settings import Settings
from services.cli.asking import Data, Url, ask, settings_from
from services.cli.finding import server_or_data
from services.cli.here import standing
from services.cli.terminal import plain

if TYPE_CHECKING:
    from services.process import Process

LETTERS = "/v1/operations/dead-letters"
REDRIVE_SECONDS = 30
MOST_SHOWN = 20
LOOK_SECONDS = 0.2
NONE = "There are no dead letters. / 没有未能处理的事项。"

Letters = list[dict[str, Any]]
"""Dead letters as JSON: subscriber, petition, partition, position, attempts, error."""


def dead_letters(url: Url = None, data: Data = None) -> None:
    """List what could not be handled: where each event stands and what failed, none of a petition's words."""
    settings = settings_from(url=url, data=data)
    with server_or_data(settings) as server:
        letters = _asked(settings, server) if server else asyncio.run(_read_here(settings))
    if letters:
        _print(letters)
        typer.echo("`gridcase redrive` tries them again. / 可用 gridcase redrive 重试。")
    else:
        typer.echo(NONE)


def redrive(url: Url = None, data: Data = None) -> None:
    """Try every dead letter again, in order for each petition; exits with 1 when any is left."""
    settings = settings_from(url=url, data=data)
    with server_or_data(settings) as server:
        before, left = _redriven(settings, server) if server else asyncio.run(_redrive_here(settings))
    if not before:
        typer.echo(NONE)
        return
    typer.echo(f"{len(before) - len(left)} of {len(before)} dead letters are handled now / 已处理")
    if left:
        _print(left)
        typer.echo("Mend what the errors name, then run it again. / 请按错误修复后重试。", err=True)
        raise typer.Exit(1)


def _asked(settings: Settings, server: str) -> Letters:
    letters: Letters = ask(settings, server, "GET", LETTERS)["items"]
    return letters


def _redriven(settings: Settings, server: str) -> tuple[Letters, Letters]:
    """The letters before, and those left once the server tried every petition again."""
    before = _asked(settings, server)
    ask(settings, server, "POST", "/v1/operations/redrive")
    tried, end = _first_attempts(before), monotonic() + REDRIVE_SECONDS
    while True:
        left = _asked(settings, server)
        now = _first_attempts(left)
        if all(now.get(whose, attempts + 1) > attempts for whose, attempts in tried.items()) or monotonic() > end:
            return before, left
        sleep(LOOK_SECONDS)


def _first_attempts(letters: Sequence[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """How often the first letter of each subscriber and petition was tried; the later ones wait behind it."""
    return {(one["subscriber"], one["petition"]): one["attempts"] for one in reversed(letters)}


async def _read_here(settings: Settings) -> Letters:
    async with standing(settings) as embedded:
        return await _listed(embedded)


async def _redrive_here(settings: Settings) -> tuple[Letters, Letters]:
    from services.chassis.clock import micros
    from services.chassis.dead_letters import ask_for_all

    async with standing(settings) as embedded:
        before = await _listed(embedded)
        now = micros(embedded.runtime.time.now())
        await ask_for_all(embedded.runtime.log.engine, now)
        for consumer in embedded.consumers:
            await consumer.redrive()
        return before, await _listed(embedded)


async def _listed(embedded: "Process") -> Letters:
    from services.chassis.dead_letters import listed

    return [asdict(one) | {"petition": str(one.petition)} for one in await listed(embedded.runtime.log.engine)]


def _print(letters: Letters) -> None:
    """The first of them, and how many have each error."""
    table = Table(title=f"{len(letters):,} dead letters 未能处理", title_justify="left", title_style="bold")
    for column in ("subscriber", "petition", "event", "attempts", "error"):
        table.add_column(column, overflow="fold", no_wrap=column == "petition")
    for one in letters[:MOST_SHOWN]:
        event = f"{one['partition']}-{one['position']}"
        table.add_row(one["subscriber"], one["petition"], event, str(one["attempts"]), plain(one["error"]))
    console = Console()
    console.print(table)
    for (subscriber, error), count in Counter((one["subscriber"], one["error"]) for one in letters).most_common():
        console.print(plain(f"{count:,} × {subscriber}: {error}"))
