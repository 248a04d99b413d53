"""What went wrong outside gridcase, in a sentence instead of a traceback."""

import errno
import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import httpx

from services.cli.asking import fail

P = ParamSpec("P")


def plainly(command: Callable[P, None]) -> Callable[P, None]:
    """The command, ending with a clear word where files, disk or settings do not let it work."""

    @wraps(command)
    def run(*args: P.args, **options: P.kwargs) -> None:
        try:
            command(*args, **options)
        except Exception as error:
            if (words := _words(error)) is None:
                raise
            raise fail(words) from None

    return run


def _words(error: Exception) -> str | None:
    from services.chassis.backups import NotEmpty, NotThere
    from services.chassis.data_dir import DataBroken, DataLocked
    from services.chassis.policies import NoPolicy
    from services.chassis.sealing import MasterLost
    from services.chassis.store.engine import StoreUnavailable
    from services.chassis.store.migrating import PartitionsFixed

    match error:
        case DataBroken() | DataLocked() | MasterLost() | NoPolicy() | NotEmpty() | NotThere() | PartitionsFixed():
            return str(error)
        case StoreUnavailable():
            return f"the data cannot be written: {error} / 数据无法写入：{error}"
        case sqlite3.DatabaseError():
            return f"the data cannot be read: {error}; restore the directory from a backup / 数据无法读取，请从备份恢复"
        case httpx.InvalidURL():
            return f"that is not an address: {error} / 地址无效：{error}"
        case OSError(errno=errno.ENOSPC):
            return "the disk is full: make room and run this again / 磁盘已满，请清理后重试"
        case OSError(filename=str() as name, strerror=str() as why):
            return f"{name} cannot be used: {why} / 无法使用 {name}：{why}"
    return None
