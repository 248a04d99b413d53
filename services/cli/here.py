"""The data itself, for commands that found no server on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services.chassis.settings import Settings

if TYPE_CHECKING:
    from services.process import Process


@asynccontextmanager
async def standing(settings: Settings) -> AsyncIterator["Process"]:
    """The services and read models stood up on DATA, not running. The caller holds the lock."""
    from services.chassis.logging import set_up_logging
    from services.embedded import build

    set_up_logging()
    embedded = await build(settings.data, settings.partitions)
    try:
        yield embedded
    finally:
        await embedded.data.close()
