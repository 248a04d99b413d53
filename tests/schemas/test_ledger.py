"""责任台账: how long each unit had a petition, net of holds, from the events alone."""

from datetime import datetime, timedelta

from schemas.event import Event
from schemas.events.router import PetitionHeld, PetitionResumed
from schemas.ledger import ledger
from schemas.sealed import Sealed
from tests.given import dispatch, later, recorded
from tests.past import (
    accepted,
    answered,
    assessed,
    closed,
    escalated,
    feedback_requested,
    filed,
    reopened,
    resolved,
    routed,
)

ROUTED = (filed(), assessed(), routed(at=later(hours=1)))
TAKEN = (*ROUTED, accepted(dispatch(3), at=later(hours=2)))
HELD = (*TAKEN, PetitionHeld(at=later(hours=10), number=1, until=later(days=9), reason=Sealed.of("等")))
RESUMED = (
    *HELD,
    PetitionResumed(at=later(hours=40), number=1, round=1, resolve_by=later(hours=80), cause="person", policy=1),
)


def had(now: datetime, *past: Event) -> dict[str, float]:
    """Who, or what it waited for → hours."""
    return {
        one.department or one.unit or one.phase.value: one.lasted / timedelta(hours=1)
        for one in ledger(recorded(*past), now)
    }


def test_until_it_is_routed_nobody_has_it():
    assert had(later(hours=0.5), filed(), assessed()) == {"waiting": 0.5}


def test_its_receiver_has_it_from_the_dispatch_on():
    assert had(later(hours=3), *TAKEN) == {"waiting": 1, "SA11": 2}


def test_a_hold_counts_for_nobody():
    assert had(later(hours=30), *HELD) == {"waiting": 1, "SA11": 9, "on_hold": 20}
    assert had(later(hours=41), *RESUMED) == {"waiting": 1, "SA11": 10, "on_hold": 30}


def test_the_first_receiver_has_it_until_another_accepts():
    climbed = (*TAKEN, escalated(dispatch(3), at=later(hours=4)), routed("community", "SA1", at=later(hours=5)))
    assert had(later(hours=9), *climbed) == {"waiting": 1, "SA11": 8}
    taken = (*climbed, accepted(dispatch(6), at=later(hours=9)))
    assert had(later(hours=12), *taken) == {"waiting": 1, "SA11": 8, "SA1": 3}


def test_a_department_has_it_and_not_the_unit_that_it_is_attached_to():
    past = (filed(), assessed("PIPE"), routed("district", "D", "D-WATER"))
    assert had(later(hours=2), *past) == {"waiting": 0, "D-WATER": 2}


def test_while_the_resident_is_asked_and_after_the_end_nobody_has_it():
    done = (*TAKEN, resolved(dispatch(3), at=later(hours=5)), feedback_requested(at=later(hours=5)))
    assert had(later(hours=9), *done) == {"waiting": 1, "SA11": 4, "asked": 4}
    over = (*done, answered(solved=True, at=later(hours=7)), closed(at=later(hours=7)))
    assert had(later(hours=99), *over) == {"waiting": 1, "SA11": 4, "asked": 2}
    again = (*over, reopened(at=later(hours=50)), routed("community", "SA1", round=2, at=later(hours=51)))
    assert had(later(hours=60), *again) == {"waiting": 2, "SA11": 4, "asked": 2, "SA1": 9}


def test_only_what_goes_on_is_current():
    assert [(one.phase.value, one.current) for one in ledger(recorded(*HELD), later(hours=30))] == [
        ("waiting", False), ("handled", False), ("on_hold", True),
    ]  # fmt: skip
    over = (*TAKEN, closed("by_person", at=later(hours=9)))
    assert not any(one.current for one in ledger(recorded(*over), later(hours=30)))
