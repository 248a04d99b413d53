"""Petitions that live: events appended by those who own them."""

from uuid import UUID

from schemas.event import Event
from services.chassis.log import Cause, Entry, Log, Write


async def happens(log: Log, petition: UUID, *events: Event) -> None:
    """These events, one commit each, behind what happened already."""
    version = len((await log.load([petition]))[petition])
    for number, event in enumerate(events, version):
        entry = Entry(Cause(event.owner, f"{petition}:{number}"), [Write(petition, number, [event])])
        await log.append([entry])
