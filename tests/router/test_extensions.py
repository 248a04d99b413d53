"""延期: a round gets more time before its deadline, by another person's word."""

from datetime import datetime, timedelta

from router import rejections_of_delays as refuse
from router.commands import DecideExtension, RequestExtension
from router.dispatches import told
from router.policy import routing_policy
from router.rejections import NotAccepted
from schemas.deadlines import DeadlineState
from schemas.dispatches import DispatchDeadlineMoved
from schemas.events.router import (
    DeadlinesRecounted,
    ExtensionGranted,
    ExtensionRefused,
    ExtensionRequested,
    PetitionHeld,
    PetitionResumed,
)
from schemas.events.staffing import WorkHandedOver
from schemas.life import fold_life
from schemas.sealed import Sealed
from tests.given import DISTRICT, PETITION, T0, dispatch, given, later, like, recorded, router
from tests.past import accepted, assessed, escalated, filed, reassessed, routed

POLICY = routing_policy(DISTRICT)
ROUTED = (filed(), assessed(), routed())
TAKEN = (*ROUTED, accepted(dispatch(3)))
ASKED = (*TAKEN, ExtensionRequested(at=T0, round=1, until=later(days=5), reason=Sealed.of("等配件"), asked_by="gw-1"))
LEAK = routed("district", "D", "D-GAS", kind="GAS", severity="critical", resolve_by=later(hours=2))
GRAVE = (filed(), assessed("GAS", "critical"), LEAK, accepted(dispatch(3)))
GRANTED = (*ASKED, ExtensionGranted(at=T0, round=1, until=later(days=5), reason=Sealed.of("同意")))


def ask(until: datetime = later(days=5), now: datetime = T0, by: str = "gw-1") -> RequestExtension:
    return RequestExtension(PETITION, now, POLICY, until, "等配件", by)


def handed_over(to: str) -> WorkHandedOver:
    return WorkHandedOver(at=T0, dispatch=dispatch(3), from_staff="gw-1", to_staff=to, reason=Sealed.of("轮休"))


def decide(granted: bool = True, now: datetime = T0, by: str = "sq-1") -> DecideExtension:
    return DecideExtension(PETITION, now, granted, "同意", by)


def resolves(*past) -> list[tuple[datetime, str]]:
    deadlines = fold_life(recorded(*past)).deadlines
    return [(one.due_at, one.state.value) for one in deadlines if one.family == "resolve"]


def test_a_handler_asks_and_the_deadline_stands_until_it_is_decided():
    given(router, *TAKEN).when(ask()).then(
        like(ExtensionRequested, round=1, until=later(days=5), reason="等配件", asked_by="gw-1")
    )
    assert resolves(*ASKED) == [(later(hours=48), "open")]


def test_granted_the_round_is_due_later_and_its_receiver_hears_it():
    given(router, *ASKED).when(decide()).then(like(ExtensionGranted, round=1, until=later(days=5), reason="同意"))
    assert resolves(*GRANTED) == [(later(days=5), "open")]
    news = told(recorded(*GRANTED))[-1]
    assert isinstance(news, DispatchDeadlineMoved)
    assert (news.target, news.resolve_was, news.resolve_by) == ("SA11", later(hours=48), later(days=5))
    assert news.reason == "ExtensionGranted"


def test_refused_the_deadline_stays():
    given(router, *ASKED).when(decide(granted=False)).then(like(ExtensionRefused, round=1, reason="同意"))


def test_nobody_decides_about_the_own_request_or_about_none():
    given(router, *ASKED).when(decide(by="gw-1")).refused_with(refuse.OwnRequest)
    given(router, *TAKEN).when(decide()).refused_with(refuse.NothingToDecide)
    given(router, *GRANTED).when(decide()).refused_with(refuse.NothingToDecide)


def test_asking_twice_says_it_once_and_another_request_waits():
    given(router, *ASKED).when(ask()).then_nothing()
    given(router, *ASKED).when(ask(later(days=6))).refused_with(refuse.ExtensionAsked, moment=later(days=5))


def test_a_round_is_extended_as_often_as_the_policy_says():
    given(router, *GRANTED).when(ask(later(days=9))).refused_with(refuse.ExtendedEnough, most=1)


