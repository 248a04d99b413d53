"""挂账: while nobody can do anything a round stands still, until a certain moment, with the time that it had left."""

from datetime import datetime

from router import rejections_of_delays as refuse
from router.commands import Accept, DecideHold, MovePetition, RequestHold, Resolve, Resume
from router.policy import routing_policy
from router.rejections import OnHold
from schemas.event import Event
from schemas.events.escalation import DeadlineMissed
from schemas.events.router import HoldRefused, HoldRequested, PetitionHeld, PetitionResumed
from schemas.events.staffing import WorkHandedOver
from schemas.life import fold_life
from schemas.sealed import Sealed
from schemas.words import Result, Status
from services.chassis.deciding import Facts
from tests.given import DISTRICT, PETITION, T0, dispatch, escalation, given, later, like, recorded, router
from tests.past import (
    accepted,
    assessed,
    dispatched,
    escalated,
    filed,
    missed,
    reassessed,
    reopened,
    resolved,
    routed,
)

POLICY = routing_policy(DISTRICT)
TAKEN = (filed(), assessed(), routed(), accepted(dispatch(3)))
ASKED = (*TAKEN, HoldRequested(at=T0, round=1, until=later(days=20), reason=Sealed.of("待拆迁"), asked_by="gw-1"))
HELD = (*ASKED, PetitionHeld(at=later(hours=8), number=1, until=later(days=20), reason=Sealed.of("同意")))


def ask(until: datetime = later(days=20), by: str = "gw-1") -> RequestHold:
    return RequestHold(PETITION, T0, POLICY, until, "待拆迁", by)


def decide(granted: bool = True, now: datetime = later(hours=8), by: str = "sq-1") -> DecideHold:
    return DecideHold(PETITION, now, granted, "同意", by)


def resume(now: datetime, number: int | None = None) -> Resume:
    return Resume(PETITION, now, POLICY, number)


def states(*past: Event) -> dict[str, str]:
    return {one.name: one.state.value for one in fold_life(recorded(*past)).deadlines}


def test_a_handler_asks_and_another_person_decides():
    given(router, *TAKEN).when(ask()).then(like(HoldRequested, round=1, until=later(days=20), asked_by="gw-1"))
    given(router, *ASKED).when(decide()).then(like(PetitionHeld, number=1, until=later(days=20), reason="同意"))
    given(router, *ASKED).when(decide(granted=False)).then(like(HoldRefused, round=1))
    given(router, *ASKED).when(decide(by="gw-1")).refused_with(refuse.OwnRequest)
    given(router, *TAKEN).when(decide()).refused_with(refuse.NothingToDecide)
    onward = WorkHandedOver(at=T0, dispatch=dispatch(3), from_staff="gw-1", to_staff="gw-2", reason=Sealed.of("轮休"))
    given(router, *ASKED, onward).when(decide(by="gw-2")).refused_with(refuse.OwnRequest)


def test_on_hold_nothing_is_due_but_its_end():
    life = fold_life(recorded(*HELD))
    assert (life.status, life.due_at) == (Status.HELD, later(days=20))
    assert states(*HELD)["resolve:1"] == "lapsed"
    assert states(*HELD)["hold:1"] == "open"


def test_resumed_it_has_the_time_that_was_left():
    [event] = given(router, *HELD).when(resume(later(days=3))).then(
        like(PetitionResumed, number=1, round=1, resolve_by=later(days=3, hours=40), cause="person")
    )  # fmt: skip
    life = fold_life(recorded(*HELD, event))
    assert (life.status, life.due_at) == (Status.ACCEPTED, later(days=3, hours=40))
    assert states(*HELD, event)["hold:1"] == "met"


def test_working_hours_that_were_left_are_working_hours_again():
    taken = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL", resolve_by=later(hours=26)),
             accepted(dispatch(3)))  # fmt: skip
    held = (
        *taken,
        ASKED[-1],
        PetitionHeld(at=later(hours=6), number=1, until=later(days=20), reason=Sealed.of("同意")),
    )
    [event] = given(router, *held).when(resume(later(days=3, hours=-1))).said  # Thursday, 8:00
    assert event.resolve_by == later(days=3, hours=4), "two hours on Monday and two on Tuesday were left"


def test_its_day_comes_and_it_goes_on_by_itself():
    passed = (*HELD, missed("hold:1", later(days=20)))
    given(router, *passed).when_heard().then(like(PetitionResumed, number=1, cause="deadline"))
    given(router, *passed, *given(router, *passed).when_heard().said).when(
        resume(later(days=21), number=1)
    ).then_nothing()


def test_a_hold_that_passed_is_no_reason_to_climb():
    due = escalation.when_due(PETITION, Facts(later(days=20, minutes=1), DISTRICT))
    given(escalation, *HELD).when(due).then(like(DeadlineMissed, deadline="hold:1", late=False))


