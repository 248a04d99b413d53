"""Building a read model again: who may, what it is refused for, and how its new table is filled from a long log."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from services.chassis.deciding import Rejected
from services.chassis.keep_going import ended
from services.chassis.leases import RENEW_SECONDS, Leases
from services.chassis.log import Log
from services.chassis.read_model import Home, Projector
from services.chassis.store.engine import LeaseLost, Move, StoreUnavailable, Transaction

T = TypeVar("T")

REBUILD_PAGE = 2_000
MOST_TRIES = 3
"""Of a page, or of a piece that a helper was told of."""
AGAIN_SECONDS = 1.0
ALL_PETITIONS = (UUID(int=0), UUID(int=(1 << 128) - 1))


class RebuildUnderWay(Rejected):
    """Another process rebuilds the same read model."""

    code = "rebuild_under_way"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def en(self) -> str:
        return f"Another process is rebuilding {self.name}; wait until it is done, then ask again."

    def zh(self) -> str:
        return f"另一进程正在重建 {self.name}，请等待其完成后重试。"


class RebuildOvertaken(Rejected):
    """Whoever keeps the live model took it back before the new one was in its place; nothing was switched."""

    code = "rebuild_overtaken"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def en(self) -> str:
        return f"Another process took {self.name} back before the new one was in place; nothing changed: ask again."

    def zh(self) -> str:
        return f"重建完成前，{self.name} 已被另一进程收回，未作任何更改，请重新发起重建。"


class RebuildIncomplete(Rejected):
    """The new table was filled from fewer or more events than the log held; nothing was switched."""

    code = "rebuild_incomplete"
    status = 500

    def __init__(self, name: str, filled: int, held: int) -> None:
        super().__init__(name)
        self.name = name
        self.filled = filled
        self.held = held

    def en(self) -> str:
        return (
            f"The new {self.name} came from {self.filled:,} events where the log holds {self.held:,}; nothing changed."
            " Run `gridcase verify`, which says whether the log is whole, then ask again."
        )

    def zh(self) -> str:
        return (
            f"新的 {self.name} 由 {self.filled:,} 个事件生成，而日志中有 {self.held:,} 个，未作任何更改。"
            "请先运行 gridcase verify 检查日志是否完整，然后重新发起重建。"
        )


class HelperLost(Rejected):
    """A process that fills the new table ended before its work or took too long, more than once over the same piece."""

    code = "rebuild_helper_lost"
    status = 503

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def en(self) -> str:
        return (
            f"A process that rebuilds {self.name} ended early or took too long {MOST_TRIES} times; nothing changed."
            " Look in this server's log for what it said, and for a lack of memory, then ask again."
        )

    def zh(self) -> str:
        return (
            f"重建 {self.name} 的辅助进程连续 {MOST_TRIES} 次提前退出或超时，未作任何更改。"
            "请查看本服务日志并检查内存是否不足，然后重新发起重建。"
        )


class RebuildLease:
    """The right to rebuild a read model, held from `held` to the end of its block and renewed all the while.

    Whoever lost it to another process writes nothing more under its `fences`."""

    def __init__(self, name: str, leases: Leases, subscriber: str, home: Home) -> None:
        """`subscriber`: under which the leases are kept."""
        self._name = name
        self._leases = leases
        self._subscriber = subscriber
        self._home = home
        self._lost = False
        self.fences: list[Move] = []
        """Checkpoints that stay where they are, if the lease is still this one."""

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Raises RebuildUnderWay when another process has it."""
        if not (owned := await self._leases.take()):
            raise RebuildUnderWay(self._name)
        self._lost = False
        self.fences = [Move(self._subscriber, c.partition, c.position, c.position, c.epoch) for c in owned]
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            await ended([renewing])
            await self._leases.release()

    def go_on(self) -> None:
        """Raises RebuildUnderWay when it was found lost: this one was away so long that another began."""
        if self._lost:
            raise RebuildUnderWay(self._name)

    async def lost(self) -> bool:
        """Whether another process took it, asked of the database."""
        try:
            await self._home.transact(Transaction(self.fences))
        except LeaseLost:
            return True
        return False

    async def _renew(self) -> None:
        taken = {(fence.partition, fence.epoch) for fence in self.fences}
        while not self._lost:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(StoreUnavailable):  # the fences tell in the end
                still = await self._leases.look()
                self._lost = still is not None and {(one.partition, one.epoch) for one in still} != taken


Filled = Callable[[int], Awaitable[None]]
"""Told how many more events stand in the new table."""
Helpers = Callable[[Log, str, str, Mapping[int, int], Filled], Awaitable[None]]
"""Fill, for the read model of this name, this new table with what the log holds up to these heads."""


async def refill(
    projector: Projector,
    source: Log,
    home: Home,
    table: str,
    heads: Mapping[int, int],
    filled: Filled,
    between: tuple[UUID, UUID] = ALL_PETITIONS,
    page: int = REBUILD_PAGE,
    *,
    anew: bool = True,
) -> None:
    """Fill a table that holds none of these petitions with the log up to these heads, each petition in one go.

    `anew`: False when it may hold some of them, which are then replaced."""
    after, through = between

    async def one_page(again: bool) -> tuple[int, UUID | None]:
        batch, last = await source.read_streams(after, through, page, heads)
        if last is not None:
            into = table if anew and not again else None
            statements = [replace(one, into=into) for one in await projector.whole(batch, table)]
            await home.transact(Transaction(statements=statements))
        return len(batch), last

    while True:
        count, last = await tried(one_page)
        if last is None:
            return
        await filled(count)
        after = last


async def tried(work: Callable[[bool], Awaitable[T]]) -> T:
    """What the database could not do is tried again a few times; `work` is told whether it was tried before."""
    for tries in range(1, MOST_TRIES):
        try:
            return await work(tries > 1)
        except StoreUnavailable:
            await asyncio.sleep(AGAIN_SECONDS)
    return await work(True)
