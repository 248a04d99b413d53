"""A copy of a data directory while it is served, and a new directory from such a copy."""

import sqlite3
from contextlib import closing
from pathlib import Path

from services.chassis.data_dir import DataBroken
from services.chassis.store.epochs import renew_epoch_of_file

FILES = ("log.db", "keys.db")
"""In this order: a petition's key is on the disk before its first event, so keys that are copied after the log open all
of it. `master.key` is kept elsewhere, and `search.db` is made again from the log."""
MAY_BE_THERE = "master.key"


class NotEmpty(Exception):
    """A backup and a restored directory are made where nothing is, so that nothing is written over."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"{directory} is not empty: name a folder that is not there yet; nothing was written"
            f" / {directory} 不是空目录：请指定一个新目录；未写入任何内容"
        )


class NotThere(Exception):
    """A file that must be copied is missing."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is no {path}: name a folder that holds {' and '.join(FILES)} / 没有 {path}：请指定含"
            f" {' 和 '.join(FILES)} 的目录"
        )


def back_up(data: Path, target: Path) -> None:
    """Copy log and keys, each as it stands at one moment, also while they are served; raises NotEmpty and NotThere."""
    _copy_all(data, target, may_be_there=())


def restore(backup: Path, data: Path) -> str:
    """Make a data directory of a backup; returns the epoch of the new store. Raises NotEmpty and NotThere."""
    _copy_all(backup, data, may_be_there=(MAY_BE_THERE,))
    return renew_epoch_of_file(data / "log.db")


def _copy_all(source: Path, target: Path, may_be_there: tuple[str, ...]) -> None:
    for name in FILES:
        if not (source / name).is_file():
            raise NotThere(source / name)
    if target.exists() and any(one.name not in may_be_there for one in target.iterdir()):
        raise NotEmpty(target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FILES:
        _copy(source / name, target / name)


def _copy(source: Path, target: Path) -> None:
    """One snapshot of a SQLite file that others may be writing, looked through, under its name once it is whole."""
    part = target.with_suffix(".part")
    part.touch(0o600)
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as taken,
        closing(sqlite3.connect(part)) as made,
    ):
        taken.backup(made)
        made.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it that could be forgotten
        (found,) = made.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise DataBroken(source, found)
    part.rename(target)
