"""The search table: the only place where a petition's words stand opened, in a file of its own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from schemas.event import AnyRecorded, Event
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from services.chassis.codec import decode_all
from services.chassis.log import Log
from services.chassis.read_model import Projection, Projector
from services.chassis.sealing import PetitionKey, Unsealable
from services.chassis.store.engine import Engine, EventRow, Statement
from services.chassis.store.words import WORD_TABLES

TABLE = "petition_search"
WORDS: Mapping[type[Event], Sequence[str]] = {
    PetitionFiled: ("title", "text", "address"),
    PetitionSupplemented: ("text",),
}
"""The events that hold words to be found, and their fields."""
_NAMES = frozenset(event.__name__ for event in WORDS)


class SearchProjector:
    """Opens title, text and address of every filed petition, and the words that were added later: a row each."""

    def __init__(self, log: Log, dialect: str) -> None:
        self._keyring = log.keyring
        self._write = WORD_TABLES[dialect].write

    async def rows(self, batch: Sequence[AnyRecorded], table: str) -> list[Statement]:
        said = [recorded for recorded in batch if type(recorded.event) in WORDS]
        if not said:
            return []
        keys = await self._keyring.get([recorded.petition for recorded in said])
        rows = [row for recorded in said if (row := _row(recorded, keys.get(recorded.petition)))]
        return [Statement(self._write.format(table=table), rows)]

    async def whole(self, streams: Sequence[EventRow], table: str) -> list[Statement]:
        return await self.rows(decode_all(row for row in streams if row.type in _NAMES), table)


def _row(recorded: AnyRecorded, key: PetitionKey | None) -> dict[str, Any] | None:
    """None for words that were erased or do not open: they cannot be found, and keep no others from being found."""
    if key is None:
        return None
    try:
        opened = {name: key.open(recorded, name) or "" for name in WORDS[type(recorded.event)]}
    except Unsealable:
        return None
    place = recorded.partition << 40 | recorded.position
    return {"place": place, "petition": str(recorded.petition), "title": "", "address": "", **opened}


def create(table: str, suffix: str, dialect: str = "sqlite") -> list[str]:
    """A trigram index: any part of a word is found, in Chinese as in English."""
    return [WORD_TABLES[dialect].create.format(table=table, suffix=suffix)]


async def find(engine: Engine, words: str, also: UUID | None, before: UUID, most: int) -> list[UUID]:
    """Petitions made before this id whose title, text, address or a supplement contains `words`, and `also`; the newest
    first."""
    if "\0" in words:
        return []  # no text holds one, and the index's language ends there
    where, asked = WORD_TABLES[engine.dialect].condition(words, TABLE)
    sql = (
        f"SELECT petition FROM (SELECT petition FROM {TABLE} WHERE {where} UNION SELECT :also) AS found"  # noqa: S608
        " WHERE petition < :before ORDER BY petition DESC LIMIT :most"
    )
    asking = {"words": asked, "also": also and str(also), "before": str(before), "most": most}
    return [UUID(row[0]) for row in await engine.query(sql, asking)]


def _projector(log: Log, dialect: str) -> Projector:
    return SearchProjector(log, dialect)


PETITION_SEARCH = Projection("petition_search", TABLE, create, _projector)
