"""Personal data is sealed before it is stored: AES-256-GCM under one key per petition, each wrapped by the master key.

The associated data of a sealed field are stream, version and field name, so that a token moved to another place does
not open. The data keys live in a file or a database of their own with its own backup; without it the log's words stay
closed.
"""

import asyncio
import base64
import hmac
import os
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import uuid_utils
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter

from schemas.event import AnyRecorded, Event
from schemas.sealed import TOKEN_PREFIX, Sealed, content_adapter
from services.chassis.clock import Time, micros
from services.chassis.store.sqlite_writer import SqliteWriter, open_file

EventT = TypeVar("EventT", bound=Event)
NONCE_BYTES = 12
KEY_BYTES = 32
INSERT_KEY = "INSERT INTO subject_key VALUES (?, ?, ?, ?, NULL) ON CONFLICT (stream_id) DO NOTHING"
DELETE_KEY = "DELETE FROM subject_key WHERE stream_id = ?"
MOST_KEPT_KEYS = 4_000


class UnknownKey(Exception):
    """The key of this petition is not in the key file, or wrapped by another master key: they belong not together."""


class MasterLost(Exception):
    """The key file holds keys, and the master key that wraps them is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is gone, and the keys that it wraps are of no use without it: restore it from its backup; nothing"
            f" was changed / 主密钥 {path} 不见了，没有它无法打开已加密的内容：请从备份恢复；未作任何改动"
        )


class Unsealable(Exception):
    """The ciphertext does not open in this place: it was moved, changed, or made under another key."""


def sealed_fields(event_type: type[Event]) -> Mapping[str, TypeAdapter[Any]]:
    """Field name → adapter of its content, for every sealed field of an event type."""
    known = _SEALED.get(event_type)
    if known is None:
        known = _SEALED[event_type] = {
            name: content_adapter(field.annotation)
            for name, field in event_type.model_fields.items()
            if "Sealed" in repr(field.annotation)
        }
    return known


_SEALED: dict[type[Event], dict[str, TypeAdapter[Any]]] = {}


_nonces: list[bytes] = []


def _nonce() -> bytes:
    """A random nonce, never given twice; the system is asked for many at a time, which costs as much as for one."""
    if not _nonces:
        many = os.urandom(NONCE_BYTES * 256)
        _nonces.extend(many[start : start + NONCE_BYTES] for start in range(0, len(many), NONCE_BYTES))
    return _nonces.pop()


class PetitionKey:
    """The data key of one petition; `seal` and `open` work in memory only."""

    __slots__ = ("_cipher", "_stream")

    def __init__(self, stream: UUID, key: bytes) -> None:
        self._stream = stream.bytes
        self._cipher = AESGCM(key)

    def seal(self, event: EventT, version: int) -> EventT:
        """The same event with every clear field turned into its token for this version."""
        tokens: dict[str, Sealed[Any]] = {}
        for name, adapter in sealed_fields(type(event)).items():
            value = getattr(event, name)
            if value is not None and value.token is None:
                nonce = _nonce()
                content = adapter.serializer.to_json(value.clear)
                token = nonce + self._cipher.encrypt(nonce, content, self._place(version, name))
                # Not `Sealed[Any](…)`: naming its type takes six times as long.
                tokens[name] = Sealed(token=TOKEN_PREFIX + base64.urlsafe_b64encode(token).decode())
        return event.model_copy(update=tokens) if tokens else event

    def open(self, recorded: AnyRecorded, name: str) -> Any:
        """The content of a sealed field; None when the field is empty. Raises Unsealable."""
        sealed: Sealed[Any] | None = getattr(recorded.event, name)
        if sealed is None:
            return None
        if sealed.token is None:
            return sealed.clear
        return self.open_token(sealed.token, recorded.version, name, sealed_fields(type(recorded.event))[name])

    def open_token(self, token: str, version: int, name: str, adapter: TypeAdapter[Any]) -> Any:
        """As `open`, for a token that was copied out of its event together with its place."""
        try:
            content = base64.urlsafe_b64decode(token[len(TOKEN_PREFIX) :])
            clear = self._cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], self._place(version, name))
        except (InvalidTag, ValueError):  # no base64, or too short for a nonce
            raise Unsealable(name) from None
        return adapter.validator.validate_json(clear)

    def _place(self, version: int, name: str) -> bytes:
        return b"%b|%d|%b" % (self._stream, version, name.encode())


class Keys(dict[UUID, PetitionKey | None]):
    """Keys by petition; None for an erased one. Asking for one that cannot be had raises UnknownKey."""

    def __missing__(self, petition: UUID) -> PetitionKey | None:
        raise UnknownKey(
            f"the key file has no key of {petition} that the master key opens: do key file, master key and log belong"
            " together?"
        )


class Made(NamedTuple):
    """Keys for new petitions, and for which of them there was none before."""

    keys: dict[UUID, PetitionKey]
    fresh: frozenset[UUID]


class KeyRow(NamedTuple):
    """A petition's key as it is kept."""

    key_id: UUID
    stream: UUID
    wrapped: bytes
    created_at: int


