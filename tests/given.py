"""Given what happened, when something is asked or heard, then these events: how tests of rules speak.

`given(router, filed(), assessed("STALL")).when_heard().then(dispatched(tier="street"))`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import escalation.service
import feedback.service
import intake.service
import router.service
import severity.service
from schemas.event import AnyRecorded, Event, EventRef, Recorded
from schemas.policy import Policy
from schemas.sealed import Sealed
from services.chassis.deciding import Command, Facts, Rejected
from services.chassis.policy_files import read_bundle
from services.chassis.service import Service

intake = intake.service.SERVICE
severity = severity.service.SERVICE
router = router.service.SERVICE
escalation = escalation.service.SERVICE
feedback = feedback.service.SERVICE

PETITION = UUID("019a0b1c-7d2e-7f00-8000-0000000000a5")
T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday, 9:00 in China."""
DISTRICT = Policy(1, read_bundle(Path(__file__).parent / "district.yaml"))

ADD_EACH_TIME = {"TakeFeedback", "AnswerSupervision", "ReportProgress", "Supplement", "Urge"}
"""Commands of which each one counts: another attempt to call, an answer to the next supervision."""


def later(**since_t0: float) -> datetime:
    """`later(hours=3)`: three hours after T0."""
    return T0 + timedelta(**since_t0)


def dispatch(version: int) -> str:
    """The name of the dispatch made by the event of this version."""
    return str(EventRef(PETITION, version))


@dataclass(frozen=True)
class Like:
    """An event of this type with these facts; facts not named may be anything. Sealed words are given in clear."""

    type: type[Event]
    facts: dict[str, Any]

    def differs(self, event: Event) -> str:
        """Why the event is not like this; empty when it is."""
        if type(event) is not self.type:
            return f"{type(event).__name__} is not {self.type.__name__}"
        wrong = {
            name: (_clear(getattr(event, name)), wanted)
            for name, wanted in self.facts.items()
            if _clear(getattr(event, name)) != wanted
        }
        return "; ".join(f"{name} is {found!r}, not {wanted!r}" for name, (found, wanted) in wrong.items())


def like(event_type: type[Event], **facts: Any) -> Like:
    """An expected event by the facts that matter."""
    return Like(event_type, facts)


class Outcome:
    """What was decided: events, or a refusal."""

    def __init__(self, said: Sequence[Event], refusal: Rejected | None) -> None:
        self.said = said
        self.refusal = refusal

    def then(self, *expected: Like) -> list[Event]:
        """Exactly these events in this order; returns them."""
        assert self.refusal is None, f"refused with {self.refusal!r}"
        found = [type(event).__name__ for event in self.said]
        assert found == [one.type.__name__ for one in expected]
        wrong = [why for one, event in zip(expected, self.said, strict=True) if (why := one.differs(event))]
        assert not wrong
        return list(self.said)

    def then_nothing(self) -> None:
        """Silence: nothing is said and nobody is refused."""
        self.then()

    def refused_with(self, refusal: type[Rejected], **data: Any) -> None:
        """The refusal by its name, with its data, and words in both languages."""
        assert type(self.refusal) is refusal, f"{self.refusal!r} and {self.said}"
        assert {name: getattr(self.refusal, name) for name in data} == data
        assert self.refusal.en()
        assert self.refusal.zh()


@dataclass(frozen=True)
class Given:
    """A petition's past as one service sees it."""

    service: Service
    past: tuple[AnyRecorded, ...]
    policy: Policy

    def when(self, command: Command) -> Outcome:
        """Decide a command; a second hearing of it must add nothing."""
        return self._decide([command])

    def when_heard(self, version: int = 0, *, now: datetime | None = None) -> Outcome:
        """Let the service hear an event of the past, the newest unless its version is given."""
        heard = self.past[version - 1]
        facts = Facts(now or self.past[-1].event.at, self.policy)
        return self._decide(self.service.reactions[type(heard.event)](heard, facts))

    def _decide(self, commands: Sequence[Command]) -> Outcome:
        decider = self.service.decider
        state = decider.fold(self.past)
        said: list[Event] = []
        for command in commands:
            try:
                events = decider.decide(state, command)
            except Rejected as refusal:
                return Outcome([], refusal)
            for event in events:
                state = decider.evolve(state, event, EventRef(PETITION, len(self.past) + len(said) + 1))
                said.append(event)
            self._twice(state, command)
        assert all(type(event) in self.service.emits for event in said)
        return Outcome(said, None)

    def _twice(self, state: Any, command: Command) -> None:
        if type(command).__name__ in ADD_EACH_TIME:
            return
        try:
            again = self.service.decider.decide(state, command)
        except Rejected:
            return
        assert not again, f"{type(command).__name__} heard twice said {again}"


def given(service: Service, *past: Event, policy: Policy = DISTRICT) -> Given:
    """A petition to which these events happened, versions 1, 2, 3 …"""
    return Given(service, recorded(*past), policy)


def recorded(*past: Event) -> tuple[AnyRecorded, ...]:
    """Events where they would stand in the log."""
    return tuple(
        Recorded(
            ref=EventRef(PETITION, version),
            petition=PETITION,
            version=version,
            partition=5,
            position=version,
            event=event,
            service=event.owner,
            causation=f"test:{version}",
            by=None,
            recorded_at=event.at,
        )
        for version, event in enumerate(past, 1)
    )


def _clear(value: Any) -> Any:
    return value.clear if isinstance(value, Sealed) else value


def raises_nothing(service: Service, stream: Sequence[AnyRecorded]) -> None:
    """Folding any events in any order must be possible: readers meet streams of other releases."""
    try:
        service.decider.fold(stream)
    except Exception as error:
        pytest.fail(f"{service.name} cannot fold {type(stream[-1].event).__name__}: {error!r}")
