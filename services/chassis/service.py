"""What a service is to the chassis: its decider, what it hears, and what it adds to the tables."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from schemas.event import AnyRecorded, Event
from schemas.policy import Policy
from services.chassis.deciding import Command, Decider, Facts
from services.chassis.sealing import Keyring
from services.chassis.store.engine import Statement


@dataclass(frozen=True, slots=True)
class Ground:
    """What look-ups may ask: the time, the policy in force, the keys that open sealed words, what was said before."""

    now: datetime
    policy: Policy
    keyring: Keyring
    load: Callable[[Collection[UUID]], Awaitable[Mapping[UUID, Sequence[AnyRecorded]]]]
    """The whole streams of these petitions in one query."""


Reaction = Callable[[Any, Any], Sequence[Command]]
"""`on_<event>(heard, facts) -> commands`; pure."""

Lookup = Callable[[Sequence[AnyRecorded], Ground], Awaitable[Facts]]
"""One call per batch: everything its reactions may ask."""


async def plain_facts(heard: Sequence[AnyRecorded], ground: Ground) -> Facts:
    """The look-up of a service that needs nothing but time and policy."""
    return Facts(ground.now, ground.policy)


@dataclass(frozen=True)
class Service:
    """One service as the chassis runs it. `reactions` maps an event type to what is made of it."""

    decider: Decider
    emits: frozenset[type[Event]]
    reactions: Mapping[type[Event], Reaction] = field(default_factory=dict)
    for_batch: Lookup = plain_facts
    rows: Callable[[Sequence[AnyRecorded]], Sequence[Statement]] | None = None
    """Rows that follow from every event, written in the transaction of the checkpoint."""
    when_due: Callable[[UUID, Facts], Command] | None = None
    """What to ask of a petition one of whose deadlines has passed."""
    when_calendar_comes: Callable[[UUID, Facts], Command] | None = None
    """What to ask of a petition with provisional deadlines when another policy is in force."""
    build_ahead: Callable[[Policy], object] | None = None
    """What it looks up in a policy, built once and kept: called before the policy counts, so that nobody waits."""
    api: APIRouter | None = None

    @property
    def name(self) -> str:
        return self.decider.service

    @property
    def hears(self) -> frozenset[type[Event]]:
        return frozenset(self.reactions)
