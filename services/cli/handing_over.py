"""`gridcase hand-over`: everything that one person of a unit has to do goes on to a colleague."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from services.chassis.settings import Settings
from services.cli.asking import Data, Url, fail, headers, refusal, settings_from
from services.cli.finding import server_of, server_on
from services.cli.remote import Server, Stopped
from services.cli.terminal import plain

PAGE = 200
PATIENCE = 60
MOST_SHOWN = 20

Unit = Annotated[str, typer.Option(help="Code of the unit whose worklist it is")]
From = Annotated[str, typer.Option("--from", help="Staff id of who has the work")]
To = Annotated[str, typer.Option(help="Staff id of who is to have it")]
Why = Annotated[str, typer.Option(help="Why, as 调岗 or 休假")]
By = Annotated[str | None, typer.Option(help="Staff id of who does it (default: --from)")]


def hand_over(
    unit: Unit, from_staff: From, to: To, reason: Why, by: By = None, url: Url = None, data: Data = None
) -> None:
    """Hand over all open work of one person of a unit, each petition with an event.

    Run it again after an interruption: what was handed over is not handed over twice.

    Exits with 1 when the server refused some of it.
    """
    settings = settings_from(url=url, data=data)
    server_on(settings)
    body = {"by": by or from_staff, "from": from_staff, "to": to, "reason": reason}
    try:
        done = asyncio.run(_hand_over(settings, unit, body))
    except Stopped as error:
        raise fail(str(error)) from None
    _report(done)
    raise typer.Exit(1 if done.refused else 0)


@dataclass
class _Done:
    handed: int = 0
    refused: list[str] = field(default_factory=list)
    behind: int = 0


async def _hand_over(settings: Settings, unit: str, body: dict[str, str]) -> _Done:
    done, cursor = _Done(), dict[str, str]()
    timeout = httpx.Timeout(60, connect=5)
    async with httpx.AsyncClient(headers=headers(settings), timeout=timeout, trust_env=False) as http:
        server = Server(http, lambda: server_of(settings), PATIENCE, _say)
        await server.ready()
        while True:
            page = await server.get(f"/v1/units/{quote(unit, safe='')}/worklist", limit=PAGE, **cursor)
            for item in page["items"]:
                if item["staff"] == body["from"]:
                    await _one(server, item, body, done)
            done.behind = page["behind"]["events"]
            if page["next"] is None:
                return done
            cursor = {"cursor": page["next"]}
            _say(f"{done.handed} handed over so far / 已交接 {done.handed} 件")


async def _one(server: Server, item: dict[str, Any], body: dict[str, str], done: _Done) -> None:
    answer = await server.command(f"/v1/petitions/{item['id']}/hand-over", body)
    if answer.is_error:
        done.refused.append(f"{item['number']}: {refusal(answer)}")
    else:
        done.handed += 1


def _say(words: str) -> None:
    if words:
        typer.echo(words, err=True)


def _report(done: _Done) -> None:
    for words in done.refused[:MOST_SHOWN]:
        typer.echo(plain(words), err=True)
    if len(done.refused) > MOST_SHOWN:
        typer.echo(f"… and {len(done.refused) - MOST_SHOWN} more / 其余从略", err=True)
    typer.echo(
        f"{done.handed} handed over, {len(done.refused)} refused"
        f" / 已交接 {done.handed} 件，{len(done.refused)} 件未受理"
    )
    if done.behind:
        typer.echo(
            f"The worklist was {done.behind} events behind: run this again for what was taken just now."
            " / 待办尚未更新完毕，请重新运行一次。"
        )
