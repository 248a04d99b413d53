"""`gridcase load`: file a file of petitions at a running server, and see where they go."""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

import httpx
import typer
from rich.console import Console

from schemas.words import Channel
from services.chassis.settings import Settings
from services.cli.asking import Data, Url, fail, headers, settings_from
from services.cli.display import Display
from services.cli.finding import server_of
from services.cli.lines import read_lines
from services.cli.remote import Server, Stopped
from services.cli.sending import Tally, send_all
from services.cli.settling import Whereabouts, settled
from services.cli.tables import Pace, print_counts, print_tables

FIRST_CONTACT_SECONDS = 10
INTERRUPTED = 130
PREFIX = re.compile(r"[\x21-\x7e]{1,100}")


def load(
    file: Annotated[Path, typer.Argument(help="NDJSON: create bodies, or messages with `title` and `body`")],
    keys: Annotated[
        str | None,
        typer.Option(metavar="PREFIX", help="Of the lines' keys; the same again changes nothing (default: file name)"),
    ] = None,
    channel: Annotated[Channel, typer.Option(help="For lines that name none")] = Channel.HOTLINE,
    connections: Annotated[int, typer.Option(min=1, max=16, help="Batches sent at once")] = 2,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait at the end until all are routed")] = 120,
    patience: Annotated[float, typer.Option(min=1, help="Seconds to wait for a server that is away or busy")] = 300,
    url: Url = None,
    data: Data = None,
) -> None:
    """File every line of FILE as a petition, wait until all are routed, print where they went.

    Run it again after an interruption: what was filed is found again by its key.

    Exits with 1 when a line was refused or a petition is not routed.
    """
    settings = settings_from(url=url, data=data)
    if not (url or settings.url) and not settings.data.exists():
        raise fail(
            f"there is no server on {settings.data}: start one with `gridcase up`, or name one with --url"
            " / 没有运行中的服务：请先 gridcase up，或用 --url 指定"
        )
    prefix = quote(os.fsencode(file.stem)) if keys is None else keys
    if not PREFIX.fullmatch(prefix):
        raise fail("a key prefix is 1 to 100 visible ASCII characters: give one with --keys / 请用 --keys 指定前缀")
    try:
        with file.open("rb") as lines:
            done = asyncio.run(_load(lines, settings, _Options(prefix, channel, connections, wait, patience)))
    except OSError as error:
        raise fail(f"{file} cannot be read: {error.strerror} / 无法读取文件") from None
    except Stopped as error:
        raise fail(str(error)) from None
    except KeyboardInterrupt:
        typer.echo(
            "Stopped. Run the same command again to go on: nothing is filed twice. / 已中断，重新运行即可继续。",
            err=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    _report(done)
    raise typer.Exit(1 if done.tally.refused or done.where.unrouted else 0)


@dataclass(frozen=True)
class _Options:
    prefix: str
    channel: Channel
    connections: int
    wait: float
    patience: float


@dataclass(frozen=True)
class _Done:
    tally: Tally
    where: Whereabouts
    pace: Pace
    policy: dict[str, Any]


async def _load(lines: BinaryIO, settings: Settings, options: _Options) -> _Done:
    count = sum(1 for line in lines if line.strip())
    lines.seek(0)
    timeout = httpx.Timeout(60, connect=5)
    async with httpx.AsyncClient(headers=headers(settings), timeout=timeout, trust_env=False) as http:
        with Display(count) as display:
            server = Server(http, lambda: server_of(settings), FIRST_CONTACT_SECONDS, display.say)
            await server.ready()
            policy = await server.get("/v1/policy")
            server.patience = options.patience
            tally = Tally(display.refused)
            following = asyncio.create_task(display.follow(tally))
            started = monotonic()
            try:
                petitions = read_lines(lines, options.prefix, options.channel)
                await send_all(petitions, server, tally, options.connections)
            finally:
                following.cancel()
                await asyncio.wait([following])
            filed = monotonic()
            display.routing(len(tally.petitions))
            where = await settled(server, tally.petitions, options.wait, display.routed)
            return _Done(tally, where, Pace(filed - started, where.looked_at - started), policy)


def _report(done: _Done) -> None:
    console = Console()
    print_tables(console, done.where, done.policy)
    print_counts(console, done.tally, done.where, done.pace)
    if done.tally.refused:
        console.print(
            "Mend the refused lines and run this again: the others are not filed twice. `key_reused` means that the\n"
            "line was filed before with other content: load it with another --keys.\n"
            "请修正未受理的行后重新运行，其余不会重复登记；key_reused 表示该行曾以不同内容登记，请换用 --keys。"
        )
    if done.where.unrouted:
        console.print(
            "Not all are routed: `gridcase dead-letters` says what failed; run this again to wait longer.\n"
            "仍有诉求未派单：请用 gridcase dead-letters 查看未能处理的事项，或重新运行本命令继续等待。"
        )