def test_more_time_ends_where_the_policy_says():
    latest = later(hours=48, days=30)
    given(router, *TAKEN).when(ask(latest)).then(like(ExtensionRequested, until=latest))
    given(router, *TAKEN).when(ask(latest + timedelta(seconds=1))).refused_with(refuse.ExtensionTooLong, moment=latest)


def test_more_time_is_later_and_asked_for_and_granted_in_time():
    given(router, *TAKEN).when(ask(later(hours=48))).refused_with(refuse.NotLater, moment=later(hours=48))
    late = later(hours=49)
    given(router, *TAKEN).when(ask(now=late)).refused_with(refuse.DeadlinePassed, moment=later(hours=48))
    given(router, *ASKED).when(decide(now=late)).refused_with(refuse.DeadlinePassed)
    given(router, *ASKED).when(decide(granted=False, now=late)).then(like(ExtensionRefused))


def test_only_who_took_it_asks():
    given(router, *ROUTED).when(ask()).refused_with(NotAccepted)


def test_what_is_critical_gets_no_more_time():
    given(router, *GRAVE).when(ask()).refused_with(refuse.CriticalGoesOn)


def test_nor_does_what_turned_critical_since_it_was_asked():
    since = (*ASKED, reassessed("LAMP", "critical"))
    given(router, *since).when(decide()).refused_with(refuse.CriticalGoesOn)
    given(router, *since).when(decide(granted=False)).then(like(ExtensionRefused))


def test_what_turns_critical_again_keeps_none_of_the_time_that_it_was_given_meanwhile():
    once = (*GRAVE, reassessed("GAS"), *GRANTED[-2:], reassessed("GAS", "critical"))
    [event] = given(router, *once).when_heard().said
    assert event.resolve_by == later(hours=2)
    given(router, *once[:-1], reassessed("GAS")).when_heard().then_nothing()


def test_who_has_it_by_now_does_not_decide_whoever_had_asked():
    given(router, *ASKED, handed_over("gw-2")).when(decide(by="GW-2")).refused_with(refuse.OwnRequest)
    given(router, *ASKED, handed_over("gw-2")).when(decide(by="gw-1")).refused_with(refuse.OwnRequest)
    given(router, *ASKED, handed_over("gw-2")).when(decide(by="sq-1")).then(like(ExtensionGranted))


def test_what_was_asked_for_is_void_when_it_goes_elsewhere():
    climbed = (*ASKED, escalated(dispatch(3)), routed("community", "SA1", rule="escalated"), accepted(dispatch(7)))
    given(router, *climbed).when(decide()).refused_with(refuse.NothingToDecide)


def test_what_ended_with_a_hold_is_said_to_have_ended_so():
    held = PetitionHeld(at=later(hours=1), number=1, until=later(days=2), reason=Sealed.of("待拆迁"))
    resumed = PetitionResumed(
        at=later(hours=2), number=1, round=1, resolve_by=later(days=4), cause="person", policy=1
    )  # fmt: skip
    outcome = given(router, *ASKED, held, resumed).when(decide(now=later(hours=3)))
    outcome.refused_with(refuse.NothingToDecide)
    assert outcome.refusal is not None
    assert "ended with a hold" in outcome.refusal.en()
    assert "因批准挂账" in outcome.refusal.zh()


def test_a_grant_after_a_pause_of_the_log_still_counts_the_old_deadline_as_missed():
    late = (*ASKED, ExtensionGranted(at=later(hours=49), round=1, until=later(days=5), reason=Sealed.of("同意")))
    assert resolves(*late) == [(later(hours=48), DeadlineState.MISSED), (later(days=5), DeadlineState.OPEN)]


def test_what_a_calendar_gave_meanwhile_is_not_taken_away_by_less():
    more = DeadlinesRecounted(at=T0, dispatch=dispatch(3), round=1, resolve_by=later(days=6), policy=2)
    given(router, *ASKED, more).when(decide()).refused_with(refuse.NotLater, moment=later(days=6))
    given(router, *ASKED, more).when(decide(granted=False)).then(like(ExtensionRefused, round=1))
