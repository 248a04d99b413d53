"""Rule 7: critical counts every hour; who must be told stays open until a person has confirmed each."""

import pytest

from router import rejections as refuse
from router.commands import ConfirmHandOff, MovePetition, Resolve
from router.policy import routing_policy
from schemas.events.router import HandOffConfirmed, HandOffOrdered
from schemas.policy import Policy
from schemas.words import Result, Severity
from tests.given import DISTRICT, PETITION, dispatch, given, later, like, router
from tests.past import (
    accepted,
    assessed,
    closed,
    dispatched,
    escalated,
    filed,
    hand_off_confirmed,
    hand_off_ordered,
    missed,
    reassessed,
    referred,
    reopened,
    resolved,
    routed,
    supplemented,
    withdrawn,
)

LEAK = assessed("GAS", "critical", hand_off=("119", "燃气抢修"))
ON_ITS_WAY = (filed(), LEAK, routed("district", "D", "D-GAS", kind="GAS", severity="critical"))


def confirm(to: str) -> ConfirmHandOff:
    return ConfirmHandOff(PETITION, later(minutes=5), to)


def test_who_must_be_told_is_said_beside_the_dispatch_with_its_own_deadline():
    given(router, filed(), LEAK).when_heard().then(
        dispatched(tier="district", department="D-GAS"),
        like(HandOffOrdered, to=("119", "燃气抢修"), confirm_by=later(minutes=15)),
    )


def test_who_must_be_told_is_told_also_of_what_was_referred_and_opened_again():
    read = reassessed("GAS", "critical", disposition="refer", hand_off=("119",))
    away = (filed(), assessed(), routed(), read, referred(), reopened(2, "person", at=later(hours=1)))
    given(router, *away).when_heard().then(
        dispatched(tier="district"), like(HandOffOrdered, to=("119",), confirm_by=later(hours=1.25))
    )
    told = (*ON_ITS_WAY, hand_off_ordered("119", "燃气抢修"), closed(), reopened(2))
    given(router, *told).when_heard().then(dispatched(tier="district"))


def test_only_what_is_critical_now_is_handed_off():
    past_danger = assessed("GAS", "urgent", hand_off=("119",))
    given(router, filed(), past_danger).when_heard().then(dispatched())


def test_who_must_be_told_at_once_is_told_however_grave_it_is():
    said = reassessed("LAMP", "urgent", disposition="hand_off", hand_off=("110",))
    given(router, filed(), assessed(), routed(), said).when_heard().then(
        dispatched(severity=Severity.URGENT), like(HandOffOrdered, to=("110",))
    )


def test_what_is_taken_as_critical_because_nobody_read_it_is_told_too():
    policy = Policy(
        1, DISTRICT.bundle.model_copy(update={"unassessed": Severity.CRITICAL, "hand_off_default": ("110",)})
    )
    unheard = missed("assess", later(minutes=3))
    given(router, filed(kind="GAS"), unheard, policy=policy).when_heard().then(
        dispatched(rule="unassessed"), like(HandOffOrdered, to=("119", "燃气抢修"))
    )
    given(router, filed(), unheard, policy=policy).when_heard().then(
        dispatched(rule="unassessed"), like(HandOffOrdered, to=("110",))
    )


def test_a_person_confirms_each_and_the_last_one_leaves_nothing_outstanding():
    ordered = (*ON_ITS_WAY, hand_off_ordered("119", "燃气抢修"))
    given(router, *ordered).when(confirm("119")).then(
        like(HandOffConfirmed, to="119", outstanding=("燃气抢修",), at=later(minutes=5))
    )
    half = (*ordered, hand_off_confirmed("119", "燃气抢修"))
    given(router, *half).when(confirm("燃气抢修")).then(like(HandOffConfirmed, outstanding=()))
    given(router, *half).when(confirm("119")).refused_with(refuse.NoHandOff, open_to=("燃气抢修",))


def test_the_hand_off_stays_open_when_the_petition_has_ended():
    done = (*ON_ITS_WAY, hand_off_ordered("119"), accepted(dispatch(3)), resolved(dispatch(3)), closed())
    given(router, *done).when(confirm("119")).then(like(HandOffConfirmed, to="119", outstanding=()))


