"""`gridcase` with a fault planted, so that the checker can be seen to find it.

`PLANTED=late_commit`: answers before the commit. `PLANTED=split_commit`: moves the checkpoint before the effects.
"""

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from services.chassis.crash import crash_point
from services.chassis.log import Log
from services.chassis.store.sqlite_writer import SqliteWriter
from services.cli import app


class Late(sqlite3.Connection):
    """Says that it has committed, and would do so later."""

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if sql == "COMMIT" or (sql == "BEGIN IMMEDIATE" and self.in_transaction):
            return super().execute("SELECT 1")
        return super().execute(sql, *more)


def _late_commit() -> None:
    commit = SqliteWriter._commit

    def late(self: SqliteWriter, connection: sqlite3.Connection, batch: Any) -> None:
        if self.path.name == "log.db" and not isinstance(connection, Late):
            connection = self.__dict__.setdefault(
                "late", sqlite3.connect(self.path, isolation_level=None, factory=Late)
            )
        commit(self, connection, batch)

    SqliteWriter._commit = late  # type: ignore[method-assign]


def _split_commit() -> None:
    transact = Log.transact

    async def split(
        self: Log, moves: Sequence[Any], entries: Sequence[Any] = (), statements: Sequence[Any] = ()
    ) -> Any:
        await transact(self, moves, [], statements)
        if moves and entries:
            crash_point("planted.between")
        return await transact(self, [], entries, [])

    Log.transact = split  # type: ignore[method-assign]


if __name__ == "__main__":
    {"late_commit": _late_commit, "split_commit": _split_commit}[os.environ["PLANTED"]]()
    app()
