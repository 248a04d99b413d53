"""The loop that every worker lives in: consumer, read model, timer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NoReturn

import structlog

from services.chassis import dead_letters
from services.chassis.store.engine import LeaseLost

FIRST_BACKOFF = 0.1
LONGEST_BACKOFF = 5.0
DEAF_SECONDS = 3.0
"""How long a task that was cancelled may take to end before it is told again."""
log = structlog.get_logger()


async def keep_going(
    name: str, step: Callable[[], Awaitable[object]], take_lease: Callable[[], Awaitable[object]] | None = None
) -> NoReturn:
    """Run `step` until cancelled: what fails is tried again after a while, a lost lease is taken again.

    At once when it was held for at least one step; a lease that is lost before, or cannot be taken, is waited for."""
    backoff, leased, held = FIRST_BACKOFF, True, True
    while True:
        try:
            if not leased and take_lease is not None:
                await take_lease()
                leased = True
            await step()
            backoff, held = FIRST_BACKOFF, True
            continue
        except LeaseLost:
            log.warning("lease_lost", worker=name)
            at_once, leased, held = held, False, False
        except Exception as error:
            log.error("tried_again", worker=name, error=dead_letters.describe(error))
            at_once = False
        if not at_once:
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, LONGEST_BACKOFF)


async def ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel them and return once all have ended; a library under one of them may swallow the first cancellation."""
    alive = set(tasks)
    while alive:
        for task in alive:
            task.cancel()
        _, alive = await asyncio.wait(alive, timeout=DEAF_SECONDS)
