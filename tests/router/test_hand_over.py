"""交接: who has the work passes it on to a colleague; dispatch and deadlines stay."""

from datetime import date

from router import rejections as refuse
from router.commands import Accept, HandOver, Resolve
from router.policy import routing_policy
from router.rejections_of_staff import HeldByAnother, NotOnDuty
from schemas.event import Event
from schemas.events.router import DispatchAccepted, PetitionHeld, ResolutionReported
from schemas.events.staffing import WorkHandedOver
from schemas.life import fold_life
from schemas.policy import Policy
from schemas.roster import Absence, Posting
from schemas.sealed import Sealed
from schemas.words import Result
from tests.given import DISTRICT, PETITION, T0, dispatch, given, later, like, recorded, router
from tests.past import assessed, claimed, filed, reopened, resolved, routed

PLACED = (filed(), assessed(), routed())
TAKEN = (*PLACED, DispatchAccepted(at=T0, dispatch=dispatch(3), accepted_by="w-1"))
TODAY = date(2026, 11, 23)
ROSTER = tuple(
    Posting(unit=unit, staff=staff, since=date(2026, 1, 1))
    for unit, staff in (("SA11", "w-1"), ("SA11", "w-2"), ("SA11", "w-3"), ("SA12", "w-4"))
)
ABSENCES = (Absence(staff="w-1", since=TODAY, substitute="w-4"), Absence(staff="w-2", since=TODAY))
ROSTERED = Policy(1, DISTRICT.bundle.model_copy(update={"roster": ROSTER, "absences": ABSENCES}))


def hand_over(to: str = "w-2", before: str = "w-1", which: str | None = None, policy: Policy = DISTRICT) -> HandOver:
    return HandOver(PETITION, later(hours=1), routing_policy(policy), which, before, to, "调岗")


def handed_over(before: str = "w-1", to: str = "w-2") -> WorkHandedOver:
    return WorkHandedOver(at=T0, dispatch=dispatch(3), from_staff=before, to_staff=to, reason=Sealed.of("调岗"))


def test_who_accepted_it_hands_it_over():
    given(router, *PLACED).when(Accept(PETITION, T0, None, "w-1")).then(like(DispatchAccepted, accepted_by="w-1"))
    given(router, *TAKEN).when(hand_over()).then(
        like(WorkHandedOver, dispatch=dispatch(3), from_staff="w-1", to_staff="w-2", reason="调岗")
    )


def test_who_claimed_it_hands_it_over():
    has_it = (filed(), assessed("NOISE"), routed("community", "SA1", kind="NOISE", mode="open"))
    given(router, *has_it, claimed(dispatch(3), "SA1P", "w-1")).when(hand_over()).then(
        like(WorkHandedOver, from_staff="w-1", to_staff="w-2")
    )


def test_what_was_handed_over_is_handed_over_again_by_who_has_it_now():
    past: tuple[Event, ...] = (*TAKEN, handed_over())
    given(router, *past).when(hand_over("w-3", "w-2")).then(like(WorkHandedOver, from_staff="w-2", to_staff="w-3"))
    given(router, *past).when(hand_over("w-3", "w-1")).refused_with(HeldByAnother, staff="w-2")


def test_handing_over_twice_says_it_once():
    given(router, *TAKEN, handed_over()).when(hand_over()).then_nothing()
    given(router, *TAKEN).when(hand_over("w-1", "w-9")).then_nothing()


def test_what_nobody_took_is_not_handed_over():
    given(router, *PLACED).when(hand_over()).refused_with(refuse.NotAccepted)
    passed_on = (*TAKEN, routed("grid", "SA12", rule="transferred"))
    given(router, *passed_on).when(hand_over()).refused_with(refuse.NotAccepted)


def test_until_another_takes_it_the_first_receiver_may_hand_over_its_dispatch_by_name():
    passed_on = (*TAKEN, routed("grid", "SA12", rule="transferred"))
    given(router, *passed_on).when(hand_over(which=dispatch(3))).then(like(WorkHandedOver, dispatch=dispatch(3)))
    taken = (*passed_on, DispatchAccepted(at=T0, dispatch=dispatch(5), accepted_by="w-7"))
    given(router, *taken).when(hand_over(which=dispatch(3))).refused_with(
        refuse.DispatchNotCurrent, current=dispatch(5)
    )


def test_what_is_on_hold_is_handed_over_all_the_same():
    held = (*TAKEN, PetitionHeld(at=T0, number=1, until=later(days=3), reason=Sealed.of("等配件")))
    given(router, *held).when(hand_over()).then(like(WorkHandedOver))


def test_what_is_done_is_not_handed_over():
    done = (*TAKEN, resolved(dispatch(3)))
    given(router, *done).when(hand_over()).refused_with(refuse.AlreadyResolved)
    again = (*done, reopened(), routed(round=2, rule="reopened"))
    given(router, *again).when(hand_over()).refused_with(refuse.NotAccepted)


def test_an_old_log_does_not_say_who_accepted_and_whoever_says_so_is_believed():
    unsaid = (*PLACED, DispatchAccepted(at=T0, dispatch=dispatch(3)))
    given(router, *unsaid).when(hand_over()).then(like(WorkHandedOver, from_staff="w-1", to_staff="w-2"))


def test_by_the_roster_it_goes_to_somebody_on_duty_there_only():
    past = given(router, *TAKEN, policy=ROSTERED)
    past.when(hand_over("w-3", policy=ROSTERED)).then(like(WorkHandedOver, to_staff="w-3"))
    past.when(hand_over("w-2", policy=ROSTERED)).refused_with(NotOnDuty, staff="w-2", receiver="SA11")
    past.when(hand_over("w-9", policy=ROSTERED)).refused_with(NotOnDuty)


def test_it_goes_to_who_stands_in_from_another_unit():
    given(router, *TAKEN, policy=ROSTERED).when(hand_over("w-4", policy=ROSTERED)).then(
        like(WorkHandedOver, to_staff="w-4")
    )


def test_unit_dispatch_and_deadlines_stay_what_they_are():
    before, after = fold_life(recorded(*TAKEN)), fold_life(recorded(*TAKEN, handed_over()))
    assert (before.responsible.staff, after.responsible.staff) == ("w-1", "w-2")
    assert (after.responsible.unit, after.responsible.since) == ("SA11", before.responsible.since)
    assert (after.status, after.dispatch, after.deadlines) == (before.status, before.dispatch, before.deadlines)


def test_who_has_it_now_reports_it_done():
    done = Resolve(PETITION, T0, routing_policy(DISTRICT), None, Result.DONE, "已更换灯泡")
    given(router, *TAKEN, handed_over()).when(done).then(like(ResolutionReported, dispatch=dispatch(3)))
