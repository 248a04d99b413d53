"""States folded so far: the next fold of a petition starts where the last one ended.

A stream only grows, so a state kept for a version is right as long as the store is the same; only newer events have to
be read. The expected version of an append catches a stale one, which is forgotten then. A store that was restored, or
whose last commits a failover lost, can have other events under the same versions: whoever has the whole stream sees
whether the last event that was folded is still in its place.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from schemas.event import AnyRecorded
from services.chassis.codec import Undecodable
from services.chassis.deciding import Decider

KEPT = 5_000
"""States of one decider, of about a kilobyte each."""


Mark = tuple[str, datetime]
"""Which event stands at a version: what caused it, and when it was recorded."""


class UnreadableStream(Exception):
    """A petition holds an event that this release cannot read."""


class Known(NamedTuple):
    """A petition up to a version: its state for one service, and what that service has reacted to."""

    version: int
    state: Any
    done: frozenset[str]
    last: Mark | None = None
    """Of the last event that was folded; None before the first, and while it is not committed."""

    def within(self, stream: Sequence[AnyRecorded]) -> bool:
        """Whether the stream, whole as the log has it now, goes on from here."""
        return 0 < self.version <= len(stream) and self.last == mark_of(stream[self.version - 1])


def mark_of(recorded: AnyRecorded) -> Mark:
    """What tells this event from another one that is or was under the same version."""
    return recorded.causation, recorded.recorded_at


class States:
    """The states of one decider for the petitions it saw lately."""

    def __init__(self, decider: Decider, kept: int = KEPT) -> None:
        self._decider = decider
        self._unseen = Known(0, decider.initial, frozenset())
        self._most = kept
        self._kept: OrderedDict[int, Known] = OrderedDict()

    def known(self, petition: UUID) -> Known:
        """As far as it was folded last; version 0 when it was not."""
        return self._kept.get(petition.int, self._unseen)

    def fold(self, petition: UUID, stream: Sequence[AnyRecorded]) -> Any:
        """The state after the petition's whole stream; raises UnreadableStream when a known event cannot be read."""
        known = self.known(petition)
        if not known.within(stream):
            known = self._unseen
        return self.go_on(petition, known, stream[known.version :]).state

    def go_on(self, petition: UUID, known: Known, newer: Sequence[AnyRecorded]) -> Known:
        """The same petition after the events that follow; raises UnreadableStream."""
        version, state, done, last = known
        for recorded in newer:
            if isinstance(recorded.event, Undecodable) and recorded.event.known:
                raise UnreadableStream(recorded.event.type)
            state = self._decider.evolve(state, recorded.event, recorded.ref)
        said = frozenset(recorded.causation for recorded in newer if recorded.service == self._decider.service)
        last = mark_of(newer[-1]) if newer else last
        reached = Known(version + len(newer), state, done | said if said else done, last)
        self.keep({petition: reached})
        return reached

    def keep(self, reached: Mapping[UUID, Known]) -> None:
        """Remember these, and let go of those that were not asked for longest."""
        for petition, known in reached.items():
            self._kept[petition.int] = known
            self._kept.move_to_end(petition.int)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, petitions: Iterable[UUID] | None = None) -> None:
        """Know nothing of these any more, by default of any."""
        if petitions is None:
            self._kept.clear()
            return
        for petition in petitions:
            self._kept.pop(petition.int, None)
