"""A table of words to search in, as far as databases differ: how it is made, written and asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

SHORTEST_INDEXED = 3
"""Both indexes are of three characters at a time: for shorter words every row is looked at."""


@dataclass(frozen=True)
class WordTable:
    """SQL with `{table}` for the table's name and `{suffix}` for its indexes'; `:words` is what to look for."""

    create: str
    """One row per place in the log: petition, title, text and address; nothing is done when the table is there."""
    write: str
    """A row takes the place of the one before."""
    indexed: str
    anywhere: str
    quoted: Callable[[str], str]
    """Words as `indexed` takes them, so that no character of theirs means anything else."""

    def condition(self, words: str, table: str) -> tuple[str, str]:
        """What a row with these words fulfils, and what to give for `:words`."""
        if len(words) < SHORTEST_INDEXED:
            return self.anywhere, words
        return self.indexed.format(table=table), self.quoted(words)


def _phrase(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _pattern(words: str) -> str:
    for special in ("\\", "%", "_"):
        words = words.replace(special, f"\\{special}")
    return f"%{words}%"


WORD_TABLES: Mapping[str, WordTable] = {
    "sqlite": WordTable(
        create=(
            "CREATE VIRTUAL TABLE IF NOT EXISTS {table}"
            " USING fts5(petition UNINDEXED, title, text, address, tokenize='trigram')"
        ),
        write=(
            "INSERT OR REPLACE INTO {table} (rowid, petition, title, text, address)"
            " VALUES (:place, :petition, :title, :text, :address)"
        ),
        indexed="{table} MATCH :words",
        anywhere="instr(title, :words) OR instr(text, :words) OR instr(address, :words)",
        quoted=_phrase,
    ),
    "postgresql": WordTable(
        create=(
            "DO $$ BEGIN IF to_regclass('{table}') IS NULL THEN"
            ' CREATE TABLE {table} (place bigint PRIMARY KEY, petition text COLLATE "C" NOT NULL,'
            " title text, text text, address text);"
            " CREATE INDEX {table}_words{suffix} ON {table}"
            " USING gin (title gin_trgm_ops, text gin_trgm_ops, address gin_trgm_ops);"
            " END IF; END $$"
        ),
        write=(
            "INSERT INTO {table} (place, petition, title, text, address)"
            " VALUES (:place, :petition, :title, :text, :address)"
            " ON CONFLICT (place) DO UPDATE SET petition = excluded.petition, title = excluded.title,"
            " text = excluded.text, address = excluded.address"
        ),
        indexed="title ILIKE :words OR text ILIKE :words OR address ILIKE :words",
        anywhere="strpos(title, :words) > 0 OR strpos(text, :words) > 0 OR strpos(address, :words) > 0",
        quoted=_pattern,
    ),
}
