"""Who hears the log, how far each has come, and under whose lease: what operators watch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.chassis.clock import micros
from services.chassis.store.engine import LEASE_SECONDS

STANDING = (
    "SELECT subscriber, partition, position, owner, lease_until FROM es_checkpoint ORDER BY subscriber, partition"
)


class Store(Protocol):
    """A database that keeps checkpoints."""

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[Any]: ...


@dataclass
class Owner:
    """A process with its partitions of one subscriber; `lease_age` in seconds since it last renewed, None when its
    lease does not run out or nobody holds it."""

    owner: str
    partitions: list[int] = field(default_factory=list)
    lease_age: float | None = None


@dataclass
class Subscriber:
    """One subscriber: how many events it is behind, and who hears for it."""

    subscriber: str
    events: int = 0
    owners: list[Owner] = field(default_factory=list)


async def subscribers(stores: Sequence[Store], heads: Mapping[int, int], now: datetime) -> list[Subscriber]:
    """Everything that has a position in the log, by name."""
    found: dict[str, Subscriber] = {}
    owners: dict[tuple[str, str], Owner] = {}
    for store in stores:
        for name, partition, position, owner, until in await store.query(STANDING, {}):
            if "." in name:  # leases for work beside a read model have no position
                continue
            one = found.setdefault(name, Subscriber(name))
            one.events += heads[partition] - position
            if (name, owner) not in owners:
                one.owners.append(owners.setdefault((name, owner), Owner(owner)))
            held = owners[name, owner]
            held.partitions.append(partition)
            if until is not None:
                age = LEASE_SECONDS - (until - micros(now)) / 1_000_000
                held.lease_age = max(held.lease_age or 0.0, age)
    return [found[name] for name in sorted(found)]
