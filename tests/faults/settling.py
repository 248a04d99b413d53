"""After the last fault: wait until nothing lags and nothing is overdue, then read what stands there."""

import asyncio
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import httpx

DRAIN_SECONDS = 60.0
LOOK_SECONDS = 0.25
AT_ONCE = 24
TRIES = 5
READ_MODELS = ("petition_list", "petition_search")
REBUILD_SECONDS = 300.0
"""Helpers of a rebuild are programs that must start, and under load there is little of the processors left for them."""


async def drained(url: str, overdue: Any, seconds: float = DRAIN_SECONDS) -> float | None:
    """How long it took until every subscriber had heard everything; None when it took too long.

    `overdue`: asks the store how many deadlines have passed unnoticed."""
    started = time.monotonic()
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as http:
        while time.monotonic() - started < seconds:
            try:
                items = (await http.get("/v1/operations/lag")).json()["items"]
                if items and not any(one["events"] for one in items) and await overdue() == 0:
                    return time.monotonic() - started
            except (httpx.HTTPError, KeyError, ValueError, OSError):
                pass
            await asyncio.sleep(LOOK_SECONDS)
    return None


async def rebuild(url: str, names: Sequence[str] = READ_MODELS) -> dict[str, Any]:
    """Have the read models built again; returns how many events each took, or what was answered instead."""
    said: dict[str, Any] = {}
    async with httpx.AsyncClient(base_url=url, timeout=REBUILD_SECONDS, trust_env=False) as http:
        for name in names:
            try:
                answer = await http.post(f"/v1/operations/rebuild/{name}")
                told = answer.json()
                said[name] = told.get("events", f"{answer.status_code} {told.get('code', '')}")
            except (httpx.HTTPError, ValueError) as error:
                said[name] = type(error).__name__
    return said


async def texts(url: str, petitions: Collection[str]) -> dict[str, str]:
    """What each reads as, asked one by one as a caller does."""
    found: dict[str, str] = {}
    waiting = iter(petitions)
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
        await asyncio.gather(*(_ask(http, waiting, found) for _ in range(AT_ONCE)))
    return found


async def _ask(http: httpx.AsyncClient, waiting: Iterable[str], found: dict[str, str]) -> None:
    for petition in waiting:
        for last in range(TRIES):
            try:
                answer = await http.get(f"/v1/petitions/{petition}")
                found[petition] = answer.json()["text"] if answer.status_code == 200 else f"status {answer.status_code}"
                if answer.status_code != 503:  # which says to come again
                    break
                await asyncio.sleep(last)
            except httpx.HTTPError as error:  # such as a connection that the server had just closed as idle
                found[petition] = type(error).__name__
                await asyncio.sleep(last)
