"""责任台账: who had a petition, from when until when, from its events alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from schemas.event import AnyRecorded
from schemas.life import Life
from schemas.words import Status


class Phase(StrEnum):
    """What a petition waits for; while it has ended it waits for nothing."""

    WAITING = "waiting"
    """To be read and routed: nobody has it."""
    HANDLED = "handled"
    """Somebody is responsible for it."""
    ON_HOLD = "on_hold"
    """Its time stands still; that counts for nobody."""
    ASKED = "asked"
    """It was reported done, and the resident is being asked."""


_PHASES = {
    Status.FILED: Phase.WAITING,
    Status.ASSESSED: Phase.WAITING,
    Status.ROUTED: Phase.HANDLED,
    Status.ACCEPTED: Phase.HANDLED,
    Status.HELD: Phase.ON_HOLD,
    Status.RESOLVED: Phase.ASKED,
}


class Entry(NamedTuple):
    """How long one phase lasted in all; when it is `handled`, by this unit or department of it."""

    phase: Phase
    unit: str | None
    department: str | None
    lasted: timedelta
    current: bool
    """Whether it goes on now."""


def ledger(stream: Sequence[AnyRecorded], now: datetime) -> list[Entry]:
    """An entry for each phase and each who was responsible, in the order in which they began.

    Together, without the holds, they last as long as the petition was open and not on hold. First receiver stays
    responsible: a dispatch that nobody has accepted counts for who had it before."""
    lasted: dict[tuple[Phase, str | None, str | None], timedelta] = {}
    current = None
    for held, since, until in _stretches(stream, now):
        current = held
        if held is not None:
            lasted[held] = lasted.get(held, timedelta(0)) + (until - since)
    return [Entry(*held, time, current=held == current) for held, time in lasted.items()]


def _stretches(
    stream: Sequence[AnyRecorded], now: datetime
) -> Iterator[tuple[tuple[Phase, str | None, str | None] | None, datetime, datetime]]:
    """What followed each event until the next, the last until now; None after an end."""
    life = Life(stream[0].petition)
    # Who writes with a clock that is a little behind says no time that is over already, and takes none away.
    reached = [*accumulate((one.event.at for one in stream), max)]
    for recorded, since, until in zip(stream, reached, [*reached[1:], max(now, reached[-1])], strict=True):
        life.hear(recorded)
        phase = _PHASES.get(life.status)
        if phase is None:
            yield None, since, until
        elif phase is Phase.HANDLED and life.responsible is not None:
            yield (phase, life.responsible.unit, life.responsible.department), since, until
        else:
            yield (phase, None, None), since, until