class Drafted(NamedTuple):
    """Keys for new petitions that exist in memory only, and the rows that would keep them."""

    keys: dict[UUID, PetitionKey]
    rows: list[KeyRow]


class Keyring(Protocol):
    """Where the petitions' keys are kept."""

    def draft(self, streams: Collection[UUID]) -> Drafted:
        """Keys for new petitions. Nothing that they seal may be stored before `keep` says that they are durable."""

    async def keep(self, drafted: Drafted) -> Made:
        """Make them durable; a petition that has its key already keeps that, and the draft is worth nothing."""

    async def make(self, streams: Collection[UUID]) -> Made:
        """Both at once."""

    async def remove(self, streams: Collection[UUID]) -> None:
        """Forget the keys of petitions that were not filed after all."""

    async def get(self, streams: Collection[UUID]) -> Keys:
        """The keys of these petitions in one query."""

    def digest(self, purpose: str, content: bytes) -> bytes:
        """A keyed hash of 16 bytes: tells whether two bodies are equal and nothing else."""

    async def close(self) -> None: ...


class WrappedKeys(ABC):
    """Keys wrapped by the master key; where the rows are kept is the affair of each kind of database."""

    def __init__(self, master: bytes, time: Time) -> None:
        self._time = time
        self._wrap = AESGCM(master)
        self._hash_key = hmac.digest(master, b"gridcase digest", sha256)
        self._kept: OrderedDict[UUID, PetitionKey] = OrderedDict()

    def draft(self, streams: Collection[UUID]) -> Drafted:
        now = micros(self._time.now())
        drafted = Drafted({}, [])
        for stream in streams:
            key = AESGCM.generate_key(KEY_BYTES * 8)
            drafted.keys[stream] = PetitionKey(stream, key)
            key_id = UUID(bytes=uuid_utils.uuid7().bytes)
            drafted.rows.append(KeyRow(key_id, stream, self._wrapped(stream, key), now))
        return drafted

    async def make(self, streams: Collection[UUID]) -> Made:
        return await self.keep(self.draft(streams))

    async def keep(self, drafted: Drafted) -> Made:
        fresh = await self._insert(drafted.rows)
        made = {stream: self._keep(stream, key) for stream, key in drafted.keys.items() if stream in fresh}
        if len(made) < len(drafted.rows):  # an append is tried again: what was sealed before must still open
            known = await self.get([stream for stream in drafted.keys if stream not in fresh])
            made.update((stream, key) for stream, key in known.items() if key)
        return Made(made, fresh)

    async def remove(self, streams: Collection[UUID]) -> None:
        for stream in streams:
            self._kept.pop(stream, None)
        await self._delete(streams)

    async def get(self, streams: Collection[UUID]) -> Keys:
        found = Keys({stream: self._kept[stream] for stream in streams if stream in self._kept})
        missing = [stream for stream in streams if stream not in found]
        for stream, wrapped in await self._select(missing) if missing else ():
            if wrapped is None:
                found[stream] = None
            elif (key := self._unwrapped(stream, wrapped)) is not None:
                found[stream] = self._keep(stream, PetitionKey(stream, key))
        return found

    def digest(self, purpose: str, content: bytes) -> bytes:
        return hmac.digest(self._hash_key, purpose.encode() + b"\0" + content, sha256)[:16]

    @abstractmethod
    async def _insert(self, rows: Sequence[KeyRow]) -> frozenset[UUID]:
        """Write these, but never over another; returns the petitions that had no key before."""

    @abstractmethod
    async def _delete(self, streams: Collection[UUID]) -> None: ...

    @abstractmethod
    async def _select(self, streams: Sequence[UUID]) -> Iterable[tuple[UUID, bytes | None]]:
        """The wrapped keys of these petitions, None for an erased one."""

    def _keep(self, stream: UUID, key: PetitionKey) -> PetitionKey:
        self._kept[stream] = key
        if len(self._kept) > MOST_KEPT_KEYS:
            self._kept.popitem(last=False)
        return key

    def _wrapped(self, stream: UUID, key: bytes) -> bytes:
        nonce = _nonce()
        return nonce + self._wrap.encrypt(nonce, key, stream.bytes)

    def _unwrapped(self, stream: UUID, wrapped: bytes) -> bytes | None:
        """None when it was wrapped by another master key: the other petitions of the query have theirs."""
        try:
            return self._wrap.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], stream.bytes)
        except (InvalidTag, ValueError):
            return None


