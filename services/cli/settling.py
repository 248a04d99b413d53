"""Waits until a load's petitions are routed, and counts where they went, by the list that the server keeps."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from schemas.words import Severity, Status
from services.cli.remote import Server

LOOK_SECONDS = 0.2
QUIET_SECONDS = 5.0
PAGE = 500
CLOCK_MARGIN = timedelta(minutes=1)
WAITING = (Status.FILED, Status.ASSESSED)
"""On their way to a dispatch, in the order they pass."""
LIST = "/v1/petitions"


@dataclass(frozen=True, slots=True)
class Critical:
    """A critical petition as it may be named anywhere: no words of its own."""

    number: str
    id: str
    kind: str


@dataclass(slots=True)
class Whereabouts:
    """Where the petitions of one load stand; kinds are (code, name), tier and kind "" when there is none."""

    looked_at: float = field(default_factory=monotonic)
    """When the count began, by the monotonic clock: those it finds routed were routed by then."""
    routed: int = 0
    """Routed, or come to an end of their own without a dispatch."""
    unrouted: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    tiers: Counter[str] = field(default_factory=Counter)
    to_place: int = 0
    """Of the routed: with a desk that has still to find out where they are."""
    severities: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    critical: list[Critical] = field(default_factory=list)

    def add(self, item: dict[str, Any]) -> None:
        """Count one item of the list."""
        kind = item["kind"] or {"code": "", "name": ""}
        self.statuses[item["status"]] += 1
        if item["status"] in WAITING:
            self.unrouted += 1
            return
        self.routed += 1
        self.tiers[item["tier"] or ""] += 1
        self.to_place += item["to_place"]
        self.severities[item["severity"] or ""] += 1
        self.kinds[kind["code"], kind["name"]] += 1
        if item["severity"] == Severity.CRITICAL:
            self.critical.append(Critical(item["number"], item["id"], kind["name"]))


async def settled(
    server: Server, petitions: Collection[UUID], seconds: float, progress: Callable[[int], None]
) -> Whereabouts:
    """Where they stand once all are routed, or after `seconds`; `progress` hears how many are routed."""
    end = monotonic() + seconds
    while petitions:
        await _quiet(server, end)
        found = await _look(server, petitions)
        progress(found.routed)
        if found.routed == len(petitions) or monotonic() >= end:
            return found
        await asyncio.sleep(LOOK_SECONDS)
    return Whereabouts()


async def _quiet(server: Server, end: float) -> None:
    """Return when nothing waits to be routed, at the latest after a while: others may be filing all the time."""
    end = min(end, monotonic() + QUIET_SECONDS)
    while monotonic() < end:
        if not (await server.get(LIST, status=Status.FILED, limit=1))["items"]:
            page = await server.get(LIST, status=Status.ASSESSED, limit=1)
            if not page["items"] and page["behind"]["events"] == 0:
                return
        await asyncio.sleep(LOOK_SECONDS)


async def _look(server: Server, petitions: Collection[UUID]) -> Whereabouts:
    """Walk the list from the newest back to the oldest of these; one page is cheaper than ten single petitions."""
    found = Whereabouts()
    oldest = _made_at(min(petitions)) - CLOCK_MARGIN
    missing = len(petitions)
    cursor: dict[str, str] = {}
    while missing:
        page = await server.get(LIST, limit=PAGE, **cursor)
        for item in page["items"]:
            if UUID(item["id"]) in petitions:
                found.add(item)
                missing -= 1
        if page["next"] is None or datetime.fromisoformat(page["items"][-1]["filed_at"]) < oldest:
            break
        cursor = {"cursor": page["next"]}
    found.unrouted += missing  # filed, and not in the list yet
    return found


def _made_at(petition: UUID) -> datetime:
    """When a UUIDv7 was made: its first 48 bits are milliseconds since 1970."""
    return datetime.fromtimestamp((petition.int >> 80) / 1000, UTC)
