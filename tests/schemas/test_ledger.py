"""责任台账: how long each unit had a petition, net of holds, from the events alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given as for_all
from hypothesis import strategies as st

from schemas.event import Event
from schemas.events.router import PetitionHeld, PetitionResumed
from schemas.ledger import ledger
from schemas.life import fold_life
from schemas.sealed import Sealed
from schemas.words import Status
from tests.given import T0, dispatch, later, recorded
from tests.past import (
    accepted,
    answered,
    assessed,
    closed,
    escalated,
    feedback_requested,
    filed,
    linked,
    reopened,
    resolved,
    routed,
    unlinked,
    withdrawn,
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


def test_nobody_has_what_goes_on_after_a_hold_until_it_is_routed():
    """It followed another meanwhile, and so has no dispatch left."""
    going_on = RESUMED[-1].model_copy(update={"at": later(hours=30), "cause": "unlinked"})
    free = (*HELD, linked(at=later(hours=20)), unlinked(at=later(hours=30)), going_on)
    entries = ledger(recorded(*free, routed(rule="unlinked", at=later(hours=30))), later(hours=31))
    assert [(one.phase.value, one.unit) for one in entries] == [
        ("waiting", None), ("handled", "SA11"), ("on_hold", None),
    ]  # fmt: skip
    assert fold_life(recorded(*free)).status is Status.ASSESSED


def test_only_what_goes_on_is_current():
    assert [(one.phase.value, one.current) for one in ledger(recorded(*HELD), later(hours=30))] == [
        ("waiting", False), ("handled", False), ("on_hold", True),
    ]  # fmt: skip
    over = (*TAKEN, closed("by_person", at=later(hours=9)))
    assert not any(one.current for one in ledger(recorded(*over), later(hours=30)))


LIVES = (
    (filed(), assessed(), routed(), accepted(dispatch(3)), HELD[-1], RESUMED[-1], escalated(dispatch(3)),
     routed("community", "SA1"), accepted(dispatch(8)), resolved(dispatch(8)), feedback_requested()),
    (filed(), assessed(), routed(), accepted(dispatch(3)), linked(), unlinked(), routed(rule="unlinked"),
     resolved(dispatch(3)), closed(), reopened(), routed("community", "SA1", round=2), withdrawn()),
)  # fmt: skip
OPEN = {"PetitionClosed": False, "DuplicateLinked": False, "PetitionWithdrawn": False, "PetitionReopened": True,
        "DuplicateUnlinked": True, "PetitionFiled": True}  # fmt: skip


@for_all(life=st.sampled_from(LIVES), steps=st.lists(st.floats(-2, 50), min_size=11, max_size=11), rest=st.floats(0, 9))
def test_its_parts_add_up_to_the_time_for_which_it_was_open(life: Sequence[Event], steps: list[float], rest: float):
    """Also where one process has a clock that is behind another's: nobody had it for less than no time."""
    moments = [T0 + timedelta(hours=sum(steps[:number])) for number in range(len(life))]
    past = [one.model_copy(update={"at": at}) for one, at in zip(life, moments, strict=False)]
    now = max(moments) + timedelta(hours=rest)
    entries = ledger(recorded(*past), now)
    assert all(one.lasted >= timedelta(0) for one in entries)
    total, is_open, reached = timedelta(0), False, past[0].at
    for event in past:
        if event.at > reached:
            total, reached = total + (event.at - reached) * is_open, event.at
        is_open = OPEN.get(type(event).__name__, is_open)
    assert sum((one.lasted for one in entries), timedelta(0)) == total + (now - reached) * is_open
