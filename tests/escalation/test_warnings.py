"""临期预警: when four fifths of a deadline's time are gone, its receiver is warned, once for each due time."""

from datetime import datetime, timedelta

import pytest

from escalation.decider import NoticeMisses
from router.commands import MovePetition, Resume
from router.dispatches import told
from router.policy import routing_policy
from schemas.deadlines import open_deadlines
from schemas.dispatches import DispatchReminded
from schemas.event import Event
from schemas.events.escalation import DeadlineMissed, DeadlineNear, PetitionEscalated
from schemas.events.router import ExtensionGranted, PetitionHeld
from schemas.life import fold_life
from schemas.sealed import Sealed
from tests.given import DISTRICT, PETITION, dispatch, escalation, given, later, like, recorded, router
from tests.past import (
    accepted,
    assessed,
    closed,
    feedback_requested,
    filed,
    hand_off_ordered,
    linked,
    near,
    resolved,
    review_requested,
    routed,
    summoned,
    supervised,
    unlinked,
)

MOMENT = timedelta(microseconds=1)
POLICY = routing_policy(DISTRICT)
READ = (filed(), assessed())
ROUTED = (*READ, routed(accept_hours=8, resolve_by=later(hours=48)))
ACCEPT = f"accept:{dispatch(3)}"
TAKEN = (*ROUTED, accepted(dispatch(3)))


def notice(now: datetime) -> NoticeMisses:
    return NoticeMisses(PETITION, now, DISTRICT)


def warned(deadline: str, due_at: datetime):
    return like(DeadlineNear, deadline=deadline, due_at=due_at)


def near_of(name: str, *past: Event) -> datetime | None:
    return next(one.near_at for one in open_deadlines(fold_life(recorded(*past)).deadlines) if one.name == name)


def test_nobody_is_warned_before_four_fifths_of_the_time_are_gone():
    given(escalation, *ROUTED).when(notice(later(hours=6.4))).then_nothing()
    given(escalation, *ROUTED).when(notice(later(hours=6.4) + MOMENT)).then(warned(ACCEPT, later(hours=8)))


def test_of_each_due_time_once():
    told_of = (*ROUTED, near(ACCEPT, later(hours=8), at=later(hours=7)))
    given(escalation, *told_of).when(notice(later(hours=7.5))).then_nothing()


def test_what_was_not_looked_at_in_time_is_missed_without_a_warning():
    given(escalation, *ROUTED).when(notice(later(hours=9))).then(
        like(DeadlineMissed, deadline=ACCEPT), like(PetitionEscalated)
    )


def test_a_warning_seconds_before_the_due_time_helps_nobody():
    short = (*READ, routed(accept_hours=50 / 3600))
    given(escalation, *short).when(notice(later(seconds=49))).then_nothing()
    longer = (*READ, routed(accept_hours=51 / 3600))
    given(escalation, *longer).when(notice(later(seconds=41))).then(like(DeadlineNear))


def test_what_came_or_ended_is_not_warned_of():
    given(escalation, *TAKEN).when(notice(later(hours=7))).then_nothing()
    given(escalation, *TAKEN, resolved(dispatch(3)), closed()).when(notice(later(hours=40))).then_nothing()


@pytest.mark.parametrize(
    ("past", "name", "due"),
    [
        (READ[:1], "assess", later(minutes=3)),
        (TAKEN, "resolve:1", later(hours=48)),
        ((*TAKEN, hand_off_ordered("119")), "hand_off", later(hours=0.25)),
        ((*TAKEN, review_requested(hours=24)), "review", later(hours=24)),
        ((*TAKEN, supervised(1)), "supervise:1", later(hours=24)),
        ((*TAKEN, summoned(dispatch(3), "D-WATER")), f"report_in:{dispatch(3)}:D-WATER", later(hours=2)),
        ((*TAKEN, resolved(dispatch(3)), feedback_requested()), "feedback:1", later(hours=72)),
        ((*TAKEN, PetitionHeld(at=later(), number=1, until=later(hours=90), reason=Sealed.of("等"))), "hold:1",
         later(hours=90)),
    ],
)  # fmt: skip
def test_every_family_has_its_warning(past, name, due):
    at = later() + 0.8 * (due - later())
    assert near_of(name, *past) == at
    given(escalation, *past).when(notice(at + MOMENT)).then(warned(name, due))


def test_on_working_hours_it_is_near_when_four_fifths_of_them_are_gone():
    [event] = given(router, filed(), assessed("STALL")).when_heard().said
    assert event.accept_near == later(hours=1.6)
    assert event.resolve_near == later(days=3, hours=3.2), "19.2 of 24 hours: Monday, Tuesday, and after the day off"
    assert near_of("resolve:1", filed(), assessed("STALL"), event) == event.resolve_near


