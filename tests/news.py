"""What receivers hear: how tests of `dispatch.events.v1` speak."""

from collections.abc import Sequence
from typing import Any

from router.dispatches import news
from router.receivers import State, evolve, initial
from schemas.dispatches import DispatchEvent
from schemas.event import Event
from tests.given import recorded


def after(*past: Event) -> State:
    state = initial
    for one in recorded(*past):
        state = evolve(state, one)
    return state


def told(*past: Event) -> Sequence[DispatchEvent]:
    """The news that the last of these events makes."""
    return news(after(*past[:-1]), recorded(*past)[-1])


def says(heard: Sequence[DispatchEvent], *expected: tuple[type[DispatchEvent], str, dict[str, Any]]) -> None:
    assert [(type(one), one.target) for one in heard] == [(kind, target) for kind, target, _ in expected]
    found = [{name: getattr(one, name) for name in facts} for one, (_, _, facts) in zip(heard, expected, strict=True)]
    assert found == [facts for _, _, facts in expected]