def test_nobody_is_told_twice():
    told = (*ON_ITS_WAY, hand_off_ordered("119", "燃气抢修"), hand_off_confirmed("119", "燃气抢修"))
    given(router, *told, reassessed("GAS", "critical", hand_off=("119", "燃气抢修"))).when_heard().then_nothing()


def lowered(*past):
    """Told, confirmed, and read as no danger by a person."""
    return (*past, reassessed("GAS", "routine", at=later(minutes=20)))


def raised(at):
    added = {"supplement": 1, "at": at}
    return assessed("GAS", "critical", hand_off=("119",)).model_copy(update=added)


TOLD = (
    *ON_ITS_WAY,
    hand_off_ordered("119", "燃气抢修"),
    hand_off_confirmed("119", "燃气抢修"),
    hand_off_confirmed("燃气抢修"),
)


def test_a_danger_after_a_person_saw_none_is_told_anew_and_dispatched_as_one():
    past = (*lowered(*TOLD), supplemented(), raised(later(hours=1)))
    placed, told = (
        given(router, *past)
        .when_heard()
        .then(
            dispatched(severity=Severity.CRITICAL, rule="supplemented"),
            like(HandOffOrdered, to=("119",), confirm_by=later(hours=1.25)),
        )
    )
    given(router, *past, placed, told).when_heard(len(past)).then_nothing()


def test_who_still_waits_to_be_told_of_the_first_danger_is_not_named_twice():
    past = (*lowered(*ON_ITS_WAY, hand_off_ordered("119", "燃气抢修")), supplemented())
    given(router, *past, raised(later(minutes=10))).when_heard().then(dispatched())
    late = given(router, *past, raised(later(hours=1))).when_heard()
    late.then(dispatched(), like(HandOffOrdered, to=("119", "燃气抢修"), confirm_by=later(hours=1.25)))


def test_a_danger_that_was_reported_done_in_vain_is_told_anew_once():
    done = (*TOLD, accepted(dispatch(3)), resolved(dispatch(3)))
    past = (*done, reopened(2, at=later(hours=5)))
    placed, told = given(router, *past).when_heard().then(dispatched(round=2), like(HandOffOrdered))
    assert told.to == ("119", "燃气抢修")
    for heard in (2, len(past)):
        given(router, *past, placed, told).when_heard(heard).then_nothing()
    given(router, *done).when_heard(2).then_nothing()


def test_what_was_told_is_not_told_again_because_that_reading_is_heard_again():
    for end in ((accepted(dispatch(3)), resolved(dispatch(3))), (withdrawn(),), (referred(),)):
        given(router, *TOLD, *end).when_heard(2).then_nothing()


def test_a_new_reading_orders_those_who_were_not_told_yet_and_keeps_the_outstanding():
    ordered = (*ON_ITS_WAY, hand_off_ordered("119", "燃气抢修"), hand_off_confirmed("119", "燃气抢修"))
    poison = reassessed("POISON", "critical", hand_off=("120", "燃气抢修"), at=later(minutes=10))
    *_, order = given(router, *ordered, poison).when_heard().then(dispatched(), like(HandOffOrdered))
    assert order.to == ("燃气抢修", "120")
    assert order.confirm_by == later(minutes=15), "those who wait already get no more time"


def test_a_new_order_after_the_last_confirmation_has_its_own_time():
    told = (*ON_ITS_WAY, hand_off_ordered("119"), hand_off_confirmed("119"))
    poison = reassessed("POISON", "critical", hand_off=("120",), at=later(hours=2))
    *_, order = given(router, *told, poison).when_heard().then(dispatched(), like(HandOffOrdered, to=("120",)))
    assert order.confirm_by == later(hours=2, minutes=15)


def test_a_resolved_petition_found_critical_still_tells_who_must_be_told():
    done = (filed(), assessed("LAMP"), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
    given(router, *done, reassessed("GAS", "critical", hand_off=("119",))).when_heard().then(
        like(HandOffOrdered, to=("119",))
    )


@pytest.mark.parametrize("severities", [DISTRICT.bundle.severities, {}])
def test_critical_counts_every_hour_whatever_the_kind_says(severities):
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"severities": severities}))
    night = later(hours=12)
    [event] = (
        given(router, filed("SA11"), assessed("STALL", "critical", at=night), policy=policy)
        .when_heard()
        .then(dispatched(resolve_by=later(hours=36), provisional=False))
    )
    assert event.accept_by <= later(hours=14)