def test_what_is_critical_is_never_left():
    grave = (filed(), assessed("POISON", "critical"), routed("street", "SA", kind="POISON", severity="critical"),
             accepted(dispatch(3)))  # fmt: skip
    given(router, *grave).when(ask()).refused_with(refuse.CriticalGoesOn)
    given(router, *ASKED, reassessed("LAMP", "critical")).when(decide()).refused_with(refuse.CriticalGoesOn)


def test_no_hold_is_longer_than_the_policy_allows_or_over_before_it_begins():
    given(router, *TAKEN).when(ask(later(days=91))).refused_with(refuse.HoldTooLong, moment=later(days=90))
    given(router, *TAKEN).when(ask(T0)).refused_with(refuse.NotLater)
    short = (*TAKEN, HoldRequested(at=T0, round=1, until=later(hours=9), reason=Sealed.of("等"), asked_by="gw-1"))
    given(router, *short).when(decide(now=later(hours=10))).refused_with(refuse.NotLater)


def test_a_round_is_put_on_hold_as_often_as_the_policy_says():
    resumed = given(router, *HELD).when(resume(later(days=3))).said
    once = (*HELD, *resumed)
    given(router, *once).when(ask(later(days=30))).then(like(HoldRequested))
    asked = HoldRequested(at=later(days=3), round=1, until=later(days=4), reason=Sealed.of("等"), asked_by="gw-1")
    again = PetitionHeld(at=later(days=3), number=2, until=later(days=4), reason=Sealed.of("同意"))
    twice = (*once, asked, again)
    twice = (*twice, *given(router, *twice).when(resume(later(days=4))).said)
    given(router, *twice).when(ask(later(days=30))).refused_with(refuse.HeldEnough, most=2)
    done = (*twice, resolved(dispatch(3), at=later(days=4)), reopened(at=later(days=4)))
    anew = (*done, routed("community", "SA1", round=2, at=later(days=4)), accepted(dispatch(len(done) + 1)))
    given(router, *anew).when(ask(later(days=30))).then(like(HoldRequested, round=2))


def test_what_was_missed_is_not_put_on_hold():
    late = later(hours=49)
    given(router, *TAKEN).when(RequestHold(PETITION, late, POLICY, later(days=9), "等", "gw-1")).refused_with(
        refuse.DeadlinePassed, moment=later(hours=48)
    )
    given(router, *ASKED).when(decide(now=late)).refused_with(refuse.DeadlinePassed)
    given(router, *ASKED).when(decide(granted=False, now=late)).then(like(HoldRefused))


def test_what_turns_critical_again_is_resumed_and_who_has_it_hears_so_although_its_dispatch_was_critical():
    once = (filed(), assessed("POISON", "critical"), routed("street", "SA", kind="POISON", severity="critical"))
    held = (*once, accepted(dispatch(3)), reassessed("POISON"), *ASKED[-1:], *HELD[-1:])
    said = given(router, *held, reassessed("POISON", "critical", at=later(hours=9))).when_heard().said
    assert [type(one).__name__ for one in said] == ["PetitionResumed", "PetitionRouted"]


def test_a_hold_that_ended_by_itself_leaves_nothing_overdue():
    passed = (*HELD, missed("hold:1", later(days=20)))
    [event] = given(router, *passed).when_heard().said
    assert fold_life(recorded(*passed, event)).due_at == event.resolve_by


def test_asking_twice_says_it_once_and_another_request_waits():
    given(router, *ASKED).when(ask()).then_nothing()
    given(router, *ASKED).when(ask(later(days=30))).refused_with(refuse.HoldAsked, moment=later(days=20))


def test_on_hold_nobody_handles_it_before_it_is_resumed():
    done = Resolve(PETITION, later(days=1), POLICY, None, Result.DONE, "已修好")
    for command in (done, Accept(PETITION, T0, None), MovePetition(PETITION, T0, POLICY, "SA12", None, "转办"), ask()):
        given(router, *HELD).when(command).refused_with(OnHold)
    given(router, *TAKEN).when(resume(T0)).refused_with(refuse.NotOnHold)


def test_read_as_graver_it_is_resumed_and_goes_up():
    graver = (*HELD, reassessed("POISON", "critical", hand_off=("120",), at=later(days=2)))
    said = given(router, *graver).when_heard().said
    assert [type(one).__name__ for one in said] == ["PetitionResumed", "PetitionRouted", "HandOffOrdered"]
    assert (said[0].cause, said[1].tier) == ("reassessed", "street")


def test_read_the_same_again_it_stays_on_hold():
    given(router, *HELD, reassessed("LAMP", at=later(days=2))).when_heard().then_nothing()


def test_an_escalation_that_was_under_way_ends_the_hold():
    late = (*ASKED, escalated(dispatch(3)), *HELD[5:])
    given(router, *late).when_heard(6).then(
        like(PetitionResumed, cause="escalated"), dispatched(unit="SA1", rule="escalated")
    )
