"""A small disk of its own, so that it can be full while the machine's is not."""

import asyncio
import os
import random
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from tests.faults.faults import Done
from tests.faults.history import History

FULL_SECONDS = (2.0, 5.0)
BLOCK = 1 << 20


class Disk:
    """A tmpfs on this folder, where this user may mount one; else the folder as it is."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)]
        self.own = os.geteuid() == 0 and subprocess.run(words, capture_output=True, check=False).returncode == 0

    def fill(self) -> int:
        """Write until nothing more can be written; returns the bytes that there was room for."""
        written = 0
        with (self._folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    written += ballast.write(b"\0" * BLOCK)
            except OSError:
                return written

    def free(self) -> None:
        """There is room again."""
        (self._folder / "ballast").unlink(missing_ok=True)

    def close(self) -> None:
        """Take the disk away with all that is on it."""
        if self.own:
            subprocess.run(["umount", "--lazy", str(self._folder)], capture_output=True, check=False)


class DiskFull:
    """The disk of the data is full for a while."""

    name: ClassVar[str] = "disk_full"

    async def strike(self, target: Any, history: History, luck: random.Random, done: Done) -> None:
        if not target.disk.own:
            done.nothing = "the data has no disk of its own, for which a tmpfs must be mounted, as root can"
            return
        done.said["bytes"] = await asyncio.to_thread(target.disk.fill)
        try:
            await asyncio.sleep(luck.uniform(*FULL_SECONDS))
        finally:
            target.disk.free()
        await asyncio.to_thread(target.revive)
