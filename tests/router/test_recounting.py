"""时限重算: what was counted without a whole calendar is counted again once the plan of the year is there."""

from datetime import date, time

from router.commands import MovePetition, Recount
from router.dispatches import told
from router.policy import RoutingPolicy, routing_policy
from schemas.deadlines import open_deadlines
from schemas.dispatches import DispatchDeadlineMoved
from schemas.events.router import DeadlinesRecounted, ExtensionGranted, ExtensionRequested, PetitionHeld
from schemas.life import fold_life
from schemas.policy import Policy
from schemas.sealed import Sealed
from tests.given import DISTRICT, PETITION, dispatch, given, later, like, recorded, router
from tests.past import accepted, assessed, closed, dispatched, filed, linked, resolved, routed, unlinked

EVE = later(days=37)
"""30 December 2026, 9:00 in China."""
WHOLE = DISTRICT.bundle.calendar.model_copy(
    update={
        "years": frozenset({2026, 2027}),
        "off": frozenset({*DISTRICT.bundle.calendar.off, date(2027, 1, 1)}),
        "make_up": frozenset({*DISTRICT.bundle.calendar.make_up, date(2027, 1, 2)}),
    }
)
NEXT_YEAR = Policy(2, DISTRICT.bundle.model_copy(update={"calendar": WHOLE}), DISTRICT)
BOTH = {1: routing_policy(DISTRICT), 2: routing_policy(NEXT_YEAR)}
STALL = (filed(at=EVE), assessed("STALL", at=EVE))
"""A matter that may take 24 working hours: three days, of which New Year's Day may be one."""


def routed_by_the_calendar(policy: Policy = DISTRICT, now=EVE):
    [event] = given(router, *STALL, policy=policy).when_heard(now=now).said
    return event


ROUTED = (*STALL, routed_by_the_calendar())


def recount(policy: RoutingPolicy = BOTH[2], now=later(days=37, hours=1)) -> Recount:
    return Recount(PETITION, now, policy)


def test_what_was_counted_before_the_plan_was_there_is_what_it_would_have_been_by_it():
    by_the_plan = routed_by_the_calendar(NEXT_YEAR)
    assert ROUTED[-1].provisional
    assert not by_the_plan.provisional
    assert by_the_plan.resolve_by == later(days=40, hours=8), "Wednesday, Thursday, and the Saturday made up for"
    assert ROUTED[-1].resolve_by == later(days=39, hours=8), "Friday, by the law alone of this small district"
    given(router, *ROUTED).when(recount()).then(
        like(DeadlinesRecounted, dispatch=dispatch(3), round=1, accept_by=None, resolve_by=by_the_plan.resolve_by,
             provisional=False, policy=2),
    )  # fmt: skip


def test_its_deadlines_move_and_its_receiver_hears_it():
    past = (*ROUTED, *given(router, *ROUTED).when(recount()).said)
    [resolve] = [one for one in open_deadlines(fold_life(recorded(*past)).deadlines) if one.family == "resolve"]
    assert resolve.due_at == later(days=40, hours=8)
    news = told(recorded(*past))[-1]
    assert isinstance(news, DispatchDeadlineMoved)
    assert (news.resolve_by, news.reason) == (later(days=40, hours=8), "DeadlinesRecounted")
    given(router, *past).when(recount()).then_nothing()


def test_while_the_calendar_is_no_surer_nothing_is_said():
    given(router, *ROUTED).when(recount(BOTH[1])).then_nothing()


def test_by_the_same_calendar_nothing_is_counted_again_at_all(monkeypatch):
    monkeypatch.delattr(RoutingPolicy, "recount")
    another = Policy(2, DISTRICT.bundle.model_copy(update={"name": "改名"}), DISTRICT)
    given(router, *ROUTED).when(recount(routing_policy(another))).then_nothing()


def test_what_is_sure_stays_and_so_does_what_is_done_or_stands_still():
    sure = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"))
    done = (*ROUTED, accepted(dispatch(3), at=EVE), resolved(dispatch(3), at=EVE))
    held = (*ROUTED, accepted(dispatch(3), at=EVE),
            PetitionHeld(at=EVE, number=1, until=later(days=60), reason=Sealed.of("等")))  # fmt: skip
    for past in (sure, done, (*done, closed(at=EVE)), held, STALL):
        given(router, *past).when(recount()).then_nothing()


def test_what_a_person_gave_is_not_counted_again():
    extended = (
        *ROUTED, accepted(dispatch(3), at=EVE),
        ExtensionRequested(at=EVE, round=1, until=later(days=50), reason=Sealed.of("等"), asked_by="s-1"),
        ExtensionGranted(at=EVE, round=1, until=later(days=50), reason=Sealed.of("同意")),
    )  # fmt: skip
    given(router, *extended).when(recount()).then(like(DeadlinesRecounted, resolve_by=None, provisional=False))


