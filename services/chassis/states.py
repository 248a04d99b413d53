"""States folded so far: the next fold of a petition starts where the last one ended.

A stream only grows, so a state kept for a version is right for ever; the expected version of an append catches a stale
one.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from schemas.event import AnyRecorded
from services.chassis.codec import Undecodable
from services.chassis.deciding import Decider

KEPT = 5_000


class UnreadableStream(Exception):
    """A petition holds an event that this release cannot read."""


class States:
    """The states of one decider for the petitions it saw lately."""

    def __init__(self, decider: Decider, kept: int = KEPT) -> None:
        self._decider = decider
        self._kept = kept
        self._states: OrderedDict[int, tuple[int, Any]] = OrderedDict()

    def fold(self, petition: UUID, stream: Sequence[AnyRecorded]) -> Any:
        """The state after these events; raises UnreadableStream when a known event cannot be read."""
        version, state = self._states.pop(petition.int, (0, self._decider.initial))
        if version > len(stream):
            version, state = 0, self._decider.initial
        for recorded in stream[version:]:
            if isinstance(recorded.event, Undecodable) and recorded.event.known:
                raise UnreadableStream(recorded.event.type)
            state = self._decider.evolve(state, recorded.event, recorded.ref)
        self._states[petition.int] = (len(stream), state)
        if len(self._states) > self._kept:
            self._states.popitem(last=False)
        return state
