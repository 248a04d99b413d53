"""What the SQLite engine does inside a transaction: append entries, claim keys, move checkpoints."""

import sqlite3
from collections.abc import Iterable, Sequence
from uuid import UUID

from services.chassis.store.engine import EntryRows, KeyClaim, LeaseLost, Move, Outcome, Statement
from services.chassis.store.placing import Standing, partitions_of, place

INSERT_EVENT = "INSERT INTO es_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_KEY = "INSERT INTO es_key VALUES (?, ?, ?, ?)"
MOVE = "UPDATE es_checkpoint SET position = ? WHERE subscriber = ? AND partition = ? AND position = ? AND epoch = ?"
LARGEST_IN_LIST = 500


def authorize(action: int, table: str | None, *_: str | None) -> int:
    """The event table is INSERT-only: an UPDATE or DELETE is refused before it runs."""
    forbidden = action in (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE) and table == "es_event"
    return sqlite3.SQLITE_DENY if forbidden else sqlite3.SQLITE_OK


def append(
    connection: sqlite3.Connection, entries: Sequence[EntryRows], partitions: int, recorded_at: int
) -> list[Outcome]:
    """Write what can be written; each entry has its own outcome and none hurts another."""
    if not entries:
        return []
    standing = Standing(
        _versions(connection, {write.stream for entry in entries for write in entry.writes}),
        {partition: head(connection, partition) for partition in partitions_of(entries, partitions)},
        _key_owners(connection, [claim for entry in entries for claim in entry.keys]),
    )
    placed = place(entries, standing, partitions, recorded_at)
    connection.executemany(INSERT_EVENT, placed.events)
    connection.executemany(INSERT_KEY, placed.keys)
    return placed.outcomes


def move(connection: sqlite3.Connection, moves: Sequence[Move]) -> None:
    """Move checkpoints by compare-and-swap; LeaseLost when any has moved or changed hands."""
    moved = connection.executemany(MOVE, [(m.new, m.subscriber, m.partition, m.old, m.epoch) for m in moves])
    if moved.rowcount != len(moves):
        raise LeaseLost


def write(connection: sqlite3.Connection, statements: Sequence[Statement]) -> None:
    """Run statements on other tables, each once per row."""
    for statement in statements:
        connection.executemany(statement.sql, statement.rows)


def head(connection: sqlite3.Connection, partition: int) -> int:
    """The newest position of a partition; 0 when it is empty."""
    row = connection.execute("SELECT max(position) FROM es_event WHERE partition = ?", (partition,)).fetchone()
    return int(row[0] or 0)


def _versions(connection: sqlite3.Connection, streams: Iterable[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for part in in_parts([stream.bytes for stream in streams]):
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            f"SELECT stream_id, max(version) FROM es_event WHERE stream_id IN ({marks}) GROUP BY stream_id",  # noqa: S608
            part,
        )
        found.update((UUID(bytes=stream), version) for stream, version in rows)
    return found


def _key_owners(
    connection: sqlite3.Connection, claims: Sequence[KeyClaim]
) -> dict[tuple[str, bytes], tuple[UUID, bytes]]:
    owners: dict[tuple[str, bytes], tuple[UUID, bytes]] = {}
    for part in in_parts(list(claims)):
        marks = ",".join(["(?, ?)"] * len(part))
        rows = connection.execute(
            f"SELECT scope, key_hash, stream_id, body_hmac FROM es_key WHERE (scope, key_hash) IN (VALUES {marks})",  # noqa: S608
            [value for claim in part for value in (claim.scope, claim.key_hash)],
        )
        owners.update(((scope, key), (UUID(bytes=stream), body)) for scope, key, stream, body in rows)
    return owners


def in_parts(values: list[KeyClaim] | list[bytes]) -> "list[list]":  # type: ignore[type-arg]
    """Slices small enough for one IN list."""
    return [values[start : start + LARGEST_IN_LIST] for start in range(0, len(values), LARGEST_IN_LIST)]
