"""`gridcase verify`: whether a store is what it promises."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.chassis.settings import Settings
from services.cli.asking import Data, fail, settings_from
from services.cli.finding import server_or_data
from services.cli.here import standing
from services.cli.terminal import plain

if TYPE_CHECKING:
    from services.chassis.databases import Databases
    from services.chassis.sealing import Keyring
    from services.chassis.store.engine import Engine
    from services.chassis.verifying import Verified


def verify(data: Data = None) -> None:
    """Read the whole log, and look for holes in it, in its streams, keys and deadlines, and in the topics.

    It reads the databases of GRIDCASE_DATABASE_URL, also while they are served, else DATA while no server owns it.

    Exits with 1 when anything is wrong.
    """
    settings = settings_from(data=data)
    started = monotonic()
    if settings.database_url:
        found, records = asyncio.run(_databases(settings))
    else:
        found, records = _here(settings), {}
    read = [
        f"{found.events:,} events of {found.petitions:,} petitions",
        f"{found.deadlines:,} open deadlines",
        *(f"{count:,} records of {topic}" for topic, count in records.items()),
    ]
    typer.echo(f"{', '.join(read)} read in {monotonic() - started:.1f} s / 已核对")
    if found.faults:
        for one in found.faults:
            typer.echo(plain(one))
        raise fail(f"{len(found.faults) + found.unseen} faults: see above; nothing was changed / 发现错误，未作改动")
    typer.echo("Nothing is wrong. / 未发现错误。")


def _here(settings: Settings) -> "Verified":
    settings.url = None
    with server_or_data(settings) as server:
        if server is not None:
            raise fail(f"the server at {server} owns the data: stop it first / 请先停止正在运行的服务")
        return asyncio.run(_data(settings))


async def _data(settings: Settings) -> "Verified":
    async with standing(settings) as process:
        return await _verified(process.data.engine, process.runtime.log.keyring)


async def _databases(settings: Settings) -> "tuple[Verified, dict[str, int]]":
    """What is wrong, and how many records each topic held."""
    from services.chassis.databases import open_databases

    opened = await open_databases(settings)
    try:
        found = await _verified(opened.engine, opened.runtime.log.keyring)
        return found, await _topics(opened, settings.kafka, settings.owner, found) if settings.kafka else {}
    finally:
        await opened.close()


async def _topics(opened: "Databases", kafka: str, name: str, found: "Verified") -> dict[str, int]:
    from router.dispatches import told
    from schemas.topics import DEAD_LETTERS, DISPATCH_EVENTS, PETITION_EVENTS
    from services.chassis.wire.verifying import verify_topic
    from services.chassis.wire.verifying_dispatches import verify_dispatches
    from services.chassis.wire.verifying_letters import verify_letters

    engine, log, epoch = opened.engine, opened.runtime.log, opened.epoch
    return {
        PETITION_EVENTS: await verify_topic(engine, epoch, kafka, name, found),
        DISPATCH_EVENTS: await verify_dispatches(log, epoch, kafka, name, told, found),
        DEAD_LETTERS: await verify_letters(engine, epoch, kafka, name, found),
    }


async def _verified(engine: "Engine", keyring: "Keyring") -> "Verified":
    from services.chassis.verifying import verify
    from services.process import SERVICES

    timed = next(service.name for service in SERVICES if service.when_due)
    total = sum((await engine.heads()).values())
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
    ) as progress:
        return await verify(engine, timed, _shown(progress, total), keyring)


def _shown(progress: Progress, total: int) -> Callable[[int], Awaitable[None]]:
    bar = progress.add_task("reading the log 核对日志", total=total)

    async def reached(count: int) -> None:
        progress.update(bar, completed=count)

    return reached