class FileKeyring(WrappedKeys):
    """Keys in their own SQLite file."""

    def __init__(self, path: Path, master: bytes, time: Time) -> None:
        super().__init__(master, time)
        self._writer = SqliteWriter(path)
        self._reader = open_file(path, read_only=True)
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="keys")

    async def close(self) -> None:
        await self._writer.close()
        self._reading.shutdown()
        self._reader.close()

    async def _insert(self, rows: Sequence[KeyRow]) -> frozenset[UUID]:
        return await self._writer.submit(
            lambda connection: frozenset(row.stream for row in rows if connection.execute(INSERT_KEY, row).rowcount)
        )

    async def _delete(self, streams: Collection[UUID]) -> None:
        rows = [(stream,) for stream in streams]
        await self._writer.submit(lambda connection: connection.executemany(DELETE_KEY, rows))

    async def _select(self, streams: Sequence[UUID]) -> list[tuple[UUID, bytes | None]]:
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, streams)

    def _read(self, streams: Sequence[UUID]) -> list[tuple[UUID, bytes | None]]:
        found: list[tuple[UUID, bytes | None]] = []
        for start in range(0, len(streams), 500):
            part = streams[start : start + 500]
            marks = ",".join("?" * len(part))
            sql = f"SELECT stream_id, wrapped FROM subject_key WHERE stream_id IN ({marks})"  # noqa: S608
            found += [(UUID(bytes=raw), wrapped) for raw, wrapped in self._reader.execute(sql, part)]
        return found


def read_or_make_master(path: Path, *, wraps_keys: bool) -> bytes:
    """The master key, made at the first start with mode 600. Without it nothing that was sealed can be read again, so
    when there are keys that it wraps no other is made in its place: raises MasterLost."""
    if not path.exists():
        if wraps_keys:
            raise MasterLost(path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(AESGCM.generate_key(KEY_BYTES * 8))
            file.flush()
            os.fsync(file.fileno())
        _keep_entry(path.parent)
    return read_master(path)


def read_master(path: Path) -> bytes:
    """The master key of a file that is there: its bytes, or as many in hexadecimal. Raises UnknownKey."""
    try:
        key = path.read_bytes()
    except OSError:
        raise UnknownKey(
            f"there is no master key in {path}: name its file with GRIDCASE_MASTER_KEY, or make one with `gridcase"
            " migrate`; every process needs the same / 缺少主密钥文件"
        ) from None
    if len(written := key.strip()) == 2 * KEY_BYTES:
        with suppress(ValueError):
            return bytes.fromhex(written.decode("ascii", "replace"))
    if len(key) != KEY_BYTES:
        raise UnknownKey(f"{path.name} is not a master key of {KEY_BYTES} bytes: restore it from its backup")
    return key


def _keep_entry(directory: Path) -> None:
    """Have a new file still be there after the power was cut: its name is kept by its directory."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
