"""Breaches come first: while very many pass at once, whoever else reads the log in this process waits a little."""

import asyncio
import contextlib

LONGEST_SECONDS = 2.0
"""However much is due, nobody waits longer for it at once."""


class GivingWay:
    """Begun by who must not be late, waited for by everybody else."""

    def __init__(self) -> None:
        self._over = asyncio.Event()
        self._over.set()

    @property
    def asked(self) -> bool:
        """Whether somebody must not be late now."""
        return not self._over.is_set()

    def begin(self) -> None:
        """Ask everybody else to wait."""
        self._over.clear()

    def end(self) -> None:
        """Let them go on."""
        self._over.set()

    async def wait(self) -> None:
        """Return when nobody must be first, or when that takes too long."""
        if self.asked:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_SECONDS):
                    await self._over.wait()
