"""`gridcase up`: serve everything in the foreground."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import uvloop

from services.chassis.settings import Settings
from services.cli.asking import Data, fail, settings_from
from services.cli.importing import import_command

if TYPE_CHECKING:
    from schemas.policy import Policy


def up(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; anything but loopback needs GRIDCASE_KEY")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on")] = None,
    data: Data = None,
    district: Annotated[Path | None, typer.Option(help="District to import first, where none was imported yet")] = None,
) -> None:
    """Serve intake, severity, router, escalation, feedback and the console in one process, in the foreground."""
    from services.chassis.logging import set_up_logging
    from services.server import CannotListen, refuse_taken_port

    set_up_logging()
    settings = settings_from(host=host, port=port, data=data)
    try:
        if district is not None:
            if not settings.data.exists():
                refuse_taken_port(settings)  # before anything is made that would have to be cleared away
            import_command(district, data=settings.data, if_none=True)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except CannotListen as error:
        raise fail(str(error)) from None


async def _serve(settings: Settings) -> None:
    from services.chassis.data_dir import Lock
    from services.server import serving

    lock = Lock(settings.data)
    try:
        async with serving(settings, lock) as (url, task, policies):
            typer.echo(_welcome(url, settings, None if policies.empty else policies.current))
            await task
    finally:
        lock.release()


def _welcome(url: str, settings: Settings, policy: "Policy | None") -> str:
    from services.console.sample import sample_curl

    access = (
        "requests must carry GRIDCASE_KEY" if settings.key else "only this machine can reach it, so no key is asked"
    )
    if policy is None:
        next_step = "Import a district", f"gridcase import deploy/districts/ganjingzi --data {settings.data}"
    else:
        curl = sample_curl(policy, url, asks_for_key=settings.key is not None)
        next_step = "File a petition from another terminal and see where it goes", curl.replace("\n", "\n  ")
    return f"""
gridcase is up: {url}  (console), {url}/docs  (API); {access}. Ctrl-C stops it.

{next_step[0]}:

  {next_step[1]}
"""
