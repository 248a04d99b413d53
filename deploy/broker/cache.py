"""The kit in the user's cache: made once for all checkouts, and then there without the network."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from deploy.broker.kafka import Broker
from deploy.broker.kit import POM, Kit, version


def folder() -> Path:
    """Where everything lies that gridcase fetches for development."""
    return Path(os.environ.get("GRIDCASE_CACHE") or Path.home() / ".cache" / "gridcase")


def kit() -> Kit:
    """The kit of this machine; who comes first makes it, who comes at the same time waits."""
    kit = Kit(folder() / f"kafka-{version()}")
    if not _complete(kit):
        kit.home.parent.mkdir(parents=True, exist_ok=True)
        with kit.home.with_name(f"{kit.home.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _complete(kit):
                _make(kit)
    return kit


def _complete(kit: Kit) -> bool:
    made_from = _made_from(kit)
    return made_from.exists() and made_from.read_bytes() == POM.read_bytes()


def _made_from(kit: Kit) -> Path:
    """The `pom.xml` that the kit was made from; written last, so a kit half made is made again."""
    return kit.home / "pom.xml"


def _make(kit: Kit) -> None:
    shutil.rmtree(kit.home, ignore_errors=True)
    kit.home.mkdir()
    kit.fetch()
    kit.format()
    with tempfile.TemporaryDirectory() as home:
        broker = Broker(Path(home), kit)
        try:
            broker.start([f"-XX:ArchiveClassesAtExit={kit.classes}"])
        finally:
            broker.stop()
    shutil.copy(POM, _made_from(kit))