def test_the_dispatch_says_how_grave_it_was_read():
    given(router, *ON_ITS_WAY, reassessed("GAS", "routine")).when_heard().then_nothing()
    given(router, filed(), LEAK).when_heard().then(dispatched(severity=Severity.CRITICAL), like(HandOffOrdered))


def test_a_hand_off_that_is_due_now_has_not_passed():
    ordered = (*ON_ITS_WAY, hand_off_ordered("119"))
    poison = reassessed("POISON", "critical", hand_off=("120",), at=later(minutes=15))
    given(router, *ordered, poison).when_heard().then(
        dispatched(), like(HandOffOrdered, to=("119", "120"), confirm_by=later(minutes=15))
    )


def test_a_false_alarm_leaves_who_has_it_next_the_time_of_what_it_is():
    alarm = (
        *ON_ITS_WAY[:2],
        routed("district", "D", "D-GAS", kind="GAS", severity="critical", resolve_by=later(hours=2)),
    )
    lamp = (*alarm, accepted(dispatch(3)), reassessed("LAMP", "routine", at=later(hours=1)))
    [kept] = given(router, *lamp).when_heard().then(dispatched(rule="reassessed", resolve_by=later(hours=48)))
    here = (*lamp, kept)
    move = MovePetition(PETITION, later(hours=1), routing_policy(DISTRICT), "SA11", None, "是楼道灯")
    given(router, *here).when(move).then(dispatched(tier="grid", resolve_by=later(hours=48)))
    climbs = (*lamp[:-1], escalated(dispatch(3), at=later(hours=1)), lamp[-1])
    given(router, *climbs).when_heard(5).then(dispatched(rule="escalated", resolve_by=later(hours=2)))


def test_who_waits_through_a_withdrawal_and_confirms_then_knows_of_it():
    away = (*ON_ITS_WAY, hand_off_ordered("119", "燃气抢修"), withdrawn(), reopened(2, "person", at=later(minutes=6)))
    back = (*away, routed("district", "D", "D-GAS", kind="GAS", severity="critical", round=2))
    both = (*back, hand_off_confirmed("119", "燃气抢修"), hand_off_confirmed("燃气抢修"))
    larger = reassessed("GAS", "critical", hand_off=("119", "燃气抢修"), at=later(minutes=9))
    assert not [one for one in given(router, *both, larger).when_heard().said if isinstance(one, HandOffOrdered)]


def test_a_first_reading_that_comes_after_the_end_tells_nobody_who_knows():
    unread = (filed(kind="GAS"), routed("district", "D", "D-GAS", kind="GAS", severity="critical", rule="unassessed"))
    done = (*unread, hand_off_ordered("119"), hand_off_confirmed("119"), accepted(dispatch(2)), resolved(dispatch(2)))
    given(router, *done, assessed("GAS", "critical", hand_off=("119",))).when_heard().then_nothing()


def test_who_had_it_as_a_danger_and_heard_that_it_is_none_does_not_report_a_new_one_done():
    past = (*TOLD, accepted(dispatch(3)), reassessed("GAS", "routine"), supplemented(), raised(later(hours=1)))
    done = Resolve(PETITION, later(hours=2), routing_policy(DISTRICT), dispatch(3), Result.DONE, "已关阀并检测")
    placed = given(router, *past).when_heard().said
    given(router, *past, *placed).when(done).refused_with(refuse.FoundCritical)


def test_raised_and_lowered_again_a_round_gains_no_time():
    lamp = (filed(), assessed("LAMP"), routed(resolve_by=later(hours=48)))
    up = (*lamp, reassessed("GAS", "critical", at=later(hours=10)))
    danger = given(router, *up).when_heard(now=later(hours=10)).said
    down = (*up, *danger, reassessed("LAMP", "routine", at=later(hours=11)))
    given(router, *down).when_heard(now=later(hours=11)).then(dispatched(resolve_by=later(hours=48)))