def test_nothing_is_due_before_it_is_said():
    calendar = WHOLE.model_copy(update={"off": DISTRICT.bundle.calendar.off})
    sooner = RoutingPolicy(Policy(2, DISTRICT.bundle.model_copy(update={"calendar": calendar}), DISTRICT))
    new_years_eve = later(days=38)
    past = (filed(at=new_years_eve), assessed("STALL", at=new_years_eve))
    past = (*past, *given(router, *past).when_heard(now=new_years_eve).said, accepted(dispatch(3), at=new_years_eve))
    by_the_plan = later(days=40, hours=8)
    given(router, *past).when(recount(sooner, now=later(days=40))).then(
        like(DeadlinesRecounted, resolve_by=by_the_plan, provisional=False)
    )
    given(router, *past).when(recount(sooner, now=later(days=41))).then(
        like(DeadlinesRecounted, resolve_by=None, provisional=False)
    )


def test_what_has_passed_is_not_counted_again():
    given(router, *ROUTED).when(recount(now=later(days=60))).then(
        like(DeadlinesRecounted, accept_by=None, resolve_by=None, provisional=False)
    )


def test_what_was_nobodys_when_the_calendar_came_is_counted_by_it_when_it_is_placed():
    """Linked it had no time of its own; unlinked before anything looked again it has the time that the plan leaves."""
    past = (*ROUTED, linked(at=EVE), unlinked(at=later(days=37, hours=1)))
    given(router, *past).when(recount()).then_nothing()
    given(router, *past, policy=NEXT_YEAR).when_heard(now=later(days=37, hours=1)).then(
        dispatched(resolve_by=later(days=40, hours=8), provisional=False)
    )
    passed = later(days=40)
    given(router, *past, policy=NEXT_YEAR).when_heard(now=passed).then(dispatched(overdue=True))


def test_a_dispatch_that_keeps_the_rounds_time_keeps_that_it_is_provisional():
    monday = later(days=35)
    past = (filed(at=monday), assessed("STALL", at=monday))
    past = (*past, *given(router, *past).when_heard(now=monday).said)
    moved = MovePetition(PETITION, monday, BOTH[1], None, "SB-CITY", "转办")
    given(router, *past).when(moved).then(dispatched(provisional=True, accept_by=later(days=35, hours=2)))


def test_what_an_overdue_dispatch_got_in_hours_of_the_day_stays():
    new_years_eve = later(days=38)
    late = (*STALL[:1], assessed("STALL", at=EVE), routed("street", "SA", "SA-CITY", kind="STALL", at=EVE,
            resolve_by=later(days=37, hours=8)), accepted(dispatch(3), at=EVE))  # fmt: skip
    moved = MovePetition(PETITION, new_years_eve, BOTH[1], None, "SB-CITY", "转办")
    [event] = given(router, *late).when(moved).said
    assert (event.overdue, event.resolve_by) == (True, later(days=39)), "a day, which is New Year's Day"
    said = event.model_copy(update={"provisional": True})
    given(router, *late, said).when(recount(now=later(days=38, hours=1))).then(
        like(DeadlinesRecounted, resolve_by=None, provisional=False)
    )


def test_an_overdue_dispatch_that_may_be_accepted_until_later_keeps_as_long():
    late = (*STALL, routed("street", "SA", "SA-CITY", kind="STALL", at=EVE, resolve_by=later(days=37, hours=1)),
            accepted(dispatch(3), at=EVE))  # fmt: skip
    long = DISTRICT.bundle.limits.model_copy(update={"overdue_hours": 0.1})
    policy = routing_policy(Policy(1, DISTRICT.bundle.model_copy(update={"limits": long})))
    moved = MovePetition(PETITION, later(days=38, hours=7), policy, None, "SB-CITY", "转办")
    [event] = given(router, *late).when(moved).said
    assert event.provisional
    assert event.accept_by == event.resolve_by == later(days=39, hours=1)
    given(router, *late, event).when(recount(now=later(days=38, hours=8))).then(
        like(DeadlinesRecounted, accept_by=later(days=40, hours=1), resolve_by=later(days=40, hours=1))
    )


LONGER = DISTRICT.bundle.calendar.model_copy(update={"closes": time(18)})


def test_other_hours_alone_move_nothing():
    longer = routing_policy(Policy(2, DISTRICT.bundle.model_copy(update={"calendar": LONGER}), DISTRICT))
    given(router, *ROUTED).when(recount(longer)).then_nothing()


def test_what_was_sure_stays_also_where_the_plan_comes_with_other_hours():
    calendar = WHOLE.model_copy(update={"closes": time(18)})
    whole = routing_policy(Policy(2, DISTRICT.bundle.model_copy(update={"calendar": calendar}), DISTRICT))
    monday = later(days=28, hours=6.5)
    past = (filed(at=monday), assessed("STALL", at=monday))
    past = (*past, *given(router, *past).when_heard(now=monday).said)
    sure = past[-1].accept_by
    assert sure == later(days=29, hours=0.5), "two hours, and it closed after one and a half"
    slow = past[-1].model_copy(update={"provisional": True, "resolve_by": later(days=39, hours=6.5)})
    said = given(router, *past[:-1], slow).when(recount(whole, now=monday)).said
    assert (said[0].accept_by, said[0].provisional) == (None, False)
    assert said[0].resolve_by is not None
