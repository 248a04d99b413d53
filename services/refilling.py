"""Fills the new table of a read model with several processes, each with some petitions of a long log at a time.

A helper is this module run as a program: it is told on its standard input where the databases are, then from which
petition through which to go, a line each, and answers with how many events that were. It ends with its input: of one
whose parent was killed only its piece is left, in a table that no other rebuild writes to.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from services.chassis.databases import Databases, open_databases
from services.chassis.keep_going import ended
from services.chassis.log import Log
from services.chassis.logging import set_up_logging
from services.chassis.rebuilding import ALL_PETITIONS, Filled, refill
from services.chassis.settings import Settings
from services.console.petition_list import PETITION_LIST
from services.console.search import PETITION_SEARCH

MOST_HELPERS = 8
PIECE = 20_000
"""Events that a helper is told of at once, about."""
PAGE = 5_000
PIECE_SECONDS = 120.0
"""How long a helper may take over them before it is taken to hang."""
NEXT = "SELECT stream_id FROM es_event WHERE stream_id > :after ORDER BY stream_id, version LIMIT 1 OFFSET :events"
PROJECTIONS = {projection.name: projection for projection in (PETITION_LIST, PETITION_SEARCH)}


class HelperLost(Exception):
    """A process that helped ended before its work."""


@dataclass
class Pieces:
    """The petitions of the log, in pieces that are asked for one after the other."""

    log: Log
    _after: UUID | None = ALL_PETITIONS[0]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def next(self) -> tuple[UUID, UUID] | None:
        """After which petition, and through which one; None when all are given out."""
        async with self._turn:
            if (after := self._after) is None:
                return None
            found = await self.log.engine.query(NEXT, {"after": after, "events": PIECE})
            self._after = found[0][0] if found else None
            return after, self._after or ALL_PETITIONS[1]


@dataclass(frozen=True)
class Refilling:
    """`Helpers` of a read model, with what they need to open the same databases."""

    settings: Settings

    async def __call__(self, log: Log, name: str, table: str, heads: Mapping[int, int], filled: Filled) -> None:
        pieces = Pieces(log)
        told = self._told(name, table, heads)
        count = min(os.cpu_count() or 1, MOST_HELPERS)
        helpers = [asyncio.create_task(self._help(pieces, told, filled)) for _ in range(count)]
        try:
            await asyncio.gather(*helpers)
        finally:
            await ended(helpers)

    async def _help(self, pieces: Pieces, told: Mapping[str, Any], filled: Filled) -> None:
        pipe = asyncio.subprocess.PIPE
        helper = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=pipe, stdout=pipe)
        assert helper.stdin is not None
        assert helper.stdout is not None
        try:
            await _say(helper.stdin, told)
            while (piece := await pieces.next()) is not None:
                await _say(helper.stdin, [str(bound) for bound in piece])
                async with asyncio.timeout(PIECE_SECONDS):
                    answer = await helper.stdout.readline()
                if not answer:
                    raise HelperLost(told["name"])
                await filled(int(answer))
        except ConnectionError:
            raise HelperLost(told["name"]) from None
        finally:
            if helper.returncode is None:
                helper.kill()
            await helper.wait()

    def _told(self, name: str, table: str, heads: Mapping[int, int]) -> dict[str, Any]:
        urls = self.settings.databases
        where = {"database_url": urls.log, "keys_url": urls.keys, "search_url": urls.search}
        key = str(self.settings.master_key_file.absolute())
        return {"name": name, "table": table, "heads": list(heads.items()), "where": {**where, "master_key": key}}


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
            after, through = json.loads(line)
            count = await _fill(databases, given, (UUID(after), UUID(through)))
            sys.stdout.write(f"{count}\n")
            sys.stdout.flush()
    finally:
        await databases.close()


async def _fill(databases: Databases, given: Mapping[str, Any], between: tuple[UUID, UUID]) -> int:
    projection, log = PROJECTIONS[given["name"]], databases.runtime.log
    home = databases.engine if projection is PETITION_LIST else databases.search
    projector = projection.projector(log, home.dialect)
    count = 0

    async def filled(events: int) -> None:
        nonlocal count
        count += events

    await refill(projector, log, home, given["table"], dict(given["heads"]), filled, between, PAGE)
    gc.collect()
    return count


if __name__ == "__main__":
    set_up_logging()
    gc.disable()  # events and rows hold no circles: after each piece is often enough
    asyncio.run(_serve())
