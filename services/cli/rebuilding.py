"""`gridcase rebuild`: make read models again from the log."""

import asyncio
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from services.chassis.settings import Settings
from services.cli.asking import Data, Url, ask, fail, settings_from
from services.cli.finding import server_or_data
from services.cli.here import standing


def rebuild(
    name: Annotated[str | None, typer.Argument(help="A read model; all of them when none is named")] = None,
    url: Url = None,
    data: Data = None,
) -> None:
    """Build read models again from the log, beside the live ones; a running server goes on meanwhile."""
    settings = settings_from(url=url, data=data)
    with server_or_data(settings) as server:
        if server is None:
            asyncio.run(_here(settings, name))
            return
        names = [one["name"] for one in ask(settings, server, "GET", "/v1/operations/projections")["items"]]
        for one in _chosen(names, name):
            started = monotonic()
            with Console(stderr=True).status(f"{server} rebuilds {one} …"):
                answer = ask(settings, server, "POST", f"/v1/operations/rebuild/{one}", seconds=None)
            _rebuilt(one, answer["events"], monotonic() - started)


async def _here(settings: Settings, name: str | None) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with standing(settings) as embedded:
        events = sum((await embedded.runtime.log.heads()).values())
        for one in _chosen([runner.name for runner in embedded.projections], name):
            started = monotonic()
            with Progress(*columns, console=Console(stderr=True)) as progress:
                bar = progress.add_task(f"rebuilding {one} 重建", total=events)

                async def reached(count: int, progress: Progress = progress, bar: TaskID = bar) -> None:
                    progress.update(bar, completed=count)

                count = await embedded.projection(one).rebuild(reached)
            _rebuilt(one, count, monotonic() - started)


def _chosen(names: list[str], name: str | None) -> list[str]:
    if name is not None and name not in names:
        known = ", ".join(names)
        raise fail(f"there is no read model {name}: name one of {known}, or none for all / 没有该读模型，可选：{known}")
    return names if name is None else [name]


def _rebuilt(name: str, events: int, seconds: float) -> None:
    typer.echo(f"{name} is rebuilt from {events:,} events in {seconds:.1f} s / 已重建")
