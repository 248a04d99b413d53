"""What takes more than one petition, one person or one text."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

from tests.faults.caller import Caller
from tests.faults.history import OK

RESULTS = ("done", "settled", "settled", "explained")
GRIDS = ("SA11", "SA12", "SB11")
CLAIMERS: Sequence[dict[str, Any]] = (
    {"unit": "SA1P"}, {"department": "D-WATER"}, {"department": "SA-CITY"}, {"unit": "SA1"}, {},
)  # fmt: skip
"""A partner, two departments, and the community itself."""
DANGER = "现在燃气泄漏，味道很大"


async def parts(caller: Caller) -> None:
    """拆分: each part goes its own way, the last two sometimes end at once; now and then one is left lying."""
    whole = await _routed(caller, _plain(caller))
    if not whole:
        return
    if caller.chance(0.3):
        await caller.done(whole, "accept", {})
    into = [{"text": caller.words(), "kind": "LAMP"} for _ in range(caller.luck.randint(2, 3))]
    split = await caller.done(whole, "split", {"parts": into})
    if split is None:
        return
    left = list(split.parts)
    caller.luck.shuffle(left)
    for part in left[:-2]:
        await _ended(caller, part)
    if caller.chance(0.2):
        await _ended(caller, left[-1])
        return
    ready = [part for part in left[-2:] if await _accepted(caller, part)]
    if caller.chance(0.5):
        await caller.at_once(*((part, "resolve", _resolution(caller)) for part in ready))
    else:
        for part in ready:
            await answered(caller, part)
    if await caller.becomes(whole, "resolved"):
        await _asked_back(caller, whole)


async def repeats(caller: Caller) -> None:
    """并案: what repeats another is answered with it, sometimes linked at the moment in which that one is resolved."""
    root, repeat = await _routed(caller, _plain(caller)), await _routed(caller, _plain(caller))
    if not root or not repeat or not await _accepted(caller, root):
        return
    link = (repeat, "link", {"to": root})
    if caller.chance(0.2):
        await caller.at_once(link, (root, "resolve", _resolution(caller)))
    elif await caller.done(*link) and caller.chance(0.3):
        if not await caller.done(repeat, "unlink", {}) or not await _accepted(caller, repeat):
            return
        await answered(caller, repeat)
    else:
        await answered(caller, root)
    if await caller.becomes(repeat, "resolved"):
        await _asked_back(caller, repeat)


async def claims(caller: Caller) -> None:
    """领单: a partner, departments and the unit itself want it at once; who has it may hand it over."""
    petition = await _routed(caller, {**_plain(caller), "kind": "BENCH", "place": {"unit": "SA11"}})
    if not petition:
        return
    asked = [(petition, "claim", one) for one in caller.luck.sample(CLAIMERS, caller.luck.randint(2, 4))]
    won = [one for one in await caller.at_once(*asked) if one.outcome == OK]
    if won and caller.chance(0.4):
        await caller.done(petition, "hand-over", {"from": won[0].key, "to": uuid4().hex, "reason": "换班"})
    if won:
        await answered(caller, petition)


async def on_the_spot(caller: Caller) -> None:
    """自处理: filed with what was done, and asked back as everything is."""
    body = {
        **_plain(caller), "channel": "grid_patrol", "filed_by": {"role": "grid_worker", "id": uuid4().hex},
        "resolved_on_the_spot": {"text": "已当场更换灯泡", "result": caller.luck.choice(RESULTS)},
    }  # fmt: skip
    filed = await caller.file_until_known(body, uuid4().hex)
    if filed.outcome == OK and await caller.becomes(filed.petition, "resolved"):
        await _asked_back(caller, filed.petition)


async def told_more(caller: Caller) -> None:
    """补充: more words, sometimes before it is routed, sometimes of a danger; urged, and taken back."""
    filed = await caller.file_until_known(_plain(caller), uuid4().hex)
    if filed.outcome != OK:
        return
    more = {"text": DANGER if caller.chance(0.2) else caller.words()}
    if caller.chance(0.5):
        await caller.done(filed.petition, "supplement", more)
    if not await _accepted(caller, filed.petition):
        return
    await caller.done(filed.petition, "urge", {})
    await caller.done(filed.petition, "supplement", more)
    if caller.chance(0.3):
        await caller.done(filed.petition, "withdraw", {"reason": "不需要了"})
    else:
        await answered(caller, filed.petition)


ERRANDS: Sequence[Callable[[Caller], Awaitable[None]]] = (parts, repeats, claims, on_the_spot, told_more)


async def answered(caller: Caller, petition: str) -> None:
    """What somebody has is reported done, and the resident is asked."""
    if await caller.done(petition, "resolve", _resolution(caller)):
        await _asked_back(caller, petition)


async def _asked_back(caller: Caller, petition: str) -> None:
    await caller.done(petition, "feedback", {"reached": True, "solved": caller.chance(0.8), "satisfied": True})
    await caller.read(petition)


async def _accepted(caller: Caller, petition: str) -> bool:
    return await caller.becomes(petition, "routed") and await caller.done(petition, "accept", {}) is not None


async def _ended(caller: Caller, part: str) -> None:
    """It is reported done, or taken back."""
    if caller.chance(0.4):
        await caller.done(part, "withdraw", {"reason": "自己修好了"})
    elif await _accepted(caller, part):
        await answered(caller, part)


async def _routed(caller: Caller, body: dict[str, Any]) -> str:
    """A petition that somebody has; empty when it did not come so far."""
    filed = await caller.file_until_known(body, uuid4().hex)
    there = filed.outcome == OK and await caller.becomes(filed.petition, "routed")
    return filed.petition if there else ""


def _plain(caller: Caller) -> dict[str, Any]:
    """A small matter of a grid."""
    unit = caller.luck.choice(GRIDS)
    return {"channel": "app", "text": caller.words(), "kind": "LAMP", "place": {"unit": unit}}


def _resolution(caller: Caller) -> dict[str, Any]:
    return {"text": "路灯已更换", "result": caller.luck.choice(RESULTS)}
