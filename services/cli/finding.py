"""Where a command does its work: at the server that was named, at the one that owns DATA, or on the data itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.settings import Settings
from services.cli.asking import fail


def server_of(settings: Settings) -> str | None:
    """The URL that was named, else where the owner of DATA said it listens; None when there is neither."""
    return settings.url.rstrip("/") if settings.url else _announced(settings.data)


def server_on(settings: Settings) -> str:
    """As `server_of`; ends with a clear word when there is neither."""
    server = server_of(settings)
    if server is None:
        raise fail(
            f"no server runs on {settings.data}: start it with `gridcase up`, or name one with --url"
            " / 没有正在运行的服务：请先启动 gridcase up，或用 --url 指定"
        )
    return server


def _announced(directory: Path) -> str | None:
    """What the lock file says, if its writer lives: a killed server cannot take its word back."""
    from services.chassis.data_dir import said_in_lock

    pid, url = said_in_lock(directory)
    if pid is None:
        return None
    try:
        os.kill(pid, 0)
    except PermissionError:  # it lives, and belongs to somebody else
        pass
    except OSError:
        return None
    return url


@contextmanager
def server_or_data(settings: Settings) -> Iterator[str | None]:
    """The URL of the server to ask, or None with DATA locked for this process until the block ends.

    Ends with a clear word when there is no data, or when a process owns it that does not listen.
    """
    from services.chassis.data_dir import DataLocked, Lock

    if settings.url:
        yield settings.url.rstrip("/")
        return
    if not (settings.data / "log.db").exists():
        raise fail(
            f"there is no gridcase data in {settings.data}: name it with --data, or a server with --url"
            " / 没有数据：请用 --data 指定数据目录，或用 --url 指定服务器"
        )
    try:
        lock = Lock(settings.data)
    except DataLocked as error:
        if error.url is None:
            raise fail(str(error)) from None
        yield error.url
        return
    try:
        yield None
    finally:
        lock.release()
