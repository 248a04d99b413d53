"""Fills the new table of a read model with several processes, each with some petitions of a long log at a time.

A helper is this module run as a program: it is told on its standard input where the databases are, then from which
petition through which to go, a line each, and answers with how many events that were. One that is lost is followed by
another, which replaces what it may have left of its piece. A helper ends with its input: of one
whose parent was killed only its piece is left, in a table that no other rebuild writes to.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from services.chassis.databases import Databases, open_databases
from services.chassis.keep_going import ended
from services.chassis.log import Log
from services.chassis.logging import set_up_logging
from services.chassis.rebuilding import ALL_PETITIONS, MOST_TRIES, Filled, HelperLost, refill, tried
from services.chassis.settings import Settings
from services.console.petition_list import PETITION_LIST
from services.console.search import PETITION_SEARCH

PIECE = 20_000
"""Events that a helper is told of at once, about."""
PAGE = 5_000
PIECE_SECONDS = 120.0
"""How long a helper may take over them before it is taken to hang."""
NEXT = "SELECT stream_id FROM es_event WHERE stream_id > :after ORDER BY stream_id, version LIMIT 1 OFFSET :events"
logger = structlog.get_logger()
PROJECTIONS = {projection.name: projection for projection in (PETITION_LIST, PETITION_SEARCH)}


Piece = tuple[UUID, UUID]
"""After which petition, and through which one."""
Ask = Callable[[Piece, bool], Awaitable[int]]
"""Have a piece filled, perhaps not for the first time; returns how many events it holds. Raises HelperLost."""


@dataclass
class Pieces:
    """The petitions of the log, in pieces that are asked for one after the other."""

    log: Log
    _after: UUID | None = ALL_PETITIONS[0]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def next(self) -> Piece | None:
        """The next piece; None when all are given out."""
        async with self._turn:
            if (after := self._after) is None:
                return None
            found = await tried(lambda again: self.log.engine.query(NEXT, {"after": after, "events": PIECE}))
            self._after = found[0][0] if found else None
            return after, self._after or ALL_PETITIONS[1]


@dataclass(frozen=True)
class Refilling:
    """`Helpers` of a read model, with what they need to open the same databases."""

    settings: Settings

    async def __call__(self, log: Log, name: str, table: str, heads: Mapping[int, int], filled: Filled) -> None:
        pieces = Pieces(log)
        told = self._told(name, table, heads)
        count = min(os.cpu_count() or 1, self.settings.rebuild_processes)
        helpers = [asyncio.create_task(fill_pieces(pieces, lambda: _helper(told), filled)) for _ in range(count)]
        try:
            await asyncio.gather(*helpers)
        finally:
            await ended(helpers)

    def _told(self, name: str, table: str, heads: Mapping[int, int]) -> dict[str, Any]:
        urls = self.settings.databases
        where = {"database_url": urls.log, "keys_url": urls.keys, "search_url": urls.search}
        key = str(self.settings.master_key_file.absolute())
        return {"name": name, "table": table, "heads": list(heads.items()), "where": {**where, "master_key": key}}


async def fill_pieces(pieces: Pieces, helper: Callable[[], AbstractAsyncContextManager[Ask]], filled: Filled) -> None:
    """Have a helper fill piece after piece; a new one goes on where one was lost, a few times over the same piece."""
    piece, lost = await pieces.next(), 0
    while piece is not None:
        try:
            async with helper() as ask:
                while piece is not None:
                    await filled(await ask(piece, lost > 0))
                    piece, lost = await pieces.next(), 0
        except HelperLost as error:
            lost += 1
            logger.warning("rebuild_helper_lost", projection=error.name, times=lost)
            if lost == MOST_TRIES:
                raise


@asynccontextmanager
async def _helper(told: Mapping[str, Any]) -> AsyncIterator[Ask]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    say, heard = process.stdin, process.stdout

    async def ask(piece: Piece, again: bool) -> int:
        try:
            async with asyncio.timeout(PIECE_SECONDS):
                await _say(say, [str(bound) for bound in piece] + [again])
                answer = await heard.readline()
        except (ConnectionError, TimeoutError):
            answer = b""
        if not answer:
            raise HelperLost(told["name"])
        return int(answer)

    try:
        with suppress(ConnectionError):  # the first piece tells
            await _say(say, told)
        yield ask
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _say(to: asyncio.StreamWriter, what: object) -> None:
    to.write(json.dumps(what).encode() + b"\n")
    await to.drain()


async def _serve() -> None:
    given = json.loads(sys.stdin.readline())
    where = given["where"]
    settings = Settings(**{**where, "master_key": Path(where["master_key"])})
    databases = await open_databases(settings)
    try:
        for line in sys.stdin:
            after, through, again = json.loads(line)
            count = await _fill(databases, given, (UUID(after), UUID(through)), anew=not again)
            sys.stdout.write(f"{count}\n")
            sys.stdout.flush()
    finally:
        await databases.close()


async def _fill(databases: Databases, given: Mapping[str, Any], between: Piece, *, anew: bool) -> int:
    projection, log = PROJECTIONS[given["name"]], databases.runtime.log
    home = databases.engine if projection is PETITION_LIST else databases.search
    projector = projection.projector(log, home.dialect)
    count = 0

    async def filled(events: int) -> None:
        nonlocal count
        count += events

    await refill(projector, log, home, given["table"], dict(given["heads"]), filled, between, PAGE, anew=anew)
    gc.collect()
    return count


if __name__ == "__main__":
    set_up_logging()
    gc.disable()  # events and rows hold no circles: after each piece is often enough
    asyncio.run(_serve())
