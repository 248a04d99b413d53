"""Connections to a PostgreSQL database: few, kept open, every wait bounded, and the time that the database has."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
import structlog

from services.chassis.store.engine import OutcomeUnknown, StoreUnavailable

T = TypeVar("T")

LONGEST_WAIT = 5.0
"""Seconds for one piece of work, the wait for a connection and the connecting included."""
TIME_IS_FRESH = 5.0
"""Seconds until the database is asked for its time again."""
STEP_ALARM = 30.0
"""Seconds by which the database's clock may be found moved without an alarm."""
SETTINGS = {
    "application_name": "gridcase",
    "role": "gridcase_service",  # whoever logs in acts in the role that can only add to the log
    "default_transaction_isolation": "read committed",
    "synchronous_commit": "on",
    "plan_cache_mode": "force_custom_plan",
    # A process that is frozen in a transaction must not keep its locks, and one that is gone must not wait for any.
    "idle_in_transaction_session_timeout": "2s",
    "client_connection_check_interval": "1s",
    "statement_timeout": "10s",
}
"""Sent when a connection is made: a `SET` afterwards would be undone by a reset, or left to whoever comes next."""
UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says of a connection whose end it has not read yet
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
)
UNDONE = (
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.QueryCanceledError,
)
"""What the database says when it has undone the work; after all the others a commit may stand."""
log = structlog.get_logger()


class DatabaseTime:
    """The database's clock as this process knows it: measured against the monotonic clock, never backwards."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._latest = 0.0
        self._measured_at: float | None = None

    def now(self) -> datetime:
        self._latest = max(self._latest, time.monotonic() + self._offset)
        return datetime.fromtimestamp(self._latest, UTC)

    @property
    def fresh(self) -> bool:
        """Whether it was measured lately."""
        return self._measured_at is not None and time.monotonic() - self._measured_at < TIME_IS_FRESH

    async def measure(self, connection: Any) -> None:
        """Ask the database. Its answer counts as given when it came, however long the wait was: a time that is behind
        notices a breach late by as much, and one that is ahead would notice it early."""
        asked = time.monotonic()
        said = float(await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())"))
        answered = time.monotonic()
        offset = said - answered
        if self._measured_at is not None and abs(offset - self._offset) > STEP_ALARM:
            log.error("database_clock_stepped", seconds=round(offset - self._offset, 1))
        self._offset, self._measured_at = offset, asked


class Connections:
    """A small pool; work that cannot be done now raises StoreUnavailable, and its connection is not used again."""

    def __init__(self, url: str, size: int) -> None:
        self.time = DatabaseTime()
        self._pool = asyncpg.create_pool(
            url, min_size=0, max_size=size, server_settings=SETTINGS, timeout=LONGEST_WAIT, reset=_keep_as_it_is
        )
        self._opening = asyncio.Lock()
        self._opened = False

    async def run(self, work: Callable[[Any], Awaitable[T]], *, writes: bool = False) -> T:
        """Do `work` with a connection of its own. Raises OutcomeUnknown where it `writes` and was broken off."""
        begun = False
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._open()
                connection = await self._pool.acquire()
                try:
                    if not self.time.fresh:
                        await self.time.measure(connection)
                    begun = True
                    return await work(connection)
                except (asyncio.CancelledError, *UNAVAILABLE):
                    connection.terminate()
                    raise
                finally:
                    await self._pool.release(connection)
        except (
            ValueError
        ):  # parameters that do not fit their types: an InterfaceError too, and not the database's fault
            raise
        except UNAVAILABLE as error:
            unknown = writes and begun and not isinstance(error, UNDONE)
            raise (OutcomeUnknown if unknown else StoreUnavailable)(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        if not self._opened:
            return
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._pool.close()
        except UNAVAILABLE:
            self._pool.terminate()

    async def _open(self) -> None:
        async with self._opening:
            await self._pool
            self._opened = True


async def _keep_as_it_is(connection: Any) -> None:
    """No session state is ever set, so there is none to reset, which would cost a round trip each time."""
