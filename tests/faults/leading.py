"""The lives that a caller leads petitions through."""

import asyncio
import time
from typing import Any
from uuid import uuid4

from tests.faults import errands
from tests.faults.caller import TRY_AGAIN_SECONDS, Caller
from tests.faults.history import OK
from tests.serving import WARNED_SECONDS

KINDS = ("LAMP", "LAMP", "NOISE", "STALL", "PIPE", "QUICK", "WARNED", "COURT", "GAS", None)
UNITS = ("SA11", "SA12", "SA21", "SB11", "SA1", None)
BATCH = (20, 90)
ERRANDS = 0.35
"""Of what is filed one by one: what takes more than one petition, one person or one text."""
WARNING_SECONDS = (0.75 * WARNED_SECONDS, 1.02 * WARNED_SECONDS)
"""After so long some accept what their receiver is warned of: before, just then, or when it is over."""
HESITATION_SECONDS = (0.5, 2.5)
"""Around the shortest time that a district gives, so that some commands come when it is just over."""


async def life(caller: Caller) -> None:
    """One petition, as far as it comes; before that, those that were put off until now."""
    ripe = [one for at, one in caller.put_off if at <= time.monotonic()]
    caller.put_off = [(at, one) for at, one in caller.put_off if one not in ripe]
    for petition in ripe:
        await _handled(caller, petition, hesitates=False)
    if caller.chance(ERRANDS):
        await caller.luck.choice(errands.ERRANDS)(caller)
        return
    body, key = _body(caller), uuid4().hex
    filed = await caller.file_until_known(body, key)
    if filed.outcome != OK:
        return
    if caller.chance(0.05):
        await caller.file(body, key)
    if caller.chance(0.03):
        await caller.file({**body, "text": body["text"] + "?"}, key, other_body=True)
    if body.get("kind") == "QUICK" and caller.chance(0.7):
        return  # its deadline passes
    if body.get("kind") == "WARNED" and caller.chance(0.9):
        if caller.chance(0.7):
            caller.put_off.append((time.monotonic() + caller.luck.uniform(*WARNING_SECONDS), filed.petition))
        return
    await _handled(caller, filed.petition, hesitates=body.get("kind") == "QUICK")


async def _handled(caller: Caller, petition: str, *, hesitates: bool) -> None:
    if not await caller.becomes(petition, "routed"):
        return
    if hesitates and caller.chance(0.3):
        await asyncio.sleep(caller.luck.uniform(*HESITATION_SECONDS))
    if caller.chance(0.15):
        now = await caller.read(petition)
        if now.outcome == OK:
            await caller.at_once(*[(petition, "accept", {})] * 2, version=now.version)
    elif not await caller.done(petition, "accept", {}):
        return
    if not await caller.becomes(petition, "accepted"):
        return
    if hesitates and caller.chance(0.3):
        await asyncio.sleep(caller.luck.uniform(*HESITATION_SECONDS))
    await errands.answered(caller, petition)


async def batch(caller: Caller) -> None:
    """Many petitions in one request."""
    lines = [_body(caller) | {"key": uuid4().hex} for _ in range(caller.luck.randint(*BATCH))]
    end = time.monotonic() + TRY_AGAIN_SECONDS
    while lines and time.monotonic() < end:
        known = await caller.send_batch(lines)
        lines = [line for line in lines if line["key"] not in known]
        if lines:
            await asyncio.sleep(caller.luck.uniform(0.2, 1.0))


def _body(caller: Caller) -> dict[str, Any]:
    body: dict[str, Any] = {"channel": caller.luck.choice(["hotline", "app", "walk_in"]), "text": caller.words()}
    if (kind := caller.luck.choice(KINDS)) is not None:
        body["kind"] = kind
    if (unit := caller.luck.choice(UNITS)) is not None:
        body["place"] = {"unit": unit}
    return body
