"""Fills PostgreSQL with very many petitions: real lives, multiplied inside the database under older ids.

What is old has the number, the order and the size of real rows: log, keys, deadlines and list; the search table stays
empty. Sealed words do not open: they were sealed for the lives that they are copies of.
"""

import sys
from collections.abc import Mapping, Sequence
from time import perf_counter

import asyncpg

from bench.prefill import AT_ONCE, HEARING, start_deadlines, write_lives
from services.chassis.databases import Databases
from services.chassis.leases import Whole
from services.chassis.projection import ProjectionRunner
from services.chassis.settings import DatabaseUrls
from services.chassis.wire import dispatch_relay, relay
from services.console.petition_list import COLUMNS, PETITION_LIST
from services.console.search import PETITION_SEARCH

STEP_MS = 1_000
"""Each copy of the pattern is so much older than the next."""
SET = "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '64MB'"
OLDER = """
    CREATE FUNCTION pg_temp.older(id uuid, ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint - ms), 12, '0')
            || substr(replace(id::text, '-', ''), 13))::uuid
    $$
"""
"""A UUIDv7 of some milliseconds before: another id, in the same partition, in the order of time."""
PATTERN = "CREATE TEMPORARY TABLE pattern AS SELECT * FROM {table}"
EVENTS = """
    INSERT INTO es_event
    SELECT e.partition, e.position + k * h.position, n.id, e.version, e.type, e.schema_version,
        replace(e.data, e.stream_id::text, n.id::text), replace(e.meta, e.stream_id::text, n.id::text),
        e.recorded_at - ($3 + 1 - k) * 1000 * $4
    FROM generate_series($1::bigint, $2::bigint) AS k, pattern e JOIN head h USING (partition),
        LATERAL (SELECT pg_temp.older(e.stream_id, ($3 + 1 - k) * $4) AS id OFFSET 0) AS n
"""
NUMBERS = """
    INSERT INTO es_key
    SELECT 'external', decode(md5(n.id::text), 'hex'), n.id, decode(md5(n.id::text || 'body'), 'hex')
    FROM generate_series($1::bigint, $2::bigint) AS k, pattern e,
        LATERAL (SELECT pg_temp.older(e.stream_id, ($3 + 1 - k) * $4) AS id OFFSET 0) AS n
    WHERE e.version = 1
"""
DEADLINES = """
    INSERT INTO deadline
    SELECT pg_temp.older(d.stream_id, ($3 + 1 - k) * $4), d.deadline_id, d.stage, d.partition, d.due_at, d.next_at,
        d.attempts
    FROM generate_series($1::bigint, $2::bigint) AS k, pattern d
"""
LIST = """
    INSERT INTO petition_list (petition, number, filed_at, updated_at, {same})
    SELECT pg_temp.older(l.petition, ($3 + 1 - k) * $4),
        left(l.number, 12) || split_part(l.number, '-', 3)::bigint + k * h.position,
        l.filed_at - ($3 + 1 - k) * 1000 * $4, l.updated_at - ($3 + 1 - k) * 1000 * $4, {same}
    FROM generate_series($1::bigint, $2::bigint) AS k, pattern l
        JOIN head h ON h.partition = split_part(l.number, '-', 2)::smallint
"""
SAME = ", ".join(name for name in COLUMNS if name not in ("petition", "number", "filed_at", "updated_at"))
KEYS = """
    INSERT INTO subject_key
    SELECT pg_temp.older(s.key_id, ($3 + 1 - k) * $4), pg_temp.older(s.stream_id, ($3 + 1 - k) * $4), s.wrapped,
        s.created_at, s.shredded_at
    FROM generate_series($1::bigint, $2::bigint) AS k, pattern s
"""
STAND = """
    INSERT INTO es_checkpoint (subscriber, partition, position, owner, epoch)
    SELECT s, h.partition, h.position * $2, '', 1 FROM unnest($1::text[]) AS s, head h
    ON CONFLICT (subscriber, partition)
    DO UPDATE SET position = excluded.position, owner = '', lease_until = NULL, epoch = es_checkpoint.epoch + 1
"""
COPIES_AT_ONCE = 50
SAID_EACH = 500
NOT_UNIQUE = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1 AND indexdef NOT LIKE 'CREATE UNIQUE%'"


async def fill(databases: Databases, urls: DatabaseUrls, petitions: int) -> float:
    """Leave the store as if so many petitions had been filed and everybody had heard everything; returns the seconds it
    took. The search finds none of them."""
    began = perf_counter()
    pattern = min(AT_ONCE, petitions)
    await write_lives(databases, range(pattern))
    await start_deadlines(databases)
    await _project(databases)
    heads, copies = await databases.engine.heads(), petitions // pattern - 1
    in_log = [*HEARING, relay.NAME, dispatch_relay.NAME, PETITION_LIST.name]
    log = {"es_event": [EVENTS, NUMBERS], "deadline": [DEADLINES], "petition_list": [LIST.format(same=SAME)]}
    await _multiply(urls.log, heads, copies, log, in_log)
    await _multiply(urls.keys, heads, copies, {"subject_key": [KEYS]}, [])
    await _multiply(urls.search, heads, copies, {}, [PETITION_SEARCH.name])
    return perf_counter() - began


async def fill_log(databases: Databases, urls: DatabaseUrls, petitions: int) -> float:
    """The same for who reads the log and nothing else: no key, no deadline and no row of the list is there."""
    began = perf_counter()
    pattern = min(AT_ONCE, petitions)
    await write_lives(databases, range(pattern))
    heads = await databases.engine.heads()
    await _multiply(urls.log, heads, petitions // pattern - 1, {"es_event": [EVENTS]}, [])
    return perf_counter() - began


async def _project(databases: Databases) -> None:
    leases = Whole(databases.engine, PETITION_LIST.name, "prefill", databases.engine.partitions)
    runner = ProjectionRunner(PETITION_LIST, databases.runtime.log, databases.engine, leases)
    await runner.start()
    await runner.rebuild()
    await runner.stop()


async def _multiply(
    url: str,
    heads: Mapping[int, int],
    copies: int,
    tables: Mapping[str, Sequence[str]],
    subscribers: Sequence[str],
) -> None:
    """In each table, so many copies of its rows, the oldest first; these subscribers have heard all of them."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(SET)
        await connection.execute(OLDER)
        await connection.execute("CREATE TEMPORARY TABLE head (partition smallint, position bigint)")
        await connection.copy_records_to_table("head", records=list(heads.items()))
        for table, inserts in tables.items():
            await connection.execute(PATTERN.format(table=table))
            indexes = await connection.fetch(NOT_UNIQUE, table)
            for name, _ in indexes:
                await connection.execute(f"DROP INDEX {name}")
            for insert in inserts:
                for first in range(1, copies + 1, COPIES_AT_ONCE):
                    last = min(first + COPIES_AT_ONCE - 1, copies)
                    await connection.execute(insert, first, last, copies, STEP_MS)
                    if last % SAID_EACH == 0 or last == copies:
                        print(f"{table}: {last:,} of {copies:,} copies", file=sys.stderr, flush=True)
            for _, definition in indexes:
                await connection.execute(definition)
            await connection.execute(f"DROP TABLE pattern; ANALYZE {table}")
        if subscribers:
            await connection.execute(STAND, subscribers, copies + 1)
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
