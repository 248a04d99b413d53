"""Who hears which partitions: the database says so, and a checkpoint moves only under the lease that it gave.

Kafka's own groups are not asked: two ways of saying who owns a partition could disagree.
"""

import time
from collections.abc import Sequence
from typing import Protocol

from services.chassis.store.engine import LEASE_SECONDS, Checkpoint

RENEW_SECONDS = LEASE_SECONDS / 3


class Leases(Protocol):
    """The partitions of one subscriber that this process owns."""

    async def take(self) -> Sequence[Checkpoint]:
        """What it owns from now on, each partition with where the subscriber stands there."""

    async def look(self) -> Sequence[Checkpoint] | None:
        """What it owns now, when it was time to ask; a partition under another epoch was somebody else's meanwhile."""

    async def release(self) -> None:
        """Let others take what it owns at once."""


class WholeLeases(Leases, Protocol):
    """Leases of a read model, of which one process keeps everything."""

    async def seize(self) -> Sequence[Checkpoint]:
        """Take everything now, also from a live owner, who then writes nothing until it is released."""

    def beside(self, subscriber: str) -> "Leases":
        """Leases under another name, for work beside the live model that one process does at a time."""


class Giving(Protocol):
    """A database that gives all of a subscriber's partitions to whoever is alone there."""

    async def take_lease(self, subscriber: str, owner: str) -> list[Checkpoint]: ...


class Granting(Giving, Protocol):
    """A database that gives leases which run out."""

    async def seize_lease(self, subscriber: str, owner: str) -> list[Checkpoint]: ...

    async def renew_lease(self, subscriber: str, owner: str) -> set[int]: ...

    async def release_lease(self, subscriber: str, owner: str) -> None: ...


class Sharing(Granting, Protocol):
    """A database that shares a subscriber's partitions out between processes."""

    async def share_lease(self, subscriber: str, owner: str) -> list[Checkpoint]: ...

    async def leave_lease(self, subscriber: str, owner: str) -> None: ...


class Alone:
    """All partitions, for good: nobody else can be there, because the data is locked."""

    def __init__(self, engine: Giving, subscriber: str, owner: str = "embedded") -> None:
        self._engine = engine
        self._subscriber = subscriber
        self._owner = owner

    async def take(self) -> Sequence[Checkpoint]:
        return await self._engine.take_lease(self._subscriber, self._owner)

    async def look(self) -> Sequence[Checkpoint] | None:
        return None

    async def release(self) -> None:
        """Whoever opens the data next takes them anyway."""

    async def seize(self) -> Sequence[Checkpoint]:
        return await self.take()

    def beside(self, subscriber: str) -> "Alone":
        return Alone(self._engine, subscriber, self._owner)


class Shared:
    """A fair share of the partitions: renewed by asking, given back when more processes come, more when some go."""

    def __init__(self, engine: Sharing, subscriber: str, owner: str) -> None:
        self._engine = engine
        self._subscriber = subscriber
        self._owner = owner
        self._asked = float("-inf")

    async def take(self) -> Sequence[Checkpoint]:
        self._asked = time.monotonic()
        return await self._engine.share_lease(self._subscriber, self._owner)

    async def look(self) -> Sequence[Checkpoint] | None:
        return await self.take() if time.monotonic() - self._asked >= RENEW_SECONDS else None

    async def release(self) -> None:
        await self._engine.leave_lease(self._subscriber, self._owner)


class Whole:
    """All partitions or none: one process of several does the work, the others stand by."""

    def __init__(self, engine: Granting, subscriber: str, owner: str, partitions: int) -> None:
        self._engine = engine
        self._subscriber = subscriber
        self._owner = owner
        self._partitions = partitions
        self._owned: Sequence[Checkpoint] = ()
        self._asked = float("-inf")

    async def take(self) -> Sequence[Checkpoint]:
        self._asked = time.monotonic()
        owned = await self._engine.take_lease(self._subscriber, self._owner)
        if 0 < len(owned) < self._partitions:  # the rest is still another's
            await self._engine.release_lease(self._subscriber, self._owner)
        self._owned = owned if len(owned) == self._partitions else ()
        return self._owned

    async def look(self) -> Sequence[Checkpoint] | None:
        if time.monotonic() - self._asked < RENEW_SECONDS:
            return None
        if not self._owned:
            return await self.take()
        self._asked = time.monotonic()
        still = await self._engine.renew_lease(self._subscriber, self._owner)
        if len(still) < self._partitions:
            return await self.take()
        return self._owned

    async def release(self) -> None:
        self._owned = ()
        await self._engine.release_lease(self._subscriber, self._owner)

    async def seize(self) -> Sequence[Checkpoint]:
        self._asked = time.monotonic()
        self._owned = await self._engine.seize_lease(self._subscriber, self._owner)
        return self._owned

    def beside(self, subscriber: str) -> "Whole":
        return Whole(self._engine, subscriber, self._owner, self._partitions)
