"""The search table: the only place where a petition's words stand opened, in a file or a database of its own."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from schemas.event import AnyRecorded
from schemas.events.intake import PetitionFiled
from services.chassis.log import Log
from services.chassis.projection import Projection, Projector
from services.chassis.sealing import PetitionKey, Unsealable
from services.chassis.store.engine import Engine, Statement

TABLE = "petition_search"
INSERT = {
    "sqlite": "INSERT OR REPLACE INTO {table} (rowid, petition, title, text, address) "
    "VALUES (:rowid, :petition, :title, :text, :address)",
    "postgresql": "INSERT INTO {table} (petition, title, text, address) VALUES (:petition, :title, :text, :address) "
    "ON CONFLICT (petition) DO UPDATE SET title = excluded.title, text = excluded.text, address = excluded.address",
}
MATCHED = {
    "sqlite": f"{TABLE} MATCH :words",
    "postgresql": "title ILIKE :words OR text ILIKE :words OR address ILIKE :words",
}
"""Any part of a word, whatever its case, by the index."""
LOOKED_AT = {
    "sqlite": "instr(title, :words) OR instr(text, :words) OR instr(address, :words)",
    "postgresql": "strpos(title, :words) > 0 OR strpos(text, :words) > 0 OR strpos(address, :words) > 0",
}
"""The index knows no shorter words: look at every row."""
SHORTEST_INDEXED = 3


class SearchProjector:
    """Opens title, text and address of every filed petition."""

    def __init__(self, log: Log) -> None:
        self._keyring = log.keyring
        self._insert = INSERT[log.engine.dialect]

    async def rows(self, batch: Sequence[AnyRecorded], table: str) -> list[Statement]:
        filed = [recorded for recorded in batch if isinstance(recorded.event, PetitionFiled)]
        if not filed:
            return []
        keys = await self._keyring.get([recorded.petition for recorded in filed])
        rows = [row for recorded in filed if (row := _row(recorded, keys.get(recorded.petition)))]
        return [Statement(self._insert.format(table=table), rows)]


def _row(recorded: AnyRecorded, key: PetitionKey | None) -> dict[str, Any] | None:
    """None for words that were erased or do not open: they cannot be found, and keep no others from being found."""
    if key is None:
        return None
    try:
        words = {name: key.open(recorded, name) or "" for name in ("title", "text", "address")}
    except Unsealable:
        return None
    return {"rowid": recorded.partition << 40 | recorded.position, "petition": str(recorded.petition), **words}


def create(table: str, suffix: str, dialect: str) -> list[str]:
    """A trigram index: any part of a word is found, in Chinese as in English."""
    if dialect == "postgresql":
        return [
            f'CREATE TABLE IF NOT EXISTS {table} (petition text COLLATE "C" PRIMARY KEY,'
            " title text NOT NULL, text text NOT NULL, address text NOT NULL)",
            # Without the extension every row is looked at: slower, and the same petitions are found.
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN"
            f" CREATE INDEX IF NOT EXISTS {TABLE}_words{suffix} ON {table}"
            " USING gin (title gin_trgm_ops, text gin_trgm_ops, address gin_trgm_ops); END IF; END $$",
        ]
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} "
        "USING fts5(petition UNINDEXED, title, text, address, tokenize='trigram')"
    ]


async def find(engine: Engine, words: str, also: UUID | None, before: UUID, most: int) -> list[UUID]:
    """Petitions made before this id whose title, text or address contains `words`, and `also`; the newest first."""
    if "\0" in words:
        return []  # no text holds one, and the index's language ends there
    if len(words) >= SHORTEST_INDEXED:
        where, asked = MATCHED[engine.dialect], _phrase(words, engine.dialect)
    else:
        where, asked = LOOKED_AT[engine.dialect], words
    sql = (
        f"SELECT petition FROM (SELECT petition FROM {TABLE} WHERE {where} UNION ALL SELECT CAST(:also AS text)) AS f"  # noqa: S608
        " WHERE petition < :before ORDER BY petition DESC LIMIT :most"
    )
    asking = {"words": asked, "also": also and str(also), "before": str(before), "most": most}
    return [UUID(row[0]) for row in await engine.query(sql, asking)]


def _phrase(words: str, dialect: str) -> str:
    if dialect == "postgresql":
        return "%" + re.sub(r"([\\%_])", r"\\\1", words) + "%"
    return '"' + words.replace('"', '""') + '"'


def _projector(log: Log) -> Projector:
    return SearchProjector(log)


PETITION_SEARCH = Projection("petition_search", TABLE, create, _projector)
