"""After a restore of the databases: `gridcase new-epoch`, `gridcase lost`, `gridcase new-topic`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import typer

from services.chassis.settings import KafkaNeeded, Settings
from services.cli.asking import fail, settings_from
from services.cli.serving import run

if TYPE_CHECKING:
    from schemas.cloudevents import Logged
    from services.chassis.databases import Databases


def new_epoch() -> None:
    """Have restored databases be a store of their own, so that nobody takes their events for those of before.

    For the owner of the databases, while no process of gridcase runs.
    """
    from services.distributed import new_epoch as renew

    settings = settings_from()
    epoch = run(renew(settings))
    typer.echo(f"The log is of the new epoch {epoch}. / 日志已启用新纪元。")


def lost() -> None:
    """Print what the topic of before still holds and the restored log does not: one event a line, as JSON, sealed.

    Before `gridcase new-topic`, which deletes it.
    """
    settings = settings_from()
    events, petitions, filed = run(_lost(settings))
    typer.echo(f"{events:,} events of {petitions:,} petitions are lost; {filed:,} were filed since / 已丢失", err=True)


def new_topic() -> None:
    """Make `petition.events.v1` anew where it holds events of another store; the relay fills it from the log."""
    settings = settings_from()
    if run(_new_topic(settings)):
        typer.echo("petition.events.v1 is made anew and empty: start the relay. / 主题已重建，请启动 relay。")
    else:
        typer.echo("petition.events.v1 holds nothing of another store; nothing was done. / 主题无需重建。")


async def _lost(settings: Settings) -> tuple[int, int, int]:
    """How many events, of how many petitions, and how many of these have their first event among them."""
    from services.chassis.wire.lost import lost_events

    events, petitions, filed = 0, set(), 0
    async with _restored(settings) as (databases, bootstrap):
        async for one in lost_events(databases.engine, databases.epoch, bootstrap, settings.owner):
            typer.echo(json.dumps(_told(one), ensure_ascii=False))
            petitions.add(one.petition)
            events, filed = events + 1, filed + (one.version == 1)
    return events, len(petitions), filed


def _told(one: "Logged") -> dict[str, Any]:
    from schemas.events.intake import PetitionFiled
    from schemas.life import number_of
    from services.chassis.wire.kafka_feed import recorded_of

    recorded = recorded_of(one)
    return {
        "petition": str(one.petition),
        "number": number_of(recorded) if isinstance(recorded.event, PetitionFiled) else None,
        "version": one.version,
        "type": one.type,
        "recorded_at": recorded.recorded_at.isoformat(),
        "data": json.loads(one.data),
    }


async def _new_topic(settings: Settings) -> bool:
    from services.chassis.wire.renewing import renew_topic

    async with _restored(settings) as (databases, bootstrap):
        partitions = databases.engine.partitions
        return await renew_topic(bootstrap, databases.epoch, partitions, settings.kafka_replication)


@asynccontextmanager
async def _restored(settings: Settings) -> AsyncIterator[tuple["Databases", str]]:
    """The databases and the Kafka; raises KafkaNeeded, and ends with a clear word when Kafka is away."""
    from aiokafka.errors import KafkaError

    from services.chassis.databases import open_databases

    if settings.kafka is None:
        raise KafkaNeeded
    databases = await open_databases(settings)
    try:
        yield databases, settings.kafka
    except (KafkaError, TimeoutError) as error:
        raise fail(
            f"Kafka at {settings.kafka} does not answer ({type(error).__name__}): start it, and run this again"
            " / Kafka 无响应，请启动后重试"
        ) from None
    finally:
        await databases.close()
