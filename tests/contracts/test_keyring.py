"""What a keyring promises, wherever it keeps the keys."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from services.chassis.clock import MachineTime
from services.chassis.postgres_keyring import PostgresKeyring
from services.chassis.sealing import FileKeyring, Keyring, PetitionKey, UnknownKey
from services.chassis.store.engine import StoreUnavailable
from services.chassis.store.migrating import make_tables
from services.chassis.store.tables import keys_metadata
from tests.contracts.petitions import filed
from tests.contracts.rows import stream
from tests.contracts.stores import KEYS, SERVERS, PostgresStore

MASTER = b"m" * 32
WORDS = "住锚地路 9 号"


class Safe(Protocol):
    """Where keys are kept; `open` gives another keyring on it, as another process has."""

    def open(self, master: bytes = MASTER) -> Keyring: ...

    async def do(self, sql: str) -> None: ...

    async def close(self) -> None: ...


class FileSafe:
    def __init__(self, path: Path) -> None:
        self._path, self._opened = path, list[Keyring]()
        make_tables(path, keys_metadata)

    def open(self, master: bytes = MASTER) -> Keyring:
        self._opened.append(FileKeyring(self._path, master, MachineTime()))
        return self._opened[-1]

    async def do(self, sql: str) -> None:
        with closing(sqlite3.connect(self._path)) as other, other:
            other.execute(sql)

    async def close(self) -> None:
        for one in self._opened:
            await one.close()


class PostgresSafe:
    def __init__(self, keys: PostgresStore) -> None:
        self.store, self._opened = keys, list[Keyring]()

    def open(self, master: bytes = MASTER) -> Keyring:
        self._opened.append(PostgresKeyring(self.store.url, master, MachineTime()))
        return self._opened[-1]

    async def do(self, sql: str) -> None:
        await self.store.do(sql)

    async def close(self) -> None:
        for one in self._opened:
            await one.close()


@pytest.fixture(params=["sqlite", *SERVERS])
async def safe(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Safe]:
    if request.param == "sqlite":
        made: Safe = FileSafe(tmp_path / "keys.db")
    else:
        made = PostgresSafe(await PostgresStore.emptied(request.getfixturevalue(request.param), KEYS))
    yield made
    await made.close()


def _opens(key: PetitionKey | None, sealed) -> bool:
    return key is not None and key.open_token(sealed.text.token, 1, "text", TypeAdapter(str)) == WORDS


async def test_what_one_process_sealed_another_opens(safe):
    petition = stream()
    made = await safe.open().make([petition])
    assert made.fresh == {petition}
    assert _opens((await safe.open().get([petition]))[petition], made.keys[petition].seal(filed(WORDS), 1))


async def test_a_petition_keeps_its_first_key(safe):
    petition, new = stream(), stream()
    first = await safe.open().make([petition])
    again = await safe.open().make([petition, new])
    assert again.fresh == {new}
    assert _opens(again.keys[petition], first.keys[petition].seal(filed(WORDS), 1))


async def test_of_processes_that_make_one_key_at_once_all_get_the_same(safe):
    petitions = [stream() for _ in range(20)]
    made = await asyncio.gather(*(safe.open().make(order) for order in (petitions, petitions[::-1], petitions)))
    for petition in petitions:
        assert sum(petition in one.fresh for one in made) == 1
        sealed = made[0].keys[petition].seal(filed(WORDS), 1)
        assert all(_opens(one.keys[petition], sealed) for one in made)


async def test_a_key_that_is_not_there_is_an_error_and_an_erased_one_is_none(safe):
    erased, there = stream(), stream()
    await safe.open().make([erased, there])
    await safe.do(f"UPDATE subject_key SET wrapped = NULL WHERE stream_id = {_literal(safe, erased)}")
    keys = await safe.open().get([erased, there, unknown := stream()])
    assert keys[erased] is None
    assert keys[there]
    with pytest.raises(UnknownKey):
        keys[unknown]


def _literal(safe: Safe, petition) -> str:
    return f"x'{petition.hex}'" if isinstance(safe, FileSafe) else f"'{petition}'"


async def test_a_removed_key_is_forgotten_everywhere(safe):
    petition, other, keyring = stream(), stream(), safe.open()
    await keyring.make([petition, other])
    await keyring.remove([petition])
    for one in (keyring, safe.open()):
        keys = await one.get([petition, other])
        assert keys[other]
        with pytest.raises(UnknownKey):
            keys[petition]


async def test_another_master_key_opens_nothing(safe):
    petition = stream()
    await safe.open().make([petition])
    with pytest.raises(UnknownKey):
        (await safe.open(b"n" * 32).get([petition]))[petition]


async def test_digests_are_the_same_for_all_who_have_the_master_key(safe):
    one, other, stranger = safe.open(), safe.open(), safe.open(b"n" * 32)
    assert one.digest("body", b"x") == other.digest("body", b"x") != stranger.digest("body", b"x")
    assert one.digest("body", b"x") != one.digest("command", b"x")


async def test_nothing_asked_for_is_nothing_found(safe):
    assert await safe.open().get([]) == {}
    assert (await safe.open().make([])).keys == {}


@pytest.mark.postgres
async def test_a_key_database_that_is_down_is_an_error_and_known_keys_still_open(postgres_server):
    keys = PostgresSafe(await PostgresStore.emptied(postgres_server, KEYS))
    known, keyring = stream(), keys.open()
    await keyring.make([known])
    postgres_server.stop()
    try:
        assert (await keyring.get([known]))[known]
        with pytest.raises(StoreUnavailable):
            await keyring.make([stream()])
        with pytest.raises(StoreUnavailable):
            await keyring.get([stream()])
    finally:
        postgres_server.start()
    await keyring.make([stream()])
    await keys.close()


@pytest.mark.postgres
async def test_a_service_cannot_change_a_key(server):
    keys = await PostgresStore.emptied(server, KEYS)
    with pytest.raises(Exception, match="permission denied"):
        await keys.do_as_service("UPDATE subject_key SET wrapped = NULL")


async def test_while_the_file_of_the_keys_is_read_everything_else_goes_on(tmp_path, monkeypatch):
    safe = FileSafe(tmp_path / "keys.db")
    keyring, petition = safe.open(), stream()
    others_go_on, read = threading.Event(), FileKeyring._read

    def slowly(self: FileKeyring, streams: Sequence[UUID]) -> list[tuple[UUID, bytes | None]]:
        assert others_go_on.wait(5), "nothing else went on"
        return read(self, streams)

    monkeypatch.setattr(FileKeyring, "_read", slowly)
    asyncio.get_running_loop().call_soon(others_go_on.set)
    assert await keyring.get([petition]) == {}
    await safe.close()
