"""What a read model is: a table in a database, and what turns events into its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.event import AnyRecorded
from services.chassis.log import Log
from services.chassis.store.engine import Checkpoint, EventRow, Outcome, Statement, Transaction


class Home(Protocol):
    """The database a read model lives in: the log's own, or one beside it."""

    dialect: str

    async def transact(
        self, transaction: Transaction, committed: Callable[[list[Outcome]], None] | None = None
    ) -> list[Outcome]: ...

    async def take_lease(self, subscriber: str, owner: str) -> list[Checkpoint]: ...

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[Any]: ...


@dataclass(frozen=True)
class Projection:
    """A read model: its table, and what turns events into rows for it."""

    name: str
    table: str
    create: Callable[[str, str], Sequence[str]]
    """DDL for an empty table of this name in a file, its indexes named with this suffix. PostgreSQL makes a table like
    the one that is there."""
    projector: Callable[[Log, str], "Projector"]
    """A fresh projector with nothing remembered, for a table in this dialect."""

    def beside(self, mark: str) -> str:
        """The table that the rebuild with this mark fills, and no other ever writes to."""
        return f"{self.table}__new{mark}"


class Projector(Protocol):
    """Turns events into rows; may remember what it needs between batches."""

    async def rows(self, batch: Sequence[AnyRecorded], table: str) -> Sequence[Statement]:
        """What writes them; each statement's parameters are named as the table's columns."""

    async def whole(self, streams: Sequence[EventRow], table: str) -> Sequence[Statement]:
        """The same for petitions of which this is everything, one after the other; nothing is remembered of them."""
