"""Dead letters as services leave them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.chassis import dead_letters
from services.chassis.log import Log
from services.chassis.store.engine import Statement
from tests.contracts.lives import happens
from tests.contracts.rows import stream
from tests.past import accepted, filed

ERROR = "KeyError at on_petition_filed:81"


async def parked(log: Log, count: int = 1, error: str = ERROR) -> list[UUID]:
    """Petitions of two events, in partitions of their own: the router fails on the first, and the second waits."""
    petitions = [stream(number % log.partitions) for number in range(count)]
    for petition in petitions:
        await happens(log, petition, filed(), accepted("any"))
        first, second = (await log.load([petition]))[petition]
        letters = [(first, error), (second, dead_letters.BEHIND)]
        await log.transact([], (), dead_letters.park("router", letters, datetime.now(UTC)))
    return petitions


async def fails_again(log: Log, petition: UUID) -> None:
    """A redrive of the first letter in vain."""
    first, _ = [one for one in await dead_letters.listed(log.engine) if one.petition == petition]
    row = {"subscriber": "router", "stream_id": petition, "position": first.position}
    await log.transact([], (), dead_letters.failed_again(row, ERROR, datetime.now(UTC)))


async def handled(log: Log, petition: UUID) -> None:
    """A redrive that succeeded."""
    letters = [one for one in await dead_letters.listed(log.engine) if one.petition == petition]
    rows = [{"subscriber": "router", "stream_id": petition, "position": one.position} for one in letters]
    await log.transact([], (), [Statement(dead_letters.DROP, rows), Statement(dead_letters.UNPARK, rows[:1])])


def waits(letters: Sequence[dead_letters.DeadLetter]) -> set[tuple[str, int, int]]:
    """What an operator must have heard of: petition, position, attempts."""
    return {(str(one.petition), one.position, one.attempts) for one in letters}
