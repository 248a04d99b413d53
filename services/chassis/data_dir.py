"""The directory of an embedded gridcase: log, keys, search, and the lock that keeps a second process out.

`log.db` events and read models · `keys.db` the petitions' keys · `search.db` the only opened words ·
`master.key` wraps the keys · `lock` held while a process owns the directory, naming where it listens.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import MetaData, create_engine
from sqlalchemy.exc import DatabaseError

from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime, Time, from_micros
from services.chassis.log import Log
from services.chassis.policies import PolicyBook
from services.chassis.runtime import Runtime
from services.chassis.sealing import FileKeyring, read_or_make_master
from services.chassis.store.migrating import fix_partitions, make_tables, settle_file
from services.chassis.store.sqlite import SqliteEngine
from services.chassis.store.tables import es_checkpoint, keys_metadata, log_metadata


class DataLocked(Exception):
    """Another process owns the directory; `url` is where it listens, when it serves."""

    def __init__(self, directory: Path, url: str | None) -> None:
        where = f"a server at {url} owns it" if url else "another gridcase process owns it"
        super().__init__(f"{directory} is in use: {where}; stop it or ask it / 数据目录正被占用")
        self.url = url


class DataBroken(Exception):
    """A file of the directory is not what gridcase wrote, or cannot be written."""

    def __init__(self, path: Path, why: str) -> None:
        en, zh = "restore the directory from a backup", "请从备份恢复数据目录"
        if path.name == "search.db":
            en, zh = "delete it, and it is made again from the log", "可直接删除，启动后会由日志重建"
        if "full" in why:
            en, zh = "make room and run this again", "请清理磁盘后重试"
        super().__init__(f"{path} cannot be used: {why}; {en} / 无法使用 {path}；{zh}")


class Lock:
    """The exclusive right to a data directory, until `release` or the process ends."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._file: IO[str] = open(directory / "lock", "a+")  # noqa: SIM115 - held open for the process's life
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise DataLocked(directory, serving_url(directory)) from None
        self.announce(None)

    def announce(self, url: str | None) -> None:
        """Say where this process listens, for tools that find the directory locked."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "url": url}, self._file)
        self._file.flush()

    def release(self) -> None:
        self.announce(None)
        self._file.close()


def serving_url(directory: Path) -> str | None:
    """Where the owner of a locked directory said it listens."""
    return said_in_lock(directory)[1]


def said_in_lock(directory: Path) -> tuple[int | None, str | None]:
    """The process that owned the directory last, and where it listens; None for what the lock file does not say."""
    try:
        said: Any = json.loads((directory / "lock").read_text())
    except (OSError, ValueError):
        return None, None
    pid, url = (said.get("pid"), said.get("url")) if isinstance(said, dict) else (None, None)
    return pid if isinstance(pid, int) and 0 < pid < 2**31 else None, url if isinstance(url, str) else None


@dataclass(frozen=True)
class DataDir:
    """An opened data directory."""

    runtime: Runtime
    engine: SqliteEngine
    search: SqliteEngine
    opened: AsyncExitStack

    async def close(self) -> None:
        """Write what was taken and let go of every file, whatever happens to one of them."""
        await self.opened.aclose()


async def open_data(directory: Path, partitions: int, tables: MetaData, time: Time | None = None) -> DataDir:
    """Open or make the files in a directory that exists. `tables` are the read models that live beside the log."""
    clock = time or MachineTime()
    with _writable(directory / "log.db") as path:
        settle_file(path, "log", log_metadata, tables)
        _fix_meta(path, partitions)
    with _writable(directory / "keys.db") as path:
        settle_file(path, "keys", keys_metadata)
    with _writable(directory / "search.db") as path:
        make_search(path)
    master = read_or_make_master(directory / "master.key", wraps_keys=_has_keys(directory / "keys.db"))
    async with AsyncExitStack() as opened:
        keyring = FileKeyring(directory / "keys.db", master, clock)
        opened.push_async_callback(keyring.close)
        search = SqliteEngine(directory / "search.db", clock, partitions)
        opened.push_async_callback(search.close)
        engine = SqliteEngine(directory / "log.db", clock, partitions)
        opened.push_async_callback(engine.close)
        heads = await engine.heads()
        if isinstance(clock, MachineTime):
            for newest in await engine.read({partition: head - 1 for partition, head in heads.items()}, len(heads)):
                clock.at_least(from_micros(newest.recorded_at))
        log = Log(engine, keyring, known_heads=heads)
        policies = PolicyBook(engine, clock)
        await policies.open()
        batcher = Batcher(log)
        batcher.start()
        opened.push_async_callback(batcher.stop)
        return DataDir(Runtime(log, clock, policies, batcher), engine, search, opened.pop_all())


@contextmanager
def _writable(path: Path) -> Iterator[Path]:
    """A file of the directory; raises DataBroken when it cannot be read or written as one."""
    try:
        yield path
    except DatabaseError as error:
        raise DataBroken(path, str(error.orig)) from None


def make_search(path: Path) -> None:
    """The search file: opened words and their own checkpoint, apart from the log so that its WAL holds none."""
    only_checkpoint = MetaData()
    es_checkpoint.to_metadata(only_checkpoint)
    make_tables(path, only_checkpoint)


def _has_keys(path: Path) -> bool:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT 1 FROM subject_key LIMIT 1").fetchone() is not None
    connection.close()
    return found


def _fix_meta(path: Path, partitions: int) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        fix_partitions(connection, partitions)
    engine.dispose()