def test_another_dispatch_of_the_round_leaves_the_warning_where_it_was():
    [first] = given(router, filed(), assessed("STALL")).when_heard().said
    moved = MovePetition(PETITION, later(hours=1), POLICY, None, "SB-CITY", "转办")
    [second] = given(router, filed(), assessed("STALL"), first).when(moved).said
    assert (second.resolve_by, second.resolve_near) == (first.resolve_by, first.resolve_near)
    past = (filed(), assessed("STALL"), first, near("resolve:1", first.resolve_by, at=first.resolve_near), second)
    given(escalation, *past, accepted(dispatch(5))).when(notice(first.resolve_by)).then_nothing()


def test_what_is_imported_late_is_warned_of_when_four_fifths_of_what_is_left_are_gone():
    [event] = given(router, filed(received_at=later(hours=-40)), assessed("LAMP")).when_heard().said
    assert (event.resolve_by, event.resolve_near) == (later(hours=8), later(hours=6.4))


def test_a_hold_moves_the_warning_with_the_time_that_was_left():
    said = TAKEN[2].model_copy(update={"resolve_near": later(hours=38.4)})
    taken = (*READ, said, TAKEN[3])
    held = (*taken, PetitionHeld(at=later(hours=8), number=1, until=later(days=20), reason=Sealed.of("等")))
    [resumed] = given(router, *held).when(Resume(PETITION, later(days=3), POLICY)).said
    assert resumed.resolve_near == later(days=3, hours=30.4)
    after = near("resolve:1", later(hours=48), at=later(hours=39))
    late = (*taken, after, PetitionHeld(at=later(hours=43), number=1, until=later(days=20), reason=Sealed.of("等")))
    [resumed] = given(router, *late).when(Resume(PETITION, later(days=3), POLICY)).said
    assert resumed.resolve_near == later(days=3, hours=4), "five hours were left, and four fifths of them"
    given(escalation, *late, resumed).when(notice(later(days=3, hours=4.5))).then(
        warned("resolve:1", later(days=3, hours=5))
    )


def test_an_extension_moves_the_warning():
    granted = ExtensionGranted(at=later(hours=8), round=1, until=later(hours=58), reason=Sealed.of("同意"))
    assert near_of("resolve:1", *TAKEN, granted) == later(hours=48)


def test_the_receiver_of_the_dispatch_hears_the_warning_and_the_called_department_its_own():
    [reminded] = [one for one in told(recorded(*TAKEN, near("resolve:1", later(hours=48), at=later(hours=40))))
                  if isinstance(one, DispatchReminded)]  # fmt: skip
    assert (reminded.target, reminded.reason, reminded.due_at) == ("SA11", "near", later(hours=48))
    called = f"report_in:{dispatch(3)}:D-WATER"
    past = (*TAKEN, summoned(dispatch(3), "D-WATER"), near(called, later(hours=2), at=later(hours=1.8)))
    assert told(recorded(*past))[-1].target == "D-WATER"
    assert isinstance(told(recorded(*past))[-1], DispatchReminded)


def test_a_hold_in_which_no_working_hour_passes_brings_no_second_warning():
    """Held when the desk has closed and resumed before it opens, it is due when it was."""
    taken = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL", resolve_by=later(hours=26)),
             accepted(dispatch(3)))  # fmt: skip
    told_of = (*taken, near("resolve:1", later(hours=26), at=later(hours=7.5)))
    held = (*told_of, PetitionHeld(at=later(hours=9), number=1, until=later(days=20), reason=Sealed.of("等")))
    [resumed] = given(router, *held).when(Resume(PETITION, later(hours=20), POLICY)).said
    assert resumed.resolve_by == later(hours=26)
    given(escalation, *held, resumed).when(notice(later(hours=25.9))).then_nothing()
    given(escalation, *held, resumed).when(notice(later(hours=26) + MOMENT)).then(
        like(DeadlineMissed, deadline="resolve:1"), like(PetitionEscalated)
    )


def test_what_follows_another_for_a_while_is_not_warned_of_again():
    told_of = (*TAKEN, near("resolve:1", later(hours=48), at=later(hours=39)))
    again = (*told_of, linked(at=later(hours=40)), unlinked(at=later(hours=41)))
    back = (*again, routed(rule="unlinked", at=later(hours=41), resolve_by=later(hours=48)))
    taken = (*back, accepted(dispatch(8), at=later(hours=42)))
    given(escalation, *taken).when(notice(later(hours=47))).then_nothing()
