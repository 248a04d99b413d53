"""What the PostgreSQL engine does on a connection: append entries, move checkpoints, run statements."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from services.chassis.store.engine import Appended, EntryRows, LeaseLost, Move, Outcome, Place, Statement
from services.chassis.store.placing import KeyRow, Placed, Standing, partitions_of, place

APPEND = "SELECT es_append({})".format(", ".join(f"${n}" for n in range(1, 19)))
LOCK = "SELECT es_lock($1)"
MOVE = "SELECT es_move($1, $2, $3, $4, $5)"
VERSIONS = (
    "SELECT w.id, (SELECT max(e.version) FROM es_event e WHERE e.stream_id = w.id) FROM unnest($1::uuid[]) AS w(id)"
)
HEADS = (
    "SELECT p, coalesce((SELECT max(e.position) FROM es_event e WHERE e.partition = p), 0)"
    " FROM unnest($1::smallint[]) AS p"
)
KEYS = (
    "SELECT k.scope, k.key_hash, k.stream_id, k.body_hmac FROM unnest($1::text[], $2::bytea[]) AS a(scope, hash)"
    " JOIN es_key k ON k.scope = a.scope AND k.key_hash = a.hash"
)
INSERT_EVENTS = (
    "INSERT INTO es_event (partition, position, stream_id, version, type, schema_version, data, meta, recorded_at)"
    " SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::integer[], $5::text[], $6::smallint[],"
    " $7::text[], $8::text[], $9::bigint[])"
)
INSERT_KEYS = (
    "INSERT INTO es_key (scope, key_hash, stream_id, body_hmac)"
    " SELECT * FROM unnest($1::text[], $2::bytea[], $3::uuid[], $4::bytea[])"
)
MANY = 10
"""So many rows are worth another question to the database before they are written."""
PLANNED_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
"""Until the commit a statement that is run for each of many rows is not planned for each of them, which costs as much
as the row itself; and what is planned while a table is small is an index's look-up all the same."""
PARAMETER = re.compile(r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | :: | :(?P<name>[A-Za-z_]\w*)""", re.VERBOSE)


@lru_cache(maxsize=512)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The text with `$1` for the first `:name` and so on, and the names in that order; literals and casts stay."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found["name"]
        return found[0] if name is None else f"${names.setdefault(name, len(names) + 1)}"

    return PARAMETER.sub(number, sql), tuple(names)


async def append(connection: Any, entries: Sequence[EntryRows], partitions: int, recorded_at: int) -> list[Outcome]:
    """Write what can be written: each entry has its own outcome and none hurts another.

    In one call when all of it can be, which is nearly always; else entry by entry."""
    hoped = _as_expected(entries, partitions, recorded_at)
    if hoped is not None:
        heads = await connection.fetchval(APPEND, *_call(entries, hoped, partitions, recorded_at))
        if heads is not None:
            return _moved_up(hoped.outcomes, dict(zip(partitions_of(entries, partitions), heads, strict=True)))
    async with connection.transaction():
        return await _append_each(connection, entries, partitions, recorded_at)


async def move(connection: Any, moves: Sequence[Move]) -> None:
    """Move checkpoints by compare-and-swap; LeaseLost when any has moved or changed hands."""
    columns = _columns(((m.subscriber, m.partition, m.old, m.new, m.epoch) for m in moves), 5)
    if moves and not await connection.fetchval(MOVE, *columns):
        raise LeaseLost


async def write(connection: Any, statements: Sequence[Statement]) -> None:
    """Run statements on other tables, each once per row; the last of a transaction."""
    if sum(len(statement.rows) for statement in statements if statement.into is None) >= MANY:
        await connection.execute(PLANNED_ONCE)
    for statement in statements:
        if statement.into is not None and statement.rows:
            columns = list(statement.rows[0])
            records = [tuple(row.values()) for row in statement.rows]
            await connection.copy_records_to_table(statement.into, columns=columns, records=records)
            continue
        sql, names = numbered(statement.sql)
        rows = [[row[name] for name in names] for row in statement.rows]
        if len(rows) == 1:
            await connection.execute(sql, *rows[0])
        elif rows:
            await connection.executemany(sql, rows)


async def query(connection: Any, sql: str, parameters: Mapping[str, Any]) -> list[Any]:
    """Rows as tuples."""
    text, names = numbered(sql)
    return [tuple(row) for row in await connection.fetch(text, *(parameters[name] for name in names))]


def _as_expected(entries: Sequence[EntryRows], partitions: int, recorded_at: int) -> Placed | None:
    """What is written if every stream has the version that its first entry expects and every key is free; positions
    counted from 1. None when some entry of the call stands in the way of another."""
    versions = {w.stream: w.expected for entry in reversed(entries) for w in reversed(entry.writes)}
    heads = dict.fromkeys(partitions_of(entries, partitions), 0)
    hoped = place(entries, Standing(versions, heads), partitions, recorded_at)
    return hoped if all(isinstance(outcome, Appended) for outcome in hoped.outcomes) else None


def _call(entries: Sequence[EntryRows], hoped: Placed, partitions: int, recorded_at: int) -> list[Any]:
    first = {w.stream: w.expected for entry in reversed(entries) for w in reversed(entry.writes)}
    asked = ((claim.scope, claim.key_hash) for entry in entries for claim in entry.keys)
    return [
        recorded_at,
        partitions_of(entries, partitions),
        list(first),
        list(first.values()),
        *_columns(asked, 2),
        *_key_columns(hoped.keys),
        *_columns((event[:8] for event in hoped.events), 8),
    ]


def _moved_up(outcomes: Sequence[Outcome], heads: Mapping[int, int]) -> list[Outcome]:
    return [
        Appended([Place(id_, n, p, heads[p] + position, at) for id_, n, p, position, at in outcome.places])
        for outcome in outcomes
        if isinstance(outcome, Appended)
    ]


async def _append_each(
    connection: Any, entries: Sequence[EntryRows], partitions: int, recorded_at: int
) -> list[Outcome]:
    """Look, decide here, insert; the locks are held meanwhile."""
    needed = partitions_of(entries, partitions)
    streams = list({write.stream for entry in entries for write in entry.writes})
    asked = {(claim.scope, claim.key_hash) for entry in entries for claim in entry.keys}
    await connection.execute(LOCK, needed)
    taken = await connection.fetch(KEYS, *_columns(asked, 2))
    standing = Standing(
        {stream: version or 0 for stream, version in await connection.fetch(VERSIONS, streams)},
        dict(await connection.fetch(HEADS, needed)),
        {(scope, key): (stream, body) for scope, key, stream, body in taken},
    )
    placed = place(entries, standing, partitions, recorded_at)
    if placed.events:
        await connection.execute(INSERT_EVENTS, *_columns(placed.events, 9))
    if placed.keys:
        await connection.execute(INSERT_KEYS, *_key_columns(placed.keys))
    return placed.outcomes


def _key_columns(keys: Sequence[KeyRow]) -> list[list[Any]]:
    """Sorted, so that two calls that claim the same keys cannot wait for each other."""
    return _columns(sorted(keys), 4)


def _columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
