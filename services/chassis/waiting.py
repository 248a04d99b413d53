"""Waiting for something to happen to a petition."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from schemas.event import AnyRecorded
from services.chassis.crowd import only_waiting
from services.chassis.runtime import Runtime

LOOK_SECONDS = 0.1
"""How often to look at a log that another process writes."""


async def until(
    runtime: Runtime, petition: UUID, reached: Callable[[Sequence[AnyRecorded]], bool], seconds: float
) -> tuple[AnyRecorded, ...] | None:
    """The petition's stream once `reached` holds for it, or as it is when the time is up; None at once when enough
    others wait."""
    if runtime.waiters.is_full:
        return None
    with runtime.waiters.joined():
        return await _until(runtime, petition, reached, seconds)


async def _until(
    runtime: Runtime, petition: UUID, reached: Callable[[Sequence[AnyRecorded]], bool], seconds: float
) -> tuple[AnyRecorded, ...]:
    end = asyncio.get_running_loop().time() + seconds
    while True:
        change = runtime.log.next_change(petition)
        stream = (await runtime.log.load([petition]))[petition]
        left = end - asyncio.get_running_loop().time()
        if reached(stream) or left <= 0:
            return stream
        with only_waiting():
            await asyncio.wait([change], timeout=min(left, LOOK_SECONDS))
