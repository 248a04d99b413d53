"""`gridcase up`: serve everything in the foreground."""

import asyncio
from typing import Annotated

import typer
import uvloop

from services.chassis.settings import Settings
from services.cli.asking import Data, fail, settings_from


def up(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; anything but loopback needs GRIDCASE_KEY")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on")] = None,
    data: Data = None,
) -> None:
    """Serve intake, severity, router, escalation, feedback and the console in one process, in the foreground."""
    from services.chassis.data_dir import DataLocked
    from services.chassis.logging import set_up_logging
    from services.server import PortTaken

    set_up_logging()
    settings = settings_from(host=host, port=port, data=data)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except (DataLocked, PortTaken) as error:
        raise fail(str(error)) from None


async def _serve(settings: Settings) -> None:
    from services.chassis.data_dir import Lock
    from services.server import serving

    lock = Lock(settings.data)
    try:
        async with serving(settings, lock) as (url, task):
            typer.echo(_welcome(url, settings))
            await task
    finally:
        lock.release()


def _welcome(url: str, settings: Settings) -> str:
    key = " -H 'Authorization: Bearer '\"$GRIDCASE_KEY\"" if settings.key else ""
    access = (
        "requests must carry GRIDCASE_KEY" if settings.key else "only this machine can reach it, so no key is asked"
    )
    body = '{"channel": "hotline", "title": "楼道灯不亮", "text": "声控灯坏了。", "place": {"unit": "210211001001003"}}'
    return f"""
gridcase is up: {url}  (console), {url}/docs  (API); {access}. Ctrl-C stops it.

File a petition and see where it goes:

  curl -s{key} {url}/v1/petitions -H 'Prefer: wait=5' -H 'Content-Type: application/json' \\
    -d '{body}'
"""
