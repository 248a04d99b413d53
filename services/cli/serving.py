"""`gridcase serve` and `gridcase relay`: one process of several; `gridcase migrate` readies what they share."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer
import uvloop

from services.chassis.roles import Role
from services.chassis.settings import Settings
from services.cli.asking import fail, settings_from

T = TypeVar("T")

Host = Annotated[str | None, typer.Option(help="Address to listen on; anything but loopback needs GRIDCASE_KEY")]
Port = Annotated[int | None, typer.Option(help="Port to listen on")]


def serve(
    role: Annotated[Role, typer.Argument(help="What this process does")], host: Host = None, port: Port = None
) -> None:
    """Serve one part of gridcase on the databases of GRIDCASE_DATABASE_URL, in the foreground; many may serve one."""
    settings = settings_from(host=host, port=port)
    run(_serve(role, settings))


def relay(host: Host = None, port: Port = None) -> None:
    """Write the log to the Kafka of GRIDCASE_KAFKA: `gridcase serve relay`."""
    serve(Role.RELAY, host, port)


def migrate() -> None:
    """Make the databases of GRIDCASE_DATABASE_URL and the topics of GRIDCASE_KAFKA, or bring them to this release."""
    from services.distributed import migrate as bring_forward

    settings = settings_from()
    run(bring_forward(settings))
    typer.echo("The databases are as this release needs them. / 数据库已就绪。")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What comes of it; ends with a clear word where something outside of the program is missing."""
    from services.chassis.databases import NotMigrated
    from services.chassis.logging import set_up_logging
    from services.chassis.sealing import MasterLost, UnknownKey
    from services.chassis.settings import DatabaseNeeded, KafkaNeeded
    from services.chassis.store.engine import StoreUnavailable
    from services.chassis.store.epochs import OwnerNeeded, StillInUse
    from services.chassis.store.migrating import PartitionsFixed
    from services.chassis.wire.paging import CannotRead
    from services.chassis.wire.topics import TopicDiffers, TopicNotMade
    from services.server import CannotListen

    set_up_logging()
    missing = (DatabaseNeeded, KafkaNeeded, MasterLost, NotMigrated, PartitionsFixed)
    unfit = (CannotListen, CannotRead, OwnerNeeded, StillInUse, TopicDiffers, TopicNotMade)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except (*missing, *unfit, StoreUnavailable, UnknownKey, OSError) as error:
        raise fail(str(error)) from None


async def _serve(role: Role, settings: Settings) -> None:
    from services.server import serving_role

    async with serving_role(role, settings) as (url, task):
        typer.echo(f"gridcase {role} serves {url}")
        await task
