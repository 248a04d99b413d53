"""Rows to append, named by what matters in them."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

import uuid_utils

from services.chassis.store.engine import Draft, EntryRows, KeyClaim, StreamWrite

PARTITIONS = 16
META = '{"service":"probe","causation":"test"}'


def stream(partition: int | None = None) -> UUID:
    """A new stream id, in any partition or in this one."""
    made = uuid_utils.uuid7().bytes
    return UUID(bytes=made if partition is None else made[:-1] + bytes([made[-1] & 0xF0 | partition]))


def drafts(*data: str) -> list[Draft]:
    """One event for each string."""
    return [Draft("Probed", 1, one, META) for one in data]


def write(to: UUID, expected: int = 0, *data: str) -> StreamWrite:
    """Append these, or one event that says nothing."""
    return StreamWrite(to, expected, drafts(*(data or ("{}",))))


def entry(*writes: StreamWrite, keys: Sequence[KeyClaim] = ()) -> EntryRows:
    """All or nothing; its keys point to the first stream."""
    return EntryRows(writes, keys, writes[0].stream if keys else None)


def filing(to: UUID, *data: str, keys: Sequence[KeyClaim] = ()) -> EntryRows:
    """A new stream."""
    return entry(write(to, 0, *data), keys=keys)


def key(name: str, body: str = "body", scope: str = "caller") -> KeyClaim:
    """A claim of the key `name` for a request with this body."""
    return KeyClaim(scope, sha256(name.encode()).digest()[:16], sha256(body.encode()).digest()[:16])
